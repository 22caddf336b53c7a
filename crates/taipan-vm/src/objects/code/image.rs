//! Code objects that are read from an image when they are first used (`taipan_compiler::image`).
//!
//! A module's image holds hundreds of functions, of which a program runs few. Their code objects start
//! with what a function object and a call need; their first instruction is a `PREPARE` that stands for
//! all of them, and which makes the rest. Whoever looks at the rest before that makes it too. Two
//! threads may do so at once: each part is published by the first, and the other's is garbage.

use super::Code;
use crate::interp::cache::CacheRec;
use crate::interp::frame::Pc;
use crate::prelude::*;
use std::sync::Arc;
use std::sync::atomic::{AtomicPtr, AtomicU64, Ordering};
use taipan_compiler::Op;
use taipan_compiler::code::{CodeUnit, flags};
use taipan_compiler::image::{Constants, Image, ImageConst, ImageError};

/// What code objects run before their own instructions are there.
static UNREAD: [u32; 2] = [Op::PREPARE as u32, Op::PREPARE as u32];

/// The place of `PREPARE`, which is in no code object.
#[inline(always)]
pub fn unread() -> *mut u32 {
    UNREAD.as_ptr().cast_mut()
}

/// Is the frame still before its code's first instruction?
#[inline(always)]
pub fn is_unread(pc: Pc) -> bool {
    std::ptr::eq(pc.0, UNREAD.as_ptr())
}

/// An image in use, in a raw cell: its bytes and the strings that were made of them. The slots of the
/// strings follow.
#[repr(C)]
pub struct CodeImage {
    capacity: AtomicU64,
    barrier: AtomicU64,
    image: Image<'static>,
    /// The bytes object that the image lies in; empty: the executable.
    owner: Slot,
    /// Overrides what the image says (`_imp._fix_co_filename`).
    filename: Slot,
}

impl CodeImage {
    /// An image whose bytes `owner` keeps alive, or which lies in the executable.
    pub fn new(cx: &Thread, image: Image<'static>, owner: Option<Value>) -> &'static CodeImage {
        let n = image.strings();
        let p = cx.mutator.alloc_raw(size_of::<CodeImage>() + 8 * n, Kind::Scan);
        let p = p.as_ptr() as *mut CodeImage;
        // SAFETY: a fresh cell of that size, all zero, whose slots are empty by that.
        unsafe {
            p.write(CodeImage {
                capacity: AtomicU64::new(n as u64),
                barrier: AtomicU64::new(0),
                image,
                owner: Slot::empty(),
                filename: Slot::empty(),
            });
            (*p).owner.init(owner);
            &*p
        }
    }

    /// The code object of the outermost unit.
    pub fn root(&'static self, cx: &Thread) -> Result<&'static Code, ImageError> {
        self.code(cx, self.image.root())
    }

    /// All code objects that will be made of the image get this filename.
    pub fn set_filename(&self, name: &Str) {
        taipan_heap::slot::barrier(&self.filename);
        self.filename.init(Some(Value::from_ref(name)));
    }

    fn string(&self, cx: &Thread, i: u32) -> Result<Value, ImageError> {
        if u64::from(i) >= self.capacity.load(Ordering::Relaxed) {
            return Err(ImageError::Damaged);
        }
        // SAFETY: the cell has that many slots behind the struct.
        let slot = unsafe { &*(std::ptr::from_ref(self).add(1) as *const Slot).add(i as usize) };
        if let Some(v) = slot.get() {
            return Ok(v);
        }
        let (text, intern) = self.image.string(i)?;
        let v = match std::str::from_utf8(text) {
            Ok(s) if intern => crate::objects::str::intern(cx, s),
            Ok(s) => Str::new(cx, s),
            Err(_) => Str::from_wtf8(cx, text),
        };
        taipan_heap::slot::barrier(slot);
        slot.init(Some(Value::from_ref(v)));
        Ok(Value::from_ref(v))
    }

    fn strings(
        &self,
        cx: &Thread,
        list: impl Iterator<Item = u32>,
    ) -> Result<&'static Tuple, ImageError> {
        let v = list.map(|i| self.string(cx, i)).collect::<Result<GcVec<Value>, _>>()?;
        Ok(Tuple::from_slice(cx, &v))
    }

    /// The code object of the unit at an offset.
    fn code(&'static self, cx: &Thread, at: u32) -> Result<&'static Code, ImageError> {
        let h = self.image.head(at)?;
        let base = (h.flags & flags::CO_OPTIMIZED == 0) as u32;
        let simple = base == 0
            && h.flags & (flags::CO_VARARGS | flags::CO_VARKEYWORDS) == 0
            && h.kwonlyargcount == 0;
        let filename = match self.filename.get() {
            Some(f) => f,
            None => self.string(cx, h.filename)?,
        };
        let (name, qualname) = (self.string(cx, h.name)?, self.string(cx, h.qualname)?);
        let code = cx.alloc(Code {
            nregs: h.nregs,
            nlocals: base + h.localsplus,
            simple_argc: if simple { h.argcount } else { u32::MAX },
            argcount: h.argcount,
            flags: h.flags,
            local_base: base,
            image: AtomicPtr::new(std::ptr::from_ref(self).cast_mut()),
            image_at: at,
            ..Code::unfilled()
        });
        code.filename.set(code, filename);
        code.name.set(code, name);
        code.qualname.set(code, qualname);
        Ok(code)
    }

    fn constant(
        &'static self,
        cx: &Thread,
        from: &mut Constants<'_>,
        unit: u32,
    ) -> Result<Value, ImageError> {
        let items = |from: &mut Constants<'_>, n: usize| -> Result<GcVec<Value>, ImageError> {
            let mut v = GcVec::new();
            for _ in 0..n {
                v.push(self.constant(cx, from, unit)?);
            }
            Ok(v)
        };
        Ok(match from.next()? {
            ImageConst::None => none(),
            ImageConst::True => py_bool(true),
            ImageConst::False => py_bool(false),
            ImageConst::Ellipsis => ellipsis(),
            ImageConst::Int(i) => int_from_i128(cx, i128::from(i)),
            ImageConst::BigInt(s) => {
                let n = taipan_numtext::bigint::parse(self.image.string(s)?.0, 16, 0);
                crate::objects::int::from_big(cx, &n.map_err(|_| ImageError::Damaged)?)
            }
            ImageConst::Float(f) => Value::from_f64(f),
            ImageConst::Complex(re, im) => crate::objects::complex::from_parts(cx, re, im),
            ImageConst::Str(s) => self.string(cx, s)?,
            ImageConst::Bytes(b) => Value::from_ref(Bytes::new(cx, b)),
            ImageConst::Tuple(n) => {
                let items = items(from, n)?;
                Value::from_ref(Tuple::from_slice(cx, &items))
            }
            ImageConst::FrozenSet(n) => {
                let items = items(from, n)?;
                crate::objects::set::FrozenSet::from_constants(cx, &items)
                    .map_err(|_| ImageError::Damaged)?
            }
            ImageConst::Code(at) if at < unit => Value::from_ref(self.code(cx, at)?),
            ImageConst::Code(_) => return Err(ImageError::Damaged),
        })
    }
}

/// What stands for a unit that cannot be read: it raises. Only an image with a forged digest gets here.
fn substitute(code: &Code) -> CodeUnit {
    let n = (code.nlocals - code.local_base) as usize;
    CodeUnit {
        name: Arc::default(),
        qualname: Arc::default(),
        filename: Arc::default(),
        firstlineno: 0,
        flags: code.flags,
        argcount: code.argcount,
        posonlyargcount: 0,
        kwonlyargcount: 0,
        localsplus_names: Vec::new(),
        localsplus_kinds: vec![0; n],
        consts: Vec::new(),
        names: Vec::new(),
        code: vec![Op::RAISE_BARE as u32],
        caches: Vec::new(),
        except_table: Vec::new(),
        linetable: Vec::new(),
        nregs: code.nregs,
    }
}

/// The unit, names and constants of a code object.
type Parts = (CodeUnit, &'static Tuple, &'static Tuple);

fn read(cx: &Thread, code: &Code, image: &'static CodeImage) -> Result<Parts, ImageError> {
    let body = image.image.body(code.image_at)?;
    let unit = body.unit()?;
    let names = image.strings(cx, body.names())?;
    let mut from = body.consts;
    let mut consts: GcVec<Value> = GcVec::with_capacity(from.count.min(1 << 16));
    for _ in 0..from.count {
        consts.push(image.constant(cx, &mut from, code.image_at)?);
    }
    Ok((unit, names, Tuple::from_slice(cx, &consts)))
}

/// Makes what the code object still lacks.
#[cold]
#[inline(never)]
pub fn prepare(cx: &Thread, code: &Code) {
    let Some(image) = code.image() else { return };
    let (unit, names, consts) = read(cx, code, image).unwrap_or_else(|_| {
        let empty = Tuple::empty(cx);
        (substitute(code), empty, empty)
    });
    let caches = cx.mutator.alloc_raw(16 + 8 * unit.caches.len(), Kind::Scan);
    // SAFETY: the cell has a 16-byte header and then the cache words.
    let caches = unsafe { caches.as_ptr().add(16) } as *mut AtomicPtr<CacheRec>;
    code.publish(cx, Arc::new(unit), names, consts, caches);
}

/// The names of the local variables.
#[cold]
pub fn localsplus(cx: &Thread, code: &Code) -> &'static Tuple {
    let made = match code.image() {
        Some(image) => {
            let body = image.image.body(code.image_at);
            body.and_then(|b| image.strings(cx, b.localsplus()))
        }
        None => Err(ImageError::Damaged),
    };
    let made = made.unwrap_or_else(|_| {
        let unknown: GcVec<Value> =
            (code.local_base..code.nlocals).map(|_| Value::from_ref(id!(cx, "?"))).collect();
        Tuple::from_slice(cx, &unknown)
    });
    // Another thread may have been faster.
    let _ = code.localsplusnames.compare_exchange(code, None, Some(Value::from_ref(made)));
    code.localsplus()
}
