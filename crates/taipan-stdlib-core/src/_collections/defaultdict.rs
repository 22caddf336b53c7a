//! `collections.defaultdict`.

use std::sync::atomic::AtomicU64;
use taipan_vm::objects::text_builder::{TextBuilder, enter_repr};
use taipan_vm::prelude::*;

#[repr(C)]
pub struct DefaultDict {
    pub head: Head,
    dict: [AtomicU64; 4],
    factory: Slot,
}

const _: () = assert!(std::mem::offset_of!(DefaultDict, factory) == size_of::<Dict>());

taipan_vm::pytype! { DefaultDict, PyDefaultDict_Type, name: "defaultdict", module: "collections", base: Dict,
flags: tpflags::BASETYPE,
doc: "defaultdict(default_factory=None, /, [...]) --> dict with default factory\n\nThe factory is called without arguments for the value of a key that is not there.\nThe other arguments are those of dict." }

impl DefaultDict {
    fn factory(&self) -> Value {
        self.factory.get().unwrap_or(none())
    }

    /// An equal one of the same class, with the items of `from`.
    fn remade(&self, cx: &Thread, from: Value) -> Res {
        call(cx, Value::from_ref(Value::from_ref(self).ty()), &[self.factory(), from])
    }
}

#[pymethods]
impl DefaultDict {
    #[slot]
    fn __init__(cx: &Thread, this: &DefaultDict, args: &[Value], kw: KwNames<'_>) -> Res<()> {
        let npos = args.len() - kw.map_or(0, |k| k.len());
        let mut rest = args;
        let mut factory = none();
        if npos > 0 {
            factory = args[0];
            if !is_callable(factory) && !factory.is_none() {
                raise!(cx, TypeError, "first argument must be callable or None");
            }
            rest = &args[1..];
        }
        this.factory.set(&this.head, factory);
        let init = Dict::type_object().slots().init.get().expect("dict has __init__");
        init(cx, Value::from_ref(this), rest, kw)
    }

    #[slot]
    fn __repr__(cx: &Thread, this: &DefaultDict) -> Res {
        let repr_dict = Dict::type_object().slots().repr.get().expect("dict has __repr__");
        let base = repr_dict(cx, Value::from_ref(this))?;
        let mut b = TextBuilder::new();
        b.push_str(&Value::from_ref(this).ty().short_name());
        b.push_str("(");
        let f = this.factory();
        // A factory may be a bound method of this very dict.
        match enter_repr(cx, f) {
            Some(_guard) if this.factory.get().is_some() => b.push_repr(cx, f)?,
            Some(_) => b.push_str("None"),
            None => b.push_str("..."),
        }
        b.push_str(", ");
        b.push(base.downcast::<Str>().expect("a repr is a str"));
        b.push_str(")");
        Ok(b.finish(cx))
    }

    #[slot]
    fn __or__(cx: &Thread, a: Value, b: Value) -> Res {
        let (this, other) = match a.downcast::<DefaultDict>() {
            Some(d) => (d, b),
            None => match b.downcast::<DefaultDict>() {
                Some(d) => (d, a),
                None => return Ok(not_implemented()),
            },
        };
        if other.downcast::<Dict>().is_none() {
            return Ok(not_implemented());
        }
        let new = this.remade(cx, a)?;
        if let Some(d) = new.downcast::<Dict>() {
            d.update(cx, b)?;
        }
        Ok(new)
    }

    /// Called for a key that is not there: what the factory gives is inserted and given.
    #[pymethod(text = "($self, object, /)")]
    fn __missing__(cx: &Thread, this: &DefaultDict, key: Value) -> Res {
        let f = this.factory();
        if f.is_none() {
            return Err(taipan_vm::objects::dict::key_error(cx, key));
        }
        let v = call(cx, f, &[])?;
        set_item(cx, Value::from_ref(this), key, v)?;
        Ok(v)
    }

    /// A shallow copy.
    #[pymethod]
    fn copy(cx: &Thread, this: &DefaultDict) -> Res {
        this.remade(cx, Value::from_ref(this))
    }

    /// A shallow copy.
    #[pymethod]
    fn __copy__(cx: &Thread, this: &DefaultDict) -> Res {
        this.remade(cx, Value::from_ref(this))
    }

    /// State for pickling.
    #[pymethod]
    fn __reduce__(cx: &Thread, this: &DefaultDict) -> Res {
        let f = this.factory();
        let args = if f.is_none() { Tuple::empty(cx) } else { Tuple::from_slice(cx, &[f]) };
        let items = call_method(cx, Value::from_ref(this), id!(cx, "items"), &[])?;
        let it = iter(cx, items)?;
        let ty = Value::from_ref(Value::from_ref(this).ty());
        let t = [ty, Value::from_ref(args), none(), none(), it];
        Ok(Value::from_ref(Tuple::from_slice(cx, &t)))
    }

    /// Factory for default value called by __missing__().
    #[getter]
    fn default_factory(_cx: &Thread, this: &DefaultDict) -> Value {
        this.factory()
    }

    #[setter]
    fn set_default_factory(_cx: &Thread, this: &DefaultDict, v: Option<Value>) -> Res<()> {
        this.factory.set_option(&this.head, v);
        Ok(())
    }

    /// Generic alias: see PEP 585.
    #[classmethod(text = "($type, object, /)")]
    fn __class_getitem__(cx: &Thread, cls: &Type, item: Value) -> Res {
        taipan_vm::objects::generic_alias::new(cx, Value::from_ref(cls), item)
    }
}
