//! `functools._lru_cache_wrapper`: a dict of links that form a ring from the least to the most
//! recently used entry. The ring is changed under the wrapper's lock; the function and all
//! comparisons of keys run outside it. So that the dict is never larger than the bound, a call
//! takes a place under the lock before it adds its entry: a free one, or that of the oldest entry.

use std::sync::atomic::{AtomicI64, AtomicIsize, Ordering};
use taipan_heap::lock::lock;
use taipan_vm::objects::int::int_type;
use taipan_vm::objects::object::Object;
use taipan_vm::prelude::*;
use taipan_vm::types::alloc::fresh_head;

#[repr(C)]
pub struct Link {
    pub head: Head,
    prev: Slot,
    next: Slot,
    key: Slot,
    result: Slot,
    hash: AtomicI64,
}

taipan_vm::pytype! { Link, PyLruListElem_Type, name: "_lru_list_elem", module: "functools", base: Object,
flags: tpflags::DISALLOW_INSTANTIATION }

#[pymethods]
impl Link {}

impl Link {
    fn make(cx: &Thread, key: Option<Value>, hash: i64, result: Option<Value>) -> &'static Link {
        let l = Link {
            head: fresh_head(),
            prev: Slot::empty(),
            next: Slot::empty(),
            key: Slot::empty(),
            result: Slot::empty(),
            hash: AtomicI64::new(hash),
        };
        l.key.init(key);
        l.result.init(result);
        cx.alloc(l)
    }

    fn of(v: Value) -> &'static Link {
        v.downcast_exact::<Link>().expect("the ring and the cache hold links only")
    }

    /// Takes the link out of the ring, where it is in it.
    fn extract(&self) {
        if let (Some(p), Some(n)) = (self.prev.get(), self.next.get()) {
            let (p, n) = (Link::of(p), Link::of(n));
            p.next.set(&p.head, Value::from_ref(n));
            n.prev.set(&n.head, Value::from_ref(p));
            self.prev.clear(&self.head);
            self.next.clear(&self.head);
        }
    }

    fn is_in_ring(&self) -> bool {
        !self.next.is_empty()
    }
}

#[repr(C)]
pub struct LruCache {
    pub head: Head,
    func: Slot,
    cache: Slot,
    /// The link that closes the ring: `next` is the oldest entry, `prev` the newest.
    root: Slot,
    info_type: Slot,
    /// Stands before keyword arguments in keys.
    mark: Slot,
    /// -1: not bounded.
    maxsize: isize,
    /// Entries in the ring and places taken for those to come. Changed under the lock.
    places: AtomicIsize,
    typed: bool,
    hits: AtomicI64,
    misses: AtomicI64,
}

taipan_vm::pytype! { LruCache, PyLruCache_Type, name: "_lru_cache_wrapper", module: "functools", base: Object,
flags: tpflags::BASETYPE | tpflags::METHOD_DESCRIPTOR, dict: true, weakref: true,
doc: "Create a cached callable that wraps another function.\n\nuser_function:      the function being cached\n\nmaxsize:  0         for no caching\n          None      for unlimited cache size\n          n         for a bounded cache\n\ntyped:    False     cache f(3) and f(3.0) as identical calls\n          True      cache f(3) and f(3.0) as distinct calls\n\ncache_info_type:    namedtuple class with the fields:\n                        hits misses currsize maxsize" }

impl LruCache {
    fn cache(&self) -> &'static Dict {
        self.cache.value().downcast_exact::<Dict>().expect("made as a dict")
    }

    fn root(&self) -> &'static Link {
        Link::of(self.root.value())
    }

    /// Puts a link that is not in the ring at its newest end. The caller holds the lock.
    fn append(&self, l: &Link) {
        let root = self.root();
        let last = Link::of(root.prev.value());
        l.prev.set(&l.head, Value::from_ref(last));
        l.next.set(&l.head, Value::from_ref(root));
        last.next.set(&last.head, Value::from_ref(l));
        root.prev.set(&root.head, Value::from_ref(l));
    }

    /// Empties the ring. The caller holds the lock.
    fn reset_ring(&self) {
        let root = self.root();
        root.prev.set(&root.head, Value::from_ref(root));
        root.next.set(&root.head, Value::from_ref(root));
    }

    fn make_key(&self, cx: &Thread, args: &[Value], kw: KwNames<'_>) -> Value {
        let nkw = kw.map_or(0, |k| k.len());
        let (pos, named) = args.split_at(args.len() - nkw);
        if !self.typed && nkw == 0 {
            if let [v] = pos {
                if v.downcast_exact::<Str>().is_some() || v.ty().is(int_type()) {
                    return *v;
                }
            }
            return Value::from_ref(Tuple::from_slice(cx, pos));
        }
        let mut key: GcVec<Value> = pos.into();
        if let Some(names) = kw.filter(|_| nkw > 0) {
            key.push(self.mark.value());
            for (&k, &v) in names.as_slice().iter().zip(named) {
                key.push(k);
                key.push(v);
            }
        }
        if self.typed {
            key.extend(args.iter().map(|v| Value::from_ref(v.ty())));
        }
        Value::from_ref(Tuple::from_slice(cx, &key))
    }

    fn call_bounded(&self, cx: &Thread, args: &[Value], kw: KwNames<'_>) -> Res {
        let key = self.make_key(cx, args, kw);
        let h = taipan_vm::objects::dict::hash_key(cx, key)?;
        let cache = self.cache();
        if let Some(l) = cache.get_hashed(cx, key, h)? {
            let l = Link::of(l);
            let _g = lock(&self.head);
            if l.is_in_ring() {
                l.extract();
                self.append(l);
            }
            self.hits.fetch_add(1, Ordering::Relaxed);
            return Ok(l.result.value());
        }
        self.misses.fetch_add(1, Ordering::Relaxed);
        let result = call_kw(cx, self.func.value(), args, kw)?;
        if cache.get_hashed(cx, key, h)?.is_some() {
            // Added by the call itself or by another thread.
            return Ok(result);
        }
        if !self.take_place(cx)? {
            return Ok(result);
        }
        let l = Link::make(cx, Some(key), h, Some(result));
        match self.cache().set_default_hashed(cx, key, h, Value::from_ref(l)) {
            Ok((_, true)) => {
                let _g = lock(&self.head);
                self.append(l);
                Ok(result)
            }
            // Another thread was faster, or a key refused to be compared.
            other => {
                self.places.fetch_sub(1, Ordering::Relaxed);
                other.map(|_| result)
            }
        }
    }

    /// Takes a place for a new entry, the oldest entry's if all are taken; false: all are taken by
    /// entries to come.
    fn take_place(&self, cx: &Thread) -> Res<bool> {
        let oldest = {
            let _g = lock(&self.head);
            if self.places.load(Ordering::Relaxed) < self.maxsize {
                self.places.fetch_add(1, Ordering::Relaxed);
                return Ok(true);
            }
            let first = self.root().next.value();
            if first == self.root.value() {
                return Ok(false);
            }
            let l = Link::of(first);
            l.extract();
            l
        };
        match self.cache().pop_hashed(cx, oldest.key.value(), oldest.hash.load(Ordering::Relaxed)) {
            Ok(_) => Ok(true),
            Err(e) => {
                let _g = lock(&self.head);
                self.prepend(oldest);
                Err(e)
            }
        }
    }

    /// Puts a link back as the oldest one. The caller holds the lock.
    fn prepend(&self, l: &Link) {
        let root = self.root();
        let first = Link::of(root.next.value());
        l.prev.set(&l.head, Value::from_ref(root));
        l.next.set(&l.head, Value::from_ref(first));
        first.prev.set(&first.head, Value::from_ref(l));
        root.next.set(&root.head, Value::from_ref(l));
    }

    fn call_unbounded(&self, cx: &Thread, args: &[Value], kw: KwNames<'_>) -> Res {
        let key = self.make_key(cx, args, kw);
        let h = taipan_vm::objects::dict::hash_key(cx, key)?;
        if let Some(v) = self.cache().get_hashed(cx, key, h)? {
            self.hits.fetch_add(1, Ordering::Relaxed);
            return Ok(v);
        }
        self.misses.fetch_add(1, Ordering::Relaxed);
        let result = call_kw(cx, self.func.value(), args, kw)?;
        self.cache().set_hashed(cx, key, h, result)?;
        Ok(result)
    }
}

#[pymethods]
impl LruCache {
    #[slot(sig = "(cls, user_function, maxsize, typed, cache_info_type)")]
    fn __new__(
        cx: &Thread,
        cls: &Type,
        user_function: Value,
        maxsize: Value,
        typed: bool,
        cache_info_type: Value,
    ) -> Res {
        if !is_callable(user_function) {
            raise!(cx, TypeError, "the first argument must be callable");
        }
        let max = if maxsize.is_none() {
            -1
        } else if maxsize.is_small() || maxsize.ty().slots().index.get().is_some() {
            index_isize(cx, maxsize, exc::OverflowError())?.max(0)
        } else {
            raise!(cx, TypeError, "maxsize should be integer or None");
        };
        let c = LruCache {
            head: fresh_head(),
            func: Slot::empty(),
            cache: Slot::empty(),
            root: Slot::empty(),
            info_type: Slot::empty(),
            mark: Slot::empty(),
            maxsize: max,
            places: AtomicIsize::new(0),
            typed,
            hits: AtomicI64::new(0),
            misses: AtomicI64::new(0),
        };
        c.func.init(Some(user_function));
        c.cache.init(Some(Value::from_ref(Dict::new(cx))));
        c.root.init(Some(Value::from_ref(Link::make(cx, None, 0, None))));
        c.info_type.init(Some(cache_info_type));
        c.mark.init(Some(cx.alloc_instance(Object::type_object())));
        c.reset_ring();
        Ok(Value::from_ref(cx.alloc_in(cls, c)))
    }

    #[slot]
    fn __call__(cx: &Thread, this: &LruCache, args: &[Value], kw: KwNames<'_>) -> Res {
        match this.maxsize {
            -1 => this.call_unbounded(cx, args, kw),
            0 => {
                this.misses.fetch_add(1, Ordering::Relaxed);
                call_kw(cx, this.func.value(), args, kw)
            }
            _ => this.call_bounded(cx, args, kw),
        }
    }

    #[slot]
    fn __get__(cx: &Thread, this: &LruCache, obj: Option<Value>, _ty: Option<Value>) -> Res {
        match obj.filter(|o| !o.is_none()) {
            Some(obj) => Ok(taipan_vm::objects::method::new(cx, Value::from_ref(this), obj)),
            None => Ok(Value::from_ref(this)),
        }
    }

    /// Report cache statistics
    #[pymethod]
    fn cache_info(cx: &Thread, this: &LruCache) -> Res {
        let int = |i: i64| int_from_i128(cx, i as i128);
        let max = if this.maxsize < 0 { none() } else { int(this.maxsize as i64) };
        let args = [
            int(this.hits.load(Ordering::Relaxed)),
            int(this.misses.load(Ordering::Relaxed)),
            max,
            int(this.cache().len() as i64),
        ];
        call(cx, this.info_type.value(), &args)
    }

    /// Clear the cache and cache statistics
    #[pymethod]
    fn cache_clear(cx: &Thread, this: &LruCache) {
        // A new dict in the same moment: calls that are under way add to it only what has a place.
        let fresh = Dict::new(cx);
        {
            let _g = lock(&this.head);
            this.cache.set(&this.head, Value::from_ref(fresh));
            let mut l = Link::of(this.root().next.value());
            // Cut every link loose, so that a racing hit does not put it back.
            while !std::ptr::eq(l, this.root()) {
                let next = Link::of(l.next.value());
                l.prev.clear(&l.head);
                l.next.clear(&l.head);
                this.places.fetch_sub(1, Ordering::Relaxed);
                l = next;
            }
            this.reset_ring();
            this.hits.store(0, Ordering::Relaxed);
            this.misses.store(0, Ordering::Relaxed);
        }
    }

    /// The name to pickle it by.
    #[pymethod]
    fn __reduce__(cx: &Thread, this: &LruCache) -> Res {
        get_attr(cx, Value::from_ref(this), id!(cx, "__qualname__"))
    }

    /// Functions are not copied.
    #[pymethod(text = "")]
    fn __copy__(_cx: &Thread, this: &LruCache) -> Value {
        Value::from_ref(this)
    }

    /// Functions are not copied.
    #[pymethod(text = "")]
    fn __deepcopy__(_cx: &Thread, this: &LruCache, _memo: Value) -> Value {
        Value::from_ref(this)
    }
}
