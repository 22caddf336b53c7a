//! `_struct`: packing values into bytes by a format string. Format strings and number layouts are
//! `taipan_numtext::packing`; here are the objects, the conversions of arguments and the errors.

use smallvec::{SmallVec, smallvec};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicPtr, AtomicUsize, Ordering};
use taipan_numtext::bigint::ByteOrder;
use taipan_numtext::packing::{self, Field, Kind as Code, PackFormat};
use taipan_vm::buffer::{Buffer, bufflag};
use taipan_vm::objects::bytearray::ByteArray;
use taipan_vm::objects::packed_item;
use taipan_vm::objects::pieces::Pieces;
use taipan_vm::objects::{float, int};
use taipan_vm::prelude::*;
use taipan_vm::pytype;
use taipan_vm::types::alloc::fresh_head;

/// A compiled format.
#[repr(C)]
pub struct Struct {
    head: Head,
    /// The format as bytes; empty before `__init__`.
    format: Slot,
    /// Its parse, or null; freed with the object. A parse replaced by a second `__init__` stays
    /// allocated, since another thread may be reading it.
    parsed: AtomicPtr<PackFormat>,
}

pytype! { Struct, PyTaipanStruct_Type, name: "Struct", module: "_struct",
base: taipan_vm::objects::object::Object, flags: tpflags::BASETYPE, weakref: true,
doc: "Struct(fmt) --> compiled struct object" }

/// The iterator of `iter_unpack`.
#[repr(C)]
pub struct UnpackIterator {
    head: Head,
    /// The Struct; empty when exhausted.
    format: Slot,
    /// The object whose buffer is read.
    source: Slot,
    position: AtomicUsize,
}

pytype! { UnpackIterator, PyTaipanUnpackIterator_Type, name: "unpack_iterator", module: "_struct",
base: taipan_vm::objects::object::Object, flags: tpflags::DISALLOW_INSTANTIATION }

/// `struct.error`, made when the module is first imported.
static ERROR: OnceLock<Root<Value>> = OnceLock::new();
/// Formats in use by the module's functions: format to Struct.
static CACHE: OnceLock<Root<Value>> = OnceLock::new();
const CACHE_SIZE: usize = 100;

#[cold]
fn error(cx: &Thread, message: &str) -> Raised {
    let class = ERROR.get().expect("set when the module is made").get();
    match call(cx, class, &[Value::from_ref(Str::new(cx, message))]) {
        Ok(e) => Raised(e),
        Err(e) => e,
    }
}

macro_rules! fail {
    ($cx:expr, $($fmt:tt)+) => { return Err(error($cx, &format!($($fmt)+))) };
}

/// The bytes of one struct.
type Packed = SmallVec<[u8; 64]>;

/// Memory of an object with the buffer protocol, released when dropped.
struct Lent<'a> {
    cx: &'a Thread,
    owner: Value,
    buffer: Buffer,
}

impl<'a> Lent<'a> {
    fn read(cx: &'a Thread, v: Value) -> Res<Lent<'a>> {
        match v.ty().slots().getbuffer.get() {
            Some(get) => Ok(Lent { cx, owner: v, buffer: get(cx, v, bufflag::SIMPLE)? }),
            None => {
                raise!(cx, TypeError, "a bytes-like object is required, not '{}'", v.ty().name())
            }
        }
    }

    fn write(cx: &'a Thread, v: Value) -> Res<Lent<'a>> {
        let lent = v
            .ty()
            .slots()
            .getbuffer
            .get()
            .and_then(|get| get(cx, v, bufflag::WRITABLE).ok())
            .filter(|b| !b.readonly);
        match lent {
            Some(buffer) => Ok(Lent { cx, owner: v, buffer }),
            None => raise!(
                cx,
                TypeError,
                "argument must be read-write bytes-like object, not {}",
                v.ty().name()
            ),
        }
    }

    fn len(&self) -> usize {
        self.buffer.len
    }

    /// A copy of `n` bytes from `at`; both lie inside.
    fn copy_out(&self, at: usize, n: usize) -> Packed {
        assert!(at.checked_add(n).is_some_and(|end| end <= self.buffer.len));
        let mut out: Packed = smallvec![0u8; n];
        // SAFETY: the range lies in the buffer, which is exported until the drop; bytes are
        // copied without a reference to memory that others may write.
        unsafe { std::ptr::copy_nonoverlapping(self.buffer.ptr.add(at), out.as_mut_ptr(), n) };
        out
    }

    fn copy_in(&self, at: usize, bytes: &[u8]) {
        assert!(at.checked_add(bytes.len()).is_some_and(|end| end <= self.buffer.len));
        // SAFETY: as in copy_out; the buffer was asked for as writable.
        unsafe {
            std::ptr::copy_nonoverlapping(bytes.as_ptr(), self.buffer.ptr.add(at), bytes.len());
        }
    }
}

impl Drop for Lent<'_> {
    fn drop(&mut self) {
        if let Some(release) = self.owner.ty().slots().releasebuffer.get() {
            // A `__release_buffer__` that raises has nobody to tell.
            let _ = release(self.cx, self.owner, &self.buffer);
        }
    }
}

impl Struct {
    fn parsed(&self, cx: &Thread) -> Res<&PackFormat> {
        // SAFETY: null or a parse that lives at least as long as this object.
        match unsafe { self.parsed.load(Ordering::Acquire).as_ref() } {
            Some(p) => Ok(p),
            None => raise!(cx, RuntimeError, "Struct object is not initialized"),
        }
    }

    fn init(&self, cx: &Thread, format: Value) -> Res<()> {
        let bytes = if let Some(s) = format.downcast::<Str>() {
            match s.as_ascii() {
                Some(text) => Bytes::new(cx, text.as_bytes()),
                None => {
                    let name = Value::from_ref(Str::new(cx, "ascii"));
                    let b = call_method(cx, format, id!(cx, "encode"), &[name])?;
                    match b.downcast::<Bytes>() {
                        Some(b) => b,
                        None => raise!(cx, TypeError, "encode() did not return bytes"),
                    }
                }
            }
        } else if let Some(b) = format.downcast::<Bytes>() {
            b
        } else {
            raise!(
                cx,
                TypeError,
                "Struct() argument 1 must be a str or bytes object, not {}",
                taipan_vm::bind::type_or_none(format)
            );
        };
        let text = bytes.as_slice();
        // Each character is a field with a place of its own.
        let parsed =
            cx.plain(32 * text.len(), || packing::parse(text)).map_err(|m| error(cx, m))?;
        self.format.set(self, Value::from_ref(bytes));
        self.parsed.store(Box::into_raw(Box::new(parsed)), Ordering::Release);
        Ok(())
    }

    /// Packs `args` and gives the bytes to `then`.
    fn pack_values<R>(&self, cx: &Thread, args: &[Value], then: impl FnOnce(&[u8]) -> R) -> Res<R> {
        let f = self.parsed(cx)?;
        let mut few = [0u8; 64];
        let mut many = Vec::new();
        let out = if f.size <= few.len() {
            &mut few[..f.size]
        } else {
            if many.try_reserve_exact(f.size).is_err() {
                return Err(cx.no_memory());
            }
            cx.plain(f.size, || many.resize(f.size, 0u8));
            &mut many[..]
        };
        let done = fill(cx, f, args, out);
        // A buffer gets what comes before the value that does not fit, and zeros.
        let made = then(out);
        done.map(|()| made)
    }

    fn unpack_bytes(&self, cx: &Thread, bytes: &[u8]) -> Res {
        let f = self.parsed(cx)?;
        assert!(bytes.len() >= f.size, "the caller compared the sizes");
        let mut items = Pieces::new();
        for field in &f.fields {
            for i in 0..field.repeat {
                if i & 0xFFFF == 0xFFFF {
                    cx.mutator.poll();
                }
                let at = field.offset + i * field.size;
                // SAFETY: the parse put each field of its size inside the struct.
                let number =
                    unsafe { packed_item::load(cx, field.machine, bytes.as_ptr().add(at)) };
                if let Some(v) = number {
                    items.push(v);
                    continue;
                }
                items.push(unpack_one(cx, &bytes[at..at + field.size], field, f.order));
            }
        }
        Ok(items.tuple(cx))
    }
}

/// The bytes of a bytes or bytearray argument of `s` and `p`.
fn text_argument(cx: &Thread, v: Value, code: u8) -> Res<Vec<u8>> {
    match int::bytes_or_bytearray(cx, v)? {
        Some(b) => Ok(b),
        None => fail!(cx, "argument for '{}' must be a bytes object", code as char),
    }
}

/// An int argument: int, or what has `__index__`.
fn int_argument(cx: &Thread, v: Value) -> Res {
    if int::is_int(v) {
        return Ok(v);
    }
    if v.ty().slots().index.get().is_some() {
        return index(cx, v);
    }
    fail!(cx, "required argument is not an integer")
}

fn pack_one(cx: &Thread, out: &mut [u8], v: Value, field: &Field, f: &PackFormat) -> Res<()> {
    match field.kind {
        Code::Int { signed } => {
            let i = int_argument(cx, v)?;
            let fits = match i.as_small() {
                Some(i) => packing::write_i64(out, i, f.order, signed),
                None => packing::write_int(out, int::digits_of(i).get(), f.order, signed),
            };
            if !fits {
                return Err(error(cx, &packing::range_message(field.code, field.size, signed)));
            }
        }
        Code::Pointer => {
            let i = int_argument(cx, v)?;
            let d = int::digits_of(i);
            let signed = d.get().negative;
            if !packing::write_int(out, d.get(), f.order, signed) {
                fail!(cx, "int too large to convert");
            }
        }
        Code::Bool => out[0] = is_true(cx, v)? as u8,
        Code::Char => match v.downcast::<Bytes>().map(|b| b.as_slice()) {
            Some([c]) => out[0] = *c,
            _ => fail!(cx, "char format requires a bytes object of length 1"),
        },
        Code::Bytes => {
            let b = text_argument(cx, v, field.code)?;
            let n = b.len().min(out.len());
            out[..n].copy_from_slice(&b[..n]);
        }
        Code::Pascal => {
            let b = text_argument(cx, v, field.code)?;
            if let Some((length, rest)) = out.split_first_mut() {
                let n = b.len().min(rest.len());
                rest[..n].copy_from_slice(&b[..n]);
                *length = n.min(255) as u8;
            }
        }
        Code::Half | Code::Single | Code::Double => {
            let Ok(x) = to_f64(cx, v) else { fail!(cx, "required argument is not a float") };
            if let Err(m) = packing::write_float(out, x, field.kind, f.order, f.native) {
                if int::is_int(v) {
                    fail!(cx, "int too large to convert");
                }
                raise!(cx, OverflowError, "{m}");
            }
        }
    }
    Ok(())
}

fn unpack_one(cx: &Thread, b: &[u8], field: &Field, order: ByteOrder) -> Value {
    match field.kind {
        Code::Int { signed } => match packing::read_int(b, order, signed) {
            Ok(i) => int::from_i64(cx, i),
            Err(big) => int::from_big(cx, &big),
        },
        Code::Pointer => match packing::read_int(b, order, false) {
            Ok(i) => int::from_i64(cx, i),
            Err(big) => int::from_big(cx, &big),
        },
        Code::Bool => py_bool(b[0] != 0),
        Code::Char | Code::Bytes => Value::from_ref(Bytes::new(cx, b)),
        Code::Pascal => match b.split_first() {
            Some((&n, rest)) => {
                Value::from_ref(Bytes::new(cx, &rest[..rest.len().min(n as usize)]))
            }
            None => Value::from_ref(Bytes::new(cx, b"")),
        },
        Code::Half | Code::Single | Code::Double => {
            float::constructed(cx, packing::read_float(b, field.kind, order))
        }
    }
}

/// A position in a buffer of `len` bytes that may be given from the end; `size` bytes are needed.
fn resolve_offset(
    cx: &Thread,
    offset: isize,
    size: usize,
    len: usize,
    packing: bool,
) -> Res<usize> {
    let at = if offset < 0 {
        if offset + size as isize > 0 {
            if packing {
                fail!(cx, "no space to pack {size} bytes at offset {offset}");
            }
            fail!(cx, "not enough data to unpack {size} bytes at offset {offset}");
        }
        if offset + (len as isize) < 0 {
            fail!(cx, "offset {offset} out of range for {len}-byte buffer");
        }
        (offset + len as isize) as usize
    } else {
        offset as usize
    };
    if len.checked_sub(at).is_none_or(|room| room < size) {
        let (what, doing) =
            if packing { ("pack_into", "packing") } else { ("unpack_from", "unpacking") };
        fail!(
            cx,
            "{what} requires a buffer of at least {} bytes for {doing} {size} bytes at offset {at} \
             (actual buffer size is {len})",
            size + at
        );
    }
    Ok(at)
}

fn do_pack(cx: &Thread, s: &Struct, args: &[Value]) -> Res {
    let expected = s.parsed(cx)?.count;
    if args.len() != expected {
        fail!(cx, "pack expected {expected} items for packing (got {})", args.len());
    }
    s.pack_values(cx, args, |b| Value::from_ref(Bytes::new(cx, b)))
}

fn do_pack_into(cx: &Thread, s: &Struct, args: &[Value]) -> Res<()> {
    let f = s.parsed(cx)?;
    let [buffer, offset, values @ ..] = args else {
        if args.is_empty() {
            fail!(cx, "pack_into expected buffer argument");
        }
        fail!(cx, "pack_into expected offset argument");
    };
    if values.len() != f.count {
        fail!(cx, "pack_into expected {} items for packing (got {})", f.count, values.len());
    }
    let lent = Lent::write(cx, *buffer)?;
    let offset = index_isize(cx, *offset, exc::IndexError())?;
    let at = resolve_offset(cx, offset, f.size, lent.len(), true)?;
    s.pack_values(cx, values, |b| lent.copy_in(at, b))
}

fn do_unpack(cx: &Thread, s: &Struct, buffer: Value) -> Res {
    if let Some(b) = buffer.downcast_exact::<Bytes>() {
        if b.len() == s.parsed(cx)?.size {
            return s.unpack_bytes(cx, b.as_slice());
        }
    }
    let lent = Lent::read(cx, buffer)?;
    let size = s.parsed(cx)?.size;
    if lent.len() != size {
        fail!(cx, "unpack requires a buffer of {size} bytes");
    }
    s.unpack_bytes(cx, &lent.copy_out(0, size))
}

fn do_unpack_from(cx: &Thread, s: &Struct, buffer: Value, offset: isize) -> Res {
    if let (Some(b), Ok(at)) = (buffer.downcast_exact::<Bytes>(), usize::try_from(offset)) {
        let size = s.parsed(cx)?.size;
        if let Some(bytes) = b.as_slice().get(at..).and_then(|rest| rest.get(..size)) {
            return s.unpack_bytes(cx, bytes);
        }
    }
    if let Some(v) = unpack_at(cx, s, buffer, offset)? {
        return Ok(v);
    }
    let lent = Lent::read(cx, buffer)?;
    let size = s.parsed(cx)?.size;
    let at = resolve_offset(cx, offset, size, lent.len(), false)?;
    s.unpack_bytes(cx, &lent.copy_out(at, size))
}

/// A short struct at a position of a bytearray; `None`: there is none, or it takes the general way.
fn unpack_at(cx: &Thread, s: &Struct, source: Value, offset: isize) -> Res<Option<Value>> {
    let (Some(b), Ok(at)) = (source.downcast_exact::<ByteArray>(), usize::try_from(offset)) else {
        return Ok(None);
    };
    let mut few = [0u8; 64];
    let Some(bytes) = few.get_mut(..s.parsed(cx)?.size) else { return Ok(None) };
    if b.read_into(at, bytes) { s.unpack_bytes(cx, bytes).map(Some) } else { Ok(None) }
}

fn do_iter_unpack(cx: &Thread, s: &Struct, buffer: Value) -> Res {
    let size = s.parsed(cx)?.size;
    if size == 0 {
        fail!(cx, "cannot iteratively unpack with a struct of length 0");
    }
    let len = Lent::read(cx, buffer)?.len();
    if len % size != 0 {
        fail!(cx, "iterative unpacking requires a buffer of a multiple of {size} bytes");
    }
    let it = cx.alloc(UnpackIterator {
        head: fresh_head(),
        format: Slot::empty(),
        source: Slot::empty(),
        position: AtomicUsize::new(0),
    });
    it.source.set(it, buffer);
    it.format.set(it, Value::from_ref(s));
    Ok(Value::from_ref(it))
}

/// Frees the parse of a dead Struct.
///
/// # Safety
/// `p` is an unreachable Struct.
unsafe fn drop_struct(p: *mut Head) {
    // SAFETY: by the caller's promise; nobody reads the parse any more.
    unsafe {
        let parsed = (*(p as *mut Struct)).parsed.load(Ordering::Acquire);
        if !parsed.is_null() {
            drop(Box::from_raw(parsed));
        }
    }
}

fn new_struct(cx: &Thread, cls: &Type) -> &'static Struct {
    let s = cx.alloc_in(
        cls,
        Struct {
            head: fresh_head(),
            format: Slot::empty(),
            parsed: AtomicPtr::new(std::ptr::null_mut()),
        },
    );
    cx.mutator.set_native_drop(std::ptr::NonNull::from(&s.head), drop_struct);
    s
}

/// The Struct of a format given to a function of the module.
fn cached(cx: &Thread, format: Value) -> Res<&'static Struct> {
    let cache = CACHE.get().expect("set when the module is made").get();
    let cache = cache.downcast::<Dict>().expect("the cache is a dict");
    if let Some(s) = cache.get(cx, format)?.and_then(|v| v.downcast::<Struct>()) {
        return Ok(s);
    }
    let s = new_struct(cx, Struct::type_object());
    s.init(cx, format)?;
    if cache.len() >= CACHE_SIZE {
        cache.clear(cx);
    }
    cache.set(cx, format, Value::from_ref(s))?;
    Ok(s)
}

/// Packs into `out`, of the struct's size and zero, up to the first value that does not fit.
fn fill(cx: &Thread, f: &PackFormat, args: &[Value], out: &mut [u8]) -> Res<()> {
    let mut args = args.iter();
    for field in &f.fields {
        for i in 0..field.repeat {
            if i & 0xFFF == 0xFFF {
                cx.mutator.poll();
            }
            let at = field.offset + i * field.size;
            let v = *args.next().expect("the caller compared the counts");
            // SAFETY: the parse put each field of its size inside the struct.
            if unsafe { packed_item::store(field.machine, v, out.as_mut_ptr().add(at)) } {
                continue;
            }
            pack_one(cx, &mut out[at..at + field.size], v, field, f)?;
        }
    }
    Ok(())
}

#[pymethods]
impl Struct {
    #[slot]
    fn __new__(cx: &Thread, cls: &Type, _args: &[Value], _kw: KwNames<'_>) -> Res {
        Ok(Value::from_ref(new_struct(cx, cls)))
    }

    #[slot(sig = "(self, format)")]
    fn __init__(cx: &Thread, this: &Struct, format: Value) -> Res<()> {
        this.init(cx, format)
    }

    #[slot]
    fn __repr__(cx: &Thread, this: &Struct) -> Res {
        let shown = repr(cx, format_str(cx, this)?)?;
        let name = Value::from_ref(this).ty().short_name();
        Ok(Value::from_ref(Str::new(cx, &format!("{name}({shown})"))))
    }

    /// The values packed into bytes.
    #[pymethod(sig = "(self, /, *values)", text = "")]
    fn pack(cx: &Thread, this: &Struct, values: &[Value]) -> Res {
        do_pack(cx, this, values)
    }

    /// Packs values into a writable buffer from an offset.
    #[pymethod(sig = "(self, /, *args)", text = "")]
    fn pack_into(cx: &Thread, this: &Struct, args: &[Value]) -> Res<()> {
        do_pack_into(cx, this, args)
    }

    /// The values in a buffer of the struct's size.
    #[pymethod]
    fn unpack(cx: &Thread, this: &Struct, buffer: Value) -> Res {
        do_unpack(cx, this, buffer)
    }

    /// The values in a buffer from an offset.
    #[pymethod(sig = "(self, /, buffer, offset=0)")]
    fn unpack_from(cx: &Thread, this: &Struct, buffer: Value, offset: isize) -> Res {
        do_unpack_from(cx, this, buffer, offset)
    }

    /// An iterator over the structs in a buffer.
    #[pymethod]
    fn iter_unpack(cx: &Thread, this: &Struct, buffer: Value) -> Res {
        do_iter_unpack(cx, this, buffer)
    }

    /// Bytes that the object takes in memory.
    #[pymethod]
    fn __sizeof__(cx: &Thread, this: &Struct) -> Res<usize> {
        Ok(size_of::<Struct>() + (this.parsed(cx)?.fields.len() + 1) * size_of::<Field>())
    }

    /// The format string.
    #[getter]
    fn format(cx: &Thread, this: &Struct) -> Res {
        format_str(cx, this)
    }

    /// Bytes of the packed struct.
    #[getter]
    fn size(cx: &Thread, this: &Struct) -> Res<usize> {
        Ok(this.parsed(cx)?.size)
    }
}

fn format_str(cx: &Thread, s: &Struct) -> Res {
    s.parsed(cx)?;
    let bytes = s.format.get().and_then(|v| v.downcast::<Bytes>());
    let bytes = bytes.map_or(&[][..], |b| b.as_slice());
    Ok(Value::from_ref(Str::new(cx, &String::from_utf8_lossy(bytes))))
}

#[pymethods]
impl UnpackIterator {
    #[slot]
    fn __iter__(_cx: &Thread, this: Value) -> Res {
        Ok(this)
    }

    #[slot]
    fn __next__(cx: &Thread, this: &UnpackIterator) -> Res<Option<Value>> {
        let (Some(s), Some(source)) = (this.format.get(), this.source.get()) else {
            return Ok(None);
        };
        let s = s.downcast::<Struct>().expect("only a Struct is stored");
        let size = s.parsed(cx)?.size;
        // Of two threads one takes each struct.
        let at = this.position.load(Ordering::Relaxed);
        if let Some(v) = unpack_at(cx, s, source, at as isize)? {
            let next = (at, at + size);
            if this
                .position
                .compare_exchange(next.0, next.1, Ordering::AcqRel, Ordering::Relaxed)
                .is_ok()
            {
                return Ok(Some(v));
            }
        }
        let lent = Lent::read(cx, source)?;
        let at = this.position.fetch_add(size, Ordering::AcqRel);
        if at + size > lent.len() {
            this.format.clear(this);
            this.source.clear(this);
            return Ok(None);
        }
        s.unpack_bytes(cx, &lent.copy_out(at, size)).map(Some)
    }

    /// How many structs are left.
    #[pymethod]
    fn __length_hint__(cx: &Thread, this: &UnpackIterator) -> Res<usize> {
        let (Some(s), Some(source)) = (this.format.get(), this.source.get()) else {
            return Ok(0);
        };
        let s = s.downcast::<Struct>().expect("only a Struct is stored");
        let len = Lent::read(cx, source)?.len();
        Ok(len.saturating_sub(this.position.load(Ordering::Acquire)) / s.parsed(cx)?.size.max(1))
    }
}

fn split_format<'a>(cx: &Thread, args: &'a [Value]) -> Res<(&'static Struct, &'a [Value])> {
    match args.split_first() {
        Some((&format, rest)) => Ok((cached(cx, format)?, rest)),
        None => raise!(cx, TypeError, "missing format argument"),
    }
}

/// The values packed into bytes by a format.
#[pyfunction(sig = "(*args)", text = "")]
fn pack(cx: &Thread, args: &[Value]) -> Res {
    let (s, values) = split_format(cx, args)?;
    do_pack(cx, s, values)
}

/// Packs values by a format into a writable buffer from an offset.
#[pyfunction(sig = "(*args)", text = "")]
fn pack_into(cx: &Thread, args: &[Value]) -> Res<()> {
    let (s, rest) = split_format(cx, args)?;
    do_pack_into(cx, s, rest)
}

/// The values in a buffer by a format.
#[pyfunction]
fn unpack(cx: &Thread, format: Value, buffer: Value) -> Res {
    do_unpack(cx, cached(cx, format)?, buffer)
}

/// The values in a buffer from an offset by a format.
#[pyfunction(sig = "(format, /, buffer, offset=0)")]
fn unpack_from(cx: &Thread, format: Value, buffer: Value, offset: isize) -> Res {
    do_unpack_from(cx, cached(cx, format)?, buffer, offset)
}

/// An iterator over the structs in a buffer.
#[pyfunction]
fn iter_unpack(cx: &Thread, format: Value, buffer: Value) -> Res {
    do_iter_unpack(cx, cached(cx, format)?, buffer)
}

/// Bytes of a struct of a format.
#[pyfunction]
fn calcsize(cx: &Thread, format: Value) -> Res<usize> {
    Ok(cached(cx, format)?.parsed(cx)?.size)
}

/// Empties the cache of formats.
#[pyfunction]
fn _clearcache(cx: &Thread) {
    let cache = CACHE.get().expect("set when the module is made").get();
    cache.downcast::<Dict>().expect("the cache is a dict").clear(cx);
}

fn exec(cx: &Thread, m: &Module) -> Res<()> {
    let namespace = Dict::new(cx);
    namespace.set_str(cx, id!(cx, "__module__"), Value::from_ref(Str::new(cx, "struct")));
    let bases = Tuple::from_slice(cx, &[Value::from_ref(exc::Exception())]);
    let class = call(
        cx,
        Value::from_ref(Type::type_object()),
        &[
            Value::from_ref(Str::new(cx, "error")),
            Value::from_ref(bases),
            Value::from_ref(namespace),
        ],
    )?;
    let class = ERROR.get_or_init(|| Root::new(class)).get();
    CACHE.get_or_init(|| Root::new(Value::from_ref(Dict::new(cx))));
    m.add(cx, "error", class);
    taipan_vm::types::ready::ready::<UnpackIterator>(cx);
    m.add_type::<Struct>(cx);
    Ok(())
}

pymodule! { "_struct",
doc: "Conversion between Python values and C structs in bytes.",
functions: [pack, pack_into, unpack, unpack_from, iter_unpack, calcsize, _clearcache],
exec: exec }
