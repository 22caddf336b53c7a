//! Operators and brackets, and how they end the parts of an f-string's replacement field.

use super::{DebugText, MAX_LEVEL, Open, Tokenizer};
use crate::token::{Token, TokenKind};

impl Tokenizer<'_> {
    pub(super) fn operator(&mut self, c: u8) -> Token {
        use TokenKind::*;
        let inside = self.inside_fstring();
        let in_field = self.mode().expr_start_depth >= 0;
        if inside && in_field && matches!(c, b':' | b'}' | b'!' | b'{') {
            let mode = *self.mode();
            let cursor = mode.bracket_depth - i32::from(c != b'{');
            if cursor == 0 || (cursor == 1 && (mode.debug || mode.in_format_spec)) {
                self.note_expr_boundary(c);
            }
            if c == b':' && cursor == mode.expr_start_depth {
                let mode = self.mode();
                mode.in_text = true;
                mode.in_format_spec = true;
                return self.token(Colon);
            }
        }
        self.note_end();
        let rest = &self.src[self.pos..self.line_end];
        let (c2, c3) = (rest.first().copied().unwrap_or(0), rest.get(1).copied().unwrap_or(0));
        let (kind, len) = match (c, c2, c3) {
            (b'*', b'*', b'=') => (DoubleStarEqual, 3),
            (b'/', b'/', b'=') => (DoubleSlashEqual, 3),
            (b'<', b'<', b'=') => (LeftShiftEqual, 3),
            (b'>', b'>', b'=') => (RightShiftEqual, 3),
            (b'!', b'=', _) => (NotEqual, 2),
            (b'%', b'=', _) => (PercentEqual, 2),
            (b'&', b'=', _) => (AmperEqual, 2),
            (b'*', b'*', _) => (DoubleStar, 2),
            (b'*', b'=', _) => (StarEqual, 2),
            (b'+', b'=', _) => (PlusEqual, 2),
            (b'-', b'=', _) => (MinEqual, 2),
            (b'-', b'>', _) => (RArrow, 2),
            (b'/', b'/', _) => (DoubleSlash, 2),
            (b'/', b'=', _) => (SlashEqual, 2),
            (b':', b'=', _) => (ColonEqual, 2),
            (b'<', b'<', _) => (LeftShift, 2),
            (b'<', b'=', _) => (LessEqual, 2),
            (b'<', b'>', _) => (NotEqual, 2),
            (b'=', b'=', _) => (EqEqual, 2),
            (b'>', b'=', _) => (GreaterEqual, 2),
            (b'>', b'>', _) => (RightShift, 2),
            (b'@', b'=', _) => (AtEqual, 2),
            (b'^', b'=', _) => (CircumflexEqual, 2),
            (b'|', b'=', _) => (VBarEqual, 2),
            (b'!', ..) => (Exclamation, 1),
            (b'%', ..) => (Percent, 1),
            (b'&', ..) => (Amper, 1),
            (b'(', ..) => (LPar, 1),
            (b')', ..) => (RPar, 1),
            (b'*', ..) => (Star, 1),
            (b'+', ..) => (Plus, 1),
            (b',', ..) => (Comma, 1),
            (b'-', ..) => (Minus, 1),
            (b'/', ..) => (Slash, 1),
            (b':', ..) => (Colon, 1),
            (b';', ..) => (Semi, 1),
            (b'<', ..) => (Less, 1),
            (b'=', ..) => (Equal, 1),
            (b'>', ..) => (Greater, 1),
            (b'@', ..) => (At, 1),
            (b'[', ..) => (LSqb, 1),
            (b']', ..) => (RSqb, 1),
            (b'^', ..) => (Circumflex, 1),
            (b'{', ..) => (LBrace, 1),
            (b'|', ..) => (VBar, 1),
            (b'}', ..) => (RBrace, 1),
            (b'~', ..) => (Tilde, 1),
            _ => (Op, 1),
        };
        if len > 1 {
            self.pos += len - 1;
            if len == 2 {
                self.note_end();
            }
            return self.token(kind);
        }
        match c {
            b'(' | b'[' | b'{' => {
                if self.brackets.len() >= MAX_LEVEL {
                    return self.raise("too many nested parentheses");
                }
                let col = (self.start - self.line_start) as u32;
                self.brackets.push(Open { bracket: c, lineno: self.lineno, col });
                if inside {
                    self.mode().bracket_depth += 1;
                }
            }
            b')' | b']' | b'}' => {
                if let Some(token) = self.close_bracket(c, inside) {
                    return token;
                }
            }
            _ => {}
        }
        if c < b' ' || c == 0x7f {
            return self.raise(format!("invalid non-printable character U+{:04X}", c));
        }
        if c == b'=' && in_field {
            self.mode().debug = true;
        }
        self.token(kind)
    }

    /// The error that a closing bracket makes, if any.
    fn close_bracket(&mut self, c: u8, inside: bool) -> Option<Token> {
        let strict = !self.options.extra_tokens;
        if inside && self.mode().bracket_depth == 0 && c == b'}' {
            return Some(self.raise("f-string: single '}' is not allowed"));
        }
        match self.brackets.pop() {
            None if strict => return Some(self.raise(format!("unmatched '{}'", c as char))),
            None => {}
            Some(open) => {
                let matches =
                    matches!((open.bracket, c), (b'(', b')') | (b'[', b']') | (b'{', b'}'));
                if strict && !matches {
                    let mode = *self.mode();
                    if inside
                        && open.bracket == b'{'
                        && mode.bracket_depth - 1 == mode.expr_start_depth
                    {
                        return Some(self.raise(format!("f-string: unmatched '{}'", c as char)));
                    }
                    let (close, opening) = (c as char, open.bracket as char);
                    let mut msg = format!(
                        "closing parenthesis '{close}' does not match opening parenthesis '{opening}'"
                    );
                    if open.lineno != self.lineno {
                        msg.push_str(&format!(" on line {}", open.lineno));
                    }
                    return Some(self.raise(msg));
                }
            }
        }
        if inside {
            let mode = self.mode();
            mode.bracket_depth -= 1;
            if mode.bracket_depth < 0 {
                return Some(self.raise(format!("f-string: unmatched '{}'", c as char)));
            }
            if c == b'}' && mode.bracket_depth == mode.expr_start_depth {
                mode.expr_start_depth -= 1;
                mode.in_text = true;
                mode.in_format_spec = false;
                mode.debug = false;
            }
        }
        None
    }

    /// Where a replacement field's expression begins or ends, for the text of `{expr=}`.
    fn note_expr_boundary(&mut self, c: u8) {
        if c == b'{' {
            self.set_expr_start();
            return;
        }
        let start = self.start;
        let mode = self.mode();
        if c != b':' || mode.expr_end.is_none() {
            mode.expr_end = Some(start);
        }
        let mode = *mode;
        if mode.debug
            && let (Some(from), Some(to)) = (mode.expr_start, mode.expr_end)
        {
            self.debug_texts.push(DebugText {
                token_start: start as u32,
                start: from as u32,
                end: to as u32,
            });
        }
    }
}
