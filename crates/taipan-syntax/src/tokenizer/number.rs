//! Numbers, and what may not follow them. Values are made in `crate::numbers`.

use super::{ByteResult, Tokenizer, is_identifier_char};
use crate::token::{Token, TokenKind};

impl Tokenizer<'_> {
    pub(super) fn dot(&mut self) -> Token {
        self.note_end();
        let rest = &self.src[self.pos..self.line_end];
        if rest.first().is_some_and(u8::is_ascii_digit) {
            let c = self.nextc();
            return self.fraction(c).unwrap_or_else(|e| e);
        }
        if rest.starts_with(b"..") {
            self.pos += 2;
            return self.token(TokenKind::Ellipsis);
        }
        if rest == b"." {
            self.pos += 1;
            self.note_end();
            self.pos -= 1;
        }
        self.token(TokenKind::Dot)
    }

    pub(super) fn number(&mut self, first: u8) -> Token {
        self.try_number(first).unwrap_or_else(|e| e)
    }

    fn try_number(&mut self, first: u8) -> Result<Token, Token> {
        if first != b'0' {
            let c = self.decimal_tail()?;
            return self.fraction_or_exponent(c);
        }
        let mut c = self.nextc();
        match c {
            b'x' | b'X' => return self.radix_digits(16, "hexadecimal"),
            b'o' | b'O' => return self.radix_digits(8, "octal"),
            b'b' | b'B' => return self.radix_digits(2, "binary"),
            _ => {}
        }
        let mut nonzero = false;
        loop {
            if c == b'_' {
                c = self.nextc();
                if !c.is_ascii_digit() {
                    self.backup(c);
                    return Err(self.raise("invalid decimal literal"));
                }
            }
            if c != b'0' {
                break;
            }
            c = self.nextc();
        }
        let zeros_end = self.pos;
        if c.is_ascii_digit() {
            nonzero = true;
            c = self.decimal_tail()?;
        }
        if matches!(c, b'.' | b'e' | b'E' | b'j' | b'J') {
            return self.fraction_or_exponent(c);
        }
        if nonzero && !self.options.extra_tokens {
            self.backup(c);
            let columns =
                ((self.start + 1 - self.line_start) as i32, (zeros_end - self.line_start) as i32);
            let msg = "leading zeros in decimal integer literals are not permitted; use an 0o prefix for octal integers";
            return Err(self.raise_range(msg, Some(columns)));
        }
        self.number_end(c, "decimal")
    }

    /// Digits after `0x` and its like.
    fn radix_digits(&mut self, radix: u32, name: &str) -> Result<Token, Token> {
        let is_digit = |c: u8| (c as char).is_digit(radix);
        let mut c = self.nextc();
        loop {
            if c == b'_' {
                c = self.nextc();
            }
            if !is_digit(c) {
                if radix != 16 && c.is_ascii_digit() {
                    return Err(
                        self.raise(format!("invalid digit '{}' in {name} literal", c as char))
                    );
                }
                self.backup(c);
                return Err(self.raise(format!("invalid {name} literal")));
            }
            while is_digit(c) {
                c = self.nextc();
            }
            if c != b'_' {
                break;
            }
        }
        if c.is_ascii_digit() {
            return Err(self.raise(format!("invalid digit '{}' in {name} literal", c as char)));
        }
        self.number_end(c, name)
    }

    /// Decimal digits with single underscores between; the character after them.
    fn decimal_tail(&mut self) -> ByteResult {
        loop {
            let mut c = self.nextc();
            while c.is_ascii_digit() {
                c = self.nextc();
            }
            if c != b'_' {
                return Ok(c);
            }
            let c = self.nextc();
            if !c.is_ascii_digit() {
                self.backup(c);
                return Err(self.raise("invalid decimal literal"));
            }
        }
    }

    fn fraction_or_exponent(&mut self, mut c: u8) -> Result<Token, Token> {
        if c == b'.' {
            c = self.nextc();
            return self.fraction(c);
        }
        self.exponent(c)
    }

    /// After the decimal point, `c` being the character behind it.
    fn fraction(&mut self, mut c: u8) -> Result<Token, Token> {
        if c.is_ascii_digit() {
            c = self.decimal_tail()?;
        }
        self.exponent(c)
    }

    fn exponent(&mut self, mut c: u8) -> Result<Token, Token> {
        if c == b'e' || c == b'E' {
            let e = c;
            c = self.nextc();
            if c == b'+' || c == b'-' {
                c = self.nextc();
                if !c.is_ascii_digit() {
                    self.backup(c);
                    return Err(self.raise("invalid decimal literal"));
                }
            } else if !c.is_ascii_digit() {
                // No exponent: `1else` and the like.
                self.backup(c);
                return self.number_end(e, "decimal");
            }
            c = self.decimal_tail()?;
        }
        if c == b'j' || c == b'J' {
            c = self.nextc();
            return self.number_end(c, "imaginary");
        }
        self.number_end(c, "decimal")
    }

    /// A number ends before `c`: a keyword right behind it is deprecated, any other word an error.
    fn number_end(&mut self, c: u8, kind: &str) -> Result<Token, Token> {
        self.backup(c);
        if !self.options.extra_tokens {
            let rest = &self.src[self.pos..self.line_end];
            let mut saw_end = false;
            let mut keyword = |word: &[u8]| {
                let same = word.iter().zip(rest).take_while(|(a, b)| a == b).count();
                saw_end |= same == rest.len();
                same == word.len() && !rest.get(same).is_some_and(|c| is_identifier_char(*c))
            };
            let known = match c {
                b'a' => keyword(b"and"),
                b'e' => keyword(b"else"),
                b'f' => keyword(b"for"),
                b'i' => matches!(rest.get(1), Some(b'f' | b'n' | b's')),
                b'o' => keyword(b"or"),
                b'n' => keyword(b"not"),
                _ => false,
            };
            if saw_end {
                let pos = std::mem::replace(&mut self.pos, self.line_end);
                self.note_end();
                self.pos = pos;
            }
            if known {
                self.warn(format!("invalid {kind} literal"));
            } else if c < 128 && is_identifier_char(c) {
                return Err(self.raise(format!("invalid {kind} literal")));
            }
        }
        Ok(self.token(TokenKind::Number))
    }
}
