//! Code units as bytes: what `marshal` writes for a code object and what is embedded for the frozen
//! modules. An image is read in place and piece by piece: a unit's head when its code object is made,
//! the rest when it first runs.
//!
//! ```text
//! 0   total length                    16  digest of everything else (eight bytes)
//! 4   number of strings               24  ends of the strings, bit 31: to be interned
//! 8   offset of the outermost unit    ..  their text, padded to four
//! 12  layout version                  ..  units: a head of `HEAD` words, then what it counts
//! ```
//!
//! All numbers are little-endian words; units name strings by index and nested units by offset. Whoever
//! reads an image that does not lie in the executable asks `is_sound` first: the digest says that the
//! bytes are those that `write` made, whose code the compiler vouches for. Reading checks bounds all the
//! same, so that not even a forged digest reads beyond the image.

use crate::code::{CacheKind, CacheSite, CodeUnit, Const, ExceptEntry};
use std::collections::HashMap;
use std::sync::Arc;

const LAYOUT: u32 = 2;
const START: usize = 24;
const INTERN: u32 = 1 << 31;

/// Why an image cannot be read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ImageError {
    Truncated,
    Damaged,
}

type Read<T> = Result<T, ImageError>;

/// The words of a unit's head.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct UnitHead {
    pub name: u32,
    pub qualname: u32,
    pub filename: u32,
    pub firstlineno: u32,
    pub flags: u32,
    pub argcount: u32,
    pub posonlyargcount: u32,
    pub kwonlyargcount: u32,
    pub nregs: u32,
    pub localsplus: u32,
    names: u32,
    code: u32,
    caches: u32,
    excepts: u32,
    linetable: u32,
    consts: u32,
}

const HEAD: usize = 16;

/// A constant as it stands in an image: texts are string indices, units offsets, and containers say how
/// many constants follow.
#[derive(Clone, Copy, Debug)]
pub enum ImageConst<'a> {
    None,
    True,
    False,
    Ellipsis,
    Int(i64),
    BigInt(u32),
    Float(f64),
    Complex(f64, f64),
    Str(u32),
    Bytes(&'a [u8]),
    Tuple(usize),
    FrozenSet(usize),
    Code(u32),
}

/// CPython interns the string constants that look like names.
pub fn looks_like_name(text: &[u8]) -> bool {
    text.iter().all(|b| b.is_ascii_alphanumeric() || *b == b'_')
}

fn put(out: &mut Vec<u8>, n: usize) {
    out.extend_from_slice(&(n as u32).to_le_bytes());
}

fn pad(out: &mut Vec<u8>) {
    out.resize(out.len().next_multiple_of(4), 0);
}

#[derive(Default)]
struct Writer<'a> {
    strings: Vec<(&'a [u8], bool)>,
    places: HashMap<&'a [u8], u32>,
    units: Vec<u8>,
}

impl<'a> Writer<'a> {
    fn string(&mut self, text: &'a [u8], intern: bool) -> usize {
        let next = self.strings.len() as u32;
        let at = *self.places.entry(text).or_insert(next);
        if at == next {
            self.strings.push((text, false));
        }
        self.strings[at as usize].1 |= intern;
        at as usize
    }

    fn name(&mut self, text: &'a str) -> usize {
        self.string(text.as_bytes(), true)
    }

    /// Writes the nested units, then the unit; gives its offset.
    fn unit(&mut self, u: &'a CodeUnit) -> usize {
        let mut body = Vec::new();
        for n in u.names.iter().chain(&u.localsplus_names) {
            put(&mut body, self.name(n));
        }
        u.code.iter().for_each(|w| put(&mut body, *w as usize));
        for c in &u.caches {
            put(&mut body, (c.name as usize) << 8 | c.kind as usize);
        }
        for e in &u.except_table {
            let reg = (e.exc_reg as usize) << 1 | e.lasti as usize;
            for n in [e.start as usize, e.end as usize, e.handler as usize, reg] {
                put(&mut body, n);
            }
        }
        body.extend_from_slice(&u.localsplus_kinds);
        body.extend_from_slice(&u.linetable);
        for c in &u.consts {
            self.constant(&mut body, c);
        }
        let head: [usize; HEAD] = [
            self.name(&u.name),
            self.name(&u.qualname),
            self.name(&u.filename),
            u.firstlineno as usize,
            u.flags as usize,
            u.argcount as usize,
            u.posonlyargcount as usize,
            u.kwonlyargcount as usize,
            u.nregs as usize,
            u.localsplus_names.len(),
            u.names.len(),
            u.code.len(),
            u.caches.len(),
            u.except_table.len(),
            u.linetable.len(),
            u.consts.len(),
        ];
        pad(&mut self.units);
        let at = self.units.len();
        head.into_iter().for_each(|n| put(&mut self.units, n));
        self.units.extend_from_slice(&body);
        at
    }

    fn constants(&mut self, out: &mut Vec<u8>, tag: u8, items: &'a [Const]) {
        out.push(tag);
        put(out, items.len());
        items.iter().for_each(|c| self.constant(out, c));
    }

    fn constant(&mut self, out: &mut Vec<u8>, c: &'a Const) {
        match c {
            Const::None => out.push(0),
            Const::True => out.push(1),
            Const::False => out.push(2),
            Const::Ellipsis => out.push(3),
            Const::Int(i) => {
                out.push(4);
                out.extend_from_slice(&i.to_le_bytes());
            }
            Const::BigInt(s) => {
                out.push(5);
                put(out, self.string(s.as_bytes(), false));
            }
            Const::Float(f) => {
                out.push(6);
                out.extend_from_slice(&f.to_le_bytes());
            }
            Const::Complex(a, b) => {
                out.push(7);
                out.extend_from_slice(&a.to_le_bytes());
                out.extend_from_slice(&b.to_le_bytes());
            }
            Const::Str(s) => {
                out.push(8);
                put(out, self.string(s, looks_like_name(s)));
            }
            Const::Bytes(s) => {
                out.push(9);
                put(out, s.len());
                out.extend_from_slice(s);
            }
            Const::Tuple(t) => self.constants(out, 10, t),
            Const::FrozenSet(t) => self.constants(out, 11, t),
            Const::Code(u) => {
                out.push(12);
                let at = self.unit(u);
                put(out, at);
            }
        }
    }
}

/// The image of a unit and those nested in it.
pub fn write(u: &CodeUnit) -> Vec<u8> {
    let mut w = Writer::default();
    let root = w.unit(u);
    let mut out = vec![0; START];
    let mut end = 0;
    for (text, intern) in &w.strings {
        end += text.len();
        put(&mut out, end | if *intern { INTERN as usize } else { 0 });
    }
    w.strings.iter().for_each(|(text, _)| out.extend_from_slice(text));
    pad(&mut out);
    out.extend_from_slice(&w.units);
    let total = out.len();
    for (i, n) in [total, w.strings.len(), root, LAYOUT as usize].into_iter().enumerate() {
        out[4 * i..4 * i + 4].copy_from_slice(&(n as u32).to_le_bytes());
    }
    let digest = digest(&out);
    out[16..START].copy_from_slice(&digest.to_le_bytes());
    out
}

/// A hash of an image but for the digest's own place.
fn digest(image: &[u8]) -> u64 {
    hash_parts(image.len(), &[&image[..16], &image[START..]])
}

/// A hash of a module's source, by which an edited one is told.
pub fn hash_source(text: &[u8]) -> u64 {
    hash_parts(text.len(), &[text])
}

/// Fast, and good for finding damage and changes; not for forgery.
fn hash_parts(len: usize, parts: &[&[u8]]) -> u64 {
    const KEYS: [u64; 2] = [0x9e37_79b9_7f4a_7c15, 0xd6e8_feb8_6659_fd93];
    let mix = |a: u64, b: u64| {
        let p = u128::from(a) * u128::from(b);
        p as u64 ^ (p >> 64) as u64
    };
    // The rotation keeps a product of zero from wiping out what came before.
    let step = |h: u64, c: &[u8; 16]| {
        let w = u128::from_le_bytes(*c);
        h.rotate_left(23) ^ mix(w as u64 ^ h ^ KEYS[0], (w >> 64) as u64 ^ KEYS[1])
    };
    let mut h = KEYS[0] ^ len as u64;
    for part in parts {
        let (chunks, rest) = part.as_chunks::<16>();
        h = chunks.iter().fold(h, step);
        let mut last = [0; 16];
        last[..rest.len()].copy_from_slice(rest);
        h = step(h, &last);
    }
    mix(h, KEYS[1])
}

/// An image in memory.
#[derive(Clone, Copy)]
pub struct Image<'a> {
    data: &'a [u8],
    strings: usize,
    text: usize,
    units: usize,
}

fn word_at(data: &[u8], at: usize) -> Read<u32> {
    let b = at.checked_add(4).and_then(|end| data.get(at..end)).ok_or(ImageError::Damaged)?;
    Ok(u32::from_le_bytes([b[0], b[1], b[2], b[3]]))
}

impl<'a> Image<'a> {
    /// The image at the start of `data`; what follows it is left alone.
    pub fn open(data: &'a [u8]) -> Read<Image<'a>> {
        let total = word_at(data, 0).map_err(|_| ImageError::Truncated)? as usize;
        if total < START {
            return Err(ImageError::Damaged);
        }
        let data = data.get(..total).ok_or(ImageError::Truncated)?;
        let strings = word_at(data, 4)? as usize;
        if word_at(data, 12)? != LAYOUT || strings > total {
            return Err(ImageError::Damaged);
        }
        let text = START + 4 * strings;
        let end = match strings {
            0 => 0,
            n => (word_at(data, START + 4 * (n - 1))? & !INTERN) as usize,
        };
        let units = (text + end).next_multiple_of(4);
        if units > total {
            return Err(ImageError::Damaged);
        }
        Ok(Image { data, strings, text, units })
    }

    /// Is it what `write` wrote?
    pub fn is_sound(&self) -> bool {
        self.data.get(16..START).is_some_and(|d| d == digest(self.data).to_le_bytes())
    }

    /// The image's bytes.
    pub fn data(&self) -> &'a [u8] {
        self.data
    }

    /// How many strings there are.
    pub fn strings(&self) -> usize {
        self.strings
    }

    /// A string, and whether it is to be interned.
    pub fn string(&self, i: u32) -> Read<(&'a [u8], bool)> {
        let i = i as usize;
        if i >= self.strings {
            return Err(ImageError::Damaged);
        }
        let end = word_at(self.data, START + 4 * i)?;
        let start = if i == 0 { 0 } else { word_at(self.data, START + 4 * (i - 1))? & !INTERN };
        let (start, stop) = (start as usize, (end & !INTERN) as usize);
        let text = self.data.get(self.text + start..self.text + stop);
        Ok((text.ok_or(ImageError::Damaged)?, end & INTERN != 0))
    }

    fn utf8(&self, i: u32) -> Read<Arc<str>> {
        std::str::from_utf8(self.string(i)?.0).map(Into::into).map_err(|_| ImageError::Damaged)
    }

    /// The offset of the outermost unit.
    pub fn root(&self) -> u32 {
        word_at(self.data, 8).unwrap_or(u32::MAX)
    }

    /// A unit's head.
    pub fn head(&self, unit: u32) -> Read<UnitHead> {
        let mut w = [0; HEAD];
        for (i, w) in w.iter_mut().enumerate() {
            *w = word_at(self.data, self.units + unit as usize + 4 * i)?;
        }
        Ok(UnitHead {
            name: w[0],
            qualname: w[1],
            filename: w[2],
            firstlineno: w[3],
            flags: w[4],
            argcount: w[5],
            posonlyargcount: w[6],
            kwonlyargcount: w[7],
            nregs: w[8],
            localsplus: w[9],
            names: w[10],
            code: w[11],
            caches: w[12],
            excepts: w[13],
            linetable: w[14],
            consts: w[15],
        })
    }

    /// What follows a unit's head.
    pub fn body(&self, unit: u32) -> Read<UnitBody<'a>> {
        let h = self.head(unit)?;
        let mut at = self.units + unit as usize + 4 * HEAD;
        let mut part = |n: u32, size: usize| -> Read<&'a [u8]> {
            let end = (n as usize).checked_mul(size).and_then(|b| b.checked_add(at));
            let b = end.and_then(|end| self.data.get(at..end)).ok_or(ImageError::Damaged)?;
            at += b.len();
            Ok(b)
        };
        Ok(UnitBody {
            names: part(h.names, 4)?,
            localsplus: part(h.localsplus, 4)?,
            code: part(h.code, 4)?,
            caches: part(h.caches, 4)?,
            excepts: part(h.excepts, 16)?,
            kinds: part(h.localsplus, 1)?,
            linetable: part(h.linetable, 1)?,
            consts: Constants {
                data: self.data.get(at..).unwrap_or(&[]),
                count: h.consts as usize,
            },
            head: h,
        })
    }

    /// A unit with all its names and constants, and those nested in it: for whoever looks at whole
    /// units. Damaged text is an error, so the image need not be sound.
    pub fn read(&self, unit: u32) -> Read<CodeUnit> {
        self.read_nested(unit, 0)
    }

    fn read_nested(&self, unit: u32, depth: usize) -> Read<CodeUnit> {
        if depth > 200 {
            return Err(ImageError::Damaged);
        }
        let body = self.body(unit)?;
        let mut u = body.unit()?;
        u.name = self.utf8(body.head.name)?;
        u.qualname = self.utf8(body.head.qualname)?;
        u.filename = self.utf8(body.head.filename)?;
        u.names = body.names().map(|i| self.utf8(i)).collect::<Read<_>>()?;
        u.localsplus_names = body.localsplus().map(|i| self.utf8(i)).collect::<Read<_>>()?;
        let mut consts = body.consts;
        for _ in 0..consts.count {
            u.consts.push(self.read_const(&mut consts, unit, depth + 1)?);
        }
        Ok(u)
    }

    fn read_const(&self, from: &mut Constants<'a>, unit: u32, depth: usize) -> Read<Const> {
        if depth > 1000 {
            return Err(ImageError::Damaged);
        }
        let next = from.next()?;
        let mut items = |n: usize| -> Read<Vec<Const>> {
            let mut v = Vec::new();
            for _ in 0..n {
                v.push(self.read_const(from, unit, depth + 1)?);
            }
            Ok(v)
        };
        Ok(match next {
            ImageConst::None => Const::None,
            ImageConst::True => Const::True,
            ImageConst::False => Const::False,
            ImageConst::Ellipsis => Const::Ellipsis,
            ImageConst::Int(i) => Const::Int(i),
            ImageConst::BigInt(s) => Const::BigInt(self.utf8(s)?),
            ImageConst::Float(f) => Const::Float(f),
            ImageConst::Complex(a, b) => Const::Complex(a, b),
            ImageConst::Str(s) => Const::Str(self.string(s)?.0.into()),
            ImageConst::Bytes(b) => Const::Bytes(b.into()),
            ImageConst::Tuple(n) => Const::Tuple(items(n)?.into()),
            ImageConst::FrozenSet(n) => Const::FrozenSet(items(n)?.into()),
            // Nested units are written first, so there is no way round in a circle.
            ImageConst::Code(at) if at < unit => {
                Const::Code(Arc::new(self.read_nested(at, depth)?))
            }
            ImageConst::Code(_) => return Err(ImageError::Damaged),
        })
    }
}

/// The parts of a unit as they lie in an image.
#[derive(Clone, Copy)]
pub struct UnitBody<'a> {
    pub head: UnitHead,
    names: &'a [u8],
    localsplus: &'a [u8],
    code: &'a [u8],
    caches: &'a [u8],
    excepts: &'a [u8],
    kinds: &'a [u8],
    linetable: &'a [u8],
    pub consts: Constants<'a>,
}

fn words(b: &[u8]) -> impl ExactSizeIterator<Item = u32> + '_ {
    b.chunks_exact(4).map(|c| u32::from_le_bytes([c[0], c[1], c[2], c[3]]))
}

impl<'a> UnitBody<'a> {
    /// String indices of the names.
    pub fn names(&self) -> impl ExactSizeIterator<Item = u32> + 'a {
        words(self.names)
    }

    /// String indices of the local variables' names.
    pub fn localsplus(&self) -> impl ExactSizeIterator<Item = u32> + 'a {
        words(self.localsplus)
    }

    /// The unit without names and constants, whose lists and texts are empty.
    pub fn unit(&self) -> Read<CodeUnit> {
        let h = &self.head;
        let mut caches = Vec::with_capacity(self.caches.len() / 4);
        for w in words(self.caches) {
            let kind = CacheKind::from_byte(w as u8).ok_or(ImageError::Damaged)?;
            caches.push(CacheSite { name: w >> 8, kind });
        }
        let entry = |e: &[u8]| {
            let n = |i: usize| u32::from_le_bytes([e[i], e[i + 1], e[i + 2], e[i + 3]]);
            let reg = n(12);
            ExceptEntry {
                start: n(0),
                end: n(4),
                handler: n(8),
                exc_reg: (reg >> 1) as u16,
                lasti: reg & 1 != 0,
            }
        };
        Ok(CodeUnit {
            name: Arc::default(),
            qualname: Arc::default(),
            filename: Arc::default(),
            firstlineno: h.firstlineno,
            flags: h.flags,
            argcount: h.argcount,
            posonlyargcount: h.posonlyargcount,
            kwonlyargcount: h.kwonlyargcount,
            localsplus_names: Vec::new(),
            localsplus_kinds: self.kinds.to_vec(),
            consts: Vec::new(),
            names: Vec::new(),
            code: words(self.code).collect(),
            caches,
            except_table: self.excepts.chunks_exact(16).map(entry).collect(),
            linetable: self.linetable.to_vec(),
            nregs: h.nregs,
        })
    }
}

/// The constants of a unit, read one after the other.
#[derive(Clone, Copy)]
pub struct Constants<'a> {
    data: &'a [u8],
    /// How many the unit has, those inside containers not counted.
    pub count: usize,
}

impl<'a> Constants<'a> {
    fn take(&mut self, n: usize) -> Read<&'a [u8]> {
        let (b, rest) = self.data.split_at_checked(n).ok_or(ImageError::Damaged)?;
        self.data = rest;
        Ok(b)
    }

    fn eight(&mut self) -> Read<[u8; 8]> {
        self.take(8)?.try_into().map_err(|_| ImageError::Damaged)
    }

    fn word(&mut self) -> Read<u32> {
        word_at(self.take(4)?, 0)
    }

    /// The next constant; a container's items come after it.
    #[allow(clippy::should_implement_trait)]
    pub fn next(&mut self) -> Read<ImageConst<'a>> {
        Ok(match self.take(1)?[0] {
            0 => ImageConst::None,
            1 => ImageConst::True,
            2 => ImageConst::False,
            3 => ImageConst::Ellipsis,
            4 => ImageConst::Int(i64::from_le_bytes(self.eight()?)),
            5 => ImageConst::BigInt(self.word()?),
            6 => ImageConst::Float(f64::from_le_bytes(self.eight()?)),
            7 => ImageConst::Complex(
                f64::from_le_bytes(self.eight()?),
                f64::from_le_bytes(self.eight()?),
            ),
            8 => ImageConst::Str(self.word()?),
            9 => {
                let n = self.word()? as usize;
                ImageConst::Bytes(self.take(n)?)
            }
            10 => ImageConst::Tuple(self.word()? as usize),
            11 => ImageConst::FrozenSet(self.word()? as usize),
            12 => ImageConst::Code(self.word()?),
            _ => return Err(ImageError::Damaged),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn compile(text: &str) -> CodeUnit {
        let arena = bumpalo::Bump::new();
        let options = taipan_syntax::ParseOptions::new(taipan_syntax::Mode::Exec);
        let mut warnings = Vec::new();
        let module =
            taipan_syntax::parse(text, &arena, &options, &mut warnings).expect("it is correct");
        crate::compile(&module, &crate::Options::new("<test>"), &mut warnings).expect("it compiles")
    }

    const TEXT: &str = "
import os
class A:
    'doc'
    def f(self, a, /, *b, c=(1, 2.5, -3j, b'x', 'y z', ..., None, True), **d):
        try:
            return [x for x in a if x in {1, 2, 'k'}] + 123456789012345678901234567890
        except ValueError as e:
            raise
        finally:
            lambda: (yield)
async def g():
    async with a as b: await c
";

    fn same(a: &CodeUnit, b: &CodeUnit) {
        assert_eq!(crate::disassemble(a), crate::disassemble(b));
        assert_eq!((&a.name, &a.qualname, &a.filename), (&b.name, &b.qualname, &b.filename));
        assert_eq!((&a.names, &a.localsplus_names), (&b.names, &b.localsplus_names));
        assert_eq!((&a.code, &a.caches, &a.except_table), (&b.code, &b.caches, &b.except_table));
        assert_eq!((&a.linetable, &a.localsplus_kinds), (&b.linetable, &b.localsplus_kinds));
        assert_eq!((a.nregs, a.flags, a.firstlineno), (b.nregs, b.flags, b.firstlineno));
        assert_eq!(a.consts.len(), b.consts.len());
        for (x, y) in a.consts.iter().zip(&b.consts) {
            match (x, y) {
                (Const::Code(x), Const::Code(y)) => same(x, y),
                _ => assert_eq!(x, y),
            }
        }
    }

    #[test]
    fn what_is_read_is_what_was_written() {
        let unit = compile(TEXT);
        let mut bytes = write(&unit);
        bytes.extend_from_slice(b"what follows");
        let image = Image::open(&bytes).expect("it was written just now");
        assert!(image.is_sound());
        assert_eq!(image.data().len() + 12, bytes.len());
        same(&unit, &image.read(image.root()).expect("it is whole"));
    }

    #[test]
    fn any_changed_or_missing_byte_is_noticed_and_nothing_panics() {
        let bytes = write(&compile(TEXT));
        for i in 0..bytes.len() {
            for bit in [1, 0x80] {
                let mut b = bytes.clone();
                b[i] ^= bit;
                if let Ok(image) = Image::open(&b) {
                    assert!(!image.is_sound(), "byte {i}");
                    // The result does not matter.
                    let _ = image.read(image.root());
                }
            }
            assert!(Image::open(&bytes[..i]).is_err());
        }
    }
}
