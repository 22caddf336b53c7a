//! `itemgetter`, `attrgetter`, `methodcaller`.

use taipan_vm::objects::object::Object;
use taipan_vm::objects::str::intern_str;
use taipan_vm::objects::text_builder::{TextBuilder, enter_repr};
use taipan_vm::prelude::*;
use taipan_vm::types::alloc::fresh_head;

fn no_keywords(cx: &Thread, name: &str, kw: KwNames<'_>) -> Res<()> {
    if kw.is_some_and(|k| !k.is_empty()) {
        raise!(cx, TypeError, "{name}() takes no keyword arguments");
    }
    Ok(())
}

/// The one argument of a call.
fn one_arg(cx: &Thread, name: &str, args: &[Value], kw: KwNames<'_>) -> Res {
    no_keywords(cx, name, kw)?;
    match args {
        [v] => Ok(*v),
        _ => raise!(cx, TypeError, "{name} expected 1 argument, got {}", args.len()),
    }
}

fn type_of(v: Value) -> Value {
    Value::from_ref(v.ty())
}

fn full_name(v: Value) -> String {
    v.ty().name().into_owned()
}

#[repr(C)]
pub struct ItemGetter {
    pub head: Head,
    /// A Tuple of keys.
    items: Slot,
}

taipan_vm::pytype! { ItemGetter, PyOperator_itemgetter_Type, name: "itemgetter", module: "operator", base: Object,
doc: "itemgetter(item, /, *items)\n--\n\nA callable that fetches the given items of its operand.\nAfter f = itemgetter(2), f(r) is r[2].\nAfter g = itemgetter(2, 5, 3), g(r) is (r[2], r[5], r[3])." }

impl ItemGetter {
    fn items(&self) -> &'static Tuple {
        self.items.value().downcast_exact::<Tuple>().expect("made as a tuple")
    }
}

#[pymethods]
impl ItemGetter {
    #[slot]
    fn __new__(cx: &Thread, _cls: &Type, args: &[Value], kw: KwNames<'_>) -> Res {
        no_keywords(cx, "itemgetter", kw)?;
        if args.is_empty() {
            raise!(cx, TypeError, "itemgetter expected 1 argument, got 0");
        }
        let g = ItemGetter { head: fresh_head(), items: Slot::empty() };
        g.items.init(Some(Value::from_ref(Tuple::from_slice(cx, args))));
        Ok(Value::from_ref(cx.alloc(g)))
    }

    #[getter]
    fn __text_signature__(_cx: &Thread, _this: &ItemGetter) -> &'static str {
        "(obj, /)"
    }

    #[slot]
    fn __call__(cx: &Thread, this: &ItemGetter, args: &[Value], kw: KwNames<'_>) -> Res {
        let obj = one_arg(cx, "itemgetter", args, kw)?;
        let items = this.items().as_slice();
        if let [key] = items {
            return get_item(cx, obj, *key);
        }
        let mut out = GcVec::with_capacity(items.len());
        for &k in items {
            out.push(get_item(cx, obj, k)?);
        }
        Ok(Value::from_ref(Tuple::from_slice(cx, &out)))
    }

    #[slot]
    fn __repr__(cx: &Thread, this: &ItemGetter) -> Res {
        let me = Value::from_ref(this);
        let mut b = TextBuilder::new();
        b.push_str(&full_name(me));
        let Some(_guard) = enter_repr(cx, me) else {
            b.push_str("(...)");
            return Ok(b.finish(cx));
        };
        match this.items().as_slice() {
            [key] => {
                b.push_str("(");
                b.push_repr(cx, *key)?;
                b.push_str(")");
            }
            _ => b.push_repr(cx, this.items.value())?,
        }
        Ok(b.finish(cx))
    }

    /// State for pickling.
    #[pymethod]
    fn __reduce__(cx: &Thread, this: &ItemGetter) -> Res {
        let ty = type_of(Value::from_ref(this));
        Ok(Value::from_ref(Tuple::pair(cx, ty, this.items.value())))
    }
}

#[repr(C)]
pub struct AttrGetter {
    pub head: Head,
    /// A Tuple of names; a dotted name is a Tuple of names itself.
    names: Slot,
    /// The names as they were given.
    given: Slot,
}

taipan_vm::pytype! { AttrGetter, PyOperator_attrgetter_Type, name: "attrgetter", module: "operator", base: Object,
doc: "attrgetter(attr, /, *attrs)\n--\n\nA callable that fetches the given attributes of its operand.\nAfter f = attrgetter('name'), f(r) is r.name.\nAfter g = attrgetter('name', 'date'), g(r) is (r.name, r.date).\nAfter h = attrgetter('name.first'), h(r) is r.name.first." }

fn fetch(cx: &Thread, obj: Value, name: Value) -> Res {
    let get = |cx: &Thread, obj: Value, n: Value| {
        get_attr(cx, obj, n.downcast::<Str>().expect("names are strings"))
    };
    match name.downcast_exact::<Tuple>() {
        None => get(cx, obj, name),
        Some(chain) => {
            let mut v = obj;
            for &n in chain.as_slice() {
                v = get(cx, v, n)?;
            }
            Ok(v)
        }
    }
}

#[pymethods]
impl AttrGetter {
    #[slot]
    fn __new__(cx: &Thread, _cls: &Type, args: &[Value], kw: KwNames<'_>) -> Res {
        no_keywords(cx, "attrgetter", kw)?;
        if args.is_empty() {
            raise!(cx, TypeError, "attrgetter expected 1 argument, got 0");
        }
        let mut names = GcVec::with_capacity(args.len());
        for &a in args {
            let Some(s) = a.downcast::<Str>() else {
                raise!(cx, TypeError, "attribute name must be a string");
            };
            let dots: Vec<usize> =
                s.chars().enumerate().filter(|(_, c)| *c == '.' as u32).map(|(i, _)| i).collect();
            if dots.is_empty() {
                names.push(Value::from_ref(intern_str(cx, s)));
                continue;
            }
            let mut chain = GcVec::with_capacity(dots.len() + 1);
            let mut from = 0;
            for to in dots.into_iter().chain([s.len()]) {
                let part = Str::substring(cx, s, from, to);
                chain.push(Value::from_ref(intern_str(cx, part)));
                from = to + 1;
            }
            names.push(Value::from_ref(Tuple::from_slice(cx, &chain)));
        }
        let g = AttrGetter { head: fresh_head(), names: Slot::empty(), given: Slot::empty() };
        g.names.init(Some(Value::from_ref(Tuple::from_slice(cx, &names))));
        g.given.init(Some(Value::from_ref(Tuple::from_slice(cx, args))));
        Ok(Value::from_ref(cx.alloc(g)))
    }

    #[getter]
    fn __text_signature__(_cx: &Thread, _this: &AttrGetter) -> &'static str {
        "(obj, /)"
    }

    #[slot]
    fn __call__(cx: &Thread, this: &AttrGetter, args: &[Value], kw: KwNames<'_>) -> Res {
        let obj = one_arg(cx, "attrgetter", args, kw)?;
        let names = this.names.value().downcast_exact::<Tuple>().expect("made as a tuple");
        if let [n] = names.as_slice() {
            return fetch(cx, obj, *n);
        }
        let mut out = GcVec::with_capacity(names.len());
        for &n in names.as_slice() {
            out.push(fetch(cx, obj, n)?);
        }
        Ok(Value::from_ref(Tuple::from_slice(cx, &out)))
    }

    #[slot]
    fn __repr__(cx: &Thread, this: &AttrGetter) -> Res {
        let me = Value::from_ref(this);
        let mut b = TextBuilder::new();
        b.push_str(&full_name(me));
        let Some(_guard) = enter_repr(cx, me) else {
            b.push_str("(...)");
            return Ok(b.finish(cx));
        };
        let given = this.given.value().downcast_exact::<Tuple>().expect("made as a tuple");
        match given.as_slice() {
            [n] => {
                b.push_str("(");
                b.push_repr(cx, *n)?;
                b.push_str(")");
            }
            _ => b.push_repr(cx, this.given.value())?,
        }
        Ok(b.finish(cx))
    }

    /// State for pickling.
    #[pymethod]
    fn __reduce__(cx: &Thread, this: &AttrGetter) -> Res {
        let ty = type_of(Value::from_ref(this));
        Ok(Value::from_ref(Tuple::pair(cx, ty, this.given.value())))
    }
}

#[repr(C)]
pub struct MethodCaller {
    pub head: Head,
    name: Slot,
    args: Slot,
    kwargs: Slot,
}

taipan_vm::pytype! { MethodCaller, PyOperator_methodcaller_Type, name: "methodcaller", module: "operator", base: Object,
doc: "methodcaller(name, /, *args, **kwargs)\n--\n\nA callable that calls the given method of its operand.\nAfter f = methodcaller('name'), f(r) is r.name().\nAfter g = methodcaller('name', 'date', foo=1), g(r) is r.name('date', foo=1)." }

impl MethodCaller {
    fn args(&self) -> &'static Tuple {
        self.args.value().downcast_exact::<Tuple>().expect("made as a tuple")
    }

    fn kwargs(&self) -> Option<&'static Dict> {
        self.kwargs.get().and_then(|v| v.downcast::<Dict>()).filter(|d| !d.is_empty())
    }
}

#[pymethods]
impl MethodCaller {
    #[slot]
    fn __new__(cx: &Thread, _cls: &Type, args: &[Value], kw: KwNames<'_>) -> Res {
        let nkw = kw.map_or(0, |k| k.len());
        let (pos, named) = args.split_at(args.len() - nkw);
        let Some((&name, rest)) = pos.split_first() else {
            raise!(cx, TypeError, "methodcaller needs at least one argument, the method name");
        };
        let Some(name) = name.downcast::<Str>() else {
            raise!(cx, TypeError, "method name must be a string");
        };
        let m = MethodCaller {
            head: fresh_head(),
            name: Slot::empty(),
            args: Slot::empty(),
            kwargs: Slot::empty(),
        };
        m.name.init(Some(Value::from_ref(intern_str(cx, name))));
        m.args.init(Some(Value::from_ref(Tuple::from_slice(cx, rest))));
        if let Some(names) = kw.filter(|k| !k.is_empty()) {
            let d = Dict::new(cx);
            for (&k, &v) in names.as_slice().iter().zip(named) {
                d.set(cx, k, v)?;
            }
            m.kwargs.init(Some(Value::from_ref(d)));
        }
        Ok(Value::from_ref(cx.alloc(m)))
    }

    #[getter]
    fn __text_signature__(_cx: &Thread, _this: &MethodCaller) -> &'static str {
        "(obj, /)"
    }

    #[slot]
    fn __call__(cx: &Thread, this: &MethodCaller, args: &[Value], kw: KwNames<'_>) -> Res {
        let obj = one_arg(cx, "methodcaller", args, kw)?;
        let name = this.name.value().downcast::<Str>().expect("made as a str");
        match this.kwargs() {
            None => call_method(cx, obj, name, this.args().as_slice()),
            Some(d) => {
                let f = get_attr(cx, obj, name)?;
                call_dict(cx, f, this.args().as_slice(), Some(d))
            }
        }
    }

    #[slot]
    fn __repr__(cx: &Thread, this: &MethodCaller) -> Res {
        let me = Value::from_ref(this);
        let mut b = TextBuilder::new();
        b.push_str(&full_name(me));
        let Some(_guard) = enter_repr(cx, me) else {
            b.push_str("(...)");
            return Ok(b.finish(cx));
        };
        b.push_str("(");
        b.push_repr(cx, this.name.value())?;
        for &v in this.args().as_slice() {
            b.push_str(", ");
            b.push_repr(cx, v)?;
        }
        if let Some(d) = this.kwargs() {
            for (k, v) in d.entries() {
                b.push_str(", ");
                b.push(to_str(cx, k)?);
                b.push_str("=");
                b.push_repr(cx, v)?;
            }
        }
        b.push_str(")");
        Ok(b.finish(cx))
    }

    /// State for pickling.
    #[pymethod]
    fn __reduce__(cx: &Thread, this: &MethodCaller) -> Res {
        let ty = type_of(Value::from_ref(this));
        let Some(d) = this.kwargs() else {
            let mut all: GcVec<Value> = GcVec::new();
            all.push(this.name.value());
            all.extend_from_slice(this.args().as_slice());
            let args = Value::from_ref(Tuple::from_slice(cx, &all));
            return Ok(Value::from_ref(Tuple::pair(cx, ty, args)));
        };
        let partial = taipan_vm::objects::module::import_attr(cx, "functools", "partial")?;
        let f = call_dict(cx, partial, &[ty, this.name.value()], Some(d))?;
        Ok(Value::from_ref(Tuple::pair(cx, f, this.args.value())))
    }
}
