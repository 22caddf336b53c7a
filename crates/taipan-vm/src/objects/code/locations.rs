//! Reading CPython's location table (`co_linetable`), counted in code words
//! (InternalDocs/code_objects.md describes the format).

use taipan_compiler::code::CodeUnit;

/// The source range of a run of words.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Location {
    pub start: usize,
    pub end: usize,
    pub line: Option<u32>,
    pub end_line: Option<u32>,
    /// UTF-8 byte offsets in the line.
    pub column: Option<u32>,
    pub end_column: Option<u32>,
}

/// The entries of a table.
pub struct Locations<'a> {
    table: &'a [u8],
    at: usize,
    word: usize,
    line: i64,
}

/// All entries of a unit.
pub fn locations(unit: &CodeUnit) -> Locations<'_> {
    Locations { table: &unit.linetable, at: 0, word: 0, line: i64::from(unit.firstlineno) }
}

/// The entry that holds a word.
pub fn find(unit: &CodeUnit, word: usize) -> Option<Location> {
    locations(unit).find(|l| word < l.end)
}

impl Locations<'_> {
    fn byte(&mut self) -> u8 {
        let b = self.table.get(self.at).copied().unwrap_or(0);
        self.at += 1;
        b
    }

    fn varint(&mut self) -> i64 {
        let mut shift = 0;
        let mut v = 0i64;
        loop {
            let b = self.byte();
            v |= i64::from(b & 63) << shift;
            shift += 6;
            if b & 64 == 0 || shift > 54 {
                return v;
            }
        }
    }

    fn svarint(&mut self) -> i64 {
        let u = self.varint();
        if u & 1 != 0 { -(u >> 1) } else { u >> 1 }
    }
}

impl Iterator for Locations<'_> {
    type Item = Location;

    fn next(&mut self) -> Option<Location> {
        if self.at >= self.table.len() {
            return None;
        }
        let first = self.byte();
        let (kind, words) = (first >> 3 & 15, usize::from(first & 7) + 1);
        let start = self.word;
        self.word += words;
        let mut loc = Location {
            start,
            end: self.word,
            line: None,
            end_line: None,
            column: None,
            end_column: None,
        };
        match kind {
            15 => return Some(loc),
            14 => {
                self.line += self.svarint();
                let end_line = self.line + self.varint();
                let (c, e) = (self.varint(), self.varint());
                loc.end_line = u32::try_from(end_line).ok();
                loc.column = u32::try_from(c - 1).ok();
                loc.end_column = u32::try_from(e - 1).ok();
            }
            13 => {
                self.line += self.svarint();
                loc.end_line = u32::try_from(self.line).ok();
            }
            10..=12 => {
                self.line += i64::from(kind - 10);
                let (c, e) = (self.byte(), self.byte());
                loc.column = Some(u32::from(c));
                loc.end_column = Some(u32::from(e));
                loc.end_line = u32::try_from(self.line).ok();
            }
            _ => {
                let b = self.byte();
                let c = u32::from(kind) << 3 | u32::from(b >> 4 & 7);
                loc.column = Some(c);
                loc.end_column = Some(c + u32::from(b & 15));
                loc.end_line = u32::try_from(self.line).ok();
            }
        }
        loc.line = u32::try_from(self.line).ok();
        Some(loc)
    }
}
