//! ISO 2022: sets of characters that escape sequences choose. The sets are read off the EUC codecs' tables.

use super::engine::Step;
use super::tables::{Chars, Table, table};
use taipan_vm::objects::str::StrBuilder;

const ESC: u8 = 0x1B;
const SO: u8 = 0x0E;
const SI: u8 = 0x0F;
/// Bytes of the state: G0, G1 and G2, flags.
const FLAGS: u32 = 32;
const SHIFTED: u64 = 1;
/// In an escape sequence that is none of ISO 2022's, which is passed through.
const PASSING: u64 = 2;
const ASCII: u8 = b'B';
const DOUBLE: u8 = 0x80;
/// Encoders put nothing in G2.
pub const ENCODING: u64 = (ASCII as u64) | (ASCII as u64) << 8;
pub const DECODING: u64 = ENCODING | (ASCII as u64) << 16;

/// A set of characters.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Set {
    KsX1001,
    Gb2312,
    X0208,
    X0212,
    Roman,
    Katakana,
    /// JIS X 0213: of the year 2004 or 2000.
    Plane1(bool),
    Plane2(bool),
    /// Only the pairs of plane 1.
    Pairs(bool),
    Latin1,
    Greek,
}

/// A set, its final byte in escape sequences, and the place (G0, G1, G2) it is put in.
#[derive(PartialEq, Eq)]
struct Designation(Set, u8, u8);

#[derive(PartialEq, Eq)]
pub struct Config {
    sets: &'static [Designation],
    no_shift: bool,
    use_g2: bool,
    /// The sequence that announces JIS X 0208 of 1990 is known.
    extended: bool,
}

const X0208: Designation = Designation(Set::X0208, b'B' | DOUBLE, 0);
const X0208_OLD: Designation = Designation(Set::X0208, b'@' | DOUBLE, 0);
const X0212: Designation = Designation(Set::X0212, b'D' | DOUBLE, 0);
const ROMAN: Designation = Designation(Set::Roman, b'J', 0);

static KR: Config = Config {
    sets: &[Designation(Set::KsX1001, b'C' | DOUBLE, 1)],
    no_shift: false,
    use_g2: false,
    extended: false,
};

const fn japanese(sets: &'static [Designation], use_g2: bool) -> Config {
    Config { sets, no_shift: true, use_g2, extended: true }
}

static JP: Config = japanese(&[X0208, ROMAN, X0208_OLD], false);
static JP_1: Config = japanese(&[X0208, X0212, ROMAN, X0208_OLD], false);
static JP_2: Config = japanese(
    &[
        X0208,
        X0212,
        Designation(Set::KsX1001, b'C' | DOUBLE, 0),
        Designation(Set::Gb2312, b'A' | DOUBLE, 0),
        ROMAN,
        X0208_OLD,
        Designation(Set::Latin1, b'A', 2),
        Designation(Set::Greek, b'F', 2),
    ],
    true,
);
static JP_2004: Config = japanese(
    &[
        Designation(Set::Pairs(true), b'Q' | DOUBLE, 0),
        X0208,
        Designation(Set::Plane1(true), b'Q' | DOUBLE, 0),
        Designation(Set::Plane2(true), b'P' | DOUBLE, 0),
    ],
    false,
);
static JP_3: Config = japanese(
    &[
        Designation(Set::Pairs(false), b'O' | DOUBLE, 0),
        X0208,
        Designation(Set::Plane1(false), b'O' | DOUBLE, 0),
        Designation(Set::Plane2(false), b'P' | DOUBLE, 0),
    ],
    false,
);
static JP_EXT: Config =
    japanese(&[X0208, X0212, ROMAN, Designation(Set::Katakana, b'I', 0), X0208_OLD], false);

pub fn config(name: &str) -> Option<&'static Config> {
    Some(match name {
        "iso2022_kr" => &KR,
        "iso2022_jp" => &JP,
        "iso2022_jp_1" => &JP_1,
        "iso2022_jp_2" => &JP_2,
        "iso2022_jp_2004" => &JP_2004,
        "iso2022_jp_3" => &JP_3,
        "iso2022_jp_ext" => &JP_EXT,
        _ => return None,
    })
}

fn placed(state: u64, g: u8) -> u8 {
    (state >> (8 * g)) as u8
}

fn place(state: &mut u64, g: u8, mark: u8) {
    *state = *state & !(0xFF << (8 * g)) | (mark as u64) << (8 * g);
}

fn has(state: u64, flag: u64) -> bool {
    state >> FLAGS & flag != 0
}

fn set(state: &mut u64, flag: u64, on: bool) {
    *state = if on { *state | flag << FLAGS } else { *state & !(flag << FLAGS) };
}

pub fn reset(mut state: u64) -> u64 {
    place(&mut state, 0, ASCII);
    set(&mut state, SHIFTED, false);
    state
}

pub fn finish(state: &mut u64, out: &mut Vec<u8>) {
    if has(*state, SHIFTED) {
        out.push(SI);
        set(state, SHIFTED, false);
    }
    if placed(*state, 0) != ASCII {
        out.extend_from_slice(&[ESC, b'(', b'B']);
        place(state, 0, ASCII);
    }
}

/// A table that the file has.
fn known(name: &str) -> &'static Table {
    table(name).expect("the names are those of tables.rs")
}

fn x0213(new: bool) -> &'static Table {
    known(if new { "euc_jis_2004" } else { "euc_jisx0213" })
}

/// Is the row of JIS X 0213's second plane? The others are of JIS X 0212.
fn in_plane2(row: u32) -> bool {
    matches!(row, 0x21 | 0x23..=0x25 | 0x28 | 0x2C..=0x2F | 0x6E..=0x7E)
}

impl Set {
    fn is_double(self) -> bool {
        !matches!(self, Set::Roman | Set::Katakana | Set::Latin1 | Set::Greek)
    }

    fn decode(self, b: &[u8]) -> Chars {
        let key = |lead: u32| lead << 16 | (b[0] as u32) << 8 | b[1] as u32 | 0x8080;
        match self {
            // Bytes with the high bit would be found under the same key.
            _ if b.iter().any(|b| *b >= 0x80) => Chars::None,
            // Not EUC's table, in which the filler begins longer sequences.
            Set::KsX1001 if b[0] > 0x20 && b[1] > 0x20 => known("cp949").chars(key(0)),
            Set::KsX1001 => Chars::None,
            Set::Gb2312 => known("gb2312").chars(key(0)),
            Set::X0208 => known("euc_jp").chars(key(0)),
            Set::X0212 => known("euc_jp").chars(key(0x8F)),
            Set::Plane1(new) | Set::Pairs(new) => x0213(new).chars(key(0)),
            // CPython reads the second plane by the newer standard in either case.
            Set::Plane2(_) if in_plane2(b[0] as u32) => x0213(true).chars(key(0x8F)),
            Set::Plane2(_) => Chars::None,
            Set::Roman => Chars::One(match b[0] {
                b'\\' => 0xA5,
                b'~' => 0x203E,
                c => c as u32,
            }),
            Set::Katakana if (0x21..=0x5F).contains(&b[0]) => Chars::One(0xFF40 + b[0] as u32),
            Set::Katakana | Set::Latin1 | Set::Greek => Chars::None,
        }
    }

    /// The code of a character, and how many characters it took. `TooFew`: the next decides.
    fn encode(self, c: u32, next: Option<u32>, flush: bool) -> Result<Option<(u32, usize)>, Step> {
        let double = |key: u32| (key > 0xFF && key & 0x8080 == 0x8080).then_some((key & 0x7F7F, 1));
        let short = |t: &Table| Some(t.code(c)).filter(|k| *k <= 0xFFFF).and_then(double);
        let long = |t: &Table| Some(t.code(c)).filter(|k| *k > 0xFFFF).and_then(double);
        Ok(match self {
            Set::KsX1001 => short(known("euc_kr")),
            Set::Gb2312 => short(known("gb2312")),
            Set::X0208 => short(known("euc_jp")).filter(|(k, _)| k >> 8 != 0x0E),
            Set::X0212 => long(known("euc_jp")),
            Set::Roman => match c {
                0xA5 => Some((b'\\' as u32, 1)),
                0x203E => Some((b'~' as u32, 1)),
                _ => None,
            },
            Set::Katakana => (0xFF61..=0xFF9F).contains(&c).then(|| (c - 0xFF40, 1)),
            Set::Plane1(new) | Set::Pairs(new) => {
                let t = x0213(new);
                if t.begins_pair(c) {
                    let Some(next) = next else {
                        if !flush {
                            return Err(Step::TooFew);
                        }
                        return Ok(short(t).filter(|_| self == Set::Plane1(new)));
                    };
                    if let Some(k) = t.pair_code(c, next) {
                        return Ok(Some((k & 0x7F7F, 2)));
                    }
                }
                let plain = self == Set::Plane1(new) && c != 0xFF5E;
                short(t).filter(|(k, _)| plain && k >> 8 != 0x0E)
            }
            Set::Plane2(new) => long(x0213(new)).filter(|(k, _)| in_plane2(k >> 8)),
            Set::Latin1 | Set::Greek => None,
        })
    }
}

pub fn encode(
    config: &Config,
    state: &mut u64,
    text: &[u32],
    at: &mut usize,
    flush: bool,
    out: &mut Vec<u8>,
) -> Step {
    while let Some(&c) = text.get(*at) {
        if c < 0x80 {
            if placed(*state, 0) != ASCII {
                out.extend_from_slice(&[ESC, b'(', b'B']);
                place(state, 0, ASCII);
            }
            unshift(state, out);
            out.push(c as u8);
            *at += 1;
            continue;
        }
        let next = text.get(*at + 1).copied();
        let mut found = None;
        for d in config.sets {
            match d.0.encode(c, next, flush) {
                Ok(None) => {}
                Ok(Some(code)) => {
                    found = Some((d, code));
                    break;
                }
                Err(step) => return step,
            }
        }
        let Some((Designation(set_of, mark, g), (code, n))) = found else {
            return Step::Illegal(1);
        };
        if *g == 0 {
            unshift(state, out);
        }
        if placed(*state, *g) != *mark {
            place(state, *g, *mark);
            out.push(ESC);
            if set_of.is_double() {
                out.push(b'$');
            }
            // JIS X 0208 has the short form.
            if *mark != X0208.1 {
                out.push(if *g == 0 { b'(' } else { b')' });
            }
            out.push(mark & 0x7F);
        }
        if *g == 1 && !has(*state, SHIFTED) {
            out.push(SO);
            set(state, SHIFTED, true);
        }
        if set_of.is_double() {
            out.push((code >> 8) as u8);
        }
        out.push(code as u8);
        *at += n;
    }
    Step::Done
}

fn unshift(state: &mut u64, out: &mut Vec<u8>) {
    if has(*state, SHIFTED) {
        out.push(SI);
        set(state, SHIFTED, false);
    }
}

pub fn decode(
    config: &Config,
    state: &mut u64,
    data: &[u8],
    at: &mut usize,
    out: &mut StrBuilder,
) -> Step {
    while let Some(&c) = data.get(*at) {
        let rest = &data[*at..];
        if has(*state, PASSING) {
            out.push(c as u32);
            *at += 1;
            if ends_escape(c) {
                set(state, PASSING, false);
            }
            continue;
        }
        match c {
            ESC => {
                let Some(&second) = rest.get(1) else { return Step::TooFew };
                let step = if b"()$.&".contains(&second) {
                    escape(config, state, rest)
                } else if config.use_g2 && second == b'N' {
                    single_shift(*state, rest, out)
                } else {
                    out.push(ESC as u32);
                    set(state, PASSING, true);
                    Ok(1)
                };
                match step {
                    Ok(n) => *at += n,
                    Err(e) => return e,
                }
                continue;
            }
            SI | SO if !config.no_shift => set(state, SHIFTED, c == SO),
            b'\n' => {
                set(state, SHIFTED, false);
                out.push(c as u32);
            }
            0x80.. => return Step::Illegal(1),
            _ => {
                let mark = placed(*state, has(*state, SHIFTED) as u8);
                let designated = config.sets.iter().find(|d| d.1 == mark);
                let Some(d) = designated.filter(|_| c >= 0x20 && mark != ASCII) else {
                    out.push(c as u32);
                    *at += 1;
                    continue;
                };
                let width = 1 + d.0.is_double() as usize;
                if rest.len() < width {
                    return Step::TooFew;
                }
                match d.0.decode(&rest[..width]) {
                    Chars::None => return Step::Illegal(width),
                    Chars::One(u) => out.push(u),
                    Chars::Two(a, b) => {
                        out.push(a);
                        out.push(b);
                    }
                }
                *at += width;
                continue;
            }
        }
        *at += 1;
    }
    Step::Done
}

fn ends_escape(c: u8) -> bool {
    c.is_ascii_uppercase() || c == b'@'
}

/// An escape sequence that designates a set; its length.
fn escape(config: &Config, state: &mut u64, b: &[u8]) -> Result<usize, Step> {
    let mut len = 0;
    let mut i = 1;
    while i < 16 {
        let Some(&c) = b.get(i) else { return Err(Step::TooFew) };
        if ends_escape(c) {
            len = i + 1;
            break;
        }
        // The announcer of JIS X 0208-1990 is followed by the designation itself.
        if config.extended && c == b'&' && b.get(i + 1) == Some(&b'@') {
            i += 2;
        }
        i += 1;
    }
    let bad = Err(Step::Illegal(len.max(1)));
    let (g, mark) = match (&b[..len], config.extended) {
        ([_, b'$', m], _) => (0, m | DOUBLE),
        ([_, b'(', m], _) => (0, *m),
        ([_, b')', m], _) => (1, *m),
        ([_, b'.', m], _) if config.use_g2 => (2, *m),
        ([_, b'$', b'(', m], _) => (0, m | DOUBLE),
        ([_, b'$', b')', m], _) => (1, m | DOUBLE),
        ([_, _, _, ESC, b'$', b'B'], true) => (0, X0208.1),
        _ => return bad,
    };
    if mark != ASCII && !config.sets.iter().any(|d| d.1 == mark) {
        return bad;
    }
    place(state, g, mark);
    Ok(len)
}

/// ESC N: one character of G2.
fn single_shift(state: u64, b: &[u8], out: &mut StrBuilder) -> Result<usize, Step> {
    let Some(&c) = b.get(2) else { return Err(Step::TooFew) };
    let high = c as u32 ^ 0x80;
    let u = match placed(state, 2) {
        b'A' if c < 0x80 => Some(high),
        b'F' => greek(high),
        ASCII if c < 0x80 => Some(c as u32),
        _ => None,
    };
    match u {
        Some(u) => {
            out.push(u);
            Ok(3)
        }
        None => Err(Step::Illegal(3)),
    }
}

/// ISO 8859-7.
fn greek(c: u32) -> Option<u32> {
    Some(match c {
        0xA1 => 0x2018,
        0xA2 => 0x2019,
        0xAF => 0x2015,
        0..=0xA0 | 0xA3 | 0xA6..=0xA9 | 0xAB..=0xAD | 0xB0..=0xB3 | 0xB7 | 0xBB | 0xBD => c,
        0xB4..=0xD1 | 0xD3..=0xFE => c + 0x2D0,
        _ => return None,
    })
}
