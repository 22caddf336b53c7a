//! `weakref.ref`, proxies, callbacks. The collector clears `wr_object` (a WEAK cell's word) with the
//! world stopped and reports each cleared reference; callbacks run at a later poll.

use super::object::Object;
use crate::call::MethodRow;
use crate::prelude::*;
use crate::types::layout::TypeInfo;
use crate::types::shape::Instance;
use std::mem::offset_of;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

/// CPython's PyWeakReference (88 bytes). `wr_object` and the list links are not traced.
#[repr(C)]
pub struct WeakRef {
    pub head: Head,
    wr_object: AtomicU64,
    wr_callback: Slot,
    hash: AtomicI64,
    wr_prev: AtomicU64,
    wr_next: AtomicU64,
    /// The proxy that this reference serves (CPython has its `vectorcall` here).
    proxy: Slot,
    weakrefs_lock: u64,
}

const _: () = {
    assert!(offset_of!(WeakRef, wr_object) == 32);
    assert!(offset_of!(WeakRef, wr_callback) == 40);
    assert!(offset_of!(WeakRef, wr_prev) == 56);
    assert!(size_of::<WeakRef>() == 88);
};

crate::pytype! { WeakRef, _PyWeakref_RefType, name: "ReferenceType", module: "weakref", base: Object,
flags: tpflags::BASETYPE, kind: Weak }

#[repr(C)]
pub struct Proxy {
    pub head: Head,
    r: Slot,
}
crate::pytype! { Proxy, _PyWeakref_ProxyType, name: "ProxyType", module: "weakref", base: Object }

#[repr(C)]
pub struct CallableProxy {
    pub head: Head,
    r: Slot,
}
crate::pytype! { CallableProxy, _PyWeakref_CallableProxyType, name: "CallableProxyType",
module: "weakref", base: Object }

fn alloc(cx: &Thread, cls: &Type, obj: Value, callback: Option<Value>) -> &'static WeakRef {
    let w = WeakRef {
        head: crate::types::alloc::fresh_head(),
        wr_object: AtomicU64::new(obj.bits()),
        wr_callback: Slot::empty(),
        hash: AtomicI64::new(-1),
        wr_prev: AtomicU64::new(0),
        wr_next: AtomicU64::new(0),
        proxy: Slot::empty(),
        weakrefs_lock: 0,
    };
    w.wr_callback.init(callback);
    if callback.is_some_and(|c| !only_tidies(cx, c)) {
        crate::idle::note();
        cx.weak_callbacks.set(cx.weak_callbacks.get() + 1);
    }
    cx.alloc_in(cls, w)
}

/// The import system's own callbacks remove entries from its table of locks.
fn only_tidies(cx: &Thread, callback: Value) -> bool {
    let boot = cx.vm.roots.bootstrap.get().and_then(|b| b.downcast::<Module>());
    let f = callback.downcast_exact::<super::function::Function>();
    f.zip(boot).is_some_and(|(f, b)| f.globals.get() == Some(Value::from_ref(b.dict())))
}

/// A reference that is not entered in the object's list: for the VM's own tables.
pub fn new_plain_ref(cx: &Thread, obj: Value) -> Value {
    Value::from_ref(alloc(cx, WeakRef::type_object(), obj, None))
}

/// The object a reference still points to.
pub fn target(r: Value) -> Option<Value> {
    let w = r.downcast::<WeakRef>()?;
    // SAFETY: the word is zero or an object that was alive when this load was made; the collector
    // clears it only while the world is stopped, so the value cannot die under us.
    unsafe { Value::option_from_bits(w.wr_object.load(Ordering::Acquire)) }
}

fn supports(obj: Value) -> bool {
    static_info(obj).is_some()
        || Instance::of(obj).is_some() && obj.ty().info().layout.has_weakref.load(Ordering::Relaxed)
}

/// A static type's info, which holds its list of references: static types have no pre-header.
fn static_info(obj: Value) -> Option<&'static TypeInfo> {
    match Instance::of(obj) {
        None => obj.as_type().map(|t| t.info()),
        Some(_) => None,
    }
}

/// `weakref.ref(obj, callback)`.
pub fn new(cx: &Thread, cls: &Type, obj: Value, callback: Option<Value>) -> Res<&'static WeakRef> {
    if !supports(obj) {
        raise!(cx, TypeError, "cannot create weak reference to '{}' object", obj.ty().name());
    }
    let plain = cls.is(WeakRef::type_object()) && callback.is_none();
    if plain {
        for r in living(obj).iter() {
            let w = as_ref(*r);
            if w.is_plain() && w.proxy.is_empty() {
                return Ok(w);
            }
        }
    }
    let w = alloc(cx, cls, obj, callback);
    enlist(cx, obj, w);
    Ok(w)
}

fn as_ref(r: Value) -> &'static WeakRef {
    r.downcast::<WeakRef>().expect("the list holds references")
}

impl WeakRef {
    /// Neither of a subclass nor with a callback: one such reference, and one proxy, serve all.
    fn is_plain(&self) -> bool {
        Value::from_ref(self).ty().is(WeakRef::type_object()) && self.wr_callback.is_empty()
    }

    /// What Python code sees of it.
    fn shown(&self) -> Value {
        self.proxy.get().unwrap_or(Value::from_ref(self))
    }
}

/// A reference knows nothing of the list; the list holds it weakly through a plain reference,
/// so that an abandoned reference can be collected before its object.
fn enlist(cx: &Thread, obj: Value, w: &WeakRef) {
    let list = list_of(cx, obj);
    list.push(cx, new_plain_ref(cx, Value::from_ref(w)));
    prune(cx, list);
}

/// The living references to an object, in the order in which they were made.
fn living(obj: Value) -> GcVec<Value> {
    let list = match (static_info(obj), Instance::of(obj)) {
        (Some(info), _) => info.weakrefs.get(),
        (_, Some(inst)) if supports(obj) => inst.pre().weakrefs.get(),
        _ => None,
    };
    match list.and_then(|v| v.downcast::<List>()) {
        Some(l) => l.to_vec().iter().filter_map(|r| target(*r)).collect(),
        None => GcVec::new(),
    }
}

/// The object's list of references, in the pre-header word, made on first use.
fn list_of(cx: &Thread, obj: Value) -> &'static List {
    if let Some(info) = static_info(obj) {
        if let Some(l) = info.weakrefs.get().and_then(|v| v.downcast::<List>()) {
            return l;
        }
        let l = List::new(cx);
        let head = obj.head().expect("a type is an object");
        return match info.weakrefs.compare_exchange(head, None, Some(Value::from_ref(l))) {
            Ok(()) => l,
            Err(cur) => cur.and_then(|v| v.downcast::<List>()).unwrap_or(l),
        };
    }
    let inst = Instance::of(obj).expect("tested by supports");
    let pre = inst.pre();
    if let Some(l) = pre.weakrefs.get().and_then(|v| v.downcast::<List>()) {
        return l;
    }
    let l = List::new(cx);
    match pre.weakrefs.compare_exchange(inst.head, None, Some(Value::from_ref(l))) {
        Ok(()) => l,
        Err(cur) => cur.and_then(|v| v.downcast::<List>()).unwrap_or(l),
    }
}

/// Drops dead entries when the list has reached a power of two.
fn prune(cx: &Thread, list: &List) {
    let n = list.len();
    if n >= 16 && n.is_power_of_two() {
        let keep: GcVec<Value> =
            list.to_vec().iter().copied().filter(|r| target(*r).is_some()).collect();
        if keep.len() < n {
            list.replace_all(cx, &keep);
        }
    }
}

/// The living references and proxies to an object as Python code sees them: the plain reference,
/// the plain proxy, then the others, newest first (`insert_weakref`).
pub fn refs_of(_cx: &Thread, obj: Value) -> GcVec<Value> {
    let mut all = living(obj);
    all.reverse();
    all.sort_by_key(|r| match (as_ref(*r).is_plain(), as_ref(*r).proxy.is_empty()) {
        (true, true) => 0,
        (true, false) => 1,
        _ => 2,
    });
    all.iter().map(|r| as_ref(*r).shown()).collect()
}

pub fn first_ref(cx: &Thread, obj: Value) -> Option<Value> {
    refs_of(cx, obj).first().copied()
}

/// Called by the collector, world stopped, for a reference whose object died: remembers those with
/// a callback. Does not allocate: the reference itself is linked into a list through `wr_next`.
pub fn note_dead(cell: std::ptr::NonNull<Head>) {
    // SAFETY: the collector passes living WEAK cells, which are WeakRefs.
    let w = unsafe { &*(cell.as_ptr() as *const WeakRef) };
    if w.wr_callback.is_empty() {
        return;
    }
    let mut head = DEAD.load(Ordering::Acquire);
    loop {
        w.wr_next.store(head, Ordering::Relaxed);
        match DEAD.compare_exchange(
            head,
            w as *const WeakRef as u64,
            Ordering::AcqRel,
            Ordering::Acquire,
        ) {
            Ok(_) => return,
            Err(h) => head = h,
        }
    }
}

/// References whose callbacks are due, linked through `wr_next`; scanned as a root.
pub static DEAD: AtomicU64 = AtomicU64::new(0);

/// The words that `DEAD` keeps alive: the collector's root hook calls this.
pub fn visit_dead(mut visit: impl FnMut(u64)) {
    let mut p = DEAD.load(Ordering::Acquire);
    while p != 0 {
        visit(p);
        // SAFETY: linked references are alive: visited here in each collection.
        p = unsafe { &*(p as *const WeakRef) }.wr_next.load(Ordering::Acquire);
    }
}

/// Takes the list over. Once it is off `DEAD` nothing keeps its references alive but what holds them here: there is no safepoint
/// until all are in. The list grows only while the world is stopped.
fn take_dead() -> GcVec<Value> {
    let mut due: GcVec<Value> = GcVec::new();
    loop {
        let mut n = 0;
        visit_dead(|_| n += 1);
        if n <= due.capacity() {
            break;
        }
        due = GcVec::with_capacity(n);
    }
    let mut p = DEAD.swap(0, Ordering::AcqRel);
    while p != 0 {
        // SAFETY: linked references are alive.
        let w = unsafe { &*(p as *const WeakRef) };
        due.push(Value::from_ref(w));
        p = w.wr_next.swap(0, Ordering::AcqRel);
    }
    due
}

/// Runs the callbacks and finalisers that collections left behind. Exceptions go to
/// `sys.unraisablehook`. Says whether there were any.
pub fn run_pending(cx: &Thread) -> bool {
    struct Done<'a>(&'a Thread);
    impl Drop for Done<'_> {
        fn drop(&mut self) {
            self.0.finalizing_depth.store(0, Ordering::Relaxed);
        }
    }
    if cx.finalizing_depth.load(Ordering::Relaxed) > 0 {
        return false;
    }
    cx.finalizing_depth.store(1, Ordering::Relaxed);
    let _done = Done(cx);
    // What runs here may collect; the poll that says so comes back at once (above).
    let mut any = false;
    for _ in 0..8 {
        any |= run_found(cx);
        if DEAD.load(Ordering::Acquire) == 0 {
            return any;
        }
    }
    cx.mutator.poll.fetch_or(taipan_heap::POLL_FINALIZERS, Ordering::Relaxed);
    any
}

/// What there is now.
fn run_found(cx: &Thread) -> bool {
    // The list is newest first; callbacks run oldest first.
    let mut due = take_dead();
    due.reverse();
    for r in due.iter() {
        let w = r.downcast::<WeakRef>().expect("only references are linked");
        if let Some(cb) = w.wr_callback.swap(w, None) {
            if let Err(e) = call(cx, cb, &[w.shown()]) {
                crate::interp::unraisable(cx, e, Some(cb), None);
            }
        }
    }
    let mut any = due.len() > 0;
    while let Some(obj) = cx.mutator.take_finalizable() {
        any = true;
        let v = Value::from_head(obj);
        // SAFETY: the object is reachable again.
        let head = unsafe { obj.as_ref() };
        head.ob_gc_bits.fetch_or(taipan_heap::head::GC_FINALIZED, Ordering::Relaxed);
        if let Some(del) = v.ty().slots().del.get() {
            if let Err(e) = del(cx, v) {
                let f = v.ty().lookup(cx, id!(cx, "__del__"));
                crate::interp::unraisable(cx, e, f.or(Some(v)), None);
            }
        }
    }
    crate::modules::gc::tell_of_automatic(cx);
    any
}

#[pymethods]
impl WeakRef {
    #[slot]
    fn __new__(cx: &Thread, cls: &Type, args: &[Value], kw: KwNames<'_>) -> Res {
        let n = args.len() - kw.map_or(0, |k| k.len());
        if n == 0 || n > 2 {
            let (word, b) = if n == 0 { ("at least", 1) } else { ("at most", 2) };
            let s = if b == 1 { "" } else { "s" };
            raise!(cx, TypeError, "__new__ expected {word} {b} argument{s}, got {n}");
        }
        let cb = args[..n].get(1).copied().filter(|v| !v.is_none());
        new(cx, cls, args[0], cb).map(|w| Value::from_ref(w))
    }

    #[slot]
    fn __init__(cx: &Thread, _this: Value, args: &[Value], kw: KwNames<'_>) -> Res<()> {
        if kw.is_some_and(|k| k.len() > 0) {
            raise!(cx, TypeError, "ref() takes no keyword arguments");
        }
        if args.len() > 2 {
            raise!(cx, TypeError, "__init__ expected at most 2 arguments, got {}", args.len());
        }
        Ok(())
    }

    #[slot(sig = "(self)")]
    fn __call__(_cx: &Thread, this: &WeakRef) -> Res {
        Ok(target(Value::from_ref(this)).unwrap_or(none()))
    }

    #[slot]
    fn __repr__(cx: &Thread, this: &WeakRef) -> Res {
        let me = Value::from_ref(this);
        let s = match target(me) {
            None => format!("<weakref at {:#x}; dead>", me.bits()),
            Some(o) => {
                let name =
                    lookup_special(cx, o, id!(cx, "__name__"))?.and_then(|n| n.downcast::<Str>());
                let t = crate::types::class::full_name_any(cx, o.ty());
                match name {
                    Some(n) => {
                        format!("<weakref at {:#x}; to '{t}' at {:#x} ({n})>", me.bits(), o.bits())
                    }
                    None => format!("<weakref at {:#x}; to '{t}' at {:#x}>", me.bits(), o.bits()),
                }
            }
        };
        Ok(Value::from_ref(Str::new(cx, &s)))
    }

    #[slot]
    fn __hash__(cx: &Thread, this: &WeakRef) -> Res<i64> {
        let h = this.hash.load(Ordering::Relaxed);
        if h != -1 {
            return Ok(h);
        }
        match target(Value::from_ref(this)) {
            Some(o) => {
                let h = hash(cx, o)?;
                this.hash.store(h, Ordering::Relaxed);
                Ok(h)
            }
            None => raise!(cx, TypeError, "weak object has gone away"),
        }
    }

    #[slot]
    fn __richcmp__(cx: &Thread, this: &WeakRef, other: Value, op: CmpOp) -> Res {
        let o = other.downcast::<WeakRef>();
        if o.is_none() || !matches!(op, CmpOp::Eq | CmpOp::Ne) {
            return Ok(not_implemented());
        }
        match (target(Value::from_ref(this)), target(other)) {
            (Some(a), Some(b)) => rich_compare(cx, a, b, op),
            _ => Ok(py_bool((Value::from_ref(this) == other) == (op == CmpOp::Eq))),
        }
    }

    #[getter]
    fn __callback__(_cx: &Thread, this: &WeakRef) -> Option<Value> {
        if target(Value::from_ref(this)).is_some() { this.wr_callback.get() } else { None }
    }

    /// `weakref.ref[...]` as a generic alias.
    #[classmethod(text = "($type, object, /)")]
    fn __class_getitem__(cx: &Thread, cls: Value, item: Value) -> Res {
        super::generic_alias::new(cx, cls, item)
    }
}

/// `weakref.proxy(obj, callback)`.
pub fn new_proxy(cx: &Thread, obj: Value, callback: Option<Value>) -> Res {
    if !supports(obj) {
        raise!(cx, TypeError, "cannot create weak reference to '{}' object", obj.ty().name());
    }
    if callback.is_none() {
        for r in living(obj).iter() {
            if let (true, Some(p)) = (as_ref(*r).is_plain(), as_ref(*r).proxy.get()) {
                return Ok(p);
            }
        }
    }
    let w = alloc(cx, WeakRef::type_object(), obj, callback);
    let r = Slot::empty();
    r.init(Some(Value::from_ref(w)));
    let head = crate::types::alloc::fresh_head();
    let p = if is_callable(obj) {
        Value::from_ref(cx.alloc(CallableProxy { head, r }))
    } else {
        Value::from_ref(cx.alloc(Proxy { head, r }))
    };
    w.proxy.set(w, p);
    enlist(cx, obj, w);
    Ok(p)
}

/// The living object behind a proxy; other values as they are.
pub fn unwrap_proxy(cx: &Thread, v: Value) -> Res {
    let r = match (v.downcast_exact::<Proxy>(), v.downcast_exact::<CallableProxy>()) {
        (Some(p), _) => p.r.value(),
        (_, Some(p)) => p.r.value(),
        _ => return Ok(v),
    };
    match target(r) {
        Some(o) => Ok(o),
        None => raise!(cx, ReferenceError, "weakly-referenced object no longer exists"),
    }
}

/// The reference that a proxy wraps.
pub fn proxy_ref(v: Value) -> Option<Value> {
    v.downcast_exact::<Proxy>()
        .map(|p| p.r.value())
        .or_else(|| v.downcast_exact::<CallableProxy>().map(|p| p.r.value()))
}

macro_rules! fill_proxy {
    ($s:ident) => {{
        use crate::protocol::BinOp;
        macro_rules! bin {
            ($f:ident, $i:ident, $op:ident) => {
                $s.$f.set(|cx, a, b| {
                    let (a, b) = (unwrap_proxy(cx, a)?, unwrap_proxy(cx, b)?);
                    binary(cx, a, b, BinOp::$op)
                });
                $s.$i.set(|cx, a, b| {
                    let (a, b) = (unwrap_proxy(cx, a)?, unwrap_proxy(cx, b)?);
                    inplace(cx, a, b, BinOp::$op)
                });
            };
        }
        bin!(add, iadd, Add);
        bin!(sub, isub, Sub);
        bin!(mul, imul, Mul);
        bin!(matmul, imatmul, MatMul);
        bin!(truediv, itruediv, TrueDiv);
        bin!(floordiv, ifloordiv, FloorDiv);
        bin!(rem, irem, Mod);
        bin!(lshift, ilshift, LShift);
        bin!(rshift, irshift, RShift);
        bin!(and, iand, And);
        bin!(xor, ixor, Xor);
        bin!(or, ior, Or);
        $s.divmod.set(|cx, a, b| {
            let (a, b) = (unwrap_proxy(cx, a)?, unwrap_proxy(cx, b)?);
            binary(cx, a, b, BinOp::DivMod)
        });
        $s.pow.set(|cx, a, b, m| {
            let (a, b, m) = (unwrap_proxy(cx, a)?, unwrap_proxy(cx, b)?, unwrap_proxy(cx, m)?);
            power(cx, a, b, m)
        });
        macro_rules! un {
            ($f:ident) => {
                $s.$f.set(|cx, a| unary(cx, unwrap_proxy(cx, a)?, crate::types::slots::SlotId::$f));
            };
        }
        un!(neg);
        un!(pos);
        un!(abs);
        un!(invert);
        $s.bool.set(|cx, a| is_true(cx, unwrap_proxy(cx, a)?));
        $s.int.set(|cx, a| {
            let o = unwrap_proxy(cx, a)?;
            call(cx, Value::from_ref(crate::objects::int::int_type()), &[o])
        });
        $s.float.set(|cx, a| to_f64(cx, unwrap_proxy(cx, a)?).map(Value::from_f64));
        $s.index.set(|cx, a| index(cx, unwrap_proxy(cx, a)?));
        $s.len.set(|cx, a| len(cx, unwrap_proxy(cx, a)?));
        $s.getitem.set(|cx, a, k| get_item(cx, unwrap_proxy(cx, a)?, k));
        $s.setitem.set(|cx, a, k, v| {
            let o = unwrap_proxy(cx, a)?;
            match v {
                Some(v) => set_item(cx, o, k, v),
                None => del_item(cx, o, k),
            }
        });
        $s.contains.set(|cx, a, k| contains(cx, unwrap_proxy(cx, a)?, k));
        $s.iter.set(|cx, a| iter(cx, unwrap_proxy(cx, a)?));
        $s.next.set(|cx, a| {
            let o = unwrap_proxy(cx, a)?;
            if o.ty().slots().next.get().is_none() {
                raise!(
                    cx,
                    TypeError,
                    "Weakref proxy referenced a non-iterator '{}' object",
                    o.ty().name()
                );
            }
            iter_next(cx, o)
        });
        $s.str.set(|cx, a| to_str(cx, unwrap_proxy(cx, a)?).map(|s| Value::from_ref(s)));
        $s.repr.set(|cx, a| {
            let r = proxy_ref(a).expect("the slot's own type");
            let s = match target(r) {
                Some(o) => format!(
                    "<weakproxy at {:#x}; to '{}' at {:#x}>",
                    a.bits(),
                    crate::types::class::full_name_any(cx, o.ty()),
                    o.bits()
                ),
                None => format!("<weakproxy at {:#x}; dead>", a.bits()),
            };
            Ok(Value::from_ref(Str::new(cx, &s)))
        });
        $s.getattro.set(|cx, a, n| get_attr(cx, unwrap_proxy(cx, a)?, n));
        $s.setattro.set(|cx, a, n, v| set_attr(cx, unwrap_proxy(cx, a)?, n, v));
        $s.richcmp.set(|cx, a, b, op| {
            let (a, b) = (unwrap_proxy(cx, a)?, unwrap_proxy(cx, b)?);
            rich_compare(cx, a, b, op)
        });
        $s.hash.set(|cx, a| Err(unhashable(cx, a)));
    }};
}

/// A special method that has no slot, called on the object behind the proxy.
macro_rules! proxy_method {
    ($name:literal, $c:literal) => {
        MethodRow {
            c: crate::call::PyMethodDef::new($c, 4),
            entry: |cx, args, _| {
                let o = unwrap_proxy(cx, args.first().copied().unwrap_or(none()))?;
                call_method(cx, o, id!(cx, $name), &[])
            },
            name: $name,
            kind: crate::call::MethodKind::Instance,
            sig: &crate::call::Sig {
                fname: $name,
                owner: crate::call::Owner::Slot,
                params: &[],
                text: None,
                keywords_of: None,
            },
            doc: None,
        }
    };
}

const PROXY_METHODS: &[MethodRow] =
    &[proxy_method!("__bytes__", c"__bytes__"), proxy_method!("__reversed__", c"__reversed__")];

impl crate::types::NativeMethods for Proxy {
    const METHODS: &'static [MethodRow] = PROXY_METHODS;
    const GETSET: &'static [crate::call::GetSetRow] = &[];
    fn fill(s: &crate::types::slots::Slots) {
        fill_proxy!(s)
    }
}

impl crate::types::NativeMethods for CallableProxy {
    const METHODS: &'static [MethodRow] = PROXY_METHODS;
    const GETSET: &'static [crate::call::GetSetRow] = &[];
    fn fill(s: &crate::types::slots::Slots) {
        fill_proxy!(s);
        s.call.set(|cx, a, args, kw| call_kw(cx, unwrap_proxy(cx, a)?, args, kw));
    }
}
