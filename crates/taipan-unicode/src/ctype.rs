//! Character classes and case mappings: what `str`, the tokenizer and the regular expressions ask of a code point.
//!
//! Every answer is one two-stage table lookup. A mapping is kept as the distance to its target, so that a whole
//! alphabet shares a row; characters whose full mapping differs from the simple one have a row in `SPECIAL_CASES`.

use crate::tables as t;

#[derive(Clone, Copy)]
pub(crate) struct CType {
    pub upper: i32,
    pub lower: i32,
    pub title: i32,
    /// Row in `SPECIAL_CASES` plus one; 0: none.
    pub special: u16,
    /// 255: none.
    pub decimal: u8,
    pub digit: u8,
    pub flags: u16,
}

/// Full mappings, each padded with zeros (no mapping contains U+0000 but that of U+0000, which has no row here).
pub(crate) struct SpecialCase {
    pub lower: [u32; 3],
    pub title: [u32; 3],
    pub upper: [u32; 3],
    pub fold: [u32; 3],
}

#[inline]
fn ctype(cp: u32) -> &'static CType {
    if cp > 0x10FFFF {
        return &t::CTYPES[0];
    }
    let block = t::CTYPE_STAGE1[(cp >> t::CTYPE_SHIFT) as usize] as usize;
    let low = (cp & ((1 << t::CTYPE_SHIFT) - 1)) as usize;
    &t::CTYPES[t::CTYPE_STAGE2[(block << t::CTYPE_SHIFT) + low] as usize]
}

macro_rules! classes {
    ($($(#[$doc:meta])* $name:ident = $flag:expr;)*) => {$(
        $(#[$doc])*
        #[inline]
        pub fn $name(cp: u32) -> bool {
            ctype(cp).flags & $flag != 0
        }
    )*};
}

classes! {
    /// General category L*: `str.isalpha`.
    is_alpha = t::ALPHA;
    is_decimal = t::DECIMAL;
    is_digit = t::DIGIT;
    is_numeric = t::NUMERIC;
    /// `str.isalnum`, and the letters of `\w`.
    is_alnum = t::ALPHA | t::DECIMAL | t::DIGIT | t::NUMERIC;
    is_lower = t::LOWER;
    is_upper = t::UPPER;
    is_title = t::TITLE;
    /// `str.isspace`, `str.split()` and `\s`.
    is_space = t::SPACE;
    /// Where `str.splitlines` breaks.
    is_linebreak = t::LINEBREAK;
    /// `str.isprintable`, and what `repr` leaves alone.
    is_printable = t::PRINTABLE;
    is_cased = t::CASED;
    is_case_ignorable = t::CASE_IGNORABLE;
    is_xid_start = t::XID_START;
    is_xid_continue = t::XID_CONTINUE;
}

/// What may begin a Python identifier.
#[inline]
pub fn is_identifier_start(cp: u32) -> bool {
    if cp < 128 { cp == 0x5F || is_ascii_letter(cp) } else { is_xid_start(cp) }
}

/// What may continue a Python identifier.
#[inline]
pub fn is_identifier_continue(cp: u32) -> bool {
    if cp < 128 {
        cp == 0x5F || is_ascii_letter(cp) || (0x30..=0x39).contains(&cp)
    } else {
        is_xid_continue(cp)
    }
}

fn is_ascii_letter(cp: u32) -> bool {
    matches!(cp | 0x20, 0x61..=0x7A)
}

#[inline]
pub fn decimal_value(cp: u32) -> Option<u8> {
    Some(ctype(cp).decimal).filter(|&v| v != 255)
}

#[inline]
pub fn digit_value(cp: u32) -> Option<u8> {
    Some(ctype(cp).digit).filter(|&v| v != 255)
}

/// The lower-case mapping to one code point; where the full mapping is longer, its first.
#[inline]
pub fn simple_lower(cp: u32) -> u32 {
    cp.wrapping_add_signed(ctype(cp).lower)
}

#[inline]
pub fn simple_upper(cp: u32) -> u32 {
    cp.wrapping_add_signed(ctype(cp).upper)
}

#[inline]
pub fn simple_title(cp: u32) -> u32 {
    cp.wrapping_add_signed(ctype(cp).title)
}

/// One to three code points.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CaseMapping {
    cps: [u32; 3],
    len: u8,
}

impl CaseMapping {
    fn one(cp: u32) -> Self {
        CaseMapping { cps: [cp, 0, 0], len: 1 }
    }

    fn padded(cps: [u32; 3]) -> Self {
        let len = if cps[2] != 0 {
            3
        } else if cps[1] != 0 {
            2
        } else {
            1
        };
        CaseMapping { cps, len }
    }

    #[inline]
    pub fn as_slice(&self) -> &[u32] {
        &self.cps[..self.len as usize]
    }
}

impl std::ops::Deref for CaseMapping {
    type Target = [u32];

    #[inline]
    fn deref(&self) -> &[u32] {
        self.as_slice()
    }
}

macro_rules! full {
    ($($(#[$doc:meta])* $name:ident: $field:ident, $simple:ident;)*) => {$(
        $(#[$doc])*
        #[inline]
        pub fn $name(cp: u32) -> CaseMapping {
            let row = ctype(cp);
            match row.special {
                0 => CaseMapping::one(cp.wrapping_add_signed(row.$simple)),
                n => CaseMapping::padded(t::SPECIAL_CASES[n as usize - 1].$field),
            }
        }
    )*};
}

full! {
    /// `str.lower` of one character; the final sigma is the caller's, with [`is_final_sigma`].
    full_lower: lower, lower;
    full_title: title, title;
    full_upper: upper, upper;
    /// `str.casefold` of one character.
    full_fold: fold, lower;
}

/// Whether U+03A3 between these neighbours becomes the final form U+03C2: a cased letter before it, none after it,
/// case-ignorable characters skipped. `before` runs backwards from the sigma, `after` forwards.
pub fn is_final_sigma(
    before: impl IntoIterator<Item = u32>,
    after: impl IntoIterator<Item = u32>,
) -> bool {
    let meets_cased = |cp: Option<u32>| cp.is_some_and(is_cased);
    meets_cased(before.into_iter().find(|&cp| !is_case_ignorable(cp)))
        && !meets_cased(after.into_iter().find(|&cp| !is_case_ignorable(cp)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sharp_s_has_long_mappings() {
        assert_eq!(full_upper(0xDF).as_slice(), [0x53, 0x53]);
        assert_eq!(full_title(0xDF).as_slice(), [0x53, 0x73]);
        assert_eq!(full_fold(0xDF).as_slice(), [0x73, 0x73]);
        assert_eq!(full_lower(0xDF).as_slice(), [0xDF]);
        assert_eq!(simple_upper(0xDF), 0x53);
    }

    #[test]
    fn sigma_is_final_after_a_letter_only() {
        assert!(is_final_sigma([0x41], []));
        assert!(is_final_sigma([0xAD, 0x41], [0x20, 0x41]));
        assert!(!is_final_sigma([0x41], [0xAD, 0x41]));
        assert!(!is_final_sigma([], []));
    }

    #[test]
    fn numbers_beyond_unicode_have_no_class() {
        for cp in [0x110000, u32::MAX] {
            assert!(!is_alpha(cp) && !is_printable(cp) && !is_space(cp));
            assert_eq!(simple_lower(cp), cp);
        }
    }

    #[test]
    fn identifiers_allow_the_underscore() {
        assert!(is_identifier_start(0x5F) && is_identifier_continue(0x5F));
        assert!(is_identifier_continue(0x39) && !is_identifier_start(0x39));
        assert!(is_identifier_start(0xE9) && !is_identifier_start(0x2118 - 1));
    }
}
