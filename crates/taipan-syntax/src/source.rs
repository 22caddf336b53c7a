//! Bytes to source text: byte order mark, encoding declaration (PEP 263), line ends.
//!
//! Codecs other than UTF-8, Latin-1 and ASCII come from the caller.

use std::borrow::Cow;

use crate::errors::{ErrorKind, SyntaxErr};
use crate::token::TokenKind;
use crate::tokenizer::{Tokenizer, TokenizerOptions};

/// Decodes `bytes` with the codec of that name. `Err` is the text of the error: for an unknown codec
/// "unknown encoding: NAME", for bytes it cannot decode the codec's own message.
pub type CodecFn<'f> = &'f dyn Fn(&str, &[u8]) -> Result<String, String>;

/// A decoded source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decoded {
    pub text: String,
    /// The declared encoding, normalised for UTF-8 and Latin-1; "utf-8" if there is none.
    pub encoding: String,
}

/// Where source bytes come from: the two report bad bytes differently.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A script that is run.
    File,
    /// The argument of `compile`, which is also how modules are imported.
    Bytes,
}

/// Decodes source bytes. `filename` is for messages.
pub fn decode(
    bytes: &[u8],
    origin: Origin,
    filename: &str,
    codec: CodecFn<'_>,
) -> Result<Decoded, Box<SyntaxErr>> {
    let (body, bom) = match bytes.strip_prefix(b"\xEF\xBB\xBF") {
        Some(rest) => (rest, true),
        None => (bytes, false),
    };
    let declared = declared_encoding(body);
    let encoding = declared.clone().unwrap_or_else(|| "utf-8".into());
    if bom && encoding != "utf-8" {
        return Err(init_error(format!("encoding problem: {encoding} with BOM")));
    }
    let text = match encoding.as_str() {
        "utf-8" => match std::str::from_utf8(body) {
            Ok(text) => text.to_owned(),
            Err(e) if origin == Origin::File && declared.is_none() && !bom => {
                return Err(not_utf8(body, e.valid_up_to(), filename));
            }
            Err(_) => lossy(body)?,
        },
        "iso-8859-1" | "latin1" | "l1" => body.iter().map(|b| *b as char).collect(),
        "utf8" | "u8" => match std::str::from_utf8(body) {
            Ok(text) => text.to_owned(),
            Err(e) => return Err(codec_error(origin, utf8_message(body, e))),
        },
        "ascii" | "us-ascii" => match body.iter().position(|b| *b >= 0x80) {
            None => String::from_utf8_lossy(body).into_owned(),
            Some(_) if origin == Origin::File => {
                return Err(init_error(format!("encoding problem: {encoding}")));
            }
            Some(at) => {
                let bad = body[at];
                let msg = format!(
                    "'ascii' codec can't decode byte 0x{bad:02x} in position {at}: ordinal not in range(128)"
                );
                return Err(codec_error(origin, msg));
            }
        },
        _ => codec(&encoding, body).map_err(|msg| {
            if origin == Origin::File {
                return init_error(format!("encoding problem: {encoding}"));
            }
            codec_error(origin, msg)
        })?,
    };
    Ok(Decoded { text, encoding })
}

fn init_error(msg: String) -> Box<SyntaxErr> {
    SyntaxErr::bare(ErrorKind::SyntaxError, msg)
}

fn codec_error(origin: Origin, msg: String) -> Box<SyntaxErr> {
    let prefix = if origin == Origin::File && !msg.starts_with("unknown encoding") {
        "(unicode error) "
    } else {
        ""
    };
    init_error(format!("{prefix}{msg}"))
}

fn not_utf8(body: &[u8], at: usize, filename: &str) -> Box<SyntaxErr> {
    let line = body[..at].iter().filter(|b| **b == b'\n').count() + 1;
    let bad = body[at];
    init_error(format!(
        "Non-UTF-8 code starting with '\\x{bad:02x}' in file {filename} on line {line}, but no encoding declared; \
         see https://peps.python.org/pep-0263/ for details"
    ))
}

/// What the UTF-8 codec says of the first bad bytes.
fn utf8_message(body: &[u8], e: std::str::Utf8Error) -> String {
    let at = e.valid_up_to();
    let bad = body[at];
    let reason = match e.error_len() {
        None => "unexpected end of data",
        Some(1) if !(0xC2..0xF5).contains(&bad) => "invalid start byte",
        Some(_) => "invalid continuation byte",
    };
    let len = e.error_len().unwrap_or(body.len() - at);
    let place = if len == 1 {
        format!("byte 0x{bad:02x} in position {at}")
    } else {
        format!("bytes in position {at}-{}", at + len - 1)
    };
    format!("'utf-8' codec can't decode {place}: {reason}")
}

/// Text with bad bytes replaced if they stand in comments only, where nobody reads them; else the error that the
/// first token with bad bytes gets.
fn lossy(body: &[u8]) -> Result<String, Box<SyntaxErr>> {
    const MARK: char = '\u{FFFD}';
    let mut text = String::with_capacity(body.len() + 16);
    // Where each replacement stands in the text, and the bytes it stands for.
    let mut bad: Vec<(usize, usize, usize)> = Vec::new();
    let mut at = 0;
    for chunk in body.utf8_chunks() {
        text.push_str(chunk.valid());
        at += chunk.valid().len();
        if !chunk.invalid().is_empty() {
            bad.push((text.len(), at, chunk.invalid().len()));
            text.push(MARK);
            at += chunk.invalid().len();
        }
    }
    let mut tokenizer =
        Tokenizer::new(&text, TokenizerOptions { extra_tokens: false, type_comments: false });
    loop {
        let token = tokenizer.next_token();
        let (from, to) = (token.start as usize, token.end as usize);
        let hit = bad.iter().find(|(p, ..)| (from..to).contains(p));
        match token.kind {
            TokenKind::EndMarker => return Ok(text),
            TokenKind::ErrorToken => {
                let stopped = tokenizer.pos();
                if let Some(b) = bad.iter().find(|(p, ..)| *p < stopped && *p + 4 > stopped) {
                    // An identifier, or something that could begin one.
                    let line = tokenizer.lineno() as i32;
                    let part = &body[b.1..b.1 + b.2];
                    return Err(bad_token(
                        body,
                        part,
                        line,
                        (b.0 - tokenizer.line_start()) as i32 + 1,
                    ));
                }
                // Some other error comes first; the parser will find it again.
                return Ok(text);
            }
            _ => {}
        }
        if let Some(b) = hit {
            let literal = &text[from..to];
            let quote = literal.find(['"', '\'']).unwrap_or(0);
            let quotes = if literal[quote..].len() >= 6
                && literal[quote..].starts_with(&literal[quote..=quote].repeat(3))
            {
                3
            } else {
                1
            };
            let mut start =
                if token.kind == TokenKind::String { from + quote + quotes } else { from };
            if literal.contains('\\') {
                // With escapes, each run of other characters is decoded by itself.
                start =
                    text[..b.0].rfind(|c: char| c.is_ascii()).map_or(start, |i| start.max(i + 1));
            }
            let first = b.1 - (b.0 - start);
            let tail = if token.kind == TokenKind::String { quotes } else { 0 };
            let mut end = to - tail;
            if literal.contains('\\') {
                end = text[b.0..end].find(|c: char| c.is_ascii()).map_or(end, |n| b.0 + n);
            }
            // In the text each replacement is three bytes.
            let shift: isize = bad.iter().filter(|x| x.0 < end).map(|x| x.2 as isize - 3).sum();
            let part = body.get(first..end.wrapping_add_signed(shift)).unwrap_or(&[]);
            return Err(bad_token(body, part, token.lineno as i32, token.col + 1));
        }
    }
}

/// The error for bad bytes in `part` of a token.
fn bad_token(body: &[u8], part: &[u8], lineno: i32, offset: i32) -> Box<SyntaxErr> {
    let msg = std::str::from_utf8(part).err().map_or_else(String::new, |e| utf8_message(part, e));
    let line = body.split(|b| *b == b'\n').nth((lineno - 1).max(0) as usize).unwrap_or(&[]);
    Box::new(SyntaxErr {
        kind: ErrorKind::SyntaxError,
        msg: format!("(unicode error) {msg}"),
        lineno,
        offset,
        end_lineno: lineno,
        end_offset: offset,
        text: Some(String::from_utf8_lossy(line).into_owned()),
    })
}

/// The encoding that a comment on one of the first two lines declares (PEP 263).
pub fn declared_encoding(bytes: &[u8]) -> Option<String> {
    let mut lines = bytes.split(|b| *b == b'\n' || *b == b'\r');
    let mut seen = 0;
    loop {
        let line = lines.next()?;
        if let Some(name) = coding_of_line(line) {
            return Some(name);
        }
        seen += 1;
        let code = line.iter().find(|b| !matches!(b, b' ' | b'\t' | 0x0c));
        if seen == 2 || code.is_some_and(|b| *b != b'#') {
            return None;
        }
    }
}

fn coding_of_line(line: &[u8]) -> Option<String> {
    let hash = line.iter().position(|b| !matches!(b, b' ' | b'\t' | 0x0c))?;
    if line[hash] != b'#' {
        return None;
    }
    let mut rest = &line[hash..];
    loop {
        let at = rest.windows(6).position(|w| w == b"coding")?;
        rest = &rest[at + 6..];
        let Some(b':' | b'=') = rest.first() else { continue };
        let after = &rest[1..];
        let skip = after.iter().take_while(|b| matches!(b, b' ' | b'\t')).count();
        let name: String = after[skip..]
            .iter()
            .take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
            .map(|b| *b as char)
            .collect();
        if !name.is_empty() {
            return Some(normal_name(&name));
        }
    }
}

fn normal_name(name: &str) -> String {
    let folded: String = name
        .chars()
        .take(12)
        .map(|c| if c == '_' { '-' } else { c.to_ascii_lowercase() })
        .collect();
    let is = |base: &str| {
        folded == base || folded.strip_prefix(base).is_some_and(|r| r.starts_with('-'))
    };
    if is("utf-8") {
        "utf-8".into()
    } else if is("latin-1") || is("iso-8859-1") || is("iso-latin-1") {
        "iso-8859-1".into()
    } else {
        name.to_owned()
    }
}

/// `\r\n` and `\r` become `\n`; with `final_newline` the text ends in one unless it is empty.
pub fn normalize_newlines(text: &str, final_newline: bool) -> Cow<'_, str> {
    let add = final_newline && !text.is_empty() && !text.ends_with(['\n', '\r']);
    if memchr::memchr(b'\r', text.as_bytes()).is_none() {
        return if add { Cow::Owned(format!("{text}\n")) } else { Cow::Borrowed(text) };
    }
    let mut out = String::with_capacity(text.len() + 1);
    let mut rest = text;
    while let Some(at) = memchr::memchr(b'\r', rest.as_bytes()) {
        out.push_str(&rest[..at]);
        out.push('\n');
        rest = &rest[at + 1..];
        rest = rest.strip_prefix('\n').unwrap_or(rest);
    }
    out.push_str(rest);
    if add {
        out.push('\n');
    }
    Cow::Owned(out)
}
