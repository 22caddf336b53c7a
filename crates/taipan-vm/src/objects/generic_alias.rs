//! `types.GenericAlias`: `list[int]` (Objects/genericaliasobject.c).

use super::object::Object;
use crate::prelude::*;
use crate::types::alloc::fresh_head;

#[repr(C)]
pub struct GenericAlias {
    pub head: Head,
    origin: Slot,
    args: Slot,
    params: Slot,
    /// True for `*tuple[int]`.
    starred: Slot,
}

crate::pytype! { GenericAlias, Py_GenericAliasType, name: "GenericAlias", module: "types",
base: Object, flags: tpflags::BASETYPE, weakref: true,
doc: "GenericAlias(origin, args, /)\n--\n\nRepresents a generic type with its arguments, as list[int] does." }

/// `iter(tuple[int])`, which gives `*tuple[int]` once.
#[repr(C)]
pub struct GenericAliasIterator {
    pub head: Head,
    /// Empty once it is exhausted.
    alias: Slot,
}

crate::pytype! { GenericAliasIterator, _Py_GenericAliasIterType, name: "generic_alias_iterator",
module: "builtins", base: Object }

#[pymethods]
impl GenericAliasIterator {
    #[slot]
    fn __iter__(_cx: &Thread, this: Value) -> Res {
        Ok(this)
    }

    #[slot]
    fn __next__(cx: &Thread, this: &GenericAliasIterator) -> Res<Option<Value>> {
        let Some(alias) = this.alias.get() else { return Ok(None) };
        this.alias.set_option(this, None);
        let plain = alias.downcast::<GenericAlias>().expect("made of an alias");
        Ok(Some(make(cx, alias.ty(), plain.origin(), plain.args(), true)))
    }

    /// `iter` and what it was made of.
    #[pymethod]
    fn __reduce__(cx: &Thread, this: &GenericAliasIterator) -> Value {
        let iter = cx.vm.builtins_dict().get_str(cx, id!(cx, "iter")).unwrap_or(none());
        let of = this.alias.get().unwrap_or_else(|| Value::from_ref(Tuple::from_slice(cx, &[])));
        let args = Tuple::from_slice(cx, &[of]);
        Value::from_ref(Tuple::from_slice(cx, &[iter, Value::from_ref(args)]))
    }
}

/// `origin[item]`.
pub fn new(cx: &Thread, origin: Value, item: Value) -> Res {
    let args = match item.downcast_exact::<Tuple>() {
        Some(t) => t,
        None => Tuple::from_slice(cx, &[item]),
    };
    Ok(make(cx, GenericAlias::type_object(), origin, args, false))
}

fn make(cx: &Thread, cls: &Type, origin: Value, args: &Tuple, starred: bool) -> Value {
    let a = GenericAlias {
        head: fresh_head(),
        origin: Slot::empty(),
        args: Slot::empty(),
        params: Slot::empty(),
        starred: Slot::empty(),
    };
    a.origin.init(Some(origin));
    a.args.init(Some(Value::from_ref(args)));
    a.starred.init(Some(py_bool(starred)));
    Value::from_ref(cx.alloc_in(cls, a))
}

/// The type variables in the args, each once (`_Py_make_parameters`).
pub fn make_parameters(cx: &Thread, args: &Tuple) -> Res<&'static Tuple> {
    let mut out: GcVec<Value> = GcVec::new();
    let add = |out: &mut GcVec<Value>, v: Value| {
        if !out.contains(&v) {
            out.push(v);
        }
    };
    for &a in args.as_slice() {
        if a.as_type().is_some() {
            continue;
        }
        if get_attr_opt(cx, a, id!(cx, "__typing_subst__"))?.is_some() {
            add(&mut out, a);
            continue;
        }
        if let Some(p) = get_attr_opt(cx, a, id!(cx, "__parameters__"))? {
            if let Some(t) = p.downcast::<Tuple>() {
                for &v in t.as_slice() {
                    add(&mut out, v);
                }
            }
            continue;
        }
        let nested = match (a.downcast::<Tuple>(), a.downcast::<List>()) {
            (Some(t), _) => Some(t),
            (_, Some(l)) => Some(Tuple::from_slice(cx, &l.to_vec())),
            _ => None,
        };
        if let Some(t) = nested {
            for &v in make_parameters(cx, t)?.as_slice() {
                add(&mut out, v);
            }
        }
    }
    Ok(Tuple::from_slice(cx, &out))
}

/// The arguments of `alias[item]` put in place of the parameters (`_Py_subs_parameters`).
pub fn subs_parameters(
    cx: &Thread,
    me: Value,
    args: &Tuple,
    params: &Tuple,
    item: Value,
) -> Res<&'static Tuple> {
    if params.len() == 0 {
        raise!(cx, TypeError, "{} is not a generic class", repr(cx, me)?);
    }
    let mut item = Value::from_ref(unpack_args(cx, item)?);
    for &p in params.as_slice() {
        if let Some(f) = get_attr_opt(cx, p, id!(cx, "__typing_prepare_subst__"))? {
            if !f.is_none() {
                let arg = match item.downcast::<Tuple>() {
                    Some(_) => item,
                    None => Value::from_ref(Tuple::from_slice(cx, &[item])),
                };
                item = call(cx, f, &[me, arg])?;
            }
        }
    }
    let items: GcVec<Value> = match item.downcast::<Tuple>() {
        Some(t) => t.as_slice().iter().copied().collect(),
        None => [item].into_iter().collect(),
    };
    if items.len() != params.len() {
        raise!(
            cx,
            TypeError,
            "Too {} arguments for {}; actual {}, expected {}",
            if items.len() > params.len() { "many" } else { "few" },
            repr(cx, me)?,
            items.len(),
            params.len()
        );
    }
    let mut out: GcVec<Value> = GcVec::new();
    for &a in args.as_slice() {
        if a.as_type().is_some() {
            out.push(a);
            continue;
        }
        let nested = match (a.downcast::<Tuple>(), a.downcast::<List>()) {
            (Some(t), _) => Some((t, true)),
            (_, Some(l)) => Some((Tuple::from_slice(cx, &l.to_vec()), false)),
            _ => None,
        };
        if let Some((t, is_tuple)) = nested {
            let it = Value::from_ref(Tuple::from_slice(cx, &items));
            let r = if make_parameters(cx, t)?.len() > 0 {
                let mut v: GcVec<Value> = GcVec::new();
                for &x in t.as_slice() {
                    subs_one(cx, x, params, &items, &mut v)?;
                }
                Tuple::from_slice(cx, &v)
            } else {
                t
            };
            let _ = it;
            out.push(if is_tuple {
                Value::from_ref(r)
            } else {
                Value::from_ref(List::from_slice(cx, r.as_slice()))
            });
            continue;
        }
        subs_one(cx, a, params, &items, &mut out)?;
    }
    Ok(Tuple::from_slice(cx, &out))
}

fn subs_one(
    cx: &Thread,
    a: Value,
    params: &Tuple,
    items: &[Value],
    out: &mut GcVec<Value>,
) -> Res<()> {
    let unpack = match get_attr_opt(cx, a, id!(cx, "__typing_is_unpacked_typevartuple__"))? {
        Some(u) if a.as_type().is_none() => is_true(cx, u)?,
        _ => false,
    };
    let r = if let Some(f) =
        get_attr_opt(cx, a, id!(cx, "__typing_subst__"))?.filter(|_| a.as_type().is_none())
    {
        let i = params.as_slice().iter().position(|p| *p == a).expect("params were made from args");
        call(cx, f, &[items[i]])?
    } else {
        subs_nested(cx, a, params, items)?
    };
    match r.downcast::<Tuple>() {
        Some(t) if unpack => out.extend(t.as_slice().iter().copied()),
        _ => out.push(r),
    }
    Ok(())
}

/// `a[...]` for an argument with parameters of its own.
fn subs_nested(cx: &Thread, a: Value, params: &Tuple, items: &[Value]) -> Res {
    let Some(sub) =
        get_attr_opt(cx, a, id!(cx, "__parameters__"))?.and_then(|p| p.downcast::<Tuple>())
    else {
        return Ok(a);
    };
    if sub.len() == 0 || a.as_type().is_some() {
        return Ok(a);
    }
    let mut v: GcVec<Value> = GcVec::new();
    for &p in sub.as_slice() {
        match params.as_slice().iter().position(|q| *q == p) {
            Some(i) => {
                let is_tvt = p.ty().slots().iter.get().is_some();
                match items[i].downcast::<Tuple>() {
                    Some(t) if is_tvt => v.extend(t.as_slice().iter().copied()),
                    _ => v.push(items[i]),
                }
            }
            None => v.push(p),
        }
    }
    get_item(cx, a, Value::from_ref(Tuple::from_slice(cx, &v)))
}

/// `Unpack[...]` items spread out (`_unpack_args`).
fn unpack_args(cx: &Thread, item: Value) -> Res<&'static Tuple> {
    let items: GcVec<Value> = match item.downcast::<Tuple>() {
        Some(t) => t.as_slice().iter().copied().collect(),
        None => [item].into_iter().collect(),
    };
    let mut out: GcVec<Value> = GcVec::new();
    for &x in items.iter() {
        if x.as_type().is_none() {
            let sub = get_attr_opt(cx, x, id!(cx, "__typing_unpacked_tuple_args__"))?;
            if let Some(t) = sub.and_then(|s| s.downcast::<Tuple>()) {
                let open = t.len() > 0 && t.get(t.len() - 1) == ellipsis();
                if !open {
                    out.extend(t.as_slice().iter().copied());
                    continue;
                }
            }
        }
        out.push(x);
    }
    Ok(Tuple::from_slice(cx, &out))
}

/// How an argument shows itself in a repr (`ga_repr_item`).
pub fn repr_item(cx: &Thread, v: Value) -> Res<String> {
    if v == ellipsis() {
        return Ok("...".into());
    }
    if let Some(l) = v.downcast_exact::<List>() {
        let mut parts = Vec::new();
        for x in l.to_vec().iter() {
            parts.push(repr_item(cx, *x)?);
        }
        return Ok(format!("[{}]", parts.join(", ")));
    }
    let has = |n| get_attr_opt(cx, v, n);
    if has(id!(cx, "__origin__"))?.is_some() && has(id!(cx, "__args__"))?.is_some() {
        return Ok(repr(cx, v)?.to_str_lossy().into_owned());
    }
    let (Some(q), Some(m)) = (has(id!(cx, "__qualname__"))?, has(id!(cx, "__module__"))?) else {
        return Ok(repr(cx, v)?.to_str_lossy().into_owned());
    };
    if m.is_none() {
        return Ok(repr(cx, v)?.to_str_lossy().into_owned());
    }
    let q = to_str(cx, q)?;
    let m = to_str(cx, m)?;
    Ok(if m.eq_str("builtins") { q.to_string() } else { format!("{m}.{q}") })
}

impl GenericAlias {
    pub fn origin(&self) -> Value {
        self.origin.value()
    }

    pub fn args(&self) -> &'static Tuple {
        self.args.value().downcast::<Tuple>().expect("args are a tuple")
    }

    fn parameters(cx: &Thread, this: &GenericAlias) -> Res<&'static Tuple> {
        if let Some(p) = this.params.get().and_then(|p| p.downcast::<Tuple>()) {
            return Ok(p);
        }
        let p = make_parameters(cx, this.args())?;
        this.params.set(this, Value::from_ref(p));
        Ok(p)
    }

    fn is_starred(&self) -> bool {
        self.starred.get() == Some(py_bool(true))
    }
}

/// Attributes that are the alias's own, not the origin's.
const OWN: &[&str] = &[
    "__class__",
    "__bases__",
    "__args__",
    "__unpacked__",
    "__parameters__",
    "__typing_unpacked_tuple_args__",
    "__mro_entries__",
    "__reduce_ex__",
    "__reduce__",
    "__copy__",
    "__deepcopy__",
    "__origin__",
];

#[pymethods]
impl GenericAlias {
    #[slot(sig = "(cls, origin, args, /)")]
    fn __new__(cx: &Thread, cls: &Type, origin: Value, args: Value) -> Res {
        let t = match args.downcast::<Tuple>() {
            Some(t) => t,
            None => Tuple::from_slice(cx, &[args]),
        };
        Ok(make(cx, cls, origin, t, false))
    }

    #[slot]
    fn __repr__(cx: &Thread, this: &GenericAlias) -> Res {
        let mut parts = Vec::new();
        for x in this.args().as_slice() {
            parts.push(repr_item(cx, *x)?);
        }
        if parts.is_empty() {
            parts.push("()".into());
        }
        let star = if this.is_starred() { "*" } else { "" };
        let s = format!("{star}{}[{}]", repr_item(cx, this.origin())?, parts.join(", "));
        Ok(Value::from_ref(Str::new(cx, &s)))
    }

    #[slot]
    fn __getattribute__(cx: &Thread, this: &GenericAlias, name: &Str) -> Res {
        let n = name.to_str_lossy();
        if !OWN.contains(&n.as_ref()) {
            return get_attr(cx, this.origin(), name);
        }
        crate::types::attr::generic_getattr(cx, Value::from_ref(this), name)
    }

    #[slot]
    fn __call__(cx: &Thread, this: &GenericAlias, args: &[Value], kw: KwNames<'_>) -> Res {
        let obj = call_kw(cx, this.origin(), args, kw)?;
        match set_attr(cx, obj, id!(cx, "__orig_class__"), Some(Value::from_ref(this))) {
            Ok(()) => {}
            Err(e) if e.is(exc::AttributeError()) || e.is(exc::TypeError()) => {}
            Err(e) => return Err(e),
        }
        Ok(obj)
    }

    #[slot]
    fn __getitem__(cx: &Thread, this: &GenericAlias, item: Value) -> Res {
        let me = Value::from_ref(this);
        let p = GenericAlias::parameters(cx, this)?;
        let args = subs_parameters(cx, me, this.args(), p, item)?;
        Ok(make(cx, me.ty(), this.origin(), args, this.is_starred()))
    }

    #[slot]
    fn __richcmp__(cx: &Thread, this: &GenericAlias, other: Value, op: CmpOp) -> Res {
        let Some(o) = other.downcast::<GenericAlias>() else { return Ok(not_implemented()) };
        if !matches!(op, CmpOp::Eq | CmpOp::Ne) {
            return Ok(not_implemented());
        }
        let same = this.is_starred() == o.is_starred()
            && eq(cx, this.origin(), o.origin())?
            && eq(cx, this.args.value(), o.args.value())?;
        Ok(py_bool(same == (op == CmpOp::Eq)))
    }

    #[slot]
    fn __hash__(cx: &Thread, this: &GenericAlias) -> Res<i64> {
        Ok(hash(cx, this.origin())? ^ hash(cx, this.args.value())?)
    }

    #[slot]
    fn __or__(cx: &Thread, a: Value, b: Value) -> Res {
        super::union::or(cx, a, b)
    }

    #[slot]
    fn __iter__(cx: &Thread, this: &GenericAlias) -> Res {
        let it = GenericAliasIterator { head: fresh_head(), alias: Slot::empty() };
        it.alias.init(Some(Value::from_ref(this)));
        Ok(Value::from_ref(cx.alloc(it)))
    }

    /// The origin stands in for the alias among a class's bases.
    #[pymethod(text = "($self, object, /)")]
    fn __mro_entries__(cx: &Thread, this: &GenericAlias, bases: Value) -> Value {
        let _ = bases;
        Value::from_ref(Tuple::from_slice(cx, &[this.origin()]))
    }

    /// Not supported for aliases.
    #[pymethod(text = "($self, object, /)")]
    fn __instancecheck__(cx: &Thread, this: Value, instance: Value) -> Res {
        let _ = (this, instance);
        raise!(cx, TypeError, "isinstance() argument 2 cannot be a parameterized generic")
    }

    /// Not supported for aliases.
    #[pymethod(text = "($self, object, /)")]
    fn __subclasscheck__(cx: &Thread, this: Value, subclass: Value) -> Res {
        let _ = (this, subclass);
        raise!(cx, TypeError, "issubclass() argument 2 cannot be a parameterized generic")
    }

    /// The origin's attributes and the alias's own.
    #[pymethod]
    fn __dir__(cx: &Thread, this: &GenericAlias) -> Res {
        let d = call_special(cx, this.origin(), id!(cx, "__dir__"), &[])?.unwrap_or(none());
        let mut names = collect(cx, d)?;
        for n in OWN {
            let s = Value::from_ref(super::str::intern(cx, n));
            if !names.contains(&s) {
                names.push(s);
            }
        }
        Ok(Value::from_ref(List::from_slice(cx, &names)))
    }

    /// Support for pickle.
    #[pymethod]
    fn __reduce__(cx: &Thread, this: &GenericAlias) -> Res {
        let pair = Tuple::from_slice(cx, &[this.origin(), this.args.value()]);
        let ty = Value::from_ref(GenericAlias::type_object());
        if this.is_starred() {
            let next = cx.vm.builtins_dict().get_str(cx, id!(cx, "next")).unwrap_or(none());
            let plain = make(cx, GenericAlias::type_object(), this.origin(), this.args(), false);
            let it = iter(cx, plain)?;
            let args = Tuple::from_slice(cx, &[it]);
            return Ok(Value::from_ref(Tuple::from_slice(cx, &[next, Value::from_ref(args)])));
        }
        Ok(Value::from_ref(Tuple::from_slice(cx, &[ty, Value::from_ref(pair)])))
    }

    #[getter]
    fn __origin__(_cx: &Thread, this: &GenericAlias) -> Value {
        this.origin()
    }

    #[getter]
    fn __args__(_cx: &Thread, this: &GenericAlias) -> Value {
        this.args.value()
    }

    #[getter]
    fn __parameters__(cx: &Thread, this: &GenericAlias) -> Res<&'static Tuple> {
        GenericAlias::parameters(cx, this)
    }

    #[getter]
    fn __unpacked__(_cx: &Thread, this: &GenericAlias) -> bool {
        this.is_starred()
    }

    #[getter]
    fn __typing_unpacked_tuple_args__(_cx: &Thread, this: &GenericAlias) -> Option<Value> {
        let tuple = this.origin() == Value::from_ref(Tuple::type_object());
        if this.is_starred() && tuple { this.args.get() } else { None }
    }
}
