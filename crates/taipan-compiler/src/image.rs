//! Code units as bytes: what `marshal` writes for a code object and what is embedded for the frozen
//! modules. Little-endian 32-bit counts; read back with every bound checked and the code verified.

use crate::code::{CacheKind, CacheSite, CodeUnit, Const, ExceptEntry};
use std::sync::Arc;

fn put(out: &mut Vec<u8>, n: usize) {
    out.extend_from_slice(&(n as u32).to_le_bytes());
}

fn put_bytes(out: &mut Vec<u8>, b: &[u8]) {
    put(out, b.len());
    out.extend_from_slice(b);
}

/// Writes a code unit in Taipan's layout (also used at build time for the frozen modules).
pub fn write_unit(out: &mut Vec<u8>, u: &CodeUnit) {
    for s in [&u.name, &u.qualname, &u.filename] {
        put_bytes(out, s.as_bytes());
    }
    for n in [u.firstlineno, u.flags, u.argcount, u.posonlyargcount, u.kwonlyargcount, u.nregs] {
        put(out, n as usize);
    }
    put(out, u.localsplus_names.len());
    for n in &u.localsplus_names {
        put_bytes(out, n.as_bytes());
    }
    put_bytes(out, &u.localsplus_kinds);
    put(out, u.names.len());
    for n in &u.names {
        put_bytes(out, n.as_bytes());
    }
    put(out, u.code.len());
    for w in &u.code {
        put(out, *w as usize);
    }
    put(out, u.caches.len());
    for c in &u.caches {
        put(out, c.name as usize);
        out.push(c.kind as u8);
    }
    put(out, u.except_table.len());
    for e in &u.except_table {
        for n in [e.start, e.end, e.handler, e.exc_reg as u32, e.lasti as u32] {
            put(out, n as usize);
        }
    }
    put_bytes(out, &u.linetable);
    put(out, u.consts.len());
    for c in &u.consts {
        write_const(out, c);
    }
}

fn write_const(out: &mut Vec<u8>, c: &Const) {
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
            put_bytes(out, s.as_bytes());
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
            put_bytes(out, s);
        }
        Const::Bytes(s) => {
            out.push(9);
            put_bytes(out, s);
        }
        Const::Tuple(t) => {
            out.push(10);
            put(out, t.len());
            t.iter().for_each(|c| write_const(out, c));
        }
        Const::FrozenSet(t) => {
            out.push(11);
            put(out, t.len());
            t.iter().for_each(|c| write_const(out, c));
        }
        Const::Code(u) => {
            out.push(12);
            write_unit(out, u);
        }
    }
}

/// Why an image cannot be read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ImageError {
    Truncated,
    Damaged,
}

/// Reads code units from bytes.
pub struct ImageReader<'a> {
    data: &'a [u8],
    at: usize,
    depth: usize,
    trusted: bool,
}

impl<'a> ImageReader<'a> {
    pub fn new(data: &'a [u8]) -> ImageReader<'a> {
        ImageReader { data, at: 0, depth: 0, trusted: false }
    }

    /// For images that lie in the executable itself: their code was verified when it was compiled.
    pub fn new_trusted(data: &'a [u8]) -> ImageReader<'a> {
        ImageReader { data, at: 0, depth: 0, trusted: true }
    }

    /// Bytes read so far.
    pub fn position(&self) -> usize {
        self.at
    }

    fn take(&mut self, n: usize) -> Result<&'a [u8], ImageError> {
        let end = self.at.checked_add(n).ok_or(ImageError::Truncated)?;
        let s = self.data.get(self.at..end).ok_or(ImageError::Truncated)?;
        self.at = end;
        Ok(s)
    }

    fn byte(&mut self) -> Result<u8, ImageError> {
        Ok(self.take(1)?[0])
    }

    fn u32(&mut self) -> Result<u32, ImageError> {
        Ok(u32::from_le_bytes(self.take(4)?.try_into().expect("four bytes")))
    }

    fn count(&mut self) -> Result<usize, ImageError> {
        let n = self.u32()? as usize;
        // Nothing takes less than a byte an item: a larger count is damage, not memory to reserve.
        if n > self.data.len() { Err(ImageError::Damaged) } else { Ok(n) }
    }

    fn f64(&mut self) -> Result<f64, ImageError> {
        Ok(f64::from_le_bytes(self.take(8)?.try_into().expect("eight bytes")))
    }

    fn text(&mut self) -> Result<Arc<str>, ImageError> {
        let n = self.count()?;
        std::str::from_utf8(self.take(n)?).map(Into::into).map_err(|_| ImageError::Damaged)
    }

    /// Reads and verifies one code unit.
    pub fn unit(&mut self) -> Result<CodeUnit, ImageError> {
        self.depth += 1;
        if self.depth > 200 {
            return Err(ImageError::Damaged);
        }
        let (name, qualname, filename) = (self.text()?, self.text()?, self.text()?);
        let mut n = [0u32; 6];
        for x in &mut n {
            *x = self.u32()?;
        }
        let mut localsplus_names = Vec::new();
        for _ in 0..self.count()? {
            localsplus_names.push(self.text()?);
        }
        let k = self.count()?;
        let localsplus_kinds = self.take(k)?.to_vec();
        let mut names = Vec::new();
        for _ in 0..self.count()? {
            names.push(self.text()?);
        }
        let mut code = Vec::new();
        for _ in 0..self.count()? {
            code.push(self.u32()?);
        }
        let mut caches = Vec::new();
        for _ in 0..self.count()? {
            let name = self.u32()?;
            let kind = match self.byte()? {
                0 => CacheKind::Name,
                1 => CacheKind::StoreName,
                2 => CacheKind::Global,
                3 => CacheKind::StoreGlobal,
                4 => CacheKind::Attr,
                5 => CacheKind::StoreAttr,
                6 => CacheKind::Method,
                7 => CacheKind::SuperAttr,
                _ => return Err(ImageError::Damaged),
            };
            caches.push(CacheSite { name, kind });
        }
        let mut except_table = Vec::new();
        for _ in 0..self.count()? {
            except_table.push(ExceptEntry {
                start: self.u32()?,
                end: self.u32()?,
                handler: self.u32()?,
                exc_reg: self.u32()? as u16,
                lasti: self.u32()? != 0,
            });
        }
        let k = self.count()?;
        let linetable = self.take(k)?.to_vec();
        let mut consts = Vec::new();
        for _ in 0..self.count()? {
            consts.push(self.constant()?);
        }
        self.depth -= 1;
        let u = CodeUnit {
            name,
            qualname,
            filename,
            firstlineno: n[0],
            flags: n[1],
            argcount: n[2],
            posonlyargcount: n[3],
            kwonlyargcount: n[4],
            nregs: n[5],
            localsplus_names,
            localsplus_kinds,
            names,
            code,
            caches,
            except_table,
            linetable,
            consts,
        };
        // Code from a file is run without further checks: what could leave the frame is refused here.
        if self.trusted {
            return Ok(u);
        }
        match crate::verify::verify(&u) {
            Ok(()) => Ok(u),
            Err(_) => Err(ImageError::Damaged),
        }
    }

    fn constant(&mut self) -> Result<Const, ImageError> {
        Ok(match self.byte()? {
            0 => Const::None,
            1 => Const::True,
            2 => Const::False,
            3 => Const::Ellipsis,
            4 => Const::Int(i64::from_le_bytes(self.take(8)?.try_into().expect("eight bytes"))),
            5 => Const::BigInt(self.text()?),
            6 => Const::Float(self.f64()?),
            7 => Const::Complex(self.f64()?, self.f64()?),
            8 => {
                let n = self.count()?;
                Const::Str(self.take(n)?.into())
            }
            9 => {
                let n = self.count()?;
                Const::Bytes(self.take(n)?.into())
            }
            k @ (10 | 11) => {
                self.depth += 1;
                if self.depth > 1000 {
                    return Err(ImageError::Damaged);
                }
                let mut v = Vec::new();
                for _ in 0..self.count()? {
                    v.push(self.constant()?);
                }
                self.depth -= 1;
                if k == 10 { Const::Tuple(v.into()) } else { Const::FrozenSet(v.into()) }
            }
            12 => Const::Code(Arc::new(self.unit()?)),
            _ => return Err(ImageError::Damaged),
        })
    }
}
