//! String literals and the literal parts of f-strings (PEP 701), up to their closing quotes.
//!
//! Each f-string is a `Mode` on the stack while it is open. What escapes mean is `crate::strings`' business.

use super::{Done, MAX_EXPR_NESTING, MAX_FSTRING_LEVEL, Mode, PLAIN, Tokenizer};
use crate::token::{Token, TokenKind};

impl Tokenizer<'_> {
    /// A string without `f` prefix; `quote` has been read.
    pub(super) fn string(&mut self, quote: u8) -> Token {
        self.first_lineno = self.lineno;
        self.multi_line_start = self.line_start;
        let mut quote_size = 1;
        let mut end_size = 0;
        let mut escaped_quote = false;
        let mut c = self.nextc();
        if c == quote {
            c = self.nextc();
            if c == quote {
                quote_size = 3;
            } else {
                end_size = 1;
            }
        }
        if c != quote {
            self.backup(c);
        }
        while end_size != quote_size {
            // Runs of ordinary characters within the line.
            while self.pos < self.line_end {
                let b = self.src[self.pos];
                if b == quote || b == b'\\' || b == b'\n' {
                    break;
                }
                self.pos += 1;
                end_size = 0;
            }
            c = self.nextc();
            if self.done == Done::Error {
                return self.bare_token(TokenKind::ErrorToken);
            }
            if c == 0 || (quote_size == 1 && c == b'\n') {
                return self.unterminated_string(quote, quote_size, c, escaped_quote);
            }
            if c == quote {
                end_size += 1;
                continue;
            }
            end_size = 0;
            if c == b'\\' {
                c = self.nextc();
                escaped_quote |= c == quote;
                if c == b'\r' {
                    self.nextc();
                }
            }
        }
        self.token(TokenKind::String)
    }

    #[cold]
    fn unterminated_string(
        &mut self,
        quote: u8,
        quote_size: u8,
        last: u8,
        escaped_quote: bool,
    ) -> Token {
        let found = self.lineno;
        self.pos = self.start + 1;
        self.line_start = self.multi_line_start;
        self.lineno = self.first_lineno;
        let mode = *self.mode();
        if self.inside_fstring() && mode.quote == quote && mode.quote_size == quote_size {
            return self.raise("f-string: expecting '}'");
        }
        let token = if quote_size == 3 {
            self.raise(format!(
                "unterminated triple-quoted string literal (detected at line {found})"
            ))
        } else if escaped_quote {
            self.raise(format!("unterminated string literal (detected at line {found}); perhaps you escaped the end quote?"))
        } else {
            self.raise(format!("unterminated string literal (detected at line {found})"))
        };
        if last != b'\n' {
            self.done = if quote_size == 3 { Done::EofInString } else { Done::EolInString };
        }
        token
    }

    pub(super) fn fstring_start(&mut self, quote: u8) -> Token {
        self.first_lineno = self.lineno;
        self.multi_line_start = self.line_start;
        let mut quote_size = 1;
        self.note_end();
        if self.src[self.pos..self.line_end] == [quote] {
            self.pos += 1;
            self.note_end();
            self.pos -= 1;
        }
        if self.src[self.pos..self.line_end].starts_with(&[quote, quote]) {
            quote_size = 3;
            self.pos += 2;
        }
        if self.modes.len() >= MAX_FSTRING_LEVEL {
            return self.raise("too many nested f-strings");
        }
        let prefix = &self.src[self.start..self.pos];
        let raw = prefix.iter().take(2).any(|c| matches!(c, b'r' | b'R'));
        self.modes.push(Mode {
            in_text: true,
            quote,
            quote_size,
            raw,
            start: self.start,
            start_line_start: self.line_start,
            start_lineno: self.lineno,
            ..PLAIN
        });
        self.token(TokenKind::FStringStart)
    }

    /// A token in the literal part of an f-string.
    pub(super) fn fstring_text(&mut self) -> Token {
        self.start = self.pos;
        self.in_token = true;
        self.first_lineno = self.lineno;
        self.start_col = self.col();
        let (quote, quote_size, raw) = {
            let m = self.mode();
            (m.quote, m.quote_size, m.raw)
        };

        let c = self.nextc();
        if c == b'{' {
            let next = self.nextc();
            self.backup(next);
            self.backup(c);
            if next != b'{' {
                return self.enter_replacement_field().unwrap_or_else(|()| self.code());
            }
        } else {
            self.backup(c);
        }

        let mut quotes = 0;
        while quotes < quote_size {
            let q = self.nextc();
            if q != quote {
                self.backup(q);
                break;
            }
            quotes += 1;
        }
        if quotes == quote_size {
            self.modes.pop();
            return self.token(TokenKind::FStringEnd);
        }

        self.multi_line_start = self.line_start;
        let mut in_name_escape = false;
        // Quotes already read (fewer than end the string) count towards the end only if they go on.
        let mut end_size = 0;
        while end_size != quote_size {
            let c = self.nextc();
            if self.done == Done::Error {
                return self.bare_token(TokenKind::ErrorToken);
            }
            let mode = *self.mode();
            let in_spec = mode.in_format_spec && mode.expr_start_depth >= 0;
            if c == 0 || (quote_size == 1 && c == b'\n') {
                return self.unterminated_fstring(mode, in_spec, c);
            }
            if c == quote {
                end_size += 1;
                continue;
            }
            end_size = 0;
            match c {
                b'{' => {
                    self.set_expr_start();
                    let next = self.nextc();
                    if next != b'{' || in_spec {
                        self.backup(next);
                        self.backup(c);
                        if let Ok(token) = self.enter_replacement_field() {
                            return token;
                        }
                        self.mode().in_format_spec = false;
                        return self.token(TokenKind::FStringMiddle);
                    }
                    return self.token_at(TokenKind::FStringMiddle, self.start, self.pos - 1);
                }
                b'}' => {
                    if in_name_escape {
                        return self.token(TokenKind::FStringMiddle);
                    }
                    let next = self.nextc();
                    if next == b'}' && !in_spec && mode.bracket_depth == 0 {
                        return self.token_at(TokenKind::FStringMiddle, self.start, self.pos - 1);
                    }
                    self.backup(next);
                    self.backup(c);
                    let m = self.mode();
                    m.in_text = false;
                    m.in_format_spec = false;
                    return self.token(TokenKind::FStringMiddle);
                }
                b'\\' => {
                    let mut next = self.nextc();
                    if next == b'\r' {
                        next = self.nextc();
                    }
                    if next == b'{' || next == b'}' {
                        if !raw {
                            self.warn(format!("invalid escape sequence '\\{}'", next as char));
                        }
                        self.backup(next);
                        continue;
                    }
                    if !raw && next == b'N' {
                        let brace = self.nextc();
                        if brace == b'{' {
                            in_name_escape = true;
                        } else {
                            self.backup(brace);
                        }
                    }
                }
                _ => {}
            }
        }
        self.pos -= quote_size as usize;
        self.token(TokenKind::FStringMiddle)
    }

    /// `Ok` is an error token.
    fn enter_replacement_field(&mut self) -> Result<Token, ()> {
        let mode = self.mode();
        mode.expr_start_depth += 1;
        if mode.expr_start_depth >= MAX_EXPR_NESTING {
            return Ok(self.raise("f-string: expressions nested too deeply"));
        }
        mode.in_text = false;
        Err(())
    }

    pub(super) fn set_expr_start(&mut self) {
        let pos = self.pos;
        let mode = self.mode();
        mode.expr_start = Some(pos);
        mode.expr_end = None;
    }

    #[cold]
    fn unterminated_fstring(&mut self, mode: Mode, in_spec: bool, last: u8) -> Token {
        if in_spec && last == b'\n' {
            return self.raise("f-string: newlines are not allowed in format specifiers for single quoted f-strings");
        }
        let found = self.lineno;
        self.pos = mode.start + 1;
        self.line_start = mode.start_line_start;
        self.lineno = mode.start_lineno;
        if mode.quote_size == 3 {
            let token = self.raise(format!(
                "unterminated triple-quoted f-string literal (detected at line {found})"
            ));
            if last != b'\n' {
                self.done = Done::EofInString;
            }
            return token;
        }
        self.raise(format!("unterminated f-string literal (detected at line {found})"))
    }
}
