//! What the operations ask about single characters: categories and case, for ASCII, Unicode and a C locale.

use taipan_unicode as unicode;

/// The C library's view of the 256 byte values under the current `LC_CTYPE`, for patterns with `re.LOCALE`.
#[derive(Clone)]
pub struct Locale {
    pub alnum: [bool; 256],
    pub lower: [u8; 256],
    pub upper: [u8; 256],
}

impl Locale {
    /// The "C" locale: ASCII.
    pub const C: Locale = {
        let mut locale = Locale { alnum: [false; 256], lower: [0; 256], upper: [0; 256] };
        let mut i = 0;
        while i < 256 {
            let byte = i as u8;
            locale.alnum[i] = byte.is_ascii_alphanumeric();
            locale.lower[i] = byte.to_ascii_lowercase();
            locale.upper[i] = byte.to_ascii_uppercase();
            i += 1;
        }
        locale
    };

    pub(crate) fn is_word(&self, ch: u32) -> bool {
        ch < 256 && (self.alnum[ch as usize] || ch == '_' as u32)
    }

    pub(crate) fn to_lower(&self, ch: u32) -> u32 {
        if ch < 256 { self.lower[ch as usize] as u32 } else { ch }
    }

    pub(crate) fn to_upper(&self, ch: u32) -> u32 {
        if ch < 256 { self.upper[ch as usize] as u32 } else { ch }
    }
}

/// `_sre.ascii_tolower`
#[inline]
pub fn ascii_lower(ch: u32) -> u32 {
    if ch.wrapping_sub('A' as u32) < 26 { ch | 0x20 } else { ch }
}

/// `_sre.unicode_tolower`
#[inline]
pub fn unicode_lower(ch: u32) -> u32 {
    unicode::simple_lower(ch)
}

/// `_sre.ascii_iscased`
pub fn ascii_is_cased(ch: u32) -> bool {
    ch < 128 && (ch as u8).is_ascii_alphabetic()
}

/// `_sre.unicode_iscased`
pub fn unicode_is_cased(ch: u32) -> bool {
    let lower = unicode::simple_lower(ch);
    ch != lower || ch != unicode::simple_upper(ch)
}

#[inline]
pub(crate) fn ascii_is_word(ch: u32) -> bool {
    ch < 128 && ((ch as u8).is_ascii_alphanumeric() || ch == '_' as u32)
}

#[inline]
pub(crate) fn unicode_is_word(ch: u32) -> bool {
    if ch < 128 { ascii_is_word(ch) } else { unicode::is_alnum(ch) }
}

fn ascii_is_space(ch: u32) -> bool {
    ch == 0x20 || (0x09..=0x0D).contains(&ch)
}

fn ascii_is_digit(ch: u32) -> bool {
    (0x30..=0x39).contains(&ch)
}

/// A character category, by its number in the code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Category(u8);

impl Category {
    pub fn from_code(code: u32) -> Option<Category> {
        (code < 18).then_some(Category(code as u8))
    }

    pub fn uses_locale(self) -> bool {
        matches!(self.0, 8 | 9)
    }

    pub fn contains(self, ch: u32, locale: &Locale) -> bool {
        // Odd numbers are the negations.
        let positive = match self.0 & !1 {
            0 => ascii_is_digit(ch),
            2 => ascii_is_space(ch),
            4 => ascii_is_word(ch),
            6 => ch == '\n' as u32,
            8 => locale.is_word(ch) || ch == '_' as u32,
            10 => unicode::is_decimal(ch),
            12 => unicode::is_space(ch),
            14 => unicode_is_word(ch),
            _ => unicode::is_linebreak(ch),
        };
        positive != (self.0 & 1 == 1)
    }

    /// Which of the classes of characters above 255 (`HIGH_*`) it may contain, and which it contains wholly.
    pub fn high(self) -> (u8, u8) {
        let (may, all) = match self.0 & !1 {
            0 | 2 | 4 | 6 | 8 => (0, 0),
            10 => (HIGH_WORD, 0),
            12 => (HIGH_SPACE, HIGH_SPACE),
            14 => (HIGH_WORD, HIGH_WORD),
            _ => (HIGH_SPACE | HIGH_OTHER, 0),
        };
        if self.0 & 1 == 1 { (HIGH_ANY & !all, HIGH_ANY & !may) } else { (may, all) }
    }
}

/// Characters above 255, parted in three classes, so that the analysis can see that `\w+\s` needs no backtracking.
pub(crate) const HIGH_WORD: u8 = 1;
pub(crate) const HIGH_SPACE: u8 = 2;
pub(crate) const HIGH_OTHER: u8 = 4;
pub(crate) const HIGH_ANY: u8 = 7;

pub(crate) fn high_class(ch: u32) -> u8 {
    if unicode_is_word(ch) {
        HIGH_WORD
    } else if unicode::is_space(ch) {
        HIGH_SPACE
    } else {
        HIGH_OTHER
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_character_is_both_word_and_space() {
        assert!((0..0x110000).all(|ch| !(unicode_is_word(ch) && unicode::is_space(ch))));
    }

    #[test]
    fn unicode_linebreaks_are_no_word_characters() {
        assert!((0..0x110000).all(|ch| !(unicode_is_word(ch) && unicode::is_linebreak(ch))));
    }
}
