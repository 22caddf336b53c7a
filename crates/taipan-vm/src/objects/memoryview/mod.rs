//! `memoryview`: views of exported memory.
//!
//! A `ManagedBuffer` holds one export of an object; the views made from it by slicing and casting
//! share it, and it is released with the last of them. Memory is read and written through raw
//! pointers, item by item or into copies (hazard 19).

mod export;
mod iter;

use super::packed_item::{self, Misfit};
use crate::buffer::{self, Buffer, ByteArg, Dims, bufflag};
use crate::prelude::*;
use crate::types::alloc::fresh_head;
use smallvec::{SmallVec, smallvec};
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicIsize, AtomicPtr, AtomicUsize, Ordering};

use export::checked_export;
pub use export::{BufferWrapper, buffer_from_python};
pub use iter::MemoryIter;

const MAX_NDIM: usize = 64;

/// One export, shared by views.
#[repr(C)]
pub struct ManagedBuffer {
    pub head: Head,
    owner: Slot,
    ptr: AtomicPtr<u8>,
    len: AtomicUsize,
    readonly: AtomicBool,
    views: AtomicIsize,
    released: AtomicBool,
}

crate::pytype! { ManagedBuffer, _PyManagedBuffer_Type, name: "managedbuffer", module: "builtins",
base: super::object::Object }

#[pymethods]
impl ManagedBuffer {}

impl ManagedBuffer {
    fn drop_view(&self, cx: &Thread) -> Res<()> {
        if self.views.fetch_sub(1, Ordering::AcqRel) != 1
            || self.released.swap(true, Ordering::AcqRel)
        {
            return Ok(());
        }
        let owner = self.owner.value();
        let ptr = self.ptr.load(Ordering::Relaxed);
        let b = Buffer::bytes(
            owner,
            ptr,
            self.len.load(Ordering::Relaxed),
            self.readonly.load(Ordering::Relaxed),
        );
        b.release(cx)
    }
}

#[repr(C)]
pub struct MemoryView {
    pub head: Head,
    managed: Slot,
    format: Slot,
    ptr: AtomicPtr<u8>,
    len: AtomicUsize,
    itemsize: AtomicUsize,
    ndim: AtomicUsize,
    readonly: AtomicBool,
    released: AtomicBool,
    /// The native format's character in views of one dimension; else 0.
    code: u8,
    exports: AtomicIsize,
    hash: AtomicI64,
    /// Shape, then strides: `2 * ndim` words that follow.
    dims: [AtomicIsize; 0],
}

crate::pytype! { MemoryView, PyMemoryView_Type, name: "memoryview", module: "builtins",
base: super::object::Object, flags: tpflags::SEQUENCE, itemsize: 8, weakref: true,
doc: "memoryview(object)\n--\n\nCreate a new memoryview object which references the given object." }

/// The geometry of a view, copied out of the object.
#[derive(Clone)]
struct Geometry {
    ptr: *mut u8,
    len: usize,
    itemsize: usize,
    readonly: bool,
    format: &'static Str,
    shape: Dims,
    strides: Dims,
}

/// A native format's character where it has items that `packed_item` knows.
fn code_of(format: &Str) -> u8 {
    format.as_ascii().and_then(packed_item::native_format).map_or(0, |(code, ..)| code)
}

impl MemoryView {
    fn make(cx: &Thread, managed: &ManagedBuffer, g: &Geometry) -> &'static MemoryView {
        let code = if g.shape.len() == 1 { code_of(g.format) } else { 0 };
        MemoryView::make_of(cx, managed, g, code)
    }

    #[inline]
    fn make_of(
        cx: &Thread,
        managed: &ManagedBuffer,
        g: &Geometry,
        code: u8,
    ) -> &'static MemoryView {
        let nd = g.shape.len();
        let ty = MemoryView::type_object();
        let p = cx.alloc_uninit(ty, size_of::<MemoryView>() + 16 * nd);
        // SAFETY: a private zeroed cell with room for the struct and 2 * nd words after it.
        unsafe {
            let m = p.as_ptr() as *mut MemoryView;
            m.write(MemoryView {
                head: fresh_head(),
                managed: Slot::empty(),
                format: Slot::empty(),
                ptr: AtomicPtr::new(g.ptr),
                len: AtomicUsize::new(g.len),
                itemsize: AtomicUsize::new(g.itemsize),
                ndim: AtomicUsize::new(nd),
                readonly: AtomicBool::new(g.readonly),
                released: AtomicBool::new(false),
                code,
                exports: AtomicIsize::new(0),
                hash: AtomicI64::new(-1),
                dims: [],
            });
            (*m).managed.init(Some(Value::from_ref(managed)));
            (*m).format.init(Some(Value::from_ref(g.format)));
            for i in 0..nd {
                (*m).dim(i).store(g.shape[i], Ordering::Relaxed);
                (*m).dim(nd + i).store(g.strides[i], Ordering::Relaxed);
            }
            // An exporter that does not ask when its export ends needs no finaliser for that.
            if managed.owner.value().ty().slots().releasebuffer.get().is_some() {
                cx.publish(p, ty);
            } else {
                cx.publish_plain(p, ty);
            }
            managed.views.fetch_add(1, Ordering::AcqRel);
            &*m
        }
    }

    /// Word `i` of the dimensions, below `2 * ndim`.
    fn dim(&self, i: usize) -> &AtomicIsize {
        debug_assert!(i < 2 * self.ndim.load(Ordering::Relaxed));
        // SAFETY: 2 * ndim words follow the struct in the same cell.
        unsafe { &*self.dims.as_ptr().add(i) }
    }

    fn managed(&self) -> &'static ManagedBuffer {
        self.managed.value().downcast_exact::<ManagedBuffer>().expect("a view has its buffer")
    }

    fn check(&self, cx: &Thread) -> Res<()> {
        if self.released.load(Ordering::Acquire) || self.managed().released.load(Ordering::Acquire)
        {
            raise!(cx, ValueError, "operation forbidden on released memoryview object");
        }
        Ok(())
    }

    fn geometry(&self, cx: &Thread) -> Res<Geometry> {
        self.check(cx)?;
        let nd = self.ndim.load(Ordering::Relaxed);
        let words = |from: usize| {
            let mut d = Dims::new();
            (from..from + nd).for_each(|i| d.push(self.dim(i).load(Ordering::Relaxed)));
            d
        };
        Ok(Geometry {
            ptr: self.ptr.load(Ordering::Relaxed),
            len: self.len.load(Ordering::Relaxed),
            itemsize: self.itemsize.load(Ordering::Relaxed),
            readonly: self.readonly.load(Ordering::Relaxed),
            format: self.format.value().downcast::<Str>().expect("a format is a str"),
            shape: words(0),
            strides: words(nd),
        })
    }

    /// The bytes of a view of one dimension whose items lie side by side.
    fn flat(&self) -> Option<(*mut u8, usize)> {
        let size = self.itemsize.load(Ordering::Relaxed);
        if self.code == 0 || self.dim(1).load(Ordering::Relaxed) != size as isize {
            return None;
        }
        Some((self.ptr.load(Ordering::Relaxed), self.len.load(Ordering::Relaxed)))
    }

    /// The bytes of a flat view as a bytes object.
    pub fn flat_bytes(&self, cx: &Thread) -> Res<Option<Value>> {
        self.check(cx)?;
        let Some((ptr, len)) = self.flat().filter(|(_, len)| *len > 0) else { return Ok(None) };
        // SAFETY: the view holds len bytes at ptr; they may change under the copy.
        let copy = |out| unsafe { cx.mutator.copy(ptr, out, len) };
        Bytes::build_in(cx, Bytes::type_object(), len, copy).map(|b| Some(Value::from_ref(b)))
    }

    /// A slice of one dimension.
    fn slice(&self, cx: &Thread, sl: &super::slice::Slice) -> Res {
        let r = sl.over(cx, self.dim(0).load(Ordering::Relaxed) as usize)?;
        // The slice's bounds may have run Python code.
        self.check(cx)?;
        let (stride, size) =
            (self.dim(1).load(Ordering::Relaxed), self.itemsize.load(Ordering::Relaxed));
        let g = Geometry {
            // Of an empty slice it is not looked at.
            ptr: self.ptr.load(Ordering::Relaxed).wrapping_offset(r.start * stride),
            len: r.len * size,
            itemsize: size,
            readonly: self.readonly.load(Ordering::Relaxed),
            format: self.format.value().downcast::<Str>().expect("a format is a str"),
            shape: smallvec![r.len as isize],
            strides: smallvec![stride.wrapping_mul(r.step)],
        };
        Ok(Value::from_ref(MemoryView::make_of(cx, self.managed(), &g, self.code)))
    }

    /// The item at an index inside one dimension of machine items.
    #[inline]
    fn quick_item(&self, cx: &Thread, i: i64) -> Res<Option<Value>> {
        if self.code == 0 {
            return Ok(None);
        }
        self.check(cx)?;
        let n = self.dim(0).load(Ordering::Relaxed) as i64;
        let at = if i < 0 { i + n } else { i };
        if at < 0 || at >= n {
            return Ok(None);
        }
        let offset = at as isize * self.dim(1).load(Ordering::Relaxed);
        // SAFETY: offsets of items lie in the exported memory, which the view holds.
        Ok(unsafe {
            packed_item::load(cx, self.code, self.ptr.load(Ordering::Relaxed).offset(offset))
        })
    }

    /// The view as a buffer whose owner is the view itself.
    fn as_buffer(&self, cx: &Thread) -> Res<Buffer> {
        let g = self.geometry(cx)?;
        Ok(g.buffer(Value::from_ref(self)))
    }

    fn release_view(&self, cx: &Thread) -> Res<()> {
        if self.released.load(Ordering::Acquire) {
            return Ok(());
        }
        let n = self.exports.load(Ordering::Acquire);
        if n > 0 {
            let s = if n == 1 { "" } else { "s" };
            raise!(cx, BufferError, "memoryview has {n} exported buffer{s}");
        }
        if self.released.swap(true, Ordering::AcqRel) {
            return Ok(());
        }
        self.managed().drop_view(cx)
    }
}

impl Geometry {
    fn buffer(&self, owner: Value) -> Buffer {
        Buffer {
            owner,
            ptr: self.ptr,
            len: self.len,
            itemsize: self.itemsize,
            readonly: self.readonly,
            format: self.format.to_str_lossy(),
            shape: self.shape.clone(),
            strides: self.strides.clone(),
        }
    }

    fn with_len(mut self) -> Geometry {
        self.len = self.shape.iter().product::<isize>() as usize * self.itemsize;
        self
    }

    fn unpacker(&self, cx: &Thread) -> Res<(u8, taipan_numtext::packing::Kind, usize)> {
        let f = self.format.to_str_lossy();
        match packed_item::native_format(&f) {
            Some(k) => Ok(k),
            None => raise!(cx, NotImplementedError, "memoryview: format {f} not supported"),
        }
    }

    /// The bytes of the item at an offset.
    fn read(&self, at: isize) -> SmallVec<[u8; 16]> {
        let mut b: SmallVec<[u8; 16]> = smallvec![0u8; self.itemsize];
        // SAFETY: offsets of items lie in the exported memory, which the view holds.
        unsafe { std::ptr::copy_nonoverlapping(self.ptr.offset(at), b.as_mut_ptr(), b.len()) };
        b
    }

    fn item(&self, cx: &Thread, at: isize) -> Res {
        let (_, kind, _) = self.unpacker(cx)?;
        Ok(packed_item::unpack(cx, kind, &self.read(at)))
    }

    /// Writes an item; the pointer is asked again after the conversion has run Python code.
    fn store(&self, cx: &Thread, view: &MemoryView, at: isize, v: Value) -> Res<()> {
        let (_, kind, _) = self.unpacker(cx)?;
        let f = self.format.to_str_lossy();
        let mut b: SmallVec<[u8; 16]> = smallvec![0u8; self.itemsize];
        match packed_item::pack(cx, kind, v, &mut b) {
            Ok(()) => {}
            Err(Misfit::Raised(e)) => return Err(e),
            Err(Misfit::Type) => raise!(cx, TypeError, "memoryview: invalid type for format '{f}'"),
            Err(Misfit::Range) => {
                raise!(cx, ValueError, "memoryview: invalid value for format '{f}'")
            }
        }
        view.check(cx)?;
        // SAFETY: as in `read`; the view is still not released.
        unsafe { std::ptr::copy_nonoverlapping(b.as_ptr(), self.ptr.offset(at), b.len()) };
        Ok(())
    }

    /// The offset of an index in one dimension.
    fn offset(&self, cx: &Thread, dim: usize, i: isize) -> Res<isize> {
        let n = self.shape[dim];
        let at = if i < 0 { i + n } else { i };
        if at < 0 || at >= n {
            raise!(cx, IndexError, "index out of bounds on dimension {}", dim + 1);
        }
        Ok(at * self.strides[dim])
    }

    fn nested(&self, cx: &Thread, dim: usize, at: isize) -> Res {
        if dim == self.shape.len() {
            return self.item(cx, at);
        }
        let mut out = GcVec::with_capacity(self.shape[dim].max(0) as usize);
        for i in 0..self.shape[dim] {
            out.push(self.nested(cx, dim + 1, at + i * self.strides[dim])?);
            if i & 0x3FF == 0x3FF {
                cx.poll()?;
            }
        }
        Ok(Value::from_ref(List::from_slice(cx, &out)))
    }
}

/// A view of any exporter, as `memoryview(v)`.
pub fn from_object(cx: &Thread, v: Value) -> Res {
    if let Some(m) = v.downcast::<MemoryView>() {
        let g = m.geometry(cx)?;
        return Ok(Value::from_ref(MemoryView::make(cx, m.managed(), &g)));
    }
    if !buffer::has_buffer(v) {
        raise!(
            cx,
            TypeError,
            "memoryview: a bytes-like object is required, not '{}'",
            v.ty().name()
        );
    }
    from_object_flags(cx, v, bufflag::FULL_RO)
}

/// What `v.__buffer__(flags)` gives for native exporters.
pub fn from_object_flags(cx: &Thread, v: Value, flags: u32) -> Res {
    let b = buffer::get(cx, v, flags)?;
    Ok(from_buffer(cx, &b))
}

/// A view that owns an export.
pub fn from_buffer(cx: &Thread, b: &Buffer) -> Value {
    let m = ManagedBuffer {
        head: fresh_head(),
        owner: Slot::empty(),
        ptr: AtomicPtr::new(b.ptr),
        len: AtomicUsize::new(b.len),
        readonly: AtomicBool::new(b.readonly),
        views: AtomicIsize::new(0),
        released: AtomicBool::new(false),
    };
    m.owner.init(Some(b.owner));
    let m = cx.alloc(m);
    let g = Geometry {
        ptr: b.ptr,
        len: b.len,
        itemsize: b.itemsize,
        readonly: b.readonly,
        format: Str::new(cx, &b.format),
        shape: b.shape.clone(),
        strides: b.strides.clone(),
    };
    Value::from_ref(MemoryView::make(cx, m, &g))
}

/// `obj.__release_buffer__(view)` of native exporters.
pub fn release_for(cx: &Thread, v: Value, view: Value) -> Res<()> {
    let Some(m) = view.downcast::<MemoryView>() else {
        raise!(cx, TypeError, "expected a memoryview object");
    };
    if m.released.load(Ordering::Acquire) {
        raise!(cx, ValueError, "memoryview's buffer has already been released");
    }
    if m.managed().owner.value() != v {
        raise!(cx, ValueError, "memoryview's buffer is not this object");
    }
    m.release_view(cx)
}

fn dims(cx: &Thread, v: &[isize]) -> Value {
    Value::from_ref(Tuple::from_fn(cx, v.len(), |i| Value::small(v[i] as i64)))
}

fn order_arg(cx: &Thread, v: Option<Value>) -> Res<u8> {
    let Some(v) = v.filter(|v| !v.is_none()) else { return Ok(b'C') };
    let Some(s) = v.downcast::<Str>() else {
        let got = v.ty().name();
        raise!(cx, TypeError, "tobytes() argument 'order' must be str or None, not {got}");
    };
    match s.as_ascii() {
        Some("C") => Ok(b'C'),
        Some("F") => Ok(b'F'),
        Some("A") => Ok(b'A'),
        _ => raise!(cx, ValueError, "order must be 'C', 'F' or 'A'"),
    }
}

fn cast_shape(cx: &Thread, v: Value) -> Res<Vec<isize>> {
    let items: GcVec<Value> = if let Some(t) = v.downcast::<Tuple>() {
        t.as_slice().into()
    } else if let Some(l) = v.downcast::<List>() {
        l.to_vec()
    } else {
        raise!(cx, TypeError, "shape must be a list or a tuple");
    };
    if items.len() > MAX_NDIM {
        raise!(cx, ValueError, "memoryview: number of dimensions must not exceed {MAX_NDIM}");
    }
    let mut out = Vec::new();
    for x in items.iter() {
        if !super::int::is_int(*x) {
            raise!(cx, TypeError, "memoryview.cast(): elements of shape must be integers");
        }
        match int_to_i64(*x) {
            Some(n) if n > 0 => out.push(n as isize),
            _ => {
                raise!(cx, ValueError, "memoryview.cast(): elements of shape must be integers > 0")
            }
        }
    }
    Ok(out)
}

fn c_strides(shape: &[isize], itemsize: usize) -> Dims {
    let mut s = smallvec![0; shape.len()];
    let mut k = itemsize as isize;
    for i in (0..shape.len()).rev() {
        s[i] = k;
        k *= shape[i];
    }
    s
}

fn cast(cx: &Thread, m: &MemoryView, format: &'static Str, shape: Option<Value>) -> Res {
    let mut g = m.geometry(cx)?;
    if !g.buffer(none()).is_c_contiguous() {
        raise!(cx, TypeError, "memoryview: casts are restricted to C-contiguous views");
    }
    let nd = g.shape.len();
    if (shape.is_some() || nd != 1) && g.shape.contains(&0) {
        raise!(cx, TypeError, "memoryview: cannot cast view with zeros in shape or strides");
    }
    let new_shape = match shape {
        Some(v) => {
            let s = cast_shape(cx, v)?;
            if s.len() != 1 && nd != 1 {
                raise!(cx, TypeError, "memoryview: cast must be 1D -> ND or ND -> 1D");
            }
            Some(s)
        }
        None => None,
    };
    let text = format.to_str_lossy();
    let Some((code, _, size)) = packed_item::native_format(&text) else {
        raise!(
            cx,
            ValueError,
            "memoryview: destination format must be a native single character format prefixed with an optional '@'"
        );
    };
    let old = g.format.to_str_lossy();
    let Some((old_code, ..)) = packed_item::native_format(&old) else {
        raise!(
            cx,
            ValueError,
            "memoryview: source format must be a native single character format prefixed with an optional '@'"
        );
    };
    let byte = |c: u8| matches!(c, b'b' | b'B' | b'c');
    if !byte(code) && !byte(old_code) {
        raise!(cx, TypeError, "memoryview: cannot cast between two non-byte formats");
    }
    if g.len % size != 0 {
        raise!(cx, TypeError, "memoryview: length is not a multiple of itemsize");
    }
    g.format = format;
    g.itemsize = size;
    g.shape = smallvec![(g.len / size) as isize];
    if let Some(s) = new_shape {
        let product = s.iter().try_fold(size as isize, |a, b| a.checked_mul(*b));
        if product != Some(g.len as isize) {
            raise!(cx, TypeError, "memoryview: product(shape) * itemsize != buffer size");
        }
        g.shape = s.into_iter().collect();
    }
    g.strides = c_strides(&g.shape, size);
    Ok(Value::from_ref(MemoryView::make(cx, m.managed(), &g)))
}

/// As `MemoryView::slice`, to store into.
fn slice_of(cx: &Thread, g: &Geometry, sl: &super::slice::Slice) -> Res<Geometry> {
    let r = sl.over(cx, g.shape[0] as usize)?;
    let mut out = g.clone();
    // SAFETY: the first item of the slice lies in the exported memory, or the slice is empty.
    out.ptr = g.ptr.wrapping_offset(r.start * g.strides[0]);
    out.shape[0] = r.len as isize;
    out.strides[0] = g.strides[0].wrapping_mul(r.step);
    Ok(out.with_len())
}

enum Key {
    Item(isize),
    Slice(&'static super::slice::Slice),
}

fn multi_index(cx: &Thread, g: &Geometry, t: &Tuple) -> Res<isize> {
    let nd = g.shape.len();
    if t.len() < nd {
        raise!(cx, NotImplementedError, "sub-views are not implemented");
    }
    if t.len() > nd {
        raise!(cx, TypeError, "cannot index {nd}-dimension view with {}-element tuple", t.len());
    }
    let mut at = 0;
    for (d, v) in t.as_slice().iter().enumerate() {
        let i = index_isize(cx, *v, exc::IndexError())?;
        at += g.offset(cx, d, i)?;
    }
    Ok(at)
}

fn find_key(cx: &Thread, m: &MemoryView, g: &Geometry, key: Value) -> Res<Key> {
    let nd = g.shape.len();
    if let Some(sl) = key.downcast_exact::<super::slice::Slice>() {
        if nd != 1 {
            raise!(cx, NotImplementedError, "multi-dimensional slicing is not implemented");
        }
        return Ok(Key::Slice(sl));
    }
    if let Some(t) = key.downcast::<Tuple>() {
        let ints = t.as_slice().iter().all(|v| v.ty().slots().index.get().is_some());
        if ints {
            return multi_index(cx, g, t).map(Key::Item);
        }
        if t.as_slice().iter().all(|v| v.downcast_exact::<super::slice::Slice>().is_some()) {
            raise!(cx, NotImplementedError, "multi-dimensional slicing is not implemented");
        }
    } else if key.ty().slots().index.get().is_some() {
        let i = index_isize(cx, key, exc::IndexError())?;
        m.check(cx)?;
        if nd > 1 {
            raise!(cx, NotImplementedError, "multi-dimensional sub-views are not implemented");
        }
        return g.offset(cx, 0, i).map(Key::Item);
    }
    raise!(cx, TypeError, "memoryview: invalid slice key")
}

/// All items equal? Formats that need it go through the struct module.
fn same_items(cx: &Thread, a: &Buffer, b: &Buffer) -> Res<bool> {
    let (fa, fb) = (packed_item::native_format(&a.format), packed_item::native_format(&b.format));
    let (da, db) = (a.to_vec(), b.to_vec());
    let items = |cx: &Thread, f: &str, d: &[u8], size: usize| -> Res<Option<GcVec<Value>>> {
        let mut out = GcVec::new();
        if let Some((_, kind, _)) = packed_item::native_format(f) {
            for (i, c) in d.chunks(size.max(1)).enumerate() {
                out.push(packed_item::unpack(cx, kind, c));
                if i & 0xFFF == 0xFFF {
                    cx.poll()?;
                }
            }
            return Ok(Some(out));
        }
        let unpack = super::module::import_attr(cx, "struct", "unpack")?;
        for c in d.chunks(size.max(1)) {
            let args = [Value::from_ref(Str::new(cx, f)), Value::from_ref(Bytes::new(cx, c))];
            match call(cx, unpack, &args) {
                Ok(v) => out.push(v),
                Err(e) if e.is(exc::Exception()) && !e.is(exc::MemoryError()) => return Ok(None),
                Err(e) => return Err(e),
            }
        }
        Ok(Some(out))
    };
    use taipan_numtext::packing::Kind as K;
    if let (Some((ca, ka, _)), Some((cb, ..))) = (fa, fb) {
        if ca == cb && matches!(ka, K::Int { .. } | K::Char | K::Pointer) {
            return Ok(cx.plain(da.len(), || da == db));
        }
    }
    let Some(x) = items(cx, &a.format, &da, a.itemsize)? else { return Ok(false) };
    let Some(y) = items(cx, &b.format, &db, b.itemsize)? else { return Ok(false) };
    for (i, (p, q)) in x.iter().zip(y.iter()).enumerate() {
        if i & 0xFFF == 0xFFF {
            cx.poll()?;
        }
        let r = rich_compare(cx, *p, *q, CmpOp::Eq)?;
        if !is_true(cx, r)? {
            return Ok(false);
        }
    }
    Ok(true)
}

#[pymethods]
impl MemoryView {
    #[slot(sig = "(cls, object)")]
    fn __new__(cx: &Thread, _cls: &Type, object: Value) -> Res {
        from_object(cx, object)
    }

    #[slot]
    fn __repr__(cx: &Thread, this: &MemoryView) -> Res {
        let what = if this.released.load(Ordering::Acquire) { "released memory" } else { "memory" };
        let at = Value::from_ref(this).bits();
        Ok(Value::from_ref(Str::new(cx, &format!("<{what} at {at:#x}>"))))
    }

    #[slot]
    fn __len__(cx: &Thread, this: &MemoryView) -> Res<usize> {
        this.check(cx)?;
        if this.ndim.load(Ordering::Relaxed) == 0 {
            raise!(cx, TypeError, "0-dim memory has no length");
        }
        Ok(this.dim(0).load(Ordering::Relaxed) as usize)
    }

    #[slot]
    fn __hash__(cx: &Thread, this: &MemoryView) -> Res<i64> {
        let h = this.hash.load(Ordering::Relaxed);
        if h != -1 {
            return Ok(h);
        }
        let g = this.geometry(cx)?;
        if !g.readonly {
            raise!(cx, ValueError, "cannot hash writable memoryview object");
        }
        let f = packed_item::native_format(&g.format.to_str_lossy());
        if !matches!(f, Some((b'B' | b'b' | b'c', ..))) {
            raise!(cx, ValueError, "memoryview: hashing is restricted to formats 'B', 'b' or 'c'");
        }
        let owner = this.managed().owner.value();
        hash(cx, owner)?;
        let h = super::hashing::hash_bytes(cx, &g.buffer(owner).to_vec());
        this.hash.store(h, Ordering::Relaxed);
        Ok(h)
    }

    #[slot]
    fn __richcmp__(cx: &Thread, this: &MemoryView, other: Value, op: CmpOp) -> Res {
        if !matches!(op, CmpOp::Eq | CmpOp::Ne) {
            return Ok(not_implemented());
        }
        let answer = |same: bool| Ok(py_bool(same == (op == CmpOp::Eq)));
        if this.check(cx).is_err() {
            return answer(Value::from_ref(this) == other);
        }
        if let (b'B', Some((ptr, len)), Some(b)) =
            (this.code, this.flat(), other.downcast_exact::<Bytes>())
        {
            // SAFETY: the view holds len bytes at ptr; the comparison ends before anything else runs.
            let same = unsafe { buffer::memory_equals(ptr, b.as_slice(), len) };
            return answer(same);
        }
        let a = this.as_buffer(cx)?;
        let (b, exported) = match other.downcast::<MemoryView>() {
            Some(m) => {
                if m.check(cx).is_err() {
                    return answer(false);
                }
                (m.as_buffer(cx)?, false)
            }
            None => match buffer::try_get(cx, other, bufflag::FULL_RO) {
                Ok(Some(b)) => (b, true),
                _ => return Ok(not_implemented()),
            },
        };
        let r = if a.shape != b.shape { Ok(false) } else { same_items(cx, &a, &b) };
        if exported {
            b.release(cx)?;
        }
        answer(r?)
    }

    #[slot]
    fn __iter__(cx: &Thread, this: &MemoryView) -> Res {
        let g = this.geometry(cx)?;
        if g.shape.is_empty() {
            raise!(cx, TypeError, "invalid indexing of 0-dim memory");
        }
        if g.shape.len() != 1 {
            raise!(cx, NotImplementedError, "multi-dimensional sub-views are not implemented");
        }
        g.unpacker(cx)?;
        let it = MemoryIter { head: fresh_head(), index: AtomicIsize::new(0), seq: Slot::empty() };
        it.seq.init(Some(Value::from_ref(this)));
        Ok(Value::from_ref(cx.alloc(it)))
    }

    #[slot]
    fn __getitem__(cx: &Thread, this: &MemoryView, key: Value) -> Res {
        if let Some(i) = key.as_small() {
            if let Some(v) = this.quick_item(cx, i)? {
                return Ok(v);
            }
        }
        if let Some(sl) = key.downcast_exact::<super::slice::Slice>() {
            this.check(cx)?;
            if this.ndim.load(Ordering::Relaxed) == 1 {
                return this.slice(cx, sl);
            }
        }
        let g = this.geometry(cx)?;
        if g.shape.is_empty() {
            if key.downcast::<Tuple>().is_some_and(|t| t.is_empty()) {
                return g.item(cx, 0);
            }
            if key == ellipsis() {
                return Ok(Value::from_ref(this));
            }
            raise!(cx, TypeError, "invalid indexing of 0-dim memory");
        }
        match find_key(cx, this, &g, key)? {
            Key::Item(at) => {
                this.check(cx)?;
                g.item(cx, at)
            }
            Key::Slice(sl) => {
                let s = slice_of(cx, &g, sl)?;
                this.check(cx)?;
                Ok(Value::from_ref(MemoryView::make(cx, this.managed(), &s)))
            }
        }
    }

    #[slot]
    fn __setitem__(cx: &Thread, this: &MemoryView, key: Value, v: Option<Value>) -> Res<()> {
        let g = this.geometry(cx)?;
        if g.readonly {
            raise!(cx, TypeError, "cannot modify read-only memory");
        }
        let Some(v) = v else { raise!(cx, TypeError, "cannot delete memory") };
        if g.shape.is_empty() {
            let whole = key == ellipsis() || key.downcast::<Tuple>().is_some_and(|t| t.is_empty());
            if !whole {
                raise!(cx, TypeError, "invalid indexing of 0-dim memory");
            }
            return g.store(cx, this, 0, v);
        }
        match find_key(cx, this, &g, key)? {
            Key::Item(at) => g.store(cx, this, at, v),
            Key::Slice(sl) => {
                let dest = slice_of(cx, &g, sl)?;
                let src = buffer::get(cx, v, bufflag::FULL_RO)?;
                let data = src.to_vec();
                src.release(cx)?;
                let plain = |f: &str| f.trim_start_matches('@').to_string();
                if src.shape != dest.shape
                    || src.itemsize != dest.itemsize
                    || plain(&src.format) != plain(&dest.format.to_str_lossy())
                {
                    raise!(
                        cx,
                        ValueError,
                        "memoryview assignment: lvalue and rvalue have different structures"
                    );
                }
                this.check(cx)?;
                dest.buffer(none()).scatter(&data);
                Ok(())
            }
        }
    }

    #[slot]
    fn __buffer__(cx: &Thread, this: &MemoryView, flags: u32) -> Res<Buffer> {
        let b = checked_export(cx, this, flags)?;
        this.exports.fetch_add(1, Ordering::AcqRel);
        Ok(b)
    }

    #[slot]
    fn __release_buffer__(_cx: &Thread, this: &MemoryView, _b: &Buffer) -> Res<()> {
        this.exports.fetch_sub(1, Ordering::AcqRel);
        Ok(())
    }

    #[slot]
    fn __del__(cx: &Thread, this: &MemoryView) -> Res<()> {
        // A dropped view gives its export back, as the last reference's end does in CPython.
        if this.exports.load(Ordering::Acquire) == 0 { this.release_view(cx) } else { Ok(()) }
    }

    /// Releases the underlying buffer.
    #[pymethod(sig = "(self, /)")]
    fn release(cx: &Thread, this: &MemoryView) -> Res<()> {
        this.release_view(cx)
    }

    #[pymethod(sig = "(self, /)")]
    fn __enter__(cx: &Thread, this: &MemoryView) -> Res {
        this.check(cx)?;
        Ok(Value::from_ref(this))
    }

    #[pymethod(sig = "(self, /, *exc_info)")]
    fn __exit__(cx: &Thread, this: &MemoryView, _exc_info: &[Value]) -> Res<()> {
        this.release_view(cx)
    }

    /// The items' bytes, in C, Fortran or the memory's own order.
    #[pymethod(sig = "(self, /, order='C')")]
    fn tobytes(cx: &Thread, this: &MemoryView, order: Option<Value>) -> Res {
        let order = order_arg(cx, order)?;
        this.check(cx)?;
        if let Some(made) = this.flat_bytes(cx)? {
            return Ok(made);
        }
        let b = this.as_buffer(cx)?;
        let fortran =
            order == b'F' || (order == b'A' && !b.is_c_contiguous() && b.is_f_contiguous());
        Ok(Value::from_ref(Bytes::new(cx, &b.gather(fortran))))
    }

    /// The bytes as hexadecimal digits.
    ///
    /// >>> memoryview(b'Az').hex()
    /// '417a'
    #[pymethod(
        sig = "(self, sep=None, bytes_per_sep=1)",
        text = "($self, /, sep=<unrepresentable>, bytes_per_sep=1)"
    )]
    fn hex(
        cx: &Thread,
        this: &MemoryView,
        sep: Option<Value>,
        bytes_per_sep: i32,
    ) -> Res<&'static Str> {
        let b = this.as_buffer(cx)?;
        super::bytes_ops::hex(cx, &b.to_vec(), sep, bytes_per_sep)
    }

    /// The items as a list, nested as the dimensions are.
    #[pymethod(sig = "(self, /)")]
    fn tolist(cx: &Thread, this: &MemoryView) -> Res {
        let g = this.geometry(cx)?;
        g.unpacker(cx)?;
        if this.code != 0 {
            let n = g.shape[0].max(0) as usize;
            let mut out = GcVec::with_capacity(n);
            // SAFETY: offsets of items lie in the exported memory, which the view holds.
            let load = |i| unsafe {
                packed_item::load(cx, this.code, g.ptr.offset(i as isize * g.strides[0]))
            };
            out.extend((0..n).map_while(load));
            if out.len() == n {
                return Ok(Value::from_ref(List::from_slice(cx, &out)));
            }
        }
        g.nested(cx, 0, 0)
    }

    /// The memory under another format or shape.
    #[pymethod(
        sig = "(self, format, shape=None)",
        text = "($self, /, format, shape=<unrepresentable>)"
    )]
    fn cast(cx: &Thread, this: &MemoryView, format: &'static Str, shape: Option<Value>) -> Res {
        cast(cx, this, format, shape)
    }

    /// A view that cannot be written through.
    #[pymethod(sig = "(self, /)")]
    fn toreadonly(cx: &Thread, this: &MemoryView) -> Res {
        let mut g = this.geometry(cx)?;
        g.readonly = true;
        Ok(Value::from_ref(MemoryView::make(cx, this.managed(), &g)))
    }

    #[classmethod(sig = "(cls, object, flags)")]
    fn _from_flags(cx: &Thread, _cls: &Type, object: Value, flags: i32) -> Res {
        from_object_flags(cx, object, flags as u32)
    }

    /// The object whose memory this is.
    #[getter]
    fn obj(cx: &Thread, this: &MemoryView) -> Res {
        this.check(cx)?;
        let owner = this.managed().owner.value();
        Ok(match owner.downcast_exact::<BufferWrapper>() {
            Some(w) => w.object.value(),
            None => owner,
        })
    }

    /// Bytes of all items together.
    #[getter]
    fn nbytes(cx: &Thread, this: &MemoryView) -> Res<usize> {
        Ok(this.geometry(cx)?.len)
    }

    /// Is writing refused?
    #[getter]
    fn readonly(cx: &Thread, this: &MemoryView) -> Res<bool> {
        Ok(this.geometry(cx)?.readonly)
    }

    /// Bytes of one item.
    #[getter]
    fn itemsize(cx: &Thread, this: &MemoryView) -> Res<usize> {
        Ok(this.geometry(cx)?.itemsize)
    }

    /// The format of an item, in the struct module's syntax.
    #[getter]
    fn format(cx: &Thread, this: &MemoryView) -> Res {
        Ok(Value::from_ref(this.geometry(cx)?.format))
    }

    /// The number of dimensions.
    #[getter]
    fn ndim(cx: &Thread, this: &MemoryView) -> Res<usize> {
        Ok(this.geometry(cx)?.shape.len())
    }

    /// Items in each dimension.
    #[getter]
    fn shape(cx: &Thread, this: &MemoryView) -> Res {
        Ok(dims(cx, &this.geometry(cx)?.shape))
    }

    /// Bytes from one item to the next, for each dimension.
    #[getter]
    fn strides(cx: &Thread, this: &MemoryView) -> Res {
        Ok(dims(cx, &this.geometry(cx)?.strides))
    }

    /// For arrays of pointers, which there are none of.
    #[getter]
    fn suboffsets(cx: &Thread, this: &MemoryView) -> Res {
        this.check(cx)?;
        Ok(Value::from_ref(Tuple::empty(cx)))
    }

    /// Is the memory contiguous in C order?
    #[getter]
    fn c_contiguous(cx: &Thread, this: &MemoryView) -> Res<bool> {
        Ok(this.as_buffer(cx)?.is_c_contiguous())
    }

    /// Is the memory contiguous in Fortran order?
    #[getter]
    fn f_contiguous(cx: &Thread, this: &MemoryView) -> Res<bool> {
        Ok(this.as_buffer(cx)?.is_f_contiguous())
    }

    /// Is the memory contiguous?
    #[getter]
    fn contiguous(cx: &Thread, this: &MemoryView) -> Res<bool> {
        let b = this.as_buffer(cx)?;
        Ok(b.is_c_contiguous() || b.is_f_contiguous())
    }
}

/// The bytes behind a view or any other exporter, copied.
pub fn to_vec(cx: &Thread, v: Value) -> Res<Vec<u8>> {
    ByteArg::get(cx, v).map(|b| b.to_vec())
}
