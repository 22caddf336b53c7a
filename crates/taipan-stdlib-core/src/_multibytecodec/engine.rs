//! Encoding and decoding by the tables, up to the first sequence or character that has no answer. State is eight bytes,
//! as in CPython, so that what `getstate` gives is the same.

use super::iso2022;
use super::tables::{Chars, Table, table};
use taipan_vm::objects::str::StrBuilder;

/// Why a step ended.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Step {
    Done,
    /// The input ends within a sequence.
    TooFew,
    /// So many bytes or characters, from the current place on, have no answer.
    Illegal(usize),
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Plain,
    Gb18030,
    EucKr,
    Hz,
    Iso2022(&'static iso2022::Config),
}

/// A codec: its table, and what is particular.
#[derive(Clone, Copy)]
pub struct Codec {
    pub name: &'static str,
    kind: Kind,
    table: &'static Table,
}

/// The codecs that `getcodec` of each module knows.
pub const MODULES: [(&str, &[&str]); 6] = [
    ("_codecs_cn", &["gb2312", "gbk", "gb18030", "hz"]),
    ("_codecs_hk", &["big5hkscs"]),
    (
        "_codecs_iso2022",
        &[
            "iso2022_kr",
            "iso2022_jp",
            "iso2022_jp_1",
            "iso2022_jp_2",
            "iso2022_jp_2004",
            "iso2022_jp_3",
            "iso2022_jp_ext",
        ],
    ),
    (
        "_codecs_jp",
        &[
            "shift_jis",
            "cp932",
            "euc_jp",
            "shift_jis_2004",
            "euc_jis_2004",
            "euc_jisx0213",
            "shift_jisx0213",
        ],
    ),
    ("_codecs_kr", &["euc_kr", "cp949", "johab"]),
    ("_codecs_tw", &["big5", "cp950"]),
];

impl Codec {
    pub fn find(module: &str, name: &str) -> Option<Codec> {
        let names = MODULES.iter().find(|m| m.0 == module)?.1;
        let name = *names.iter().find(|n| **n == name)?;
        let (kind, from) = match name {
            "hz" => (Kind::Hz, "gb2312"),
            "gb18030" => (Kind::Gb18030, name),
            "euc_kr" => (Kind::EucKr, name),
            _ => match iso2022::config(name) {
                Some(c) => (Kind::Iso2022(c), "euc_jp"),
                None => (Kind::Plain, name),
            },
        };
        Some(Codec { name, kind, table: table(from)? })
    }

    /// The state at the beginning.
    pub fn initial(&self, encoding: bool) -> u64 {
        match (self.kind, encoding) {
            (Kind::Iso2022(_), true) => iso2022::ENCODING,
            (Kind::Iso2022(_), false) => iso2022::DECODING,
            _ => 0,
        }
    }

    /// What a decoder's reset makes of its state.
    pub fn reset_decoder(&self, state: u64) -> u64 {
        if let Kind::Iso2022(_) = self.kind { iso2022::reset(state) } else { 0 }
    }

    /// Ends encoded text: back to where other text could follow.
    pub fn finish(&self, state: &mut u64, out: &mut Vec<u8>) {
        match self.kind {
            Kind::Hz if *state != 0 => {
                out.extend_from_slice(b"~}");
                *state = 0;
            }
            Kind::Iso2022(_) => iso2022::finish(state, out),
            _ => {}
        }
    }

    pub fn decode(
        &self,
        state: &mut u64,
        data: &[u8],
        at: &mut usize,
        out: &mut StrBuilder,
    ) -> Step {
        match self.kind {
            Kind::Hz => return self.decode_hz(state, data, at, out),
            Kind::Iso2022(c) => return iso2022::decode(c, state, data, at, out),
            _ => {}
        }
        while let Some(c) = data.get(*at) {
            let rest = &data[*at..];
            let mut n = self.table.needs[*c as usize] as usize;
            if n == 0 {
                return Step::Illegal(1);
            }
            if rest.len() < n {
                return Step::TooFew;
            }
            if self.kind == Kind::Gb18030 && n == 2 && rest[1].is_ascii_digit() {
                if rest.len() < 4 {
                    return Step::TooFew;
                }
                let Some(c) = self.four_bytes(rest) else { return Step::Illegal(1) };
                out.push(c);
                *at += 4;
                continue;
            }
            if self.kind == Kind::EucKr && rest.starts_with(&FILLER) {
                if rest.len() < 8 {
                    return Step::TooFew;
                }
                let Some(c) = compose(rest) else { return Step::Illegal(1) };
                out.push(c);
                *at += 8;
                continue;
            }
            let key = rest[..n].iter().fold(0, |k, b| k << 8 | *b as u32);
            match self.table.chars(key) {
                Chars::One(c) => out.push(c),
                Chars::Two(a, b) => {
                    out.push(a);
                    out.push(b);
                }
                Chars::None => {
                    n = if self.table.withdrawn.contains(&key) { 2 } else { 1 };
                    return Step::Illegal(n);
                }
            }
            *at += n;
        }
        Step::Done
    }

    /// gb18030's four bytes: a number in mixed radix.
    fn four_bytes(&self, b: &[u8]) -> Option<u32> {
        let lead = |b: u8| (0x81..=0xFE).contains(&b).then(|| b as u32 - 0x81);
        let digit = |b: u8| b.is_ascii_digit().then(|| b as u32 - 0x30);
        let (a, b, c, d) = (lead(b[0])?, digit(b[1])?, lead(b[2])?, digit(b[3])?);
        let n = ((a * 10 + b) * 126 + c) * 10 + d;
        if a >= 15 {
            let c = 0x10000 + n - 15 * 12600;
            return (c < 0x110000).then_some(c);
        }
        let r = self.table.ranges.iter().rev().find(|r| r.linear <= n)?;
        let c = r.first + (n - r.linear);
        // The last four-byte sequence of the basic plane stands for U+FFFF.
        (a < 4 && n < 39420 && c <= 0xFFFF).then_some(c)
    }

    fn decode_hz(
        &self,
        state: &mut u64,
        data: &[u8],
        at: &mut usize,
        out: &mut StrBuilder,
    ) -> Step {
        while let Some(&c) = data.get(*at) {
            let second = data.get(*at + 1).copied();
            if c == b'~' {
                match (second, *state) {
                    (None, _) => return Step::TooFew,
                    (Some(b'~'), 0) => out.push(b'~' as u32),
                    (Some(b'{'), 0) => *state = 1,
                    (Some(b'\n'), 0) => {}
                    (Some(b'}'), 1) => *state = 0,
                    _ => return Step::Illegal(1),
                }
                *at += 2;
                continue;
            }
            if c >= 0x80 {
                return Step::Illegal(1);
            }
            if *state == 0 {
                out.push(c as u32);
                *at += 1;
                continue;
            }
            let Some(second) = second else { return Step::TooFew };
            match self.table.chars((c as u32) << 8 | second as u32 | 0x8080) {
                Chars::One(u) if second < 0x80 => out.push(u),
                _ => return Step::Illegal(1),
            }
            *at += 2;
        }
        Step::Done
    }

    /// Encodes from `at` on; without `flush` a character that may begin a pair waits for the next.
    pub fn encode(
        &self,
        state: &mut u64,
        text: &[u32],
        at: &mut usize,
        flush: bool,
        out: &mut Vec<u8>,
    ) -> Step {
        if let Kind::Iso2022(c) = self.kind {
            return iso2022::encode(c, state, text, at, flush, out);
        }
        while let Some(&c) = text.get(*at) {
            let mut n = 1;
            let mut key = self.table.code(c);
            if self.table.begins_pair(c) {
                match text.get(*at + 1) {
                    None if !flush => return Step::TooFew,
                    None => {}
                    Some(next) => {
                        if let Some(k) = self.table.pair_code(c, *next) {
                            (key, n) = (k, 2);
                        }
                    }
                }
            }
            if self.kind == Kind::Hz {
                if !self.encode_hz(state, c, key, out) {
                    return Step::Illegal(1);
                }
            } else if key != 0 || c == 0 {
                push_code(out, key);
            } else if !self.encode_long(c, out) {
                return Step::Illegal(1);
            }
            *at += n;
        }
        Step::Done
    }

    fn encode_hz(&self, state: &mut u64, c: u32, key: u32, out: &mut Vec<u8>) -> bool {
        if c < 0x80 {
            self.finish(state, out);
            out.push(c as u8);
            if c == b'~' as u32 {
                out.push(b'~');
            }
            return true;
        }
        if key == 0 {
            return false;
        }
        if *state == 0 {
            out.extend_from_slice(b"~{");
            *state = 1;
        }
        push_code(out, key & 0x7F7F);
        true
    }

    /// What is encoded by arithmetic.
    fn encode_long(&self, c: u32, out: &mut Vec<u8>) -> bool {
        match self.kind {
            Kind::Gb18030 => {
                let n = if c >= 0x10000 {
                    c - 0x10000 + 15 * 12600
                } else {
                    match self.table.ranges.iter().find(|r| r.first <= c && c <= r.last) {
                        Some(r) => c - r.first + r.linear,
                        None => return false,
                    }
                };
                out.extend_from_slice(&[
                    (n / 12600) as u8 + 0x81,
                    (n / 1260 % 10) as u8 + 0x30,
                    (n / 10 % 126) as u8 + 0x81,
                    (n % 10) as u8 + 0x30,
                ]);
                true
            }
            Kind::EucKr if (0xAC00..=0xD7A3).contains(&c) => {
                let n = c as usize - 0xAC00;
                let last = match n % 28 {
                    0 => FILLER[1],
                    k => LAST[k - 1],
                };
                out.extend_from_slice(&FILLER);
                for b in [FIRST[n / 588], 0xBF + (n / 28 % 21) as u8, last] {
                    out.extend_from_slice(&[FILLER[0], b]);
                }
                true
            }
            _ => false,
        }
    }
}

pub fn push_code(out: &mut Vec<u8>, key: u32) {
    let b = key.to_be_bytes();
    let skip = (b.iter().take(3)).take_while(|b| **b == 0).count();
    out.extend_from_slice(&b[skip..]);
}

/// KS X 1001's sign that three letters of a syllable follow.
const FILLER: [u8; 2] = [0xA4, 0xD4];
/// The letters in its row that begin a syllable, and those that end one, in Unicode's order.
const FIRST: [u8; 19] = [
    0xA1, 0xA2, 0xA4, 0xA7, 0xA8, 0xA9, 0xB1, 0xB2, 0xB3, 0xB5, 0xB6, 0xB7, 0xB8, 0xB9, 0xBA, 0xBB,
    0xBC, 0xBD, 0xBE,
];
const LAST: [u8; 27] = [
    0xA1, 0xA2, 0xA3, 0xA4, 0xA5, 0xA6, 0xA7, 0xA9, 0xAA, 0xAB, 0xAC, 0xAD, 0xAE, 0xAF, 0xB0, 0xB1,
    0xB2, 0xB4, 0xB5, 0xB6, 0xB7, 0xB8, 0xBA, 0xBB, 0xBC, 0xBD, 0xBE,
];

/// The syllable that eight bytes of KS X 1001 spell.
fn compose(b: &[u8]) -> Option<u32> {
    if [b[2], b[4], b[6]] != [FILLER[0]; 3] {
        return None;
    }
    let first = FIRST.iter().position(|x| *x == b[3])? as u32;
    let vowel = (0xBF..=0xD3).contains(&b[5]).then(|| b[5] as u32 - 0xBF)?;
    let last = match b[7] {
        0xD4 => 0,
        x => LAST.iter().position(|l| *l == x)? as u32 + 1,
    };
    Some(0xAC00 + first * 588 + vowel * 28 + last)
}
