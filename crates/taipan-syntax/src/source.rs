//! Bytes to source text: byte order mark, encoding declaration (PEP 263), line ends.
//!
//! Codecs other than UTF-8, Latin-1 and ASCII come from the caller.

use std::borrow::Cow;

use crate::errors::{ErrorKind, SyntaxErr};

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

/// Decodes a source file or byte string. `filename` is for messages.
pub fn decode(bytes: &[u8], filename: &str, codec: CodecFn<'_>) -> Result<Decoded, Box<SyntaxErr>> {
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
            Err(e) if declared.is_none() && !bom => return Err(not_utf8(body, e.valid_up_to(), filename)),
            Err(e) => return Err(utf8_error(body, e)),
        },
        "iso-8859-1" | "latin1" | "l1" => body.iter().map(|b| *b as char).collect(),
        "utf8" | "UTF8" => std::str::from_utf8(body).map_err(|e| utf8_error(body, e))?.to_owned(),
        "ascii" | "us-ascii" => match body.iter().position(|b| *b >= 0x80) {
            None => String::from_utf8_lossy(body).into_owned(),
            Some(at) => {
                let bad = body[at];
                let msg = format!("'ascii' codec can't decode byte 0x{bad:02x} in position {at}: ordinal not in range(128)");
                return Err(init_error(format!("(unicode error) {msg}")));
            }
        },
        _ => codec(&encoding, body).map_err(|msg| {
            let unknown = msg.starts_with("unknown encoding");
            init_error(if unknown { format!("encoding problem: {encoding}") } else { msg })
        })?,
    };
    Ok(Decoded { text, encoding })
}

fn init_error(msg: String) -> Box<SyntaxErr> {
    SyntaxErr::bare(ErrorKind::SyntaxError, msg)
}

fn not_utf8(body: &[u8], at: usize, filename: &str) -> Box<SyntaxErr> {
    let line = body[..at].iter().filter(|b| **b == b'\n').count() + 1;
    let bad = body[at];
    init_error(format!(
        "Non-UTF-8 code starting with '\\x{bad:02x}' in file {filename} on line {line}, but no encoding declared; \
         see https://peps.python.org/pep-0263/ for details"
    ))
}

fn utf8_error(body: &[u8], e: std::str::Utf8Error) -> Box<SyntaxErr> {
    let at = e.valid_up_to();
    let (bad, len) = (body[at], e.error_len());
    let reason = match len {
        None => "unexpected end of data",
        Some(1) if !(0xC2..0xF5).contains(&bad) => "invalid start byte",
        Some(_) => "invalid continuation byte",
    };
    let len = len.unwrap_or(body.len() - at);
    let place = if len == 1 {
        format!("byte 0x{bad:02x} in position {at}")
    } else {
        format!("bytes in position {at}-{}", at + len - 1)
    };
    init_error(format!("(unicode error) 'utf-8' codec can't decode {place}: {reason}"))
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
    let folded: String = name.chars().take(12).map(|c| if c == '_' { '-' } else { c.to_ascii_lowercase() }).collect();
    let is = |base: &str| folded == base || folded.strip_prefix(base).is_some_and(|r| r.starts_with('-'));
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
