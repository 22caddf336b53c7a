//! Properties that only `unicodedata` asks for, in Unicode 15.1 and, through [`Ucd::V3_2`], as they were in 3.2.
//!
//! The old version is stored as differences: code points it did not have, and the few whose properties changed.
//! What CPython's `ucd_3_2_0` takes from the current version (digit values, decompositions but for the corrected ones)
//! is taken from it here as well.

use crate::ctype;
use crate::tables as t;

#[derive(Clone, Copy)]
pub(crate) struct Prop {
    pub category: u8,
    pub bidi: u8,
    pub combining: u8,
    pub width: u8,
    pub mirrored: bool,
    /// Two bits a form (NFD, NFKD, NFC, NFKC): 0 yes, 1 maybe, 2 no.
    pub quick: u8,
}

/// A difference of Unicode 3.2 to the present; 255: none. Category 0 is "unassigned", which hides all other properties.
pub(crate) struct Old {
    pub category: u8,
    pub bidi: u8,
    pub mirrored: u8,
    pub width: u8,
    pub decimal: u8,
}

/// A version of the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ucd {
    Current,
    /// `unicodedata.ucd_3_2_0`, for IDNA 2003.
    V3_2,
}

pub(crate) fn prop(cp: u32) -> &'static Prop {
    if cp > 0x10FFFF {
        return &t::PROPS[0];
    }
    let block = t::PROP_STAGE1[(cp >> t::PROP_SHIFT) as usize] as usize;
    let low = (cp & ((1 << t::PROP_SHIFT) - 1)) as usize;
    &t::PROPS[t::PROP_STAGE2[(block << t::PROP_SHIFT) + low] as usize]
}

fn decomposition_row(cp: u32) -> (&'static str, &'static [u32]) {
    if cp > 0x10FFFF {
        return ("", &[]);
    }
    let block = t::DECOMP_STAGE1[(cp >> t::DECOMP_SHIFT) as usize] as usize;
    let low = (cp & ((1 << t::DECOMP_SHIFT) - 1)) as usize;
    let at = t::DECOMP_STAGE2[(block << t::DECOMP_SHIFT) + low] as usize;
    let head = t::DECOMP_DATA[at];
    let len = (head >> 8) as usize;
    (t::DECOMP_TAGS[(head & 255) as usize], &t::DECOMP_DATA[at + 1..at + 1 + len])
}

impl Ucd {
    fn old(self, cp: u32) -> Option<&'static Old> {
        if self == Ucd::Current {
            return None;
        }
        let after = t::OLD_STARTS.partition_point(|&start| start <= cp);
        let range = after.checked_sub(1)?;
        (cp <= t::OLD_ENDS[range]).then(|| &t::OLDS[t::OLD_INDEX[range] as usize])
    }

    /// Whether this version lacks a code point that the current one may have.
    pub fn is_missing(self, cp: u32) -> bool {
        self.old(cp).is_some_and(|old| old.category == 0)
    }

    fn property(self, cp: u32, of: impl Fn(&Prop) -> u8, changed: impl Fn(&Old) -> u8) -> usize {
        let now = of(prop(cp));
        let value = match self.old(cp) {
            Some(old) if old.category == 0 => 0,
            Some(old) if changed(old) != 255 => changed(old),
            _ => now,
        };
        value as usize
    }

    /// Two letters, `Cn` for what is unassigned.
    pub fn category(self, cp: u32) -> &'static str {
        t::CATEGORIES[self.property(cp, |p| p.category, |o| o.category)]
    }

    /// Empty where there is none.
    pub fn bidirectional(self, cp: u32) -> &'static str {
        t::BIDI[self.property(cp, |p| p.bidi, |o| o.bidi)]
    }

    pub fn combining(self, cp: u32) -> u8 {
        self.property(cp, |p| p.combining, |_| 255) as u8
    }

    pub fn is_mirrored(self, cp: u32) -> bool {
        self.property(cp, |p| p.mirrored as u8, |o| o.mirrored) != 0
    }

    pub fn east_asian_width(self, cp: u32) -> &'static str {
        t::WIDTHS[self.property(cp, |p| p.width, |o| o.width)]
    }

    /// The tag (`<compat>`, empty for a canonical mapping) and the mapping, empty where there is none.
    pub fn decomposition(self, cp: u32) -> (&'static str, &'static [u32]) {
        if self.is_missing(cp) { ("", &[]) } else { decomposition_row(cp) }
    }

    /// The mapping a character had before a later version corrected it.
    pub(crate) fn corrected(self, cp: u32) -> Option<u32> {
        if self == Ucd::Current {
            return None;
        }
        t::OLD_CORRECTIONS.iter().find(|&&(from, _)| from == cp).map(|&(_, to)| to)
    }

    pub fn decimal_value(self, cp: u32) -> Option<u8> {
        match self.old(cp) {
            Some(old) if old.category == 0 => None,
            Some(old) if old.decimal != 255 => Some(old.decimal),
            _ => ctype::decimal_value(cp),
        }
    }

    /// The same in both versions, as in CPython.
    pub fn digit_value(self, cp: u32) -> Option<u8> {
        ctype::digit_value(cp)
    }

    pub fn numeric_value(self, cp: u32) -> Option<f64> {
        match self.old(cp) {
            Some(old) if old.category == 0 => None,
            Some(old) if old.decimal != 255 => Some(old.decimal as f64),
            _ => {
                let at = t::NUMERIC_CPS.binary_search(&cp).ok()?;
                Some(t::NUMERIC_VALUES[t::NUMERIC_INDEX[at] as usize])
            }
        }
    }

    /// The character's name; see [`crate::name`].
    pub fn name(self, cp: u32) -> Option<String> {
        if self.is_missing(cp) { None } else { crate::names::name(cp) }
    }
}

pub fn category(cp: u32) -> &'static str {
    Ucd::Current.category(cp)
}

pub fn bidirectional(cp: u32) -> &'static str {
    Ucd::Current.bidirectional(cp)
}

/// The canonical combining class.
pub fn combining(cp: u32) -> u8 {
    prop(cp).combining
}

pub fn is_mirrored(cp: u32) -> bool {
    prop(cp).mirrored
}

pub fn east_asian_width(cp: u32) -> &'static str {
    Ucd::Current.east_asian_width(cp)
}

pub fn decomposition(cp: u32) -> (&'static str, &'static [u32]) {
    Ucd::Current.decomposition(cp)
}

pub fn numeric_value(cp: u32) -> Option<f64> {
    Ucd::Current.numeric_value(cp)
}
