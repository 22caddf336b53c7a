//! `functools.partial`.

use taipan_vm::objects::object::Object;
use taipan_vm::objects::text_builder::{TextBuilder, enter_repr};
use taipan_vm::prelude::*;
use taipan_vm::types::alloc::fresh_head;

#[repr(C)]
pub struct Partial {
    pub head: Head,
    func: Slot,
    args: Slot,
    keywords: Slot,
}

taipan_vm::pytype! { Partial, PyPartial_Type, name: "partial", module: "functools", base: Object,
flags: tpflags::BASETYPE, dict: true, weakref: true,
doc: "partial(func, /, *args, **keywords)\n--\n\nCreate a new function with partial application of the given arguments and keywords." }

impl Partial {
    fn args(&self) -> &'static Tuple {
        self.args.value().downcast::<Tuple>().expect("made as a tuple")
    }

    fn keywords(&self) -> &'static Dict {
        self.keywords.value().downcast::<Dict>().expect("made as a dict")
    }

    /// `__dict__` where it holds anything.
    fn attributes(&self, cx: &Thread) -> Option<&'static Dict> {
        taipan_vm::types::attr::instance_dict(cx, Value::from_ref(self)).filter(|d| !d.is_empty())
    }
}

#[pymethods]
impl Partial {
    #[slot]
    fn __new__(cx: &Thread, cls: &Type, args: &[Value], kw: KwNames<'_>) -> Res {
        let nkw = kw.map_or(0, |k| k.len());
        let (pos, named) = args.split_at(args.len() - nkw);
        let Some((&first, rest)) = pos.split_first() else {
            raise!(cx, TypeError, "type 'partial' takes at least one argument");
        };
        let mut func = first;
        let mut all: GcVec<Value> = GcVec::new();
        let keywords = Dict::new(cx);
        // A partial of a partial without attributes of its own is flattened.
        if let Some(p) = first.downcast::<Partial>().filter(|p| p.attributes(cx).is_none()) {
            func = p.func.value();
            all.extend_from_slice(p.args().as_slice());
            keywords.update(cx, p.keywords.value())?;
        }
        if !is_callable(func) {
            raise!(cx, TypeError, "the first argument must be callable");
        }
        all.extend_from_slice(rest);
        if let Some(names) = kw {
            for (&k, &v) in names.as_slice().iter().zip(named) {
                keywords.set(cx, k, v)?;
            }
        }
        let p = Partial {
            head: fresh_head(),
            func: Slot::empty(),
            args: Slot::empty(),
            keywords: Slot::empty(),
        };
        p.func.init(Some(func));
        p.args.init(Some(Value::from_ref(Tuple::from_slice(cx, &all))));
        p.keywords.init(Some(Value::from_ref(keywords)));
        Ok(Value::from_ref(cx.alloc_in(cls, p)))
    }

    #[slot]
    fn __call__(cx: &Thread, this: &Partial, args: &[Value], kw: KwNames<'_>) -> Res {
        let func = this.func.value();
        let mine = this.args().as_slice();
        let keywords = this.keywords();
        if keywords.is_empty() {
            if mine.is_empty() {
                return call_kw(cx, func, args, kw);
            }
            let mut all = GcVec::with_capacity(mine.len() + args.len());
            all.extend_from_slice(mine);
            all.extend_from_slice(args);
            return call_kw(cx, func, &all, kw);
        }
        let (pos, named) = args.split_at(args.len() - kw.map_or(0, |k| k.len()));
        let mut all: GcVec<Value> = GcVec::with_capacity(mine.len() + pos.len());
        all.extend_from_slice(mine);
        all.extend_from_slice(pos);
        let merged = match kw.filter(|k| !k.is_empty()) {
            None => keywords,
            Some(names) => {
                let d = keywords.copy(cx);
                for (&k, &v) in names.as_slice().iter().zip(named) {
                    d.set(cx, k, v)?;
                }
                d
            }
        };
        call_dict(cx, func, &all, Some(merged))
    }

    #[slot]
    fn __get__(cx: &Thread, this: &Partial, obj: Option<Value>, _ty: Option<Value>) -> Res {
        if obj.is_some_and(|o| !o.is_none()) {
            taipan_vm::objects::warn(
                cx,
                exc::FutureWarning(),
                "functools.partial will be a method descriptor in future Python versions; wrap it in staticmethod() if you want to preserve the old behavior",
                1,
            )?;
        }
        Ok(Value::from_ref(this))
    }

    #[slot]
    fn __repr__(cx: &Thread, this: &Partial) -> Res {
        let me = Value::from_ref(this);
        let Some(_guard) = enter_repr(cx, me) else {
            return Ok(Value::from_ref(Str::new(cx, "...")));
        };
        let ty = Value::from_ref(me.ty());
        let mut b = TextBuilder::new();
        b.push(to_str(cx, get_attr(cx, ty, id!(cx, "__module__"))?)?);
        b.push_str(".");
        b.push(to_str(cx, get_attr(cx, ty, id!(cx, "__qualname__"))?)?);
        b.push_str("(");
        b.push_repr(cx, this.func.value())?;
        for &v in this.args().as_slice() {
            b.push_str(", ");
            b.push_repr(cx, v)?;
        }
        for (k, v) in this.keywords().entries() {
            b.push_str(", ");
            b.push(to_str(cx, k)?);
            b.push_str("=");
            b.push_repr(cx, v)?;
        }
        b.push_str(")");
        Ok(b.finish(cx))
    }

    /// function object to use in future partial calls
    #[getter]
    fn func(_cx: &Thread, this: &Partial) -> Value {
        this.func.value()
    }

    /// tuple of arguments to future partial calls
    #[getter(name = "args")]
    fn py_args(_cx: &Thread, this: &Partial) -> Value {
        this.args.value()
    }

    /// dictionary of keyword arguments to future partial calls
    #[getter(name = "keywords")]
    fn py_keywords(_cx: &Thread, this: &Partial) -> Value {
        this.keywords.value()
    }

    /// State for pickling.
    #[pymethod]
    fn __reduce__(cx: &Thread, this: &Partial) -> Res {
        let ty = Value::from_ref(Value::from_ref(this).ty());
        let func = this.func.value();
        let dict = this.attributes(cx).map_or(none(), |d| Value::from_ref(d));
        let args = Value::from_ref(Tuple::from_slice(cx, &[func]));
        let state = [func, this.args.value(), this.keywords.value(), dict];
        let state = Value::from_ref(Tuple::from_slice(cx, &state));
        Ok(Value::from_ref(Tuple::from_slice(cx, &[ty, args, state])))
    }

    /// Restores a pickled state.
    #[pymethod(text = "($self, object, /)")]
    fn __setstate__(cx: &Thread, this: &Partial, state: Value) -> Res<()> {
        let parts = state.downcast::<Tuple>().map(|t| t.as_slice()).unwrap_or(&[]);
        let (func, args, kw, dict) = match *parts {
            [f, a, k, d]
                if is_callable(f)
                    && a.downcast::<Tuple>().is_some()
                    && (k.is_none() || k.downcast::<Dict>().is_some()) =>
            {
                (f, a, k, d)
            }
            _ => raise!(cx, TypeError, "invalid partial state"),
        };
        let args = match args.downcast_exact::<Tuple>() {
            Some(_) => args,
            None => Value::from_ref(taipan_vm::objects::tuple::methods::tuple_of(cx, args)?),
        };
        let kw = match kw.downcast::<Dict>() {
            None => Value::from_ref(Dict::new(cx)),
            Some(_) if kw.downcast_exact::<Dict>().is_some() => kw,
            Some(d) => Value::from_ref(d.copy(cx)),
        };
        this.func.set(&this.head, func);
        this.args.set(&this.head, args);
        this.keywords.set(&this.head, kw);
        match dict.downcast::<Dict>() {
            Some(d) => taipan_vm::types::attr::set_instance_dict(cx, Value::from_ref(this), d),
            None => {
                taipan_vm::types::attr::set_instance_dict(cx, Value::from_ref(this), Dict::new(cx))
            }
        }
        Ok(())
    }

    /// Generic alias: see PEP 585.
    #[classmethod(text = "($type, object, /)")]
    fn __class_getitem__(cx: &Thread, cls: &Type, item: Value) -> Res {
        taipan_vm::objects::generic_alias::new(cx, Value::from_ref(cls), item)
    }
}
