//! The maps of the CJK codecs, read from `tables.bin` when first needed. `tools/cjk/generate.py` writes that file and
//! says what is in it.

use std::collections::BTreeMap;
use std::sync::OnceLock;

static BLOB: &[u8] = include_bytes!("tables.bin");

/// Each codec of the file, in its order, with the place of the one whose map it starts from.
const CODECS: [(&str, Option<usize>); 16] = [
    ("gb2312", None),
    ("gbk", Some(0)),
    ("gb18030", Some(1)),
    ("big5", None),
    ("cp950", Some(3)),
    ("big5hkscs", Some(3)),
    ("shift_jis", None),
    ("cp932", Some(6)),
    ("shift_jis_2004", Some(6)),
    ("shift_jisx0213", Some(8)),
    ("euc_jp", None),
    ("euc_jis_2004", Some(10)),
    ("euc_jisx0213", Some(11)),
    ("euc_kr", None),
    ("cp949", Some(13)),
    ("johab", None),
];

/// A value that says: not in this codec's map, though in the one it starts from.
const LACKS: u64 = 0x3F_FFFF;

struct Raw {
    needs: [u8; 256],
    changed: Vec<(u32, u64)>,
    other: Vec<(u32, u32)>,
    ranges: Vec<Range>,
}

/// Characters that gb18030 counts through in four bytes.
#[derive(Clone, Copy)]
pub struct Range {
    pub first: u32,
    pub last: u32,
    pub linear: u32,
}

struct Reader(usize);

impl Reader {
    fn varint(&mut self) -> u64 {
        let (mut n, mut shift) = (0, 0);
        loop {
            let b = BLOB[self.0];
            self.0 += 1;
            n |= ((b & 0x7F) as u64) << shift;
            shift += 7;
            if b < 0x80 {
                return n;
            }
        }
    }

    fn pairs(&mut self) -> Vec<(u32, u64)> {
        let n = self.varint();
        let (mut key, mut value) = (0u32, 0i64);
        (0..n)
            .map(|_| {
                key += self.varint() as u32;
                let d = self.varint() as i64;
                value += if d & 1 == 0 { d >> 1 } else { -((d + 1) >> 1) };
                (key, value as u64)
            })
            .collect()
    }

    fn raw(&mut self) -> Raw {
        let mut needs = [0; 256];
        needs.copy_from_slice(&BLOB[self.0..self.0 + 256]);
        self.0 += 256;
        let changed = self.pairs();
        let other = self.pairs().into_iter().map(|(c, key)| (c, key as u32)).collect();
        let n = self.varint();
        let mut number = || self.varint() as u32;
        let ranges =
            (0..n).map(|_| Range { first: number(), last: number(), linear: number() }).collect();
        Raw { needs, changed, other, ranges }
    }
}

fn raws() -> &'static [Raw] {
    static RAWS: OnceLock<Vec<Raw>> = OnceLock::new();
    RAWS.get_or_init(|| {
        let mut r = Reader(0);
        CODECS.iter().map(|_| r.raw()).collect()
    })
}

/// The whole map of a codec from byte sequences, as big-endian numbers, to characters.
fn whole(at: usize) -> BTreeMap<u32, u64> {
    let mut map = CODECS[at].1.map_or_else(BTreeMap::new, whole);
    for (key, value) in &raws()[at].changed {
        match *value {
            LACKS => map.remove(key),
            v => map.insert(*key, v),
        };
    }
    map
}

/// What sequences decode to: one character, or two.
#[derive(Clone, Copy)]
pub enum Chars {
    None,
    One(u32),
    Two(u32, u32),
}

pub struct Table {
    /// How many bytes a first byte asks for; 0: none begins with it.
    pub needs: [u8; 256],
    /// By the last two bytes: sequences of up to two, then those of three (after 0x8F).
    short: Vec<u32>,
    long: Vec<u32>,
    /// Second characters; an entry above `PAIR` is the place here.
    pairs: Vec<(u32, u32, u32)>,
    pages: Vec<u16>,
    codes: Vec<u32>,
    pub ranges: Vec<Range>,
    /// Sequences that the codec this one starts from has, and that are errors of two bytes here.
    pub withdrawn: Vec<u32>,
}

const PAIR: u32 = 0x20_0000;

impl Table {
    fn new(at: usize) -> Table {
        let raw = &raws()[at];
        let mut t = Table {
            needs: raw.needs,
            short: vec![0; 0x10000],
            long: Vec::new(),
            pairs: Vec::new(),
            pages: vec![0; 0x1100],
            codes: vec![0; 0x100],
            ranges: raw.ranges.clone(),
            withdrawn: Vec::new(),
        };
        for (key, value) in whole(at) {
            let (first, second) = (value as u32 & 0x1F_FFFF, (value >> 21) as u32);
            let entry = if second == 0 {
                if t.code(first) == 0 {
                    t.set_code(first, key);
                }
                // 0 is no entry.
                first + 1
            } else {
                t.pairs.push((first, second, key));
                PAIR + t.pairs.len() as u32
            };
            if key > 0xFFFF {
                t.long.resize(0x10000, 0);
                t.long[key as usize & 0xFFFF] = entry;
            } else {
                t.short[key as usize] = entry;
            }
        }
        for (c, key) in &raw.other {
            t.set_code(*c, *key);
        }
        if CODECS[at].0.ends_with("x0213") {
            let lacking = raw.changed.iter().filter(|(_, v)| *v == LACKS);
            t.withdrawn = lacking.map(|(key, _)| *key).collect();
        }
        t
    }

    fn set_code(&mut self, c: u32, key: u32) {
        let page = c as usize >> 8;
        if self.pages[page] == 0 {
            self.pages[page] = (self.codes.len() >> 8) as u16;
            self.codes.resize(self.codes.len() + 0x100, 0);
        }
        self.codes[(self.pages[page] as usize) << 8 | (c & 0xFF) as usize] = key;
    }

    /// The sequence that a character encodes to; 0: none (or the byte 0).
    #[inline]
    pub fn code(&self, c: u32) -> u32 {
        let Some(page) = self.pages.get(c as usize >> 8) else { return 0 };
        self.codes[(*page as usize) << 8 | (c & 0xFF) as usize]
    }

    /// What a sequence decodes to.
    #[inline]
    pub fn chars(&self, key: u32) -> Chars {
        let from = if key > 0xFFFF { &self.long } else { &self.short };
        match from.get(key as usize & 0xFFFF).copied().unwrap_or(0) {
            0 => Chars::None,
            n if n > PAIR => {
                let (a, b, _) = self.pairs[(n - PAIR) as usize - 1];
                Chars::Two(a, b)
            }
            n => Chars::One(n - 1),
        }
    }

    /// Does some pair of characters with a sequence of its own begin with this one?
    pub fn begins_pair(&self, c: u32) -> bool {
        self.pairs.iter().any(|p| p.0 == c)
    }

    pub fn pair_code(&self, a: u32, b: u32) -> Option<u32> {
        self.pairs.iter().find(|p| p.0 == a && p.1 == b).map(|p| p.2)
    }
}

/// The table of a codec by name.
pub fn table(name: &str) -> Option<&'static Table> {
    static TABLES: [OnceLock<Table>; 16] = [const { OnceLock::new() }; 16];
    let at = CODECS.iter().position(|c| c.0 == name)?;
    Some(TABLES[at].get_or_init(|| Table::new(at)))
}
