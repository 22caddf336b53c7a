//! Character names, aliases and named sequences: `unicodedata.name`, `unicodedata.lookup` and `\N{...}`.
//!
//! Names are stored in `names.bin` as sequences of words. A word of the text is one byte (1..=190, the commonest words),
//! or two (191..=255, then the low part); 0 ends a name. A block of 16 names has an offset. Names are numbered: those of
//! characters in the order of code points (`NAME_RUN_*` maps runs of code points to numbers), then aliases, then
//! sequences. `NAMES_BY_NAME` lists the numbers in alphabetical order. Hangul syllables and unified ideographs are
//! computed, and only in upper case, as in CPython; other names are found in any case.

use crate::tables as t;

static BIN: &[u8] = include_bytes!("names.bin");

/// Longer than any name.
pub const MAX_NAME: usize = 256;
const SHORT_WORDS: usize = 190;

/// What a name stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lookup {
    Character(u32),
    /// A named sequence: two to four code points.
    Sequence(&'static [u16]),
}

const LEADS: [&str; 19] = [
    "G", "GG", "N", "D", "DD", "R", "M", "B", "BB", "S", "SS", "", "J", "JJ", "C", "K", "T", "P",
    "H",
];
const VOWELS: [&str; 21] = [
    "A", "AE", "YA", "YAE", "EO", "E", "YEO", "YE", "O", "WA", "WAE", "OE", "YO", "U", "WEO", "WE",
    "WI", "YU", "EU", "YI", "I",
];
const TAILS: [&str; 28] = [
    "", "G", "GG", "GS", "N", "NJ", "NH", "D", "L", "LG", "LM", "LB", "LS", "LT", "LP", "LH", "M",
    "B", "BS", "S", "SS", "NG", "J", "C", "K", "T", "P", "H",
];
const HANGUL: std::ops::RangeInclusive<u32> = 0xAC00..=0xD7A3;
const HANGUL_PREFIX: &str = "HANGUL SYLLABLE ";
const CJK_PREFIX: &str = "CJK UNIFIED IDEOGRAPH-";

fn u32_at(base: usize, index: usize) -> usize {
    let at = base + 4 * index;
    u32::from_le_bytes([BIN[at], BIN[at + 1], BIN[at + 2], BIN[at + 3]]) as usize
}

fn is_unified_ideograph(cp: u32) -> bool {
    t::CJK_RANGES.iter().any(|&(first, last)| (first..=last).contains(&cp))
}

fn word(number: usize) -> &'static [u8] {
    let start = u32_at(t::NAMES_WORD_OFFSETS, number);
    let end = u32_at(t::NAMES_WORD_OFFSETS, number + 1);
    &BIN[t::NAMES_WORD_TEXT + start..t::NAMES_WORD_TEXT + end]
}

/// The words of one name.
struct Words {
    at: usize,
}

impl Words {
    fn of(number: usize) -> Words {
        let mut words = Words { at: t::NAMES_TEXT + u32_at(t::NAMES_BLOCKS, number / 16) };
        for _ in 0..number % 16 {
            while words.next().is_some() {}
        }
        words
    }
}

impl Iterator for Words {
    type Item = &'static [u8];

    fn next(&mut self) -> Option<&'static [u8]> {
        let byte = BIN[self.at] as usize;
        self.at += 1;
        match byte {
            0 => None,
            1..=SHORT_WORDS => Some(word(byte - 1)),
            _ => {
                let low = BIN[self.at] as usize;
                self.at += 1;
                Some(word(SHORT_WORDS + (byte - 191) * 256 + low))
            }
        }
    }
}

fn spell(number: usize, out: &mut Vec<u8>) {
    out.clear();
    for word in Words::of(number) {
        if !out.is_empty() && !matches!(word.first(), Some(b' ' | b'-')) {
            out.push(b' ');
        }
        out.extend_from_slice(word);
    }
}

/// The name of a character; `None` for controls, surrogates, private use and what is unassigned.
pub fn name(cp: u32) -> Option<String> {
    if HANGUL.contains(&cp) {
        let index = (cp - HANGUL.start()) as usize;
        let (lead, vowel, tail) = (LEADS[index / 588], VOWELS[index % 588 / 28], TAILS[index % 28]);
        return Some(format!("{HANGUL_PREFIX}{lead}{vowel}{tail}"));
    }
    if is_unified_ideograph(cp) {
        return Some(format!("{CJK_PREFIX}{cp:X}"));
    }
    let run = t::NAME_RUN_STARTS.partition_point(|&start| start <= cp).checked_sub(1)?;
    let (first, end) = (t::NAME_RUN_FIRST[run] as usize, t::NAME_RUN_FIRST[run + 1] as usize);
    let number = first + (cp - t::NAME_RUN_STARTS[run]) as usize;
    if number >= end {
        return None;
    }
    let mut out = Vec::with_capacity(48);
    spell(number, &mut out);
    String::from_utf8(out).ok()
}

/// The character or sequence of that name, alias or sequence name.
pub fn lookup(name: &str) -> Option<Lookup> {
    let bytes = name.as_bytes();
    if bytes.is_empty() || bytes.len() >= MAX_NAME {
        return None;
    }
    if let Some(rest) = name.strip_prefix(HANGUL_PREFIX) {
        return hangul(rest).map(Lookup::Character);
    }
    if let Some(rest) = name.strip_prefix(CJK_PREFIX) {
        let digits = (rest.len() == 4 || rest.len() == 5)
            && rest.bytes().all(|b| matches!(b, b'0'..=b'9' | b'A'..=b'F'));
        let cp = if digits { u32::from_str_radix(rest, 16).ok()? } else { return None };
        return is_unified_ideograph(cp).then_some(Lookup::Character(cp));
    }
    let wanted = bytes.to_ascii_uppercase();
    let mut spelled = Vec::with_capacity(MAX_NAME);
    let (mut low, mut high) = (0, t::NAME_COUNT);
    while low < high {
        let middle = (low + high) / 2;
        let at = t::NAMES_BY_NAME + 2 * middle;
        let number = u16::from_le_bytes([BIN[at], BIN[at + 1]]) as usize;
        spell(number, &mut spelled);
        match spelled.as_slice().cmp(&wanted) {
            std::cmp::Ordering::Less => low = middle + 1,
            std::cmp::Ordering::Greater => high = middle,
            std::cmp::Ordering::Equal => return Some(target(number)),
        }
    }
    None
}

/// [`lookup`] where only a single character will do.
pub fn lookup_character(name: &str) -> Option<u32> {
    match lookup(name)? {
        Lookup::Character(cp) => Some(cp),
        Lookup::Sequence(_) => None,
    }
}

fn target(number: usize) -> Lookup {
    if number < t::CHARACTER_NAMES {
        let run = t::NAME_RUN_FIRST.partition_point(|&first| first as usize <= number) - 1;
        return Lookup::Character(
            t::NAME_RUN_STARTS[run] + (number - t::NAME_RUN_FIRST[run] as usize) as u32,
        );
    }
    let number = number - t::CHARACTER_NAMES;
    if let Some(&cp) = t::ALIAS_TARGETS.get(number) {
        return Lookup::Character(cp);
    }
    let sequence = &t::SEQUENCE_TARGETS[number - t::ALIAS_TARGETS.len()];
    let len = sequence.iter().position(|&cp| cp == 0).unwrap_or(sequence.len());
    Lookup::Sequence(&sequence[..len])
}

fn hangul(rest: &str) -> Option<u32> {
    let longest = |text: &str, parts: &[&str]| {
        (0..parts.len()).filter(|&i| text.starts_with(parts[i])).max_by_key(|&i| parts[i].len())
    };
    let lead = longest(rest, &LEADS)?;
    let rest = &rest[LEADS[lead].len()..];
    let vowel = longest(rest, &VOWELS)?;
    let rest = &rest[VOWELS[vowel].len()..];
    let tail = longest(rest, &TAILS)?;
    (rest == TAILS[tail]).then_some(HANGUL.start() + ((lead * 21 + vowel) * 28 + tail) as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_go_both_ways() {
        for (cp, expect) in [
            (0x41, "LATIN CAPITAL LETTER A"),
            (0xFB0, "TIBETAN SUBJOINED LETTER -A"),
            (0xF900, "CJK COMPATIBILITY IDEOGRAPH-F900"),
            (0x4E2D, "CJK UNIFIED IDEOGRAPH-4E2D"),
            (0xAC01, "HANGUL SYLLABLE GAG"),
            (0x1F40D, "SNAKE"),
        ] {
            assert_eq!(name(cp).as_deref(), Some(expect));
            assert_eq!(lookup(expect), Some(Lookup::Character(cp)));
        }
        assert_eq!(name(0), None);
        assert_eq!(name(0xE000), None);
    }

    #[test]
    fn aliases_sequences_and_case() {
        assert_eq!(lookup("latin small letter a"), Some(Lookup::Character(0x61)));
        assert_eq!(lookup("NULL"), Some(Lookup::Character(0)));
        assert_eq!(
            lookup("LATIN SMALL LETTER R WITH TILDE"),
            Some(Lookup::Sequence(&[0x72, 0x303]))
        );
        assert_eq!(lookup_character("LATIN SMALL LETTER R WITH TILDE"), None);
        assert_eq!(lookup("hangul syllable gag"), None);
        assert_eq!(lookup("CJK UNIFIED IDEOGRAPH-4e2d"), None);
        assert_eq!(lookup("NO SUCH THING"), None);
        assert_eq!(lookup(""), None);
    }
}
