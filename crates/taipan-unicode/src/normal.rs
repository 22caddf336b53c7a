//! Normalization forms (UAX #15) over slices of code points.
//!
//! Decomposition appends to one buffer and keeps every run of combining marks sorted; composition then works in place
//! on that buffer. Hangul syllables are computed.

use crate::props::{Ucd, prop};
use crate::tables as t;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    Nfc,
    Nfd,
    Nfkc,
    Nfkd,
}

impl Form {
    pub fn from_name(name: &str) -> Option<Form> {
        match name {
            "NFC" => Some(Form::Nfc),
            "NFD" => Some(Form::Nfd),
            "NFKC" => Some(Form::Nfkc),
            "NFKD" => Some(Form::Nfkd),
            _ => None,
        }
    }

    fn is_compatibility(self) -> bool {
        matches!(self, Form::Nfkc | Form::Nfkd)
    }

    fn composes(self) -> bool {
        matches!(self, Form::Nfc | Form::Nfkc)
    }

    fn quick_shift(self) -> u32 {
        match self {
            Form::Nfd => 0,
            Form::Nfkd => 2,
            Form::Nfc => 4,
            Form::Nfkc => 6,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quick {
    Yes,
    Maybe,
    No,
}

const S_BASE: u32 = 0xAC00;
const L_BASE: u32 = 0x1100;
const V_BASE: u32 = 0x1161;
const T_BASE: u32 = 0x11A7;
const L_COUNT: u32 = 19;
const V_COUNT: u32 = 21;
const T_COUNT: u32 = 28;
const S_COUNT: u32 = L_COUNT * V_COUNT * T_COUNT;

/// What the per-character properties say about a text, without normalizing it.
pub fn quick_check(form: Form, text: impl IntoIterator<Item = u32>) -> Quick {
    let shift = form.quick_shift();
    let mut previous = 0;
    let mut result = Quick::Yes;
    for cp in text {
        if cp < 0xC0 && !form.is_compatibility() {
            previous = 0;
            continue;
        }
        let row = prop(cp);
        if row.combining != 0 && previous > row.combining {
            return Quick::No;
        }
        previous = row.combining;
        match row.quick >> shift & 3 {
            0 => {}
            1 => result = Quick::Maybe,
            _ => return Quick::No,
        }
    }
    result
}

/// The normalized text; `None` means it is what was given.
pub fn normalize(ucd: Ucd, form: Form, text: &[u32]) -> Option<Vec<u32>> {
    if ucd == Ucd::Current && quick_check(form, text.iter().copied()) == Quick::Yes {
        return None;
    }
    let mut out = Vec::with_capacity(text.len() + 10);
    for &cp in text {
        decompose(ucd, form.is_compatibility(), cp, &mut out);
    }
    sort_marks(&mut out);
    if form.composes() {
        compose(&mut out);
    }
    (out != text).then_some(out)
}

/// [`normalize`], for callers that want a buffer in any case.
pub fn normalize_utf32(form: Form, text: &[u32]) -> Vec<u32> {
    normalize(Ucd::Current, form, text).unwrap_or_else(|| text.to_vec())
}

pub fn is_normalized(ucd: Ucd, form: Form, text: &[u32]) -> bool {
    if ucd == Ucd::Current {
        match quick_check(form, text.iter().copied()) {
            Quick::Yes => return true,
            Quick::No => return false,
            Quick::Maybe => {}
        }
    }
    normalize(ucd, form, text).is_none()
}

/// Recursion ends after a few levels: the data's mappings contain no cycle.
fn decompose(ucd: Ucd, compatibility: bool, cp: u32, out: &mut Vec<u32>) {
    if cp < 0xA0 {
        out.push(cp);
        return;
    }
    if (S_BASE..S_BASE + S_COUNT).contains(&cp) {
        let index = cp - S_BASE;
        out.push(L_BASE + index / (V_COUNT * T_COUNT));
        out.push(V_BASE + index % (V_COUNT * T_COUNT) / T_COUNT);
        if !index.is_multiple_of(T_COUNT) {
            out.push(T_BASE + index % T_COUNT);
        }
        return;
    }
    if let Some(old) = ucd.corrected(cp) {
        return decompose(ucd, compatibility, old, out);
    }
    let (tag, mapping) = ucd.decomposition(cp);
    if mapping.is_empty() || (!tag.is_empty() && !compatibility) {
        out.push(cp);
        return;
    }
    for &part in mapping {
        decompose(ucd, compatibility, part, out);
    }
}

fn sort_marks(text: &mut [u32]) {
    let mut at = 0;
    while at < text.len() {
        if text[at] < 0x300 || prop(text[at]).combining == 0 {
            at += 1;
            continue;
        }
        let end = text[at..]
            .iter()
            .position(|&cp| prop(cp).combining == 0)
            .map_or(text.len(), |n| at + n);
        if end - at > 1 {
            // stable: marks of one class keep their order
            text[at..end].sort_by_key(|&cp| prop(cp).combining);
        }
        at = end;
    }
}

fn pair(first: u32, second: u32) -> Option<u32> {
    if (L_BASE..L_BASE + L_COUNT).contains(&first) && (V_BASE..V_BASE + V_COUNT).contains(&second) {
        return Some(S_BASE + ((first - L_BASE) * V_COUNT + (second - V_BASE)) * T_COUNT);
    }
    if (S_BASE..S_BASE + S_COUNT).contains(&first)
        && (first - S_BASE).is_multiple_of(T_COUNT)
        && (T_BASE + 1..T_BASE + T_COUNT).contains(&second)
    {
        return Some(first + (second - T_BASE));
    }
    let key = u64::from(first) << 32 | u64::from(second);
    t::COMPOSE_KEYS.binary_search(&key).ok().map(|at| t::COMPOSED[at])
}

fn compose(text: &mut Vec<u32>) {
    let mut write = 0;
    let mut starter: Option<usize> = None;
    // The class of the last character kept after the starter; a character is blocked from the starter by one of the
    // same or a higher class, and by any other starter.
    let mut last = 0;
    for read in 0..text.len() {
        let cp = text[read];
        let row = prop(cp);
        let class = row.combining;
        // Only what may change under NFC (its "maybe" bit) ever composes with what precedes it.
        if let Some(at) = starter
            && row.quick >> 4 & 3 != 0
            && (at + 1 == write || last < class)
            && let Some(composed) = pair(text[at], cp)
        {
            text[at] = composed;
            continue;
        }
        text[write] = cp;
        if class == 0 {
            starter = Some(write);
        }
        last = class;
        write += 1;
    }
    text.truncate(write);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(form: Form, text: &str, expect: &str) {
        let cps: Vec<u32> = text.chars().map(u32::from).collect();
        let got: String =
            normalize_utf32(form, &cps).into_iter().filter_map(char::from_u32).collect();
        assert_eq!(got, expect);
    }

    #[test]
    fn letters_compose_and_decompose() {
        check(Form::Nfc, "e\u{301}", "\u{e9}");
        check(Form::Nfd, "\u{e9}", "e\u{301}");
        check(Form::Nfkc, "\u{fb01}", "fi");
        check(Form::Nfc, "\u{fb01}", "\u{fb01}");
        check(Form::Nfd, "\u{1e69}", "s\u{323}\u{307}");
        check(Form::Nfc, "s\u{307}\u{323}", "\u{1e69}");
    }

    #[test]
    fn hangul_is_computed() {
        check(Form::Nfd, "\u{d4db}", "\u{1111}\u{1171}\u{11b6}");
        check(Form::Nfc, "\u{1111}\u{1171}\u{11b6}", "\u{d4db}");
        check(Form::Nfc, "\u{ac00}\u{11a8}", "\u{ac01}");
    }

    #[test]
    fn a_blocked_mark_stays() {
        check(Form::Nfc, "a\u{315}\u{300}\u{5ae}\u{300}b", "\u{e0}\u{5ae}\u{300}\u{315}b");
    }
}
