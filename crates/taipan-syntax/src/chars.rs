//! What the tokenizer asks of Unicode: identifiers (PEP 3131), printability, NFKC, `\N{...}` names.
//!
//! The data are `taipan_unicode`'s.

use taipan_unicode as unicode;

pub(crate) fn is_xid_start(cp: u32) -> bool {
    unicode::is_identifier_start(cp)
}

pub(crate) fn is_xid_continue(cp: u32) -> bool {
    unicode::is_identifier_continue(cp)
}

pub(crate) fn is_printable(cp: u32) -> bool {
    unicode::is_printable(cp)
}

/// `text` in normalization form KC.
pub(crate) fn nfkc(text: &str) -> String {
    let code_points: Vec<u32> = text.chars().map(u32::from).collect();
    unicode::normalize_utf32(unicode::Form::Nfkc, &code_points)
        .into_iter()
        .filter_map(char::from_u32)
        .collect()
}

/// The character that `\N{name}` stands for.
pub(crate) fn named(name: &str) -> Option<u32> {
    unicode::lookup_character(name)
}
