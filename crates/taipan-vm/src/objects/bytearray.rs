//! `bytearray`: locked storage, its exports, and Python's methods.
//!
//! Invariants: everything that reads or changes the storage holds the object's lock, and runs no
//! Python code under it; the storage cell is replaced, never freed, so an export's pointer stays
//! valid; while `exports` is not 0 the size does not change (hazard 19). Between `start` and the
//! end of the cell there is always one byte more than `len` for C's NUL. Whoever gives the address to C
//! stores it there under an export: after every change of the size it would be read as an item by
//! who still goes by an older length.

use super::bytes_ops::{self as ops, View};
use super::bytes_shared::byte_methods;
use crate::buffer::{Buffer, ByteArg};
use crate::objects::iterators;
use crate::prelude::*;
use crate::types::alloc::fresh_head;
use std::sync::atomic::{AtomicIsize, AtomicPtr, Ordering};
use taipan_heap::lock::lock;

/// CPython's PyByteArrayObject.
#[repr(C)]
pub struct ByteArray {
    pub head: Head,
    ob_size: AtomicIsize,
    ob_alloc: AtomicIsize,
    ob_bytes: AtomicPtr<u8>,
    ob_start: AtomicPtr<u8>,
    ob_exports: AtomicIsize,
}

const _: () = assert!(size_of::<ByteArray>() == 72);

crate::pytype! { ByteArray, PyByteArray_Type, name: "bytearray", module: "builtins",
base: super::object::Object, flags: tpflags::BASETYPE | tpflags::MATCH_SELF,
doc: "bytearray(iterable_of_ints) -> bytearray\nbytearray(string, encoding[, errors]) -> bytearray\nbytearray(bytes_or_buffer) -> mutable copy of bytes_or_buffer\nbytearray(int) -> bytes array of size given by the parameter initialized with null bytes\nbytearray() -> empty bytes array" }

/// Header of a raw cell before the data.
const CELL: usize = 16;
/// A bytearray of so many bytes is large when it grows.
const LARGE: usize = 64 << 10;

impl ByteArray {
    pub fn new_in(cx: &Thread, ty: &Type, data: &[u8]) -> Res<&'static ByteArray> {
        let b = cx.alloc_in(
            ty,
            ByteArray {
                head: fresh_head(),
                ob_size: AtomicIsize::new(0),
                ob_alloc: AtomicIsize::new(0),
                ob_bytes: AtomicPtr::new(std::ptr::null_mut()),
                ob_start: AtomicPtr::new(std::ptr::null_mut()),
                ob_exports: AtomicIsize::new(0),
            },
        );
        if !data.is_empty() {
            b.splice(cx, 0, 0, data)?;
        }
        Ok(b)
    }

    pub fn new(cx: &Thread, data: &[u8]) -> &'static ByteArray {
        match ByteArray::new_in(cx, ByteArray::type_object(), data) {
            Ok(b) => b,
            Err(_) => std::panic::panic_any(taipan_heap::OutOfMemory),
        }
    }

    #[inline]
    pub fn len(&self) -> usize {
        self.ob_size.load(Ordering::Acquire) as usize
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Runs `f` on the data under the lock. `f` allocates nothing in the collected heap and runs no
    /// Python code.
    #[inline]
    fn locked<R>(&self, f: impl FnOnce(*mut u8, usize) -> R) -> R {
        let _g = lock(&self.head);
        f(self.ob_start.load(Ordering::Relaxed), self.len())
    }

    /// A copy of the data.
    pub fn to_vec(&self) -> Vec<u8> {
        let n = self.len();
        let mut v: Vec<u8> = Vec::with_capacity(n);
        self.locked(|p, len| {
            v.reserve(len);
            // SAFETY: len bytes at p are the data, held by the lock; v has room.
            unsafe {
                if len > 0 {
                    taipan_heap::Mutator::here().copy(p, v.as_mut_ptr(), len);
                }
                v.set_len(len);
            }
        });
        v
    }

    /// The data as a bytes object.
    pub fn as_bytes(&self, cx: &Thread) -> Res {
        loop {
            let n = self.len();
            if n == 0 {
                return Ok(Value::from_ref(Bytes::empty(cx)));
            }
            let mut done = false;
            let b = Bytes::build_in(cx, Bytes::type_object(), n, |out| {
                self.locked(|p, len| {
                    done = len == n;
                    if done {
                        // SAFETY: len bytes at p are the data, held by the lock; `out` has room.
                        unsafe { cx.mutator.copy(p, out, n) };
                    }
                });
            })?;
            if done {
                return Ok(Value::from_ref(b));
            }
        }
    }

    /// A new bytearray with the data of both.
    pub fn joined(&self, cx: &Thread, other: &ByteArray) -> Res<&'static ByteArray> {
        let Some(room) = self.len().checked_add(other.len()) else { return Err(cx.no_memory()) };
        let made = ByteArray::new_in(cx, ByteArray::type_object(), &[])?;
        if room > 0 {
            let Some(cell) = cx.mutator.try_alloc_raw_leaf_uninit(CELL + room + 1) else {
                return Err(cx.no_memory());
            };
            // SAFETY: a fresh cell with room for the header, the data and C's NUL.
            let start = unsafe { cell.as_ptr().add(CELL) };
            let mut n = 0;
            let mut fits = true;
            for b in [self, other] {
                b.locked(|p, len| {
                    fits &= n + len <= room;
                    if fits && len > 0 {
                        // SAFETY: len bytes at p, held by the lock; there is room for them.
                        unsafe { cx.mutator.copy(p, start.add(n), len) };
                        n += len;
                    }
                });
            }
            if !fits {
                // One of them grew meanwhile.
                return ByteArray::new_in(
                    cx,
                    ByteArray::type_object(),
                    &[&*self.to_vec(), &other.to_vec()].concat(),
                );
            }
            taipan_heap::slot::barrier_range(&made.ob_bytes, 16);
            made.ob_bytes.store(start, Ordering::Release);
            made.ob_start.store(start, Ordering::Release);
            made.ob_alloc.store(room as isize + 1, Ordering::Release);
            made.ob_size.store(n as isize, Ordering::Release);
        }
        Ok(made)
    }

    #[inline]
    fn get(&self, i: usize) -> Option<u8> {
        let mut b = [0];
        self.read_into(i, &mut b).then_some(b[0])
    }

    /// Replaces `at..at + old` by `new`, which is no part of this object's storage. The range is
    /// clipped to the length at hand.
    pub fn splice(&self, cx: &Thread, at: usize, old: usize, new: &[u8]) -> Res<()> {
        loop {
            let seen = self.len();
            let at0 = at.min(seen);
            let old0 = old.min(seen - at0);
            let Some(want) = (seen - old0).checked_add(new.len()) else {
                return Err(cx.no_memory());
            };
            // Grown before the lock is taken, so that nothing is allocated under it.
            let room = self.room();
            let fresh = if want + 1 > room {
                // What was outgrown waits for a collection, so a large one grows by more at a time than
                // CPython's, which is resized in place.
                let spare = if want < LARGE { want / 8 } else { want / 4 };
                let cap = want + spare + if want < 9 { 3 } else { 6 } + 1;
                match cx.mutator.try_alloc_raw_leaf_uninit(CELL + cap) {
                    Some(p) => Some((p.as_ptr(), cap)),
                    None => return Err(cx.no_memory()),
                }
            } else {
                None
            };
            let _g = lock(&self.head);
            if self.len() != seen || (fresh.is_none() && want + 1 > self.room()) {
                continue;
            }
            if want != seen && self.ob_exports.load(Ordering::Relaxed) > 0 {
                drop(_g);
                self.check_exports(cx)?;
                continue;
            }
            let p = self.ob_start.load(Ordering::Relaxed);
            let tail = seen - at0 - old0;
            // SAFETY: the lock is held; `want + 1` bytes fit where the result is put; `new` lies
            // elsewhere.
            unsafe {
                match fresh {
                    Some((cell, cap)) => {
                        let d = cell.add(CELL);
                        if at0 > 0 {
                            cx.mutator.copy(p, d, at0);
                        }
                        if tail > 0 {
                            cx.mutator.copy(p.add(at0 + old0), d.add(at0 + new.len()), tail);
                        }
                        cx.mutator.copy(new.as_ptr(), d.add(at0), new.len());
                        taipan_heap::slot::barrier_range(&self.ob_bytes, 16);
                        self.ob_bytes.store(d, Ordering::Release);
                        self.ob_start.store(d, Ordering::Release);
                        self.ob_alloc.store(cap as isize, Ordering::Release);
                    }
                    None if p.is_null() => {}
                    None if at0 == 0 && new.is_empty() && old0 > 0 => {
                        // Cut from the front: only the start moves, after the length (`peek`).
                        self.ob_size.store(want as isize, Ordering::Release);
                        self.ob_start.store(p.add(old0), Ordering::Release);
                    }
                    None => {
                        if tail > 0 && old0 != new.len() {
                            let (from, to) = (p.add(at0 + old0), p.add(at0 + new.len()));
                            cx.mutator.plain(tail, || std::ptr::copy(from, to, tail));
                        }
                        cx.mutator.copy(new.as_ptr(), p.add(at0), new.len());
                    }
                }
            }
            self.ob_size.store(want as isize, Ordering::Release);
            return Ok(());
        }
    }

    /// Takes out as many bytes as `out` has room for, at the place that `find` gives of the data;
    /// false: it gives none. Both in one step for other threads.
    pub fn take_out(
        &self,
        cx: &Thread,
        out: &mut [u8],
        find: impl Fn(*const u8, usize) -> Option<usize>,
    ) -> Res<bool> {
        loop {
            {
                let _g = lock(&self.head);
                let (p, len) = (self.ob_start.load(Ordering::Relaxed), self.len());
                let n = out.len();
                let Some(i) = find(p, len).filter(|i| i + n <= len) else { return Ok(false) };
                if self.ob_exports.load(Ordering::Relaxed) == 0 {
                    // SAFETY: i + n <= len; the lock holds the data still.
                    unsafe {
                        std::ptr::copy_nonoverlapping(p.add(i), out.as_mut_ptr(), n);
                        let (from, to, tail) = (p.add(i + n), p.add(i), len - i - n);
                        if i == 0 {
                            // Only the start moves, after the length (`peek`).
                            self.ob_size.store(tail as isize, Ordering::Release);
                            self.ob_start.store(from, Ordering::Release);
                        } else {
                            cx.mutator.plain(tail, || std::ptr::copy(from, to, tail));
                            self.ob_size.store(tail as isize + i as isize, Ordering::Release);
                        }
                    }
                    return Ok(true);
                }
            }
            self.check_exports(cx)?;
        }
    }

    /// Bytes from the start to the end of the cell.
    fn room(&self) -> usize {
        let b = self.ob_bytes.load(Ordering::Relaxed) as usize;
        let s = self.ob_start.load(Ordering::Relaxed) as usize;
        (self.ob_alloc.load(Ordering::Relaxed) as usize).saturating_sub(s - b)
    }

    pub fn push_bytes(&self, cx: &Thread, data: &[u8]) -> Res<()> {
        self.splice(cx, usize::MAX, 0, data)
    }

    /// The address of `n` bytes at an offset, without the lock. They may change while they are
    /// read, but stay memory of this object while the address is on the stack: a length read
    /// between two equal starts is one that the cell of that start had room for, since a start
    /// never comes back, and where it moves inside its cell the length shrinks first. What is read
    /// has been data at some time: nothing else is ever stored behind the end, not even C's NUL.
    #[inline]
    pub fn peek(&self, at: usize, n: usize) -> Option<*const u8> {
        let start = self.ob_start.load(Ordering::Acquire);
        let len = self.len();
        if self.ob_start.load(Ordering::Acquire) != start || at.checked_add(n)? > len {
            return None;
        }
        // SAFETY: at + n <= len bytes lie in the cell, as said above.
        Some(unsafe { start.add(at) })
    }

    /// Copies the bytes at an offset; false where there are not so many.
    #[inline]
    pub fn read_into(&self, at: usize, out: &mut [u8]) -> bool {
        let (to, n) = (out.as_mut_ptr(), out.len());
        // SAFETY: `peek` gives the address of as many bytes of the object's memory; `out` has room.
        unsafe {
            match (self.peek(at, n), n) {
                (Some(p), 1) => to.write(p.read()),
                (Some(p), 2) => to.cast::<u16>().write_unaligned(p.cast::<u16>().read_unaligned()),
                (Some(p), 4) => to.cast::<u32>().write_unaligned(p.cast::<u32>().read_unaligned()),
                (Some(p), 8) => to.cast::<u64>().write_unaligned(p.cast::<u64>().read_unaligned()),
                _ => return self.read_into_locked(at, out),
            }
        }
        true
    }

    #[inline(never)]
    fn read_into_locked(&self, at: usize, out: &mut [u8]) -> bool {
        self.locked(|p, len| {
            if at.checked_add(out.len()).is_none_or(|end| end > len) {
                return false;
            }
            // SAFETY: the range lies in the data, which the lock holds still.
            unsafe { taipan_heap::Mutator::here().copy(p.add(at), out.as_mut_ptr(), out.len()) };
            true
        })
    }

    /// As `peek` of memory that may be written to, while this thread is alone and nobody holds the
    /// lock; up to the next safepoint.
    #[inline]
    pub fn own(&self, at: usize, n: usize) -> Option<*mut u8> {
        if !taipan_heap::lock::free_and_alone(&self.head) {
            return None;
        }
        self.peek(at, n).map(|p| p.cast_mut())
    }

    /// Overwrites bytes at an offset; false where the data are too short.
    pub fn write_range(&self, at: usize, data: &[u8]) -> bool {
        self.locked(|p, len| {
            if at.checked_add(data.len()).is_none_or(|end| end > len) {
                return false;
            }
            // SAFETY: the range lies in the data, which the lock holds still.
            unsafe { taipan_heap::Mutator::here().copy(data.as_ptr(), p.add(at), data.len()) };
            true
        })
    }

    /// Counts an export: the address stays valid and the size fixed until `end_export`.
    pub fn begin_export(&self) -> (*mut u8, usize) {
        let _g = lock(&self.head);
        self.ob_exports.fetch_add(1, Ordering::AcqRel);
        let p = self.ob_start.load(Ordering::Relaxed);
        // Empty storage has no cell yet; C wants an address all the same.
        let p = if p.is_null() { self as *const ByteArray as *mut u8 } else { p };
        (p, self.len())
    }

    pub fn end_export(&self) {
        self.ob_exports.fetch_sub(1, Ordering::AcqRel);
    }

    pub fn has_exports(&self) -> bool {
        self.ob_exports.load(Ordering::Acquire) > 0
    }

    /// Refuses to resize under an export. Views that nobody holds any more are collected first:
    /// CPython releases those with their last reference.
    fn check_exports(&self, cx: &Thread) -> Res<()> {
        if self.has_exports() {
            crate::modules::gc::collect_while(cx, || self.has_exports());
        }
        if self.has_exports() {
            raise!(cx, BufferError, "Existing exports of data: object cannot be re-sized");
        }
        Ok(())
    }

    fn set_all(&self, cx: &Thread, data: &[u8]) -> Res<()> {
        self.splice(cx, 0, usize::MAX, data)
    }
}

fn begin_use(this: &ByteArray) {
    this.begin_export();
}

fn end_use(this: &ByteArray) {
    this.end_export();
}

fn view(this: &ByteArray) -> View {
    ByteArg::Copied(this.to_vec())
}

fn make(cx: &Thread, v: Vec<u8>) -> Value {
    Value::from_ref(ByteArray::new(cx, &v))
}

fn same(cx: &Thread, this: &ByteArray) -> Value {
    make(cx, this.to_vec())
}

fn separator_part(cx: &Thread, _sep: Value, n: &[u8]) -> Value {
    make(cx, n.to_vec())
}

/// What is assigned to a slice.
fn slice_source(cx: &Thread, v: Value) -> Res<Vec<u8>> {
    if let Some(b) = v.downcast::<ByteArray>() {
        return Ok(b.to_vec());
    }
    if crate::objects::int::is_int(v) || v.downcast::<Str>().is_some() {
        raise!(
            cx,
            TypeError,
            "can assign only bytes, buffers, or iterables of ints in range(0, 256)"
        );
    }
    if let Some(b) = ByteArg::try_get(cx, v)? {
        return Ok(b.to_vec());
    }
    ops::iterable_bytes(cx, v, "bytearray")
}

fn set_slice(cx: &Thread, this: &ByteArray, sl: &super::slice::Slice, data: &[u8]) -> Res<()> {
    let (a, b, step) = sl.unpack(cx)?;
    let r = super::slice::adjust(a, b, step, this.len());
    if r.step == 1 {
        return this.splice(cx, r.start as usize, r.len, data);
    }
    if data.is_empty() {
        // Deletes every step-th byte.
        this.check_exports(cx)?;
        this.locked(|p, len| {
            if this.has_exports() {
                return;
            }
            let r = super::slice::ascending(super::slice::adjust(a, b, step, len));
            let (first, step) = (r.start as usize, r.step as usize);
            let end = first + r.len * step;
            let stays = |i: usize| !(first..end).contains(&i) || (i - first) % step != 0;
            // SAFETY: all places lie in the data, which the lock holds still.
            unsafe {
                let kept = cx.mutator.plain(len, || {
                    let mut to = 0;
                    for i in (0..len).filter(|i| stays(*i)) {
                        p.add(to).write(p.add(i).read());
                        to += 1;
                    }
                    to
                });
                if kept < len {
                    this.ob_size.store(kept as isize, Ordering::Release);
                }
            }
        });
        return this.check_exports(cx);
    }
    if data.len() != r.len {
        raise!(
            cx,
            ValueError,
            "attempt to assign bytes of size {} to extended slice of size {}",
            data.len(),
            r.len
        );
    }
    this.locked(|p, len| {
        let put = || {
            for (i, b) in r.indices().zip(data) {
                if i < len {
                    // SAFETY: i is below the length that the lock holds still.
                    unsafe { p.add(i).write(*b) };
                }
            }
        };
        // SAFETY: bytes of one object, under its lock.
        unsafe { cx.mutator.plain(r.len, put) }
    });
    Ok(())
}

byte_methods!(ByteArray, "bytearray", "bytearray", {
    #[slot]
    fn __new__(cx: &Thread, cls: &Type, _args: &[Value], _kw: KwNames<'_>) -> Res {
        ByteArray::new_in(cx, cls, &[]).map(Value::from_ref)
    }

    #[slot(sig = "(self, source=None, encoding=None, errors=None)")]
    fn __init__(
        cx: &Thread,
        this: &ByteArray,
        source: Option<Value>,
        encoding: Option<&'static Str>,
        errors: Option<&'static Str>,
    ) -> Res<()> {
        if !this.is_empty() {
            this.set_all(cx, &[])?;
        }
        let data = ops::construct(cx, source, encoding, errors, CONSTRUCTOR)?;
        this.set_all(cx, &data)
    }

    #[slot]
    fn __repr__(cx: &Thread, this: Value) -> Res {
        let b = this.downcast::<ByteArray>().expect("the slot of a bytearray");
        let (name, inner) = (this.ty().name(), ops::array_repr_text(&b.to_vec()));
        let text = cx.plain(inner.len(), || format!("{name}({inner})"));
        Ok(Value::from_ref(Str::new(cx, &text)))
    }

    #[slot]
    fn __str__(cx: &Thread, this: Value) -> Res {
        super::bytes_methods::warn_bytes(cx, "str() on a bytearray instance")?;
        Self::__repr__(cx, this)
    }

    #[slot]
    fn __richcmp__(cx: &Thread, this: &ByteArray, other: Value, op: CmpOp) -> Res {
        if other.downcast::<Str>().is_some() && matches!(op, CmpOp::Eq | CmpOp::Ne) {
            let text = "Comparison between bytearray and string";
            super::bytes_methods::warn_bytes(cx, text)?;
            return Ok(not_implemented());
        }
        let Some(o) = ByteArg::try_get(cx, other)? else { return Ok(not_implemented()) };
        let ord = this.to_vec().as_slice().cmp(&o);
        Ok(py_bool(op.holds(ord)))
    }

    #[slot]
    fn __iter__(cx: &Thread, this: &ByteArray) -> Res {
        let it =
            ByteArrayIter { head: fresh_head(), index: AtomicIsize::new(0), seq: Slot::empty() };
        it.seq.init(Some(Value::from_ref(this)));
        Ok(Value::from_ref(cx.alloc(it)))
    }

    #[slot]
    fn __getitem__(cx: &Thread, this: &ByteArray, key: Value) -> Res {
        let Some(sl) = key.downcast_exact::<super::slice::Slice>() else {
            let i = ops::item_index(cx, key, ITEM)?;
            loop {
                let n = this.len();
                let at = if i < 0 { i + n as isize } else { i };
                if let Some(b) = usize::try_from(at).ok().and_then(|i| this.get(i)) {
                    return Ok(Value::small(b as i64));
                }
                if n == this.len() {
                    raise!(cx, IndexError, "bytearray index out of range");
                }
            }
        };
        let r = sl.over(cx, this.len())?;
        if r.step == 1 && r.len > 0 {
            // Only what is asked for is copied.
            let mut part = vec![0; r.len];
            if this.read_into_locked(r.start as usize, &mut part) {
                return Ok(make(cx, part));
            }
        }
        let all = this.to_vec();
        let picked =
            cx.plain(4 * r.len, || r.indices().filter_map(|i| all.get(i).copied()).collect());
        Ok(make(cx, picked))
    }

    #[slot]
    fn __setitem__(cx: &Thread, this: &ByteArray, key: Value, v: Option<Value>) -> Res<()> {
        // Looked into from this small frame: those of the work itself hold stale words, which
        // would keep a dead view.
        if this.has_exports() && v.is_none() {
            this.check_exports(cx)?;
        }
        store(cx, this, key, v)
    }

    #[slot]
    fn __concat__(cx: &Thread, this: &ByteArray, other: Value) -> Res {
        if let Some(o) = other.downcast_exact::<ByteArray>() {
            return this.joined(cx, o).map(|b| Value::from_ref(b));
        }
        let Some(o) = ByteArg::try_get(cx, other)? else {
            let t = Value::from_ref(this).ty().name();
            raise!(cx, TypeError, "can't concat {} to {t}", other.ty().name());
        };
        let mut v = this.to_vec();
        v.extend_from_slice(&o);
        Ok(make(cx, v))
    }

    #[slot]
    fn __iconcat__(cx: &Thread, this: &ByteArray, other: Value) -> Res {
        let Some(o) = ByteArg::try_get(cx, other)? else {
            let t = Value::from_ref(this).ty().name();
            raise!(cx, TypeError, "can't concat {} to {t}", other.ty().name());
        };
        this.push_bytes(cx, &o)?;
        Ok(Value::from_ref(this))
    }

    #[slot]
    fn __irepeat__(cx: &Thread, this: &ByteArray, n: isize) -> Res {
        if n <= 0 {
            this.set_all(cx, &[])?;
        } else if n > 1 {
            // Added at the end, so that nothing is lost that another thread adds meanwhile.
            let all = ops::repeat(cx, &this.to_vec(), n)?;
            this.push_bytes(cx, &all[..all.len() - all.len() / n as usize])?;
        }
        Ok(Value::from_ref(this))
    }

    #[slot]
    fn __buffer__(_cx: &Thread, this: &ByteArray, _flags: u32) -> Res<Buffer> {
        let (p, n) = this.begin_export();
        Ok(Buffer::bytes(Value::from_ref(this), p, n, false))
    }

    #[slot]
    fn __release_buffer__(_cx: &Thread, this: &ByteArray, _buffer: &Buffer) -> Res<()> {
        this.end_export();
        Ok(())
    }

    /// Bytes of allocated storage.
    #[pymethod(sig = "(self, /)")]
    fn __alloc__(_cx: &Thread, this: &ByteArray) -> isize {
        this.ob_alloc.load(Ordering::Relaxed)
    }

    /// Bytes that the object takes in memory.
    #[pymethod(sig = "(self, /)")]
    fn __sizeof__(_cx: &Thread, this: &ByteArray) -> isize {
        56 + this.ob_alloc.load(Ordering::Relaxed)
    }

    /// Adds one byte at the end.
    #[pymethod(sig = "(self, item, /)")]
    fn append(cx: &Thread, this: &ByteArray, item: Value) -> Res<()> {
        let b = ops::byte_value(cx, item)?;
        this.push_bytes(cx, &[b])
    }

    /// Removes all bytes.
    #[pymethod(sig = "(self, /)")]
    fn clear(cx: &Thread, this: &ByteArray) -> Res<()> {
        this.set_all(cx, &[])
    }

    /// A copy.
    #[pymethod(sig = "(self, /)")]
    fn copy(cx: &Thread, this: &ByteArray) -> Value {
        same(cx, this)
    }

    /// Adds all bytes of an iterable at the end.
    #[pymethod(sig = "(self, iterable_of_ints, /)")]
    fn extend(cx: &Thread, this: &ByteArray, iterable_of_ints: Value) -> Res<()> {
        let v = iterable_of_ints;
        if let Some(b) = ByteArg::try_get(cx, v)? {
            return this.push_bytes(cx, &b);
        }
        if v.ty().slots().iter.get().is_none() && v.ty().slots().getitem.get().is_none() {
            raise!(cx, TypeError, "can't extend bytearray with {}", v.ty().name());
        }
        if v.downcast::<Str>().is_some() {
            raise!(cx, TypeError, "expected iterable of integers; got: 'str'");
        }
        let data = ops::iterable_bytes(cx, v, "bytearray")?;
        this.push_bytes(cx, &data)
    }

    /// Puts one byte before an index.
    #[pymethod(sig = "(self, index, item, /)")]
    fn insert(cx: &Thread, this: &ByteArray, index: isize, item: Value) -> Res<()> {
        let b = ops::byte_value(cx, item)?;
        let n = this.len() as isize;
        let at = if index < 0 { (index + n).max(0) } else { index.min(n) };
        this.splice(cx, at as usize, 0, &[b])
    }

    /// Removes and gives one byte.
    #[pymethod(sig = "(self, index=-1, /)")]
    fn pop(cx: &Thread, this: &ByteArray, index: isize) -> Res {
        let seen = std::cell::Cell::new(0);
        let place = |_, n: usize| {
            seen.set(n);
            let at = if index < 0 { index + n as isize } else { index };
            usize::try_from(at).ok().filter(|&i| i < n)
        };
        let mut b = [0];
        match this.take_out(cx, &mut b, place)? {
            true => Ok(Value::small(b[0] as i64)),
            false if seen.get() == 0 => raise!(cx, IndexError, "pop from empty bytearray"),
            false => raise!(cx, IndexError, "pop index out of range"),
        }
    }

    /// Removes the first byte of that value.
    #[pymethod(sig = "(self, value, /)")]
    fn remove(cx: &Thread, this: &ByteArray, value: Value) -> Res<()> {
        let b = ops::byte_value(cx, value)?;
        let place = |p: *const u8, n: usize| {
            // SAFETY: n bytes at p are the data, held by the lock.
            (0..n).find(|&i| unsafe { p.add(i).read() } == b)
        };
        match this.take_out(cx, &mut [0], place)? {
            true => Ok(()),
            false => raise!(cx, ValueError, "value not found in bytearray"),
        }
    }

    /// Reverses the bytes in place.
    #[pymethod(sig = "(self, /)")]
    fn reverse(_cx: &Thread, this: &ByteArray) {
        this.locked(|p, len| {
            for i in 0..len / 2 {
                // SAFETY: both indices are below the length that the lock holds still.
                unsafe { std::ptr::swap(p.add(i), p.add(len - 1 - i)) };
            }
        });
    }

    /// State for pickling.
    #[pymethod(sig = "(self, /)")]
    fn __reduce__(cx: &Thread, this: &ByteArray) -> Res {
        reduce(cx, this, 2)
    }

    /// State for pickling with a protocol.
    #[pymethod(sig = "(self, proto=0, /)")]
    fn __reduce_ex__(cx: &Thread, this: &ByteArray, proto: i32) -> Res {
        reduce(cx, this, proto)
    }
});

fn reduce(cx: &Thread, this: &ByteArray, proto: i32) -> Res {
    let me = Value::from_ref(this);
    let state = call_method(cx, me, id!(cx, "__getstate__"), &[])?;
    let data = this.to_vec();
    let args = if data.is_empty() {
        Tuple::empty(cx)
    } else if proto < 3 {
        let text = Value::from_ref(Str::from_latin1(cx, &data));
        Tuple::pair(cx, text, Value::from_ref(Str::new(cx, "latin-1")))
    } else {
        Tuple::from_slice(cx, &[Value::from_ref(Bytes::new(cx, &data))])
    };
    let t = Tuple::from_slice(cx, &[Value::from_ref(me.ty()), Value::from_ref(args), state]);
    Ok(Value::from_ref(t))
}

/// Over a bytearray; `seq` is empty once exhausted.
#[repr(C)]
pub struct ByteArrayIter {
    pub head: Head,
    index: AtomicIsize,
    seq: Slot,
}

crate::pytype! { ByteArrayIter, PyByteArrayIter_Type, name: "bytearray_iterator", module: "builtins", base: crate::objects::object::Object }

impl ByteArrayIter {
    fn bytes(&self) -> Option<&'static ByteArray> {
        self.seq.get().and_then(|v| v.downcast::<ByteArray>())
    }
}

/// `b[key] = v`, or `del b[key]`.
#[inline(never)]
fn store(cx: &Thread, this: &ByteArray, key: Value, v: Option<Value>) -> Res<()> {
    if let Some(sl) = key.downcast_exact::<super::slice::Slice>() {
        let data = match v {
            Some(v) => slice_source(cx, v)?,
            None => Vec::new(),
        };
        return set_slice(cx, this, sl, &data);
    }
    let i = ops::item_index(cx, key, ITEM)?;
    let b = match v {
        Some(v) => Some(ops::byte_value(cx, v)?),
        None => None,
    };
    let at = if i < 0 { i + this.len() as isize } else { i };
    let Some(at) = usize::try_from(at).ok().filter(|a| *a < this.len()) else {
        raise!(cx, IndexError, "bytearray index out of range");
    };
    match b {
        Some(b) => this.locked(|p, len| {
            if at < len {
                // SAFETY: at is below the length that the lock holds still.
                unsafe { p.add(at).write(b) }
            }
        }),
        None => this.splice(cx, at, 1, &[])?,
    }
    Ok(())
}

#[pymethods]
impl ByteArrayIter {
    #[slot]
    fn __iter__(_cx: &Thread, this: Value) -> Res {
        Ok(this)
    }

    #[slot]
    fn __next__(_cx: &Thread, this: &ByteArrayIter) -> Res<Option<Value>> {
        let Some(b) = this.bytes() else { return Ok(None) };
        loop {
            let i = this.index.load(Ordering::Relaxed);
            let Some(x) = b.get(i as usize) else {
                this.seq.clear(&this.head);
                return Ok(None);
            };
            if iterators::move_on(&this.index, i, i + 1) {
                return Ok(Some(Value::small(x as i64)));
            }
        }
    }

    /// How many items may be left.
    #[pymethod(sig = "(self, /)")]
    fn __length_hint__(_cx: &Thread, this: &ByteArrayIter) -> isize {
        let i = this.index.load(Ordering::Relaxed);
        this.bytes().map_or(0, |b| (b.len() as isize - i).max(0))
    }

    /// State for pickling.
    #[pymethod(sig = "(self, /)")]
    fn __reduce__(cx: &Thread, this: &ByteArrayIter) -> Res {
        iterators::reduce_iter(cx, || (this.seq.get(), this.index.load(Ordering::Relaxed)))
    }

    /// Sets the position.
    #[pymethod(sig = "(self, state, /)")]
    fn __setstate__(_cx: &Thread, this: &ByteArrayIter, state: isize) {
        if this.bytes().is_some() {
            this.index.store(state.max(0), Ordering::Relaxed);
        }
    }
}
