//! `marshal`: CPython's format (version 4) for plain values; code objects in Taipan's own layout.

use crate::objects::code::Code;
use crate::objects::code::image::CodeImage;
use crate::prelude::*;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;
use taipan_compiler::code::{CodeUnit, Const};
use taipan_compiler::image::{self, Image, ImageError};

const FLAG_REF: u8 = 0x80;
/// As CPython's.
const MAX_DEPTH: usize = 2000;
const VERSION: i64 = 4;

struct Writer<'a> {
    cx: &'a Thread,
    out: Vec<u8>,
    depth: usize,
    version: i64,
    allow_code: bool,
    /// Where each object was written first.
    seen: HashMap<u64, u32>,
    /// The objects in `seen`, so that no other comes to lie where one of them was.
    kept: GcVec<Value>,
    /// Where a reference stands, and where its object was written.
    references: Vec<(usize, u32)>,
}

impl Writer<'_> {
    /// Flags the objects that are referred to, and numbers them as the reader will: by their places.
    fn finish(mut self) -> Vec<u8> {
        let mut flagged: Vec<u32> = self.references.iter().map(|r| r.1).collect();
        flagged.sort_unstable();
        flagged.dedup();
        for &first in &flagged {
            self.out[first as usize] |= FLAG_REF;
        }
        for &(at, first) in &self.references {
            let number = flagged.partition_point(|f| *f < first) as u32;
            self.out[at..at + 4].copy_from_slice(&number.to_le_bytes());
        }
        self.out
    }

    /// Writes a reference where the object has been written before.
    fn reference(&mut self, v: Value) -> bool {
        // What is no object of the heap has no identity but its value.
        if self.version < 3 || !v.is_ptr() || is_constant(v) {
            return false;
        }
        let Ok(here) = u32::try_from(self.out.len()) else { return false };
        let seen = &mut self.seen;
        if seen.len() == seen.capacity() {
            // The table moves as a whole.
            self.cx.plain(64 * seen.len(), || seen.reserve(seen.len() + 1));
        }
        match seen.entry(v.bits()) {
            Entry::Vacant(e) => {
                e.insert(here);
                self.kept.push(v);
                false
            }
            Entry::Occupied(e) => {
                self.out.push(b'r');
                self.references.push((self.out.len(), *e.get()));
                self.long(0);
                true
            }
        }
    }

    fn long(&mut self, n: u32) {
        self.out.extend_from_slice(&n.to_le_bytes());
    }

    fn sized(&mut self, b: &[u8]) {
        self.long(b.len() as u32);
        let out = &mut self.out;
        self.cx.plain(b.len(), || out.extend_from_slice(b));
    }

    fn value(&mut self, v: Value) -> Res<()> {
        self.cx.poll()?;
        self.depth += 1;
        if self.depth > MAX_DEPTH || self.cx.stack_low() {
            raise!(self.cx, ValueError, "object too deeply nested to marshal");
        }
        if !self.reference(v) {
            self.value_inner(v)?;
        }
        self.depth -= 1;
        Ok(())
    }

    fn items(&mut self, items: &[Value]) -> Res<()> {
        self.long(items.len() as u32);
        for &x in items {
            self.value(x)?;
        }
        Ok(())
    }

    fn value_inner(&mut self, v: Value) -> Res<()> {
        let cx = self.cx;
        if v.is_none() {
            self.out.push(b'N');
        } else if v == py_bool(true) {
            self.out.push(b'T');
        } else if v == py_bool(false) {
            self.out.push(b'F');
        } else if v == ellipsis() {
            self.out.push(b'.');
        } else if v == Value::from_ref(exc::StopIteration()) {
            self.out.push(b'S');
        } else if v.ty().is(crate::objects::int::int_type()) {
            match int_to_i64(v).and_then(|i| i32::try_from(i).ok()) {
                Some(i) => {
                    self.out.push(b'i');
                    self.long(i as u32);
                }
                None => self.big_int(v)?,
            }
        } else if v.ty().is(crate::objects::float::float_type()) {
            let f = float_value(v).unwrap_or(f64::NAN);
            if self.version > 1 {
                self.out.push(b'g');
                self.out.extend_from_slice(&f.to_le_bytes());
            } else {
                self.out.push(b'f');
                self.float_text(f);
            }
        } else if let Some(s) = v.downcast_exact::<Str>() {
            self.text(s);
        } else if let Some(b) = v.downcast_exact::<Bytes>() {
            self.out.push(b's');
            self.sized(b.as_slice());
        } else if let Some(t) = v.downcast_exact::<Tuple>() {
            if t.len() < 256 && self.version >= 4 {
                self.out.push(b')');
                self.out.push(t.len() as u8);
                for &x in t.as_slice() {
                    self.value(x)?;
                }
            } else {
                self.out.push(b'(');
                self.items(t.as_slice())?;
            }
        } else if let Some(l) = v.downcast_exact::<List>() {
            self.out.push(b'[');
            let items = l.to_vec();
            self.items(&items)?;
        } else if let Some(d) = v.downcast_exact::<Dict>() {
            self.out.push(b'{');
            for (k, x) in d.entries().iter() {
                self.value(*k)?;
                self.value(*x)?;
            }
            self.out.push(b'0');
        } else if let Some(c) = v.downcast_exact::<Code>() {
            if !self.allow_code {
                raise!(cx, ValueError, "marshalling code objects is disallowed");
            }
            let unit = self.unit(c)?;
            self.out.push(b'c');
            self.out.extend_from_slice(&image::write(&unit));
        } else {
            let name = v.ty().name();
            match name.as_ref() {
                "complex" if !v.ty().is_heap() => {
                    let z = crate::objects::complex::value(v).expect("a complex");
                    let (re, im) = (z.re, z.im);
                    if self.version > 1 {
                        self.out.push(b'y');
                        self.out.extend_from_slice(&re.to_le_bytes());
                        self.out.extend_from_slice(&im.to_le_bytes());
                    } else {
                        self.out.push(b'x');
                        self.float_text(re);
                        self.float_text(im);
                    }
                }
                "set" | "frozenset" if !v.ty().is_heap() => {
                    self.out.push(if name == "set" { b'<' } else { b'>' });
                    let items = collect(cx, v)?;
                    // In the order of what each is alone, so that equal sets give equal bytes.
                    let mut sorted: Vec<(Vec<u8>, usize)> = Vec::with_capacity(items.len());
                    for (i, x) in items.iter().enumerate() {
                        sorted.push((
                            dumps_at(cx, *x, self.version, self.allow_code, self.depth)?,
                            i,
                        ));
                    }
                    let written = sorted.iter().map(|(alone, _)| alone.len() + 64).sum();
                    let order: Vec<usize> = cx.plain(written, || {
                        sorted.sort();
                        sorted.into_iter().map(|(_, i)| i).collect()
                    });
                    self.long(items.len() as u32);
                    for i in order {
                        self.value(items[i])?;
                    }
                }
                _ if v.ty().slots().getbuffer.get().is_some() => {
                    let b = crate::objects::bytes::from_buffer(cx, v)?;
                    self.out.push(b's');
                    self.sized(b.downcast::<Bytes>().expect("bytes").as_slice());
                }
                _ => raise!(cx, ValueError, "unmarshallable object"),
            }
        }
        Ok(())
    }

    /// A float as the oldest versions write it: 17 significant digits behind their count.
    fn float_text(&mut self, f: f64) {
        use taipan_numtext::float::{FloatStyle, StyleFlags, format};
        let text = format(f, FloatStyle::General, 17, StyleFlags::default());
        self.out.push(text.len() as u8);
        self.out.extend_from_slice(text.as_bytes());
    }

    fn text(&mut self, s: &Str) {
        let interned = s.has_interned_flag();
        match s.as_ascii() {
            Some(t) if self.version >= 4 && t.len() < 256 => {
                self.out.push(if interned { b'Z' } else { b'z' });
                self.out.push(t.len() as u8);
                self.out.extend_from_slice(t.as_bytes());
            }
            Some(t) if self.version >= 4 => {
                self.out.push(if interned { b'A' } else { b'a' });
                self.sized(t.as_bytes());
            }
            _ => {
                self.out.push(if interned && self.version >= 3 { b't' } else { b'u' });
                let b = s.to_wtf8();
                self.sized(&b);
            }
        }
    }

    /// 15-bit digits, the sign in the count.
    fn big_int(&mut self, v: Value) -> Res<()> {
        let cx = self.cx;
        let neg = crate::objects::int::is_negative(v);
        let abs = if neg { unary(cx, v, crate::types::slots::SlotId::neg)? } else { v };
        let bits = call_method(cx, abs, id!(cx, "bit_length"), &[])?.as_small().unwrap_or(0);
        let n = (bits as usize).div_ceil(15);
        let bytes = call_method(
            cx,
            abs,
            id!(cx, "to_bytes"),
            &[Value::small((n * 15).div_ceil(8) as i64), Value::from_ref(id!(cx, "little"))],
        )?;
        let b = bytes.downcast::<Bytes>().expect("to_bytes gives bytes").as_slice();
        self.out.push(b'l');
        self.long(if neg { -(n as i64) as u32 } else { n as u32 });
        for i in 0..n {
            let bit = i * 15;
            let at = |k: usize| b.get(k).copied().unwrap_or(0) as u32;
            let w = at(bit / 8) | at(bit / 8 + 1) << 8 | at(bit / 8 + 2) << 16;
            let d = (w >> (bit % 8)) & 0x7FFF;
            self.out.extend_from_slice(&(d as u16).to_le_bytes());
        }
        Ok(())
    }

    /// The code object as the compiler would have made it.
    fn unit(&mut self, c: &Code) -> Res<CodeUnit> {
        let mut unit = c.named_unit();
        for v in c.consts().as_slice() {
            unit.consts.push(self.constant(*v)?);
        }
        Ok(unit)
    }

    fn constants(&mut self, items: &[Value]) -> Res<Arc<[Const]>> {
        items.iter().map(|v| self.constant(*v)).collect()
    }

    fn constant(&mut self, v: Value) -> Res<Const> {
        let cx = self.cx;
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            raise!(cx, ValueError, "object too deeply nested to marshal");
        }
        let ty = v.ty();
        let made = if v.is_none() {
            Const::None
        } else if v == py_bool(true) {
            Const::True
        } else if v == py_bool(false) {
            Const::False
        } else if v == ellipsis() {
            Const::Ellipsis
        } else if ty.is(crate::objects::int::int_type()) {
            match int_to_i64(v) {
                Some(i) => Const::Int(i),
                None => {
                    let t = call_method(
                        cx,
                        v,
                        id!(cx, "__format__"),
                        &[Value::from_ref(id!(cx, "x"))],
                    )?;
                    Const::BigInt(to_str(cx, t)?.to_str_lossy().into())
                }
            }
        } else if ty.is(crate::objects::float::float_type()) {
            Const::Float(float_value(v).unwrap_or(f64::NAN))
        } else if let Some(z) = crate::objects::complex::value(v).filter(|_| !ty.is_heap()) {
            Const::Complex(z.re, z.im)
        } else if let Some(s) = v.downcast_exact::<Str>() {
            Const::Str(s.to_wtf8()[..].into())
        } else if let Some(b) = v.downcast_exact::<Bytes>() {
            Const::Bytes(b.as_slice().into())
        } else if let Some(t) = v.downcast_exact::<Tuple>() {
            Const::Tuple(self.constants(t.as_slice())?)
        } else if let Some(c) = v.downcast_exact::<Code>() {
            Const::Code(Arc::new(self.unit(c)?))
        } else if !ty.is_heap() && ty.name() == "frozenset" {
            let items = collect(cx, v)?;
            Const::FrozenSet(self.constants(&items)?)
        } else {
            raise!(cx, ValueError, "unmarshallable object");
        };
        self.depth -= 1;
        Ok(made)
    }
}

const STRING_SIZE: &str = "bad marshal data (string size out of range)";
const BYTES_SIZE: &str = "bad marshal data (bytes object size out of range)";
const TUPLE_SIZE: &str = "bad marshal data (tuple size out of range)";
const LIST_SIZE: &str = "bad marshal data (list size out of range)";
const SET_SIZE: &str = "bad marshal data (set size out of range)";

/// A failure to read: truncated or not what the format allows.
enum Bad {
    Eof,
    /// Where a single byte was due.
    EofAtByte,
    Data(&'static str),
}

impl Bad {
    fn of_image(e: ImageError) -> Bad {
        match e {
            ImageError::Truncated => Bad::Eof,
            ImageError::Damaged => Bad::Data("bad marshal data (invalid code)"),
        }
    }
}

struct Reader<'a> {
    data: &'a [u8],
    at: usize,
    depth: usize,
}

impl<'a> Reader<'a> {
    fn take(&mut self, n: usize) -> Result<&'a [u8], Bad> {
        let end = self.at.checked_add(n).ok_or(Bad::Eof)?;
        let s = self.data.get(self.at..end).ok_or(Bad::Eof)?;
        self.at = end;
        Ok(s)
    }

    fn byte(&mut self) -> Result<u8, Bad> {
        self.take(1).map(|b| b[0]).map_err(|_| Bad::EofAtByte)
    }

    fn u32(&mut self) -> Result<u32, Bad> {
        Ok(u32::from_le_bytes(self.take(4)?.try_into().expect("four bytes")))
    }

    /// A size, of which `negative` says that it is out of range. It may be more than there is: nothing is
    /// reserved for it.
    fn count(&mut self, negative: &'static str) -> Result<usize, Bad> {
        let n = self.u32()?;
        if n > i32::MAX as u32 { Err(Bad::Data(negative)) } else { Ok(n as usize) }
    }

    fn f64(&mut self) -> Result<f64, Bad> {
        Ok(f64::from_le_bytes(self.take(8)?.try_into().expect("eight bytes")))
    }

    /// An image of code, in the compiler's own layout.
    fn image(&mut self) -> Result<Image<'a>, Bad> {
        let image = Image::open(&self.data[self.at..]).map_err(Bad::of_image)?;
        if !image.is_sound() {
            return Err(Bad::of_image(ImageError::Damaged));
        }
        self.at += image.data().len();
        Ok(image)
    }
}

/// Reads values. References are kept in a GC vector.
struct Loader<'a> {
    cx: &'a Thread,
    r: Reader<'a>,
    refs: GcVec<Value>,
    allow_code: bool,
    /// What is read from, where that is a bytes object.
    owner: Option<&'static Bytes>,
}

impl Loader<'_> {
    /// The image for as long as code objects are made of it.
    fn keep(&self, image: Image<'_>) -> &'static CodeImage {
        let owner = self.owner.unwrap_or_else(|| Bytes::new(self.cx, image.data()));
        let at = match self.owner {
            Some(b) => image.data().as_ptr() as usize - b.as_slice().as_ptr() as usize,
            None => 0,
        };
        // SAFETY: bytes objects neither move nor change, and the new image keeps this one alive.
        let bytes: &'static [u8] = unsafe { &*std::ptr::from_ref(owner.as_slice()) };
        let image = Image::open(&bytes[at..]).expect("it has been opened before");
        CodeImage::new(self.cx, image, Some(Value::from_ref(owner)))
    }

    #[cold]
    fn bad(&self, b: Bad) -> Raised {
        match b {
            Bad::Eof => err!(self.cx, EOFError, "marshal data too short"),
            Bad::EofAtByte => err!(self.cx, EOFError, "EOF read where not expected"),
            Bad::Data(m) => err!(self.cx, ValueError, "{m}"),
        }
    }

    fn ok<T>(&self, r: Result<T, Bad>) -> Res<T> {
        r.map_err(|b| self.bad(b))
    }

    /// `None` is the end of a dict.
    fn value(&mut self) -> Res<Option<Value>> {
        let cx = self.cx;
        self.r.depth += 1;
        if self.r.depth > MAX_DEPTH || cx.stack_low() {
            raise!(cx, ValueError, "recursion limit exceeded");
        }
        let b = self.r.byte();
        let b = match b {
            Ok(b) => b,
            Err(_) => raise!(cx, EOFError, "EOF read where object expected"),
        };
        let keep = b & FLAG_REF != 0;
        // A container's place among the references is taken before its items are read.
        let place = self.refs.len();
        if keep {
            self.refs.push(none());
        }
        let v = match b & !FLAG_REF {
            b'0' => {
                self.r.depth -= 1;
                return Ok(None);
            }
            b'N' => none(),
            b'T' => py_bool(true),
            b'F' => py_bool(false),
            b'.' => ellipsis(),
            b'S' => Value::from_ref(exc::StopIteration()),
            b'i' => {
                let n = self.r.u32();
                Value::small(self.ok(n)? as i32 as i64)
            }
            b'I' => {
                let n = self.r.take(8);
                let n = self.ok(n)?;
                int_from_i128(cx, i64::from_le_bytes(n.try_into().expect("eight bytes")) as i128)
            }
            b'l' => self.big_int()?,
            b'g' => {
                let f = self.r.f64();
                crate::objects::float::constructed(cx, self.ok(f)?)
            }
            b'f' => {
                let f = self.float_text()?;
                crate::objects::float::constructed(cx, f)
            }
            b'x' => {
                let (re, im) = (self.float_text()?, self.float_text()?);
                crate::objects::complex::from_parts(cx, re, im)
            }
            b'y' => {
                let (a, b) = (self.r.f64(), self.r.f64());
                crate::objects::complex::from_parts(cx, self.ok(a)?, self.ok(b)?)
            }
            c @ (b'z' | b'Z' | b'a' | b'A') => {
                let n = if matches!(c, b'z' | b'Z') {
                    self.r.byte().map(usize::from)
                } else {
                    self.r.count(STRING_SIZE)
                };
                let n = self.ok(n)?;
                let t = self.r.take(n);
                let s = Str::from_latin1(cx, self.ok(t)?);
                Value::from_ref(if matches!(c, b'Z' | b'A') {
                    crate::objects::str::intern_str(cx, s)
                } else {
                    s
                })
            }
            c @ (b'u' | b't') => {
                let n = self.r.count(STRING_SIZE);
                let n = self.ok(n)?;
                let t = self.r.take(n);
                let s = text(cx, self.ok(t)?)?;
                Value::from_ref(if c == b't' { crate::objects::str::intern_str(cx, s) } else { s })
            }
            b's' => {
                let n = self.r.count(BYTES_SIZE);
                let n = self.ok(n)?;
                let t = self.r.take(n);
                Value::from_ref(Bytes::new(cx, self.ok(t)?))
            }
            c @ (b'(' | b')') => {
                let n = if c == b')' {
                    self.r.byte().map(usize::from)
                } else {
                    self.r.count(TUPLE_SIZE)
                };
                let n = self.ok(n)?;
                let items = self.items(n, "tuple")?;
                Value::from_ref(Tuple::from_slice(cx, &items))
            }
            b'[' => {
                let n = self.r.count(LIST_SIZE);
                let n = self.ok(n)?;
                let l = List::new(cx);
                if keep {
                    self.refs[place] = Value::from_ref(l);
                }
                for _ in 0..n {
                    let x = self.required("list")?;
                    l.push(cx, x);
                }
                Value::from_ref(l)
            }
            b'{' => {
                let d = Dict::new(cx);
                if keep {
                    self.refs[place] = Value::from_ref(d);
                }
                while let Some(k) = self.value()? {
                    // A key without a value ends the dict too.
                    let Some(x) = self.value()? else { break };
                    d.set(cx, k, x)?;
                }
                Value::from_ref(d)
            }
            c @ (b'<' | b'>') => {
                let n = self.r.count(SET_SIZE);
                let n = self.ok(n)?;
                let items = self.items(n, "set")?;
                let t = Value::from_ref(Tuple::from_slice(cx, &items));
                let name = if c == b'<' { id!(cx, "set") } else { id!(cx, "frozenset") };
                let f = cx.vm.builtins_dict().get_str(cx, name).unwrap_or(none());
                call(cx, f, &[t])?
            }
            b'c' => {
                if !self.allow_code {
                    raise!(cx, ValueError, "unmarshalling code objects is disallowed");
                }
                let image = self.r.image();
                let image = self.ok(image)?;
                let code = self.keep(image).root(cx).map_err(Bad::of_image);
                Value::from_ref(self.ok(code)?)
            }
            b'r' => {
                let i = self.r.u32();
                let i = self.ok(i)? as usize;
                match self.refs.get(i) {
                    Some(v) => *v,
                    None => raise!(cx, ValueError, "bad marshal data (invalid reference)"),
                }
            }
            _ => raise!(cx, ValueError, "bad marshal data (unknown type code)"),
        };
        if keep {
            self.refs[place] = v;
        }
        self.r.depth -= 1;
        Ok(Some(v))
    }

    fn required(&mut self, part_of: &str) -> Res {
        match self.value()? {
            Some(v) => Ok(v),
            None => raise!(self.cx, TypeError, "NULL object in marshal data for {part_of}"),
        }
    }

    fn items(&mut self, n: usize, part_of: &str) -> Res<GcVec<Value>> {
        let mut v: GcVec<Value> = GcVec::new();
        for _ in 0..n {
            v.push(self.required(part_of)?);
        }
        Ok(v)
    }

    /// A float as text, up to a null.
    fn float_text(&mut self) -> Res<f64> {
        let n = self.r.byte();
        let n = self.ok(n)? as usize;
        let t = self.r.take(n);
        let t = self.ok(t)?;
        let t = t.split(|c| *c == 0).next().unwrap_or(t);
        let plain = !t.iter().any(|c| c.is_ascii_whitespace() || matches!(c, b'_' | 0x0B));
        match taipan_numtext::float::parse(t) {
            Some(f) if plain => Ok(f),
            _ => {
                let shown = String::from_utf8_lossy(&t[..t.len().min(200)]);
                raise!(self.cx, ValueError, "could not convert string to float: '{shown}'")
            }
        }
    }

    fn big_int(&mut self) -> Res {
        let cx = self.cx;
        let n = self.r.u32();
        let n = self.ok(n)? as i32;
        let count = n.unsigned_abs() as usize;
        let t = self.r.take(count.saturating_mul(2));
        let t = self.ok(t)?;
        let mut bytes = vec![0u8; (count * 15).div_ceil(8) + 2];
        for (i, d) in t.chunks_exact(2).enumerate() {
            let d = u16::from_le_bytes([d[0], d[1]]) as u32;
            if d > 0x7FFF {
                raise!(cx, ValueError, "bad marshal data (digit out of range in long)");
            }
            let bit = i * 15;
            let w = d << (bit % 8);
            for k in 0..3 {
                bytes[bit / 8 + k] |= (w >> (8 * k)) as u8;
            }
        }
        if t.ends_with(&[0, 0]) {
            raise!(cx, ValueError, "bad marshal data (unnormalized long data)");
        }
        let b = Value::from_ref(Bytes::new(cx, &bytes));
        let int = Value::from_ref(crate::objects::int::int_type());
        let v =
            call_method(cx, int, id!(cx, "from_bytes"), &[b, Value::from_ref(id!(cx, "little"))])?;
        if n < 0 { unary(cx, v, crate::types::slots::SlotId::neg) } else { Ok(v) }
    }
}

/// UTF-8 in which lone surrogates may stand.
fn text(cx: &Thread, bytes: &[u8]) -> Res<&'static Str> {
    if let Ok(t) = cx.plain(bytes.len(), || std::str::from_utf8(bytes)) {
        return Ok(Str::new(cx, t));
    }
    let bytes = Value::from_ref(Bytes::new(cx, bytes));
    let how = [Value::from_ref(id!(cx, "utf-8")), Value::from_ref(id!(cx, "surrogatepass"))];
    let made = call_method(cx, bytes, id!(cx, "decode"), &how)?;
    Ok(made.downcast::<Str>().expect("decode gives a str"))
}

/// The code object of an image embedded in the executable, written by `marshal` at build time.
pub fn load_embedded(cx: &Thread, data: &'static [u8]) -> Res<&'static Code> {
    let image = data.strip_prefix(b"c").and_then(|d| Image::open(d).ok());
    match image.and_then(|i| CodeImage::new(cx, i, None).root(cx).ok()) {
        Some(code) => Ok(code),
        None => raise!(cx, SystemError, "embedded code is damaged"),
    }
}

/// Reads one value.
pub fn loads(cx: &Thread, data: &[u8]) -> Res {
    read(cx, data, None, true).map(|(v, _)| v)
}

fn read(
    cx: &Thread,
    data: &[u8],
    owner: Option<&'static Bytes>,
    allow_code: bool,
) -> Res<(Value, usize)> {
    let r = Reader { data, at: 0, depth: 0 };
    let mut l = Loader { cx, r, refs: GcVec::new(), allow_code, owner };
    let v = l.required("object")?;
    Ok((v, l.r.at))
}

/// Writes one value.
pub fn dumps(cx: &Thread, v: Value, version: i64, allow_code: bool) -> Res<Vec<u8>> {
    dumps_at(cx, v, version, allow_code, 0)
}

fn dumps_at(cx: &Thread, v: Value, version: i64, code: bool, depth: usize) -> Res<Vec<u8>> {
    let (out, seen, kept, references) = (Vec::new(), HashMap::new(), GcVec::new(), Vec::new());
    let mut w = Writer { cx, out, depth, version, allow_code: code, seen, kept, references };
    w.value(v)?;
    Ok(w.finish())
}

/// Is it one of those with a letter of their own?
fn is_constant(v: Value) -> bool {
    v.is_none()
        || v == py_bool(true)
        || v == py_bool(false)
        || v == ellipsis()
        || v == Value::from_ref(exc::StopIteration())
}

/// Writes the value to an open binary file.
#[pyfunction(
    sig = "(value, file, version=4, /, *, allow_code=True)",
    text = "($module, value, file, version=version, /, *, allow_code=True)"
)]
fn dump(cx: &Thread, value: Value, file: Value, version: i64, allow_code: bool) -> Res {
    let b = dumps(cx, value, version, allow_code)?;
    call_method(cx, file, id!(cx, "write"), &[Value::from_ref(Bytes::new(cx, &b))])
}

/// Reads one value from an open binary file.
#[pyfunction(sig = "(file, /, *, allow_code=True)")]
fn load(cx: &Thread, file: Value, allow_code: bool) -> Res {
    let data = call_method(cx, file, id!(cx, "read"), &[])?;
    let Some(b) = data.downcast::<Bytes>() else {
        raise!(cx, TypeError, "file.read() returned not bytes but {}", data.ty().name());
    };
    let (v, used) = read(cx, b.as_slice(), Some(b), allow_code)?;
    if used < b.len() {
        // Only one value is taken: the file is put back to just after it.
        let back = Value::small(used as i64 - b.len() as i64);
        call_method(cx, file, id!(cx, "seek"), &[back, Value::small(1)])?;
    }
    Ok(v)
}

/// The bytes of a value.
#[pyfunction(
    name = "dumps",
    sig = "(value, version=4, /, *, allow_code=True)",
    text = "($module, value, version=version, /, *, allow_code=True)"
)]
fn py_dumps(cx: &Thread, value: Value, version: i64, allow_code: bool) -> Res {
    let b = dumps(cx, value, version, allow_code)?;
    Ok(Value::from_ref(Bytes::new(cx, &b)))
}

/// The value that bytes hold; what follows it is ignored.
#[pyfunction(name = "loads", sig = "(bytes, /, *, allow_code=True)")]
fn py_loads(cx: &Thread, bytes: Value, allow_code: bool) -> Res {
    let b = match bytes.downcast::<Bytes>() {
        Some(b) => b,
        None => crate::objects::bytes::from_buffer(cx, bytes)?
            .downcast::<Bytes>()
            .expect("from_buffer gives bytes"),
    };
    Ok(read(cx, b.as_slice(), Some(b), allow_code)?.0)
}

fn exec(cx: &Thread, m: &Module) -> Res<()> {
    m.add_int(cx, "version", VERSION);
    Ok(())
}

pymodule! { "marshal", doc: "Values as bytes, in a format of this version's own.",
functions: [dump, load, py_dumps, py_loads], exec: exec }
