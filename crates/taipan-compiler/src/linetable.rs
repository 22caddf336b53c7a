//! Reading the location table: CPython's format, one unit a code word.

use crate::code::CodeUnit;

/// A source range; columns are absent where the table has none.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Position {
    pub line: u32,
    pub end_line: u32,
    pub columns: Option<(u32, u32)>,
}

/// One entry: the words `start..end` and their position.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Entry {
    pub start: u32,
    pub end: u32,
    pub position: Option<Position>,
}

/// Iterates over the entries of a table.
#[derive(Clone)]
pub struct Entries<'c> {
    bytes: &'c [u8],
    at: usize,
    pc: u32,
    line: i32,
}

impl<'c> Entries<'c> {
    pub fn new(linetable: &'c [u8], firstlineno: u32) -> Entries<'c> {
        Entries { bytes: linetable, at: 0, pc: 0, line: firstlineno as i32 }
    }

    fn byte(&mut self) -> u32 {
        let b = self.bytes.get(self.at).copied().unwrap_or(0);
        self.at += 1;
        u32::from(b)
    }

    fn varint(&mut self) -> u32 {
        let mut value = 0;
        let mut shift = 0;
        loop {
            let b = self.byte();
            value |= (b & 0x3f).checked_shl(shift).unwrap_or(0);
            if b & 0x40 == 0 {
                return value;
            }
            shift += 6;
        }
    }

    fn signed(&mut self) -> i32 {
        let u = self.varint();
        if u & 1 != 0 { -((u >> 1) as i32) } else { (u >> 1) as i32 }
    }
}

impl Iterator for Entries<'_> {
    type Item = Entry;

    fn next(&mut self) -> Option<Entry> {
        let first = *self.bytes.get(self.at)?;
        self.at += 1;
        let words = u32::from(first & 7) + 1;
        let code = u32::from(first >> 3 & 15);
        let start = self.pc;
        self.pc += words;
        let position = match code {
            15 => None,
            14 => {
                self.line += self.signed();
                let end_line = self.line + self.varint() as i32;
                let (col, end_col) = (self.varint(), self.varint());
                let columns = (col > 0 && end_col > 0).then(|| (col - 1, end_col - 1));
                Some(Position { line: self.line as u32, end_line: end_line as u32, columns })
            }
            13 => {
                self.line += self.signed();
                Some(Position { line: self.line as u32, end_line: self.line as u32, columns: None })
            }
            10..=12 => {
                self.line += code as i32 - 10;
                let (col, end_col) = (self.byte(), self.byte());
                Some(Position {
                    line: self.line as u32,
                    end_line: self.line as u32,
                    columns: Some((col, end_col)),
                })
            }
            _ => {
                let second = self.byte();
                let col = code << 3 | second >> 4;
                Some(Position {
                    line: self.line as u32,
                    end_line: self.line as u32,
                    columns: Some((col, col + (second & 15))),
                })
            }
        };
        Some(Entry { start, end: self.pc, position })
    }
}

/// Looks positions up in ascending order of address.
pub struct Lines<'c> {
    entries: Entries<'c>,
    current: Option<Entry>,
}

impl<'c> Lines<'c> {
    pub fn new(unit: &'c CodeUnit) -> Lines<'c> {
        let mut entries = Entries::new(&unit.linetable, unit.firstlineno);
        let current = entries.next();
        Lines { entries, current }
    }

    /// The position of the word `pc`, not before the last one asked for.
    pub fn at(&mut self, pc: u32) -> Option<Position> {
        while let Some(e) = self.current {
            if pc < e.end {
                return e.position;
            }
            self.current = self.entries.next();
        }
        None
    }
}

/// The position of one word.
pub fn position(unit: &CodeUnit, pc: u32) -> Option<Position> {
    Lines::new(unit).at(pc)
}
