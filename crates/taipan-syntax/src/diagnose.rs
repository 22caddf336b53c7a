//! Finds out which error an invalid program gets.

use crate::errors::{SyntaxErr, Warning};
use crate::tokenizer::{Tokenizer, TokenizerOptions};
use crate::token::TokenKind;
use crate::{ErrorKind, ParseOptions};

pub(crate) enum Verdict {
    Error(Box<SyntaxErr>),
    Valid,
}

pub(crate) fn diagnose(text: &str, options: &ParseOptions, _warnings: &mut [Warning]) -> Verdict {
    let mut t = Tokenizer::new(text, TokenizerOptions { extra_tokens: false, type_comments: options.type_comments });
    loop {
        match t.next_token().kind {
            TokenKind::ErrorToken => {
                let e = t.take_error().unwrap_or_else(|| SyntaxErr::bare(ErrorKind::SyntaxError, "invalid syntax"));
                return Verdict::Error(e);
            }
            TokenKind::EndMarker => return Verdict::Error(SyntaxErr::bare(ErrorKind::SyntaxError, "invalid syntax")),
            _ => {}
        }
    }
}
