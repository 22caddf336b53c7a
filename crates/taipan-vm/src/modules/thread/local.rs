//! `_thread._local`: an object with attributes of its own in each thread.
//!
//! The object holds a dict of dicts, keyed by a number that no other thread ever has. The thread
//! remembers weakly which objects have data of it, and takes its dicts out when it ends.

use crate::objects::object::Object;
use crate::objects::weakref;
use crate::prelude::*;
use crate::types::alloc::fresh_head;
use std::sync::atomic::{AtomicUsize, Ordering};

#[repr(C)]
pub struct Local {
    pub head: Head,
    /// What `__init__` of a subclass is called with in each thread.
    args: Slot,
    kwargs: Slot,
    /// Thread number to attributes.
    dicts: Slot,
}

crate::pytype! { Local, PyThread_LocalType, name: "_local", module: "_thread", base: Object,
flags: tpflags::BASETYPE, weakref: true, doc: "_local()\n--\n\nThread-local data" }

/// The number of the calling thread.
fn key(cx: &Thread) -> Value {
    static NEXT: AtomicUsize = AtomicUsize::new(1);
    let mut n = cx.user.load(Ordering::Relaxed);
    if n == 0 {
        n = NEXT.fetch_add(1, Ordering::Relaxed);
        cx.user.store(n, Ordering::Relaxed);
    }
    Value::small(n as i64)
}

/// The objects that have data of this thread, as weak references.
fn of_thread(cx: &Thread) -> &'static List {
    if let Some(l) = cx.dict.get().and_then(|v| v.downcast::<List>()) {
        return l;
    }
    let l = List::new(cx);
    cx.dict.set(Some(Value::from_ref(l)));
    l
}

/// Takes the ending thread's data out of all objects.
pub fn thread_ends(cx: &Thread) {
    let Some(l) = cx.dict.take().and_then(|v| v.downcast::<List>()) else { return };
    for r in l.to_vec().iter() {
        if let Some(local) = weakref::target(*r).and_then(|v| v.downcast::<Local>()) {
            // The key is an int: looking it up runs no code that could raise.
            let _ = local.dicts().del(cx, key(cx));
        }
    }
}

fn has_own_init(cx: &Thread, t: &Type) -> bool {
    let plain = Object::type_object().lookup(cx, id!(cx, "__init__"));
    t.lookup(cx, id!(cx, "__init__")) != plain
}

impl Local {
    fn dicts(&self) -> &'static Dict {
        self.dicts.value().downcast::<Dict>().expect("made as a dict")
    }

    fn new_attributes(&self, cx: &Thread) -> Res<&'static Dict> {
        let d = Dict::new(cx);
        self.dicts().set(cx, key(cx), Value::from_ref(d))?;
        let mine = of_thread(cx);
        mine.push(cx, weakref::new_plain_ref(cx, Value::from_ref(self)));
        let n = mine.len();
        if n >= 16 && n.is_power_of_two() {
            let all = mine.to_vec();
            let keep: GcVec<Value> =
                all.iter().copied().filter(|r| weakref::target(*r).is_some()).collect();
            mine.replace_all(cx, &keep);
        }
        Ok(d)
    }

    /// The calling thread's attributes, made on first use: then a subclass's `__init__` runs.
    fn attributes(&self, cx: &Thread) -> Res<&'static Dict> {
        if let Some(d) = self.dicts().get(cx, key(cx))?.and_then(|d| d.downcast::<Dict>()) {
            return Ok(d);
        }
        let d = self.new_attributes(cx)?;
        let t = Value::from_ref(self).ty();
        if has_own_init(cx, t) {
            if let Some(init) = t.slots().init.get() {
                let args = self.args.value().downcast::<Tuple>().expect("made as a tuple");
                let mut all: GcVec<Value> = args.as_slice().into();
                let mut names: GcVec<Value> = GcVec::new();
                if let Some(kw) = self.kwargs.get().and_then(|k| k.downcast::<Dict>()) {
                    for (k, v) in kw.entries() {
                        names.push(k);
                        all.push(v);
                    }
                }
                let names = (!names.is_empty()).then(|| Tuple::from_slice(cx, &names));
                if let Err(e) = init(cx, Value::from_ref(self), &all, names) {
                    // The next access in this thread starts afresh.
                    self.dicts().del(cx, key(cx))?;
                    return Err(e);
                }
            }
        }
        Ok(d)
    }
}

/// An attribute of a local: `None` where there is none.
pub fn attribute(cx: &Thread, this: Value, name: &Str) -> Res<Option<Value>> {
    let local = this.downcast::<Local>().expect("checked by the slot");
    let d = local.attributes(cx)?;
    if name.eq_str("__dict__") {
        return Ok(Some(Value::from_ref(d)));
    }
    let t = this.ty();
    if t.is(Local::type_object()) {
        if let Some(v) = d.get_str(cx, name) {
            return Ok(Some(v));
        }
    }
    let descr = t.lookup(cx, name);
    let mut get = None;
    if let Some(f) = descr {
        let s = f.ty().slots();
        get = s.descr_get.get();
        if let (Some(get), true) = (get, s.descr_set.get().is_some()) {
            return get(cx, f, Some(this), Some(Value::from_ref(t))).map(Some);
        }
    }
    if let Some(v) = d.get_str(cx, name) {
        return Ok(Some(v));
    }
    match (descr, get) {
        (Some(f), Some(get)) => get(cx, f, Some(this), Some(Value::from_ref(t))).map(Some),
        (f, _) => Ok(f),
    }
}

#[pymethods]
impl Local {
    #[slot]
    fn __new__(cx: &Thread, cls: &Type, args: &[Value], kw: KwNames<'_>) -> Res {
        if !args.is_empty() && !has_own_init(cx, cls) {
            raise!(cx, TypeError, "Initialization arguments are not supported");
        }
        let l = Local {
            head: fresh_head(),
            args: Slot::empty(),
            kwargs: Slot::empty(),
            dicts: Slot::empty(),
        };
        let (pos, named) = args.split_at(args.len() - kw.map_or(0, |k| k.len()));
        l.args.init(Some(Value::from_ref(Tuple::from_slice(cx, pos))));
        if let Some(names) = kw {
            let d = Dict::new(cx);
            for (&k, &v) in names.as_slice().iter().zip(named) {
                d.set(cx, k, v)?;
            }
            l.kwargs.init(Some(Value::from_ref(d)));
        }
        l.dicts.init(Some(Value::from_ref(Dict::new(cx))));
        let l = cx.alloc_in(cls, l);
        l.new_attributes(cx)?;
        Ok(Value::from_ref(l))
    }

    #[slot]
    fn __getattribute__(cx: &Thread, this: Value, name: &Str) -> Res {
        match attribute(cx, this, name)? {
            Some(v) => Ok(v),
            None => Err(crate::types::attr::no_attribute(cx, this, name)),
        }
    }

    #[slot]
    fn __setattr__(cx: &Thread, this: Value, name: &Str, v: Option<Value>) -> Res<()> {
        let local = this.downcast::<Local>().expect("checked by the slot");
        let d = local.attributes(cx)?;
        let t = this.ty();
        if name.eq_str("__dict__") {
            raise!(
                cx,
                AttributeError,
                "'{}' object attribute '__dict__' is read-only",
                super::lock::type_name(t)
            );
        }
        if let Some(f) = t.lookup(cx, name) {
            if let Some(set) = f.ty().slots().descr_set.get() {
                return set(cx, f, this, v);
            }
        }
        match v {
            Some(v) => d.set_str(cx, name, v),
            None => {
                if !d.del_str(cx, name) {
                    return Err(crate::types::attr::no_attribute(cx, this, name));
                }
            }
        }
        Ok(())
    }
}
