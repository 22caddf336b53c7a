//! `OrderedDict`, its views and its iterator.
//!
//! Taipan's dicts keep an order themselves; this type adds moving keys, popping from either end,
//! comparison by order, and iterators that notice every change of keys or order.

use std::sync::atomic::{AtomicIsize, AtomicU64, Ordering};
use taipan_vm::objects::dict::key_error;
use taipan_vm::objects::dict::views::{DictItems, DictKeys, DictValues};
use taipan_vm::objects::iterators::move_on;
use taipan_vm::objects::iterators::reduce_list;
use taipan_vm::objects::object::Object;
use taipan_vm::objects::text_builder::{TextBuilder, enter_repr};
use taipan_vm::prelude::*;
use taipan_vm::types::alloc::fresh_head;

#[repr(C)]
pub struct OrderedDict {
    pub head: Head,
    dict: [AtomicU64; 4],
}

const _: () = assert!(size_of::<OrderedDict>() == size_of::<Dict>());

taipan_vm::pytype! { OrderedDict, PyODict_Type, name: "OrderedDict", module: "collections", base: Dict,
flags: tpflags::BASETYPE, dict: true, weakref: true,
doc: "Dictionary that remembers insertion order" }

/// Stores pairs through `__setitem__`, as `MutableMapping.update` does.
fn add_pairs(cx: &Thread, d: Value, pairs: Value) -> Res<()> {
    let it = iter(cx, pairs)?;
    while let Some(pair) = iter_next(cx, it)? {
        cx.poll()?;
        let kv = collect(cx, pair)?;
        match kv.len() {
            2 => set_item(cx, d, kv[0], kv[1])?,
            0 => raise!(cx, ValueError, "need more than 0 values to unpack"),
            1 => raise!(cx, ValueError, "need more than 1 value to unpack"),
            _ => raise!(cx, ValueError, "too many values to unpack (expected 2)"),
        }
    }
    Ok(())
}

fn update_arg(cx: &Thread, d: Value, other: Value) -> Res<()> {
    if let Some(o) = other.downcast_exact::<Dict>() {
        for (k, v) in o.entries() {
            set_item(cx, d, k, v)?;
        }
        return Ok(());
    }
    if let Some(f) = get_attr_opt(cx, other, id!(cx, "keys"))? {
        let keys = call(cx, f, &[])?;
        let it = iter(cx, keys)?;
        while let Some(k) = iter_next(cx, it)? {
            cx.poll()?;
            let v = get_item(cx, other, k)?;
            set_item(cx, d, k, v)?;
        }
        return Ok(());
    }
    if let Some(f) = get_attr_opt(cx, other, id!(cx, "items"))? {
        let items = call(cx, f, &[])?;
        return add_pairs(cx, d, items);
    }
    add_pairs(cx, d, other)
}

fn update(cx: &Thread, d: Value, args: &[Value], kw: Option<&Dict>) -> Res<()> {
    if let Some(&v) = args.first() {
        update_arg(cx, d, v)?;
    }
    if let Some(kw) = kw {
        for (k, v) in kw.entries() {
            set_item(cx, d, k, v)?;
        }
    }
    Ok(())
}

impl OrderedDict {
    fn dict(&self) -> &'static Dict {
        Value::from_ref(self).downcast::<Dict>().expect("an OrderedDict is a dict")
    }

    fn is_exact(&self) -> bool {
        Value::from_ref(self).downcast_exact::<OrderedDict>().is_some()
    }
}

#[pymethods]
impl OrderedDict {
    #[slot(sig = "(self, *args, **kwargs)")]
    fn __init__(
        cx: &Thread,
        this: &OrderedDict,
        args: &[Value],
        kwargs: Option<&'static Dict>,
    ) -> Res<()> {
        if args.len() > 1 {
            raise!(cx, TypeError, "expected at most 1 arguments, got {}", args.len());
        }
        update(cx, Value::from_ref(this), args, kwargs)
    }

    #[slot]
    fn __repr__(cx: &Thread, this: &OrderedDict) -> Res {
        let mut b = TextBuilder::new();
        let name = Value::from_ref(this).ty().short_name();
        b.push_str(&name);
        if this.dict().is_empty() {
            b.push_str("()");
            return Ok(b.finish(cx));
        }
        let Some(_guard) = enter_repr(cx, Value::from_ref(this)) else {
            return Ok(Value::from_ref(Str::new(cx, "...")));
        };
        b.push_str("(");
        b.push_repr(cx, Value::from_ref(this.dict().copy(cx)))?;
        b.push_str(")");
        Ok(b.finish(cx))
    }

    #[slot]
    fn __iter__(cx: &Thread, this: &OrderedDict) -> Res {
        Ok(OdIter::new(cx, this.dict(), KEYS, false))
    }

    #[slot]
    fn __richcmp__(cx: &Thread, this: &OrderedDict, other: Value, op: CmpOp) -> Res {
        let (Some(o), CmpOp::Eq | CmpOp::Ne) = (other.downcast::<Dict>(), op) else {
            return Ok(not_implemented());
        };
        let cmp = Dict::type_object().slots().richcmp.get().expect("dicts compare");
        let r = cmp(cx, Value::from_ref(this), other, CmpOp::Eq)?;
        let mut same = is_true(cx, r)?;
        if same && other.downcast::<OrderedDict>().is_some() {
            let d = this.dict();
            let (v, w) = (d.structure_version(), o.structure_version());
            let (mine, theirs) = (d.keys(), o.keys());
            same = mine.len() == theirs.len();
            for (a, b) in mine.iter().zip(theirs.iter()).take_while(|_| mine.len() == theirs.len())
            {
                same = eq(cx, *a, *b)?;
                if d.structure_version() != v || o.structure_version() != w {
                    raise!(cx, RuntimeError, "OrderedDict mutated during iteration");
                }
                if !same {
                    break;
                }
            }
        }
        Ok(py_bool(same == (op == CmpOp::Eq)))
    }

    #[slot]
    fn __or__(cx: &Thread, a: Value, b: Value) -> Res {
        let (ty, other) = match a.downcast::<OrderedDict>() {
            Some(_) => (a.ty(), b),
            None => (b.ty(), a),
        };
        if other.downcast::<Dict>().is_none() {
            return Ok(not_implemented());
        }
        let new = call(cx, Value::from_ref(ty), &[a])?;
        update_arg(cx, new, b)?;
        Ok(new)
    }

    #[slot]
    fn __ior__(cx: &Thread, this: Value, other: Value) -> Res {
        update_arg(cx, this, other)?;
        Ok(this)
    }

    /// A new ordered dictionary with keys from the iterable, all with the same value.
    #[classmethod(sig = "(type, iterable, value=None)")]
    fn fromkeys(cx: &Thread, cls: &Type, iterable: Value, value: Value) -> Res {
        let d = call(cx, Value::from_ref(cls), &[])?;
        for_each(cx, iterable, |k| {
            cx.poll()?;
            set_item(cx, d, k, value)
        })?;
        Ok(d)
    }

    /// The value of the key, which is inserted with the default if it is not there.
    #[pymethod(sig = "(self, key, default=None)")]
    fn setdefault(cx: &Thread, this: &OrderedDict, key: Value, default: Value) -> Res {
        if this.is_exact() {
            return Ok(this.dict().set_default(cx, key, default)?.0);
        }
        let obj = Value::from_ref(this);
        if contains(cx, obj, key)? {
            return get_item(cx, obj, key);
        }
        set_item(cx, obj, key, default)?;
        Ok(default)
    }

    /// Remove the key and give its value; the default, or KeyError, if it is not there.
    #[pymethod(sig = "(self, key, default=<unrepresentable>)")]
    fn pop(cx: &Thread, this: &OrderedDict, key: Value, default: Option<Value>) -> Res {
        match this.dict().pop(cx, key)?.or(default) {
            Some(v) => Ok(v),
            None => Err(key_error(cx, key)),
        }
    }

    /// Remove and give a pair: the last one, or the first one if last is false.
    #[pymethod(sig = "(self, last=True)")]
    fn popitem(cx: &Thread, this: &OrderedDict, last: bool) -> Res {
        let d = this.dict();
        match if last { d.pop_last() } else { d.pop_first() } {
            Some((k, v)) => Ok(Value::from_ref(Tuple::pair(cx, k, v))),
            None => raise!(cx, KeyError, "dictionary is empty"),
        }
    }

    /// Move a key to the end, or to the start if last is false. KeyError if it is not there.
    #[pymethod(sig = "(self, key, last=True)")]
    fn move_to_end(cx: &Thread, this: &OrderedDict, key: Value, last: bool) -> Res<()> {
        if this.dict().move_to_end(cx, key, last)? {
            return Ok(());
        }
        // As CPython, which takes the key for the exception's arguments here.
        let alone = [key];
        let args = match key.downcast_exact::<Tuple>() {
            Some(items) => items.as_slice(),
            None => &alone[usize::from(key.is_none())..],
        };
        Err(Raised::with_args(cx, exc::KeyError(), args))
    }

    /// Store pairs of a mapping or iterable, then the keyword arguments.
    #[pymethod(name = "update", sig = "(self, *args, **kwargs)", text = "")]
    fn py_update(
        cx: &Thread,
        this: &OrderedDict,
        args: &[Value],
        kwargs: Option<&'static Dict>,
    ) -> Res<()> {
        if args.len() > 1 {
            raise!(
                cx,
                TypeError,
                "update() takes at most 1 positional argument ({} given)",
                args.len()
            );
        }
        update(cx, Value::from_ref(this), args, kwargs)
    }

    /// Remove all items.
    #[pymethod]
    fn clear(cx: &Thread, this: &OrderedDict) {
        this.dict().clear(cx);
    }

    /// A shallow copy.
    #[pymethod]
    fn copy(cx: &Thread, this: &OrderedDict) -> Res {
        let obj = Value::from_ref(this);
        let new = if this.is_exact() {
            Value::from_ref(Dict::new_in(cx, OrderedDict::type_object()))
        } else {
            call(cx, Value::from_ref(obj.ty()), &[])?
        };
        let d = this.dict();
        let version = d.structure_version();
        for (k, v) in d.entries() {
            let v = if this.is_exact() { v } else { get_item(cx, obj, k)? };
            set_item(cx, new, k, v)?;
            if d.structure_version() != version {
                raise!(cx, RuntimeError, "OrderedDict mutated during iteration");
            }
        }
        Ok(new)
    }

    /// A live view of the keys.
    #[pymethod]
    fn keys(cx: &Thread, this: &OrderedDict) -> Value {
        OdKeys::new(cx, this.dict())
    }

    /// A live view of the values.
    #[pymethod]
    fn values(cx: &Thread, this: &OrderedDict) -> Value {
        OdValues::new(cx, this.dict())
    }

    /// A live view of the pairs.
    #[pymethod]
    fn items(cx: &Thread, this: &OrderedDict) -> Value {
        OdItems::new(cx, this.dict())
    }

    /// A reverse iterator over the keys.
    #[pymethod]
    fn __reversed__(cx: &Thread, this: &OrderedDict) -> Value {
        OdIter::new(cx, this.dict(), KEYS, true)
    }

    /// State for pickling.
    #[pymethod]
    fn __reduce__(cx: &Thread, this: &OrderedDict) -> Res {
        let obj = Value::from_ref(this);
        let state = call_method(cx, obj, id!(cx, "__getstate__"), &[])?;
        let items = call_method(cx, obj, id!(cx, "items"), &[])?;
        let it = iter(cx, items)?;
        let args = Value::from_ref(Tuple::empty(cx));
        let t = [Value::from_ref(obj.ty()), args, state, none(), it];
        Ok(Value::from_ref(Tuple::from_slice(cx, &t)))
    }
}

const KEYS: u8 = 1;
const VALUES: u8 = 2;
const ITEMS: u8 = 3;

macro_rules! od_view {
    ($ty:ident, $st:ident, $name:literal, $base:ident, $kind:expr) => {
        #[repr(C)]
        pub struct $ty {
            pub head: Head,
            dict: Slot,
        }

        const _: () = assert!(size_of::<$ty>() == size_of::<$base>());

        taipan_vm::pytype! { $ty, $st, name: $name, module: "builtins", base: $base }

        impl $ty {
            fn new(cx: &Thread, d: &Dict) -> Value {
                let v = $ty { head: fresh_head(), dict: Slot::empty() };
                v.dict.init(Some(Value::from_ref(d)));
                Value::from_ref(cx.alloc(v))
            }

            fn dict(&self) -> &'static Dict {
                self.dict.value().downcast::<Dict>().expect("made for a dict")
            }
        }

        #[pymethods]
        impl $ty {
            #[slot]
            fn __iter__(cx: &Thread, this: &$ty) -> Res {
                Ok(OdIter::new(cx, this.dict(), $kind, false))
            }

            /// A reverse iterator.
            #[pymethod]
            fn __reversed__(cx: &Thread, this: &$ty) -> Value {
                OdIter::new(cx, this.dict(), $kind, true)
            }
        }
    };
}

od_view!(OdKeys, PyODictKeys_Type, "odict_keys", DictKeys, KEYS);
od_view!(OdValues, PyODictValues_Type, "odict_values", DictValues, VALUES);
od_view!(OdItems, PyODictItems_Type, "odict_items", DictItems, ITEMS);

#[repr(C)]
pub struct OdIter {
    pub head: Head,
    dict: Slot,
    kind: u8,
    reverse: bool,
    /// The entry to give next; -1: none.
    at: AtomicIsize,
    version: AtomicU64,
    size: AtomicIsize,
}

taipan_vm::pytype! { OdIter, PyODictIter_Type, name: "odict_iterator", module: "builtins", base: Object }

impl OdIter {
    fn new(cx: &Thread, d: &Dict, kind: u8, reverse: bool) -> Value {
        let it = OdIter {
            head: fresh_head(),
            dict: Slot::empty(),
            kind,
            reverse,
            at: AtomicIsize::new(-1),
            version: AtomicU64::new(d.structure_version()),
            size: AtomicIsize::new(d.len() as isize),
        };
        it.dict.init(Some(Value::from_ref(d)));
        let start = if reverse { d.storage().nentries() as isize - 1 } else { 0 };
        it.at.store(it.live_from(d, start), Ordering::Relaxed);
        Value::from_ref(cx.alloc(it))
    }

    /// The first live entry from `i` on, in the iterator's direction.
    fn live_from(&self, d: &Dict, mut i: isize) -> isize {
        let s = d.storage();
        let n = s.nentries() as isize;
        while i >= 0 && i < n {
            if s.value(i as usize).is_some() {
                return i;
            }
            i += if self.reverse { -1 } else { 1 };
        }
        -1
    }

    fn item(&self, cx: &Thread, k: Value, v: Value) -> Value {
        match self.kind {
            KEYS => k,
            VALUES => v,
            _ => Value::from_ref(Tuple::pair(cx, k, v)),
        }
    }
}

#[pymethods]
impl OdIter {
    #[slot]
    fn __iter__(_cx: &Thread, this: Value) -> Res {
        Ok(this)
    }

    #[slot]
    fn __next__(cx: &Thread, this: &OdIter) -> Res<Option<Value>> {
        let Some(d) = this.dict.get().and_then(|v| v.downcast::<Dict>()) else { return Ok(None) };
        let i = this.at.load(Ordering::Relaxed);
        if i < 0 {
            this.dict.clear(&this.head);
            return Ok(None);
        }
        if d.structure_version() != this.version.load(Ordering::Relaxed) {
            this.dict.clear(&this.head);
            raise!(cx, RuntimeError, "OrderedDict mutated during iteration");
        }
        let Some((k, v)) = d.storage().item(i as usize) else {
            this.dict.clear(&this.head);
            raise!(cx, RuntimeError, "OrderedDict mutated during iteration");
        };
        let next = this.live_from(d, if this.reverse { i - 1 } else { i + 1 });
        if !move_on(&this.at, i, next) {
            // Another thread has taken this one.
            return OdIter::__next__(cx, this);
        }
        Ok(Some(this.item(cx, k, v)))
    }

    /// State for pickling.
    #[pymethod]
    fn __reduce__(cx: &Thread, this: &OdIter) -> Res {
        let mut rest: GcVec<Value> = GcVec::new();
        if let Some(d) = this.dict.get().and_then(|v| v.downcast::<Dict>()) {
            let mut i = this.at.load(Ordering::Relaxed);
            while i >= 0 {
                if d.structure_version() != this.version.load(Ordering::Relaxed) {
                    raise!(cx, RuntimeError, "OrderedDict mutated during iteration");
                }
                let Some((k, v)) = d.storage().item(i as usize) else { break };
                rest.push(this.item(cx, k, v));
                i = this.live_from(d, if this.reverse { i - 1 } else { i + 1 });
            }
        }
        reduce_list(cx, &rest)
    }
}

/// Adds the type and readies its views.
pub fn add(cx: &Thread, m: &Module) {
    use taipan_vm::types::ready::ready;
    m.add_type::<OrderedDict>(cx);
    ready::<OdKeys>(cx);
    ready::<OdValues>(cx);
    ready::<OdItems>(cx);
    ready::<OdIter>(cx);
}
