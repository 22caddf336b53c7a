//! `array`: sequences of numbers of one type. The items lie in a `bytearray`'s storage, which
//! brings locking and exports; here are items, sequences of them, and their formats.

mod item;

use item::{checked_char, is_text, pack, unpack};
use std::sync::atomic::{AtomicIsize, AtomicU8, Ordering};
use taipan_numtext::packing::Kind as Code;
use taipan_vm::buffer::{Buffer, ByteArg};
use taipan_vm::objects::bytearray::ByteArray;
use taipan_vm::objects::packed_item;
use taipan_vm::objects::slice::{Slice, adjust, ascending};
use taipan_vm::objects::{generic_alias, int, module};
use taipan_vm::prelude::*;
use taipan_vm::pytype;
use taipan_vm::types::alloc::fresh_head;

#[repr(C)]
pub struct Array {
    head: Head,
    store: Slot,
    code: AtomicU8,
}

pytype! { Array, PyTaipanArray_Type, name: "array", module: "array",
base: taipan_vm::objects::object::Object, flags: tpflags::BASETYPE | tpflags::SEQUENCE, weakref: true,
doc: "array(typecode [, initializer]) -> array\n\nA sequence of numbers of one machine type." }

const FORMATS: &str = "bBuwhHiIlLqQfd";
const CODES: &[u8] = FORMATS.as_bytes();

/// The format code of pickles (`_array_reconstructor`).
fn machine_format(code: u8) -> i64 {
    match code {
        b'B' => 0,
        b'b' => 1,
        b'H' => 2,
        b'h' => 4,
        b'I' => 6,
        b'i' => 8,
        b'L' | b'Q' => 10,
        b'l' | b'q' => 12,
        b'f' => 14,
        b'd' => 16,
        _ => 20,
    }
}

impl Array {
    fn new(cx: &Thread, ty: &Type, code: u8, data: &[u8]) -> Res<&'static Array> {
        let store = ByteArray::new_in(cx, ByteArray::type_object(), data)?;
        Ok(Array::over(cx, ty, code, store))
    }

    /// An array whose items lie in `store`.
    fn over(cx: &Thread, ty: &Type, code: u8, store: &ByteArray) -> &'static Array {
        let a = Array { head: fresh_head(), store: Slot::empty(), code: AtomicU8::new(code) };
        a.store.init(Some(Value::from_ref(store)));
        cx.alloc_in(ty, a)
    }

    #[inline]
    fn store(&self) -> &'static ByteArray {
        self.store.value().downcast_exact::<ByteArray>().expect("an array has storage")
    }

    fn code(&self) -> u8 {
        self.code.load(Ordering::Relaxed)
    }

    fn size(&self) -> usize {
        match self.code() {
            b'b' | b'B' => 1,
            b'h' | b'H' => 2,
            b'i' | b'I' | b'f' | b'u' | b'w' => 4,
            _ => 8,
        }
    }

    fn len(&self) -> usize {
        self.store().len() / self.size()
    }

    fn bytes(&self) -> Vec<u8> {
        self.store().to_vec()
    }

    fn get(&self, cx: &Thread, i: usize) -> Res<Option<Value>> {
        let n = self.size();
        let mut bytes = [0; 8];
        let Some(at) = i.checked_mul(n) else { return Ok(None) };
        if let Some(p) = self.store().peek(at, n) {
            // SAFETY: as many bytes of the storage, which may change meanwhile.
            if let Some(v) = unsafe { packed_item::load(cx, self.code(), p) } {
                return Ok(Some(v));
            }
        }
        if !self.store().read_into(at, &mut bytes[..n]) {
            return Ok(None);
        }
        unpack(cx, self.code(), &bytes[..n]).map(Some)
    }

    /// Replaces items `at..at + old` by packed ones.
    fn splice(&self, cx: &Thread, at: usize, old: usize, data: &[u8]) -> Res<()> {
        let n = self.size();
        match self.store().splice(cx, at.saturating_mul(n), old.saturating_mul(n), data) {
            Err(e) if e.is(exc::BufferError()) => {
                raise!(cx, BufferError, "cannot resize an array that is exporting buffers")
            }
            r => r,
        }
    }

    fn values(&self, cx: &Thread) -> Res<GcVec<Value>> {
        let data = self.bytes();
        let code = self.code();
        let mut out = GcVec::with_capacity(data.len() / self.size());
        for (i, c) in data.chunks_exact(self.size()).enumerate() {
            if i & 0xFFF == 0xFFF {
                cx.poll()?;
            }
            out.push(unpack(cx, code, c)?);
        }
        Ok(out)
    }

    fn text(&self, cx: &Thread) -> Res<&'static Str> {
        let mut v = Vec::new();
        for (i, c) in self.bytes().chunks_exact(4).enumerate() {
            breathe(cx, i)?;
            v.push(checked_char(cx, u32::from_le_bytes([c[0], c[1], c[2], c[3]]))?);
        }
        Ok(Str::from_ucs4(cx, &v))
    }

    fn extend_with(&self, cx: &Thread, v: Value) -> Res<()> {
        if let Some(o) = v.downcast::<Array>() {
            if o.code() != self.code() {
                raise!(cx, TypeError, "can only extend with array of same kind");
            }
            return self.splice(cx, self.len(), 0, &o.bytes());
        }
        let it = iter(cx, v)?;
        while let Some(x) = iter_next(cx, it)? {
            let b = pack(cx, self.code(), x)?;
            self.splice(cx, usize::MAX, 0, &b)?;
        }
        Ok(())
    }
}

fn packed_chars(s: &Str) -> Vec<u8> {
    s.chars().flat_map(|c| c.to_le_bytes()).collect()
}

fn position(cx: &Thread, key: Value) -> Res<isize> {
    if let Some(i) = key.as_small() {
        return Ok(i as isize);
    }
    if key.ty().slots().index.get().is_none() {
        raise!(cx, TypeError, "array indices must be integers");
    }
    index_isize(cx, key, exc::IndexError())
}

/// A safepoint now and then in a loop over items.
#[inline(always)]
fn breathe(cx: &Thread, i: usize) -> Res<()> {
    if i & 0xFFF == 0xFFF { cx.poll() } else { Ok(()) }
}

fn find(cx: &Thread, a: &Array, x: Value, start: isize, stop: isize) -> Res<Option<usize>> {
    let clip = |i: isize, n: isize| if i < 0 { (i + n).max(0) } else { i };
    let n = a.len() as isize;
    let (mut i, stop) = (clip(start, n) as usize, clip(stop, n) as usize);
    while i < stop {
        breathe(cx, i)?;
        let Some(v) = a.get(cx, i)? else { break };
        if eq(cx, v, x)? {
            return Ok(Some(i));
        }
        i += 1;
    }
    Ok(None)
}

fn typecode(cx: &Thread, v: Value) -> Res<u8> {
    let c = match v.downcast::<Str>() {
        Some(s) if s.len() == 1 => s.char_at(0),
        Some(s) => raise!(
            cx,
            TypeError,
            "array() argument 1 must be a unicode character, not a string of length {}",
            s.len()
        ),
        None => {
            raise!(
                cx,
                TypeError,
                "array() argument 1 must be a unicode character, not {}",
                taipan_vm::bind::type_or_none(v)
            )
        }
    };
    Ok(u8::try_from(c).unwrap_or(0))
}

fn construct(cx: &Thread, cls: &Type, args: &[Value]) -> Res {
    let code = typecode(cx, args[0])?;
    let initial = args.get(1).copied();
    if let Some(v) = initial {
        let shown = code as char;
        if v.downcast::<Str>().is_some() && !is_text(code) {
            raise!(
                cx,
                TypeError,
                "cannot use a str to initialize an array with typecode '{shown}'"
            );
        }
        if v.downcast::<Array>().is_some_and(|a| is_text(a.code())) && !is_text(code) {
            raise!(
                cx,
                TypeError,
                "cannot use a unicode array to initialize an array with typecode '{shown}'"
            );
        }
    }
    if !CODES.contains(&code) {
        raise!(cx, ValueError, "bad typecode (must be b, B, u, w, h, H, i, I, l, L, q, Q, f or d)");
    }
    if code == b'u' {
        taipan_vm::objects::warn_deprecated(
            cx,
            "The 'u' type code is deprecated and will be removed in Python 3.16",
        )?;
    }
    let a = Array::new(cx, cls, code, &[])?;
    let Some(v) = initial else { return Ok(Value::from_ref(a)) };
    if v.downcast::<Bytes>().is_some() || v.downcast::<ByteArray>().is_some() {
        from_bytes(cx, a, &ByteArg::get(cx, v)?)?;
    } else if let (Some(s), true) = (v.downcast::<Str>(), is_text(code)) {
        a.splice(cx, 0, 0, &packed_chars(s))?;
    } else if let Some(o) = v.downcast::<Array>().filter(|o| o.code() == code) {
        a.splice(cx, 0, 0, &o.bytes())?;
    } else {
        let mut data = Vec::new();
        for_each(cx, v, |x| {
            data.extend_from_slice(&pack(cx, code, x)?);
            Ok(())
        })?;
        a.splice(cx, 0, 0, &data)?;
    }
    Ok(Value::from_ref(a))
}

fn from_bytes(cx: &Thread, a: &Array, b: &[u8]) -> Res<()> {
    if b.len() % a.size() != 0 {
        raise!(cx, ValueError, "bytes length not a multiple of item size");
    }
    a.splice(cx, usize::MAX, 0, b)
}

fn set_slice(cx: &Thread, a: &Array, sl: &Slice, v: Option<Value>) -> Res<()> {
    let (start, stop, step) = sl.unpack(cx)?;
    let r = adjust(start, stop, step, a.len());
    let n = a.size();
    let data = match v {
        None => None,
        Some(v) => match v.downcast::<Array>() {
            Some(o) if o.code() == a.code() => Some(o.bytes()),
            Some(_) => raise!(cx, TypeError, "bad argument type for built-in operation"),
            None => raise!(
                cx,
                TypeError,
                "can only assign array (not \"{}\") to array slice",
                v.ty().name()
            ),
        },
    };
    if r.step == 1 {
        let old = r.len;
        return a.splice(cx, r.start as usize, old, &data.unwrap_or_default());
    }
    let Some(data) = data else {
        let all = a.bytes();
        let r = ascending(adjust(start, stop, step, all.len() / n));
        let keep = cx.plain(all.len(), || {
            let (first, step) = (r.start as usize, r.step as usize);
            let end = first + r.len * step;
            let stays = |i: usize| !(first..end).contains(&i) || (i - first) % step != 0;
            let items = all.chunks_exact(n).enumerate().filter(|(i, _)| stays(*i));
            items.flat_map(|(_, c)| c).copied().collect::<Vec<u8>>()
        });
        return a.splice(cx, 0, usize::MAX, &keep);
    };
    if data.len() / n != r.len {
        raise!(
            cx,
            ValueError,
            "attempt to assign array of size {} to extended slice of size {}",
            data.len() / n,
            r.len
        );
    }
    for (k, (i, c)) in r.indices().zip(data.chunks_exact(n)).enumerate() {
        breathe(cx, k)?;
        a.store().write_range(i * n, c);
    }
    Ok(())
}

#[pymethods]
impl Array {
    #[slot]
    fn __new__(cx: &Thread, cls: &Type, args: &[Value], kw: KwNames<'_>) -> Res {
        let nkw = kw.map_or(0, |k| k.len());
        if nkw > 0 && cls.is(Array::type_object()) {
            raise!(cx, TypeError, "array.array() takes no keyword arguments");
        }
        let args = &args[..args.len() - nkw];
        match args.len() {
            0 => raise!(cx, TypeError, "array() takes at least 1 argument (0 given)"),
            1 | 2 => construct(cx, cls, args),
            n => raise!(cx, TypeError, "array() takes at most 2 arguments ({n} given)"),
        }
    }

    #[slot]
    fn __repr__(cx: &Thread, this: &Array) -> Res {
        let full = Value::from_ref(this).ty().name();
        let name = full.rsplit('.').next().unwrap_or(&full);
        let code = this.code() as char;
        let mut b = taipan_vm::objects::str::StrBuilder::new();
        b.push_str(&format!("{name}('{code}'"));
        if this.len() > 0 {
            let shown = if is_text(this.code()) {
                Value::from_ref(this.text(cx)?)
            } else {
                Value::from_ref(List::from_slice(cx, &this.values(cx)?))
            };
            b.push_str(", ");
            b.push_obj(repr(cx, shown)?);
        }
        b.push_str(")");
        Ok(b.value(cx))
    }

    #[slot]
    fn __len__(_cx: &Thread, this: &Array) -> Res<usize> {
        Ok(this.len())
    }

    #[slot]
    fn __iter__(cx: &Thread, this: &Array) -> Res {
        let it = ArrayIter { head: fresh_head(), index: AtomicIsize::new(0), seq: Slot::empty() };
        it.seq.init(Some(Value::from_ref(this)));
        Ok(Value::from_ref(cx.alloc(it)))
    }

    #[slot]
    fn __richcmp__(cx: &Thread, this: &Array, other: Value, op: CmpOp) -> Res {
        let Some(o) = other.downcast::<Array>() else { return Ok(not_implemented()) };
        let (n, m) = (this.len(), o.len());
        if n != m && matches!(op, CmpOp::Eq | CmpOp::Ne) {
            return Ok(py_bool(op == CmpOp::Ne));
        }
        let mut i = 0;
        while let (Some(a), Some(b)) = (this.get(cx, i)?, o.get(cx, i)?) {
            breathe(cx, i)?;
            if !compare_bool(cx, a, b, CmpOp::Eq)? {
                return match op {
                    CmpOp::Eq => Ok(py_bool(false)),
                    CmpOp::Ne => Ok(py_bool(true)),
                    _ => rich_compare(cx, a, b, op),
                };
            }
            i += 1;
        }
        Ok(py_bool(op.holds(n.cmp(&m))))
    }

    #[slot]
    fn __contains__(cx: &Thread, this: &Array, x: Value) -> Res<bool> {
        Ok(find(cx, this, x, 0, isize::MAX)?.is_some())
    }

    #[slot]
    fn __getitem__(cx: &Thread, this: &Array, key: Value) -> Res {
        if let Some(sl) = key.downcast_exact::<Slice>() {
            let (start, stop, step) = sl.unpack(cx)?;
            let n = this.size();
            let r = adjust(start, stop, step, this.len());
            if r.step == 1 {
                let mut out = vec![0; r.len * n];
                if this.store().read_into(r.start as usize * n, &mut out) {
                    return Array::new(cx, Array::type_object(), this.code(), &out)
                        .map(|a| Value::from_ref(a));
                }
            }
            let data = this.bytes();
            let r = adjust(start, stop, step, data.len() / n);
            let mut out = Vec::with_capacity(r.len * n);
            r.indices().for_each(|i| out.extend_from_slice(&data[i * n..(i + 1) * n]));
            return Array::new(cx, Array::type_object(), this.code(), &out)
                .map(|a| Value::from_ref(a));
        }
        let i = position(cx, key)?;
        let at = if i < 0 { i + this.len() as isize } else { i };
        let item = match usize::try_from(at) {
            Ok(i) => this.get(cx, i)?,
            Err(_) => None,
        };
        match item {
            Some(v) => Ok(v),
            None => raise!(cx, IndexError, "array index out of range"),
        }
    }

    #[slot]
    fn __setitem__(cx: &Thread, this: &Array, key: Value, v: Option<Value>) -> Res<()> {
        if let Some(sl) = key.downcast_exact::<Slice>() {
            return set_slice(cx, this, sl, v);
        }
        if let (Some(i), Some(v)) = (key.as_small(), v) {
            let n = this.size();
            let at = usize::try_from(i).ok().and_then(|i| this.store().own(i.checked_mul(n)?, n));
            // SAFETY: as many bytes of the storage, which nobody else looks at meanwhile.
            if at.is_some_and(|at| unsafe { packed_item::store(this.code(), v, at) }) {
                return Ok(());
            }
        }
        let i = position(cx, key)?;
        let at = if i < 0 { i + this.len() as isize } else { i };
        let Some(at) = usize::try_from(at).ok().filter(|a| *a < this.len()) else {
            raise!(cx, IndexError, "array assignment index out of range");
        };
        match v {
            Some(v) => {
                let b = pack(cx, this.code(), v)?;
                if !this.store().write_range(at * this.size(), &b) {
                    raise!(cx, IndexError, "array assignment index out of range");
                }
                Ok(())
            }
            None => this.splice(cx, at, 1, &[]),
        }
    }

    #[slot]
    fn __concat__(cx: &Thread, this: &Array, other: Value) -> Res {
        let Some(o) = other.downcast::<Array>() else {
            raise!(cx, TypeError, "can only append array (not \"{}\") to array", other.ty().name());
        };
        if o.code() != this.code() {
            raise!(cx, TypeError, "bad argument type for built-in operation");
        }
        let store = this.store().joined(cx, o.store())?;
        Ok(Value::from_ref(Array::over(cx, Array::type_object(), this.code(), store)))
    }

    #[slot]
    fn __repeat__(cx: &Thread, this: &Array, n: isize) -> Res {
        let data = this.bytes();
        let n = n.max(0) as usize;
        if data.len().checked_mul(n).is_none_or(|t| t > 1 << 36) {
            return Err(cx.no_memory());
        }
        let data = cx.plain(data.len() * n, || data.repeat(n));
        Array::new(cx, Array::type_object(), this.code(), &data).map(|a| Value::from_ref(a))
    }

    #[slot]
    fn __iconcat__(cx: &Thread, this: &Array, other: Value) -> Res {
        if other.downcast::<Array>().is_none() {
            raise!(
                cx,
                TypeError,
                "can only extend array with array (not \"{}\")",
                other.ty().name()
            );
        }
        this.extend_with(cx, other)?;
        Ok(Value::from_ref(this))
    }

    #[slot]
    fn __irepeat__(cx: &Thread, this: &Array, n: isize) -> Res {
        let data = this.bytes();
        let n = n.max(0) as usize;
        if data.len().checked_mul(n).is_none_or(|t| t > 1 << 36) {
            return Err(cx.no_memory());
        }
        let data = cx.plain(data.len() * n, || data.repeat(n));
        this.splice(cx, 0, usize::MAX, &data)?;
        Ok(Value::from_ref(this))
    }

    #[slot]
    fn __buffer__(_cx: &Thread, this: &Array, _flags: u32) -> Res<Buffer> {
        let (p, n) = this.store().begin_export();
        let size = this.size();
        let code = if is_text(this.code()) { b'w' } else { this.code() };
        let at = CODES.iter().position(|c| *c == code).unwrap_or(0);
        let format = &FORMATS[at..at + 1];
        Ok(Buffer {
            itemsize: size,
            format: format.into(),
            shape: [(n / size) as isize].into_iter().collect(),
            strides: [size as isize].into_iter().collect(),
            ..Buffer::bytes(Value::from_ref(this), p, n, false)
        })
    }

    #[slot]
    fn __release_buffer__(_cx: &Thread, this: &Array, _b: &Buffer) -> Res<()> {
        this.store().end_export();
        Ok(())
    }

    /// Adds an item at the end.
    #[pymethod(sig = "(self, v, /)")]
    fn append(cx: &Thread, this: &Array, v: Value) -> Res<()> {
        let b = pack(cx, this.code(), v)?;
        this.splice(cx, usize::MAX, 0, &b)
    }

    /// Adds all items of an iterable at the end.
    #[pymethod(sig = "(self, bb, /)")]
    fn extend(cx: &Thread, this: &Array, bb: Value) -> Res<()> {
        this.extend_with(cx, bb)
    }

    /// Puts an item before an index.
    #[pymethod(sig = "(self, i, v, /)")]
    fn insert(cx: &Thread, this: &Array, i: isize, v: Value) -> Res<()> {
        let b = pack(cx, this.code(), v)?;
        let n = this.len() as isize;
        let at = if i < 0 { (i + n).max(0) } else { i.min(n) };
        this.splice(cx, at as usize, 0, &b)
    }

    /// Removes and gives an item.
    #[pymethod(sig = "(self, i=-1, /)")]
    fn pop(cx: &Thread, this: &Array, i: isize) -> Res {
        let size = this.size();
        let seen = std::cell::Cell::new(0);
        let place = |_, bytes: usize| {
            let n = bytes / size;
            seen.set(n);
            let at = if i < 0 { i + n as isize } else { i };
            usize::try_from(at).ok().filter(|&i| i < n).map(|i| i * size)
        };
        let mut item = [0; 16];
        let item = &mut item[..size];
        match this.store().take_out(cx, item, place) {
            Ok(true) => unpack(cx, this.code(), item),
            Ok(false) if seen.get() == 0 => raise!(cx, IndexError, "pop from empty array"),
            Ok(false) => raise!(cx, IndexError, "pop index out of range"),
            Err(e) if e.is(exc::BufferError()) => {
                raise!(cx, BufferError, "cannot resize an array that is exporting buffers")
            }
            Err(e) => Err(e),
        }
    }

    /// Removes the first item of that value.
    #[pymethod(sig = "(self, v, /)")]
    fn remove(cx: &Thread, this: &Array, v: Value) -> Res<()> {
        match find(cx, this, v, 0, isize::MAX)? {
            Some(i) => this.splice(cx, i, 1, &[]),
            None => raise!(cx, ValueError, "array.remove(x): x not in array"),
        }
    }

    /// The first index of a value.
    #[pymethod(sig = "(self, v, start=0, stop=sys.maxsize, /)")]
    fn index(cx: &Thread, this: &Array, v: Value, start: isize, stop: isize) -> Res<usize> {
        match find(cx, this, v, start, stop)? {
            Some(i) => Ok(i),
            None => raise!(cx, ValueError, "array.index(x): x not in array"),
        }
    }

    /// How often a value occurs.
    #[pymethod(sig = "(self, v, /)")]
    fn count(cx: &Thread, this: &Array, v: Value) -> Res<usize> {
        let (mut n, mut i) = (0, 0);
        while let Some(x) = this.get(cx, i)? {
            breathe(cx, i)?;
            if eq(cx, x, v)? {
                n += 1;
            }
            i += 1;
        }
        Ok(n)
    }

    /// Removes all items.
    #[pymethod(sig = "(self, /)")]
    fn clear(cx: &Thread, this: &Array) -> Res<()> {
        this.splice(cx, 0, usize::MAX, &[])
    }

    /// Reverses the items in place.
    #[pymethod(sig = "(self, /)")]
    fn reverse(cx: &Thread, this: &Array) {
        let (n, all) = (this.size(), this.bytes());
        let turn = || all.chunks_exact(n).rev().flatten().copied().collect::<Vec<u8>>();
        let out = cx.plain(all.len(), turn);
        this.store().write_range(0, &out);
    }

    /// Reverses the bytes of every item.
    #[pymethod(sig = "(self, /)")]
    fn byteswap(cx: &Thread, this: &Array) {
        let (n, mut out) = (this.size(), this.bytes());
        cx.plain(out.len(), || out.chunks_exact_mut(n).for_each(<[u8]>::reverse));
        this.store().write_range(0, &out);
    }

    /// Address and number of items.
    #[pymethod(sig = "(self, /)")]
    fn buffer_info(cx: &Thread, this: &Array) -> Res {
        let (p, _) = this.store().begin_export();
        this.store().end_export();
        let t =
            Tuple::pair(cx, int_from_i128(cx, p as usize as i128), Value::small(this.len() as i64));
        Ok(Value::from_ref(t))
    }

    /// The items as a list.
    #[pymethod(sig = "(self, /)")]
    fn tolist(cx: &Thread, this: &Array) -> Res {
        Ok(Value::from_ref(List::from_slice(cx, &this.values(cx)?)))
    }

    /// Adds the items of a list.
    #[pymethod(sig = "(self, list, /)")]
    fn fromlist(cx: &Thread, this: &Array, list: Value) -> Res<()> {
        let Some(l) = list.downcast::<List>() else { raise!(cx, TypeError, "arg must be list") };
        let mut data = Vec::new();
        let n = l.len();
        for i in 0..n {
            let Some(v) = l.get(i) else { break };
            data.extend_from_slice(&pack(cx, this.code(), v)?);
            if l.len() != n {
                raise!(cx, RuntimeError, "list changed size during iteration");
            }
        }
        this.splice(cx, usize::MAX, 0, &data)
    }

    /// The items' bytes.
    #[pymethod(sig = "(self, /)")]
    fn tobytes(cx: &Thread, this: &Array) -> Res {
        this.store().as_bytes(cx)
    }

    /// Adds items from bytes.
    #[pymethod(sig = "(self, buffer, /)")]
    fn frombytes(cx: &Thread, this: &Array, buffer: ByteArg) -> Res<()> {
        from_bytes(cx, this, &buffer)
    }

    /// Adds the characters of a string to an array of characters.
    #[pymethod(sig = "(self, ustr, /)")]
    fn fromunicode(cx: &Thread, this: &Array, ustr: &'static Str) -> Res<()> {
        if !is_text(this.code()) {
            raise!(
                cx,
                ValueError,
                "fromunicode() may only be called on unicode type arrays ('u' or 'w')"
            );
        }
        this.splice(cx, usize::MAX, 0, &packed_chars(ustr))
    }

    /// The characters of an array of characters.
    #[pymethod(sig = "(self, /)")]
    fn tounicode(cx: &Thread, this: &Array) -> Res<&'static Str> {
        if !is_text(this.code()) {
            raise!(
                cx,
                ValueError,
                "tounicode() may only be called on unicode type arrays ('u' or 'w')"
            );
        }
        this.text(cx)
    }

    /// Reads n items from a file.
    #[pymethod(sig = "(self, f, n, /)")]
    fn fromfile(cx: &Thread, this: &Array, f: Value, n: isize) -> Res<()> {
        if n < 0 {
            raise!(cx, ValueError, "negative count");
        }
        let want = n as usize * this.size();
        let b = call_method(cx, f, id!(cx, "read"), &[int_from_i128(cx, want as i128)])?;
        let Some(b) = b.downcast::<Bytes>() else {
            raise!(cx, TypeError, "read() didn't return bytes");
        };
        from_bytes(cx, this, b.as_slice())?;
        if b.len() != want {
            raise!(cx, EOFError, "read() didn't return enough bytes");
        }
        Ok(())
    }

    /// Writes the items to a file.
    #[pymethod(sig = "(self, f, /)")]
    fn tofile(cx: &Thread, this: &Array, f: Value) -> Res<()> {
        for chunk in this.bytes().chunks(64 * 1024) {
            let b = Value::from_ref(Bytes::new(cx, chunk));
            call_method(cx, f, id!(cx, "write"), &[b])?;
        }
        Ok(())
    }

    #[pymethod(sig = "(self, /)")]
    fn __copy__(cx: &Thread, this: &Array) -> Res {
        Array::new(cx, Array::type_object(), this.code(), &this.bytes()).map(|a| Value::from_ref(a))
    }

    #[pymethod(sig = "(self, unused, /)")]
    fn __deepcopy__(cx: &Thread, this: &Array, _unused: Value) -> Res {
        Array::__copy__(cx, this)
    }

    /// Bytes that the object takes in memory.
    #[pymethod(sig = "(self, /)")]
    fn __sizeof__(_cx: &Thread, this: &Array) -> usize {
        80 + this.store().len()
    }

    /// State for pickling.
    #[pymethod(sig = "(self, value, /)")]
    fn __reduce_ex__(cx: &Thread, this: &Array, value: Value) -> Res {
        if !int::is_int(value) {
            raise!(cx, TypeError, "__reduce_ex__ argument should be an integer");
        }
        let me = Value::from_ref(this);
        let state = get_attr_opt(cx, me, id!(cx, "__dict__"))?.unwrap_or(none());
        let code = Value::from_ref(Str::from_latin1(cx, &[this.code()]));
        let cls = Value::from_ref(me.ty());
        let (f, args) = if int_to_i64(value).unwrap_or(0) < 3 {
            (cls, Tuple::pair(cx, code, Array::tolist(cx, this)?))
        } else {
            let f = module::import_attr(cx, "array", "_array_reconstructor")?;
            let parts =
                [cls, code, Value::small(machine_format(this.code())), Array::tobytes(cx, this)?];
            (f, Tuple::from_slice(cx, &parts))
        };
        Ok(Value::from_ref(Tuple::from_slice(cx, &[f, Value::from_ref(args), state])))
    }

    /// array[int] and its like.
    #[classmethod(sig = "(cls, item, /)", text = "($type, object, /)")]
    fn __class_getitem__(cx: &Thread, cls: Value, item: Value) -> Res {
        generic_alias::new(cx, cls, item)
    }

    /// The typecode.
    #[getter]
    fn typecode(cx: &Thread, this: &Array) -> &'static Str {
        Str::from_latin1(cx, &[this.code()])
    }

    /// Bytes of one item.
    #[getter]
    fn itemsize(_cx: &Thread, this: &Array) -> usize {
        this.size()
    }
}

/// Over an array; `seq` is empty once exhausted.
#[repr(C)]
pub struct ArrayIter {
    head: Head,
    index: AtomicIsize,
    seq: Slot,
}

pytype! { ArrayIter, PyTaipanArrayIter_Type, name: "arrayiterator", module: "array",
base: taipan_vm::objects::object::Object, flags: tpflags::DISALLOW_INSTANTIATION }

#[pymethods]
impl ArrayIter {
    #[slot]
    fn __iter__(_cx: &Thread, this: Value) -> Res {
        Ok(this)
    }

    #[slot]
    fn __next__(cx: &Thread, this: &ArrayIter) -> Res<Option<Value>> {
        let Some(a) = this.seq.get().and_then(|v| v.downcast::<Array>()) else { return Ok(None) };
        loop {
            let i = this.index.load(Ordering::Relaxed);
            let Some(v) = a.get(cx, i as usize)? else {
                this.seq.clear(&this.head);
                return Ok(None);
            };
            if taipan_vm::objects::iterators::move_on(&this.index, i, i + 1) {
                return Ok(Some(v));
            }
        }
    }

    /// State for pickling.
    #[pymethod(sig = "(self, /)")]
    fn __reduce__(cx: &Thread, this: &ArrayIter) -> Res {
        let i = this.index.load(Ordering::Relaxed);
        taipan_vm::objects::iterators::reduce_iter(cx, || (this.seq.get(), i))
    }

    /// Sets the position.
    #[pymethod(sig = "(self, state, /)")]
    fn __setstate__(_cx: &Thread, this: &ArrayIter, state: isize) {
        if let Some(a) = this.seq.get().and_then(|v| v.downcast::<Array>()) {
            this.index.store(state.clamp(0, a.len() as isize), Ordering::Relaxed);
        }
    }
}

/// Makes an array from a pickle's bytes, whatever machine wrote them.
#[pyfunction(sig = "(arraytype, typecode, mformat_code, items, /)")]
fn _array_reconstructor(
    cx: &Thread,
    arraytype: Value,
    typecode: Value,
    mformat_code: i32,
    items: Value,
) -> Res {
    let Some(cls) = arraytype.as_type() else {
        raise!(
            cx,
            TypeError,
            "first argument must be a type object, not {}",
            arraytype.ty().name()
        );
    };
    if !cls.is_subtype(Array::type_object()) {
        raise!(cx, TypeError, "{} is not a subtype of array", cls.name());
    }
    let code = self::typecode(cx, typecode)?;
    if !CODES.contains(&code) {
        raise!(cx, ValueError, "second argument must be a valid type code");
    }
    if !(0..=21).contains(&mformat_code) {
        raise!(cx, ValueError, "third argument must be a valid machine format code.");
    }
    let Some(b) = items.downcast::<Bytes>() else {
        raise!(cx, TypeError, "fourth argument should be bytes, not {}", items.ty().name());
    };
    if mformat_code as i64 == machine_format(code) {
        let a = Array::new(cx, cls, code, &[])?;
        from_bytes(cx, a, b.as_slice())?;
        return Ok(Value::from_ref(a));
    }
    let m = mformat_code;
    let big = m % 2 == 1 && m > 1;
    if m >= 18 {
        let name = ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"][m as usize - 18];
        let s = taipan_vm::codecs::decode_bytes(
            cx,
            items,
            b.as_slice(),
            Some(Str::new(cx, name)),
            None,
        )?;
        return construct(cx, cls, &[typecode, s]);
    }
    let (kind, size) = match m {
        0 | 1 => (Code::Int { signed: m == 1 }, 1),
        2..=5 => (Code::Int { signed: m > 3 }, 2),
        6..=9 => (Code::Int { signed: m > 7 }, 4),
        10..=13 => (Code::Int { signed: m > 11 }, 8),
        14 | 15 => (Code::Single, 4),
        _ => (Code::Double, 8),
    };
    if b.len() % size != 0 {
        raise!(cx, ValueError, "string length not a multiple of item size");
    }
    let mut data = Vec::new();
    for c in b.as_slice().chunks_exact(size) {
        let mut c = c.to_vec();
        if big {
            c.reverse();
        }
        data.extend_from_slice(&pack(cx, code, packed_item::unpack(cx, kind, &c))?);
    }
    Array::new(cx, cls, code, &data).map(|a| Value::from_ref(a))
}

fn exec(cx: &Thread, m: &Module) -> Res<()> {
    taipan_vm::types::ready::ready::<ArrayIter>(cx);
    let t = m.add_type::<Array>(cx);
    m.add(cx, "ArrayType", Value::from_ref(t));
    m.add_str(cx, "typecodes", FORMATS);
    let abc = module::import_attr(cx, "collections.abc", "MutableSequence")?;
    call_method(cx, abc, id!(cx, "register"), &[Value::from_ref(t)])?;
    Ok(())
}

pymodule! { "array", doc: "Sequences of numbers of one machine type.",
functions: [_array_reconstructor], exec: exec }
