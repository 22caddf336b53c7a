//! `method`: a function bound to its first argument.

use super::object::Object;
use crate::prelude::*;
use crate::types::alloc::fresh_head;

/// CPython's PyMethodObject.
#[repr(C)]
pub struct Method {
    pub head: Head,
    func: Slot,
    this: Slot,
    weakrefs: Slot,
    vectorcall: usize,
}

crate::pytype! { Method, PyMethod_Type, name: "method", module: "builtins", base: Object, weakref: true,
doc: "method(function, instance, /)\n--\n\nCreate a bound instance method object." }

/// `func` bound to `this`.
pub fn new(cx: &Thread, func: Value, this: Value) -> Value {
    let m = Method {
        head: fresh_head(),
        func: Slot::empty(),
        this: Slot::empty(),
        weakrefs: Slot::empty(),
        vectorcall: 0,
    };
    m.func.init(Some(func));
    m.this.init(Some(this));
    Value::from_ref(cx.alloc(m))
}

impl Method {
    #[inline(always)]
    pub fn func(&self) -> Value {
        self.func.value()
    }

    #[inline(always)]
    pub fn this(&self) -> Value {
        self.this.value()
    }
}

#[pymethods]
impl Method {
    #[slot(sig = "(cls, function, instance, /)")]
    fn __new__(cx: &Thread, _cls: &Type, function: Value, instance: Value) -> Res {
        if !is_callable(function) {
            raise!(cx, TypeError, "first argument must be callable");
        }
        if instance.is_none() {
            raise!(cx, TypeError, "instance must not be None");
        }
        Ok(new(cx, function, instance))
    }

    #[slot]
    fn __call__(cx: &Thread, this: &Method, args: &[Value], kw: KwNames<'_>) -> Res {
        // Small calls are put together on the native stack, which the collector scans.
        if args.len() < 8 {
            let mut buf = [this.this(); 8];
            buf[1..=args.len()].copy_from_slice(args);
            return call_kw(cx, this.func(), &buf[..=args.len()], kw);
        }
        let mut all = GcVec::with_capacity(args.len() + 1);
        all.push(this.this());
        all.extend_from_slice(args);
        call_kw(cx, this.func(), &all, kw)
    }

    #[slot]
    fn __repr__(cx: &Thread, this: &Method) -> Res {
        let f = this.func();
        let name = match get_attr_opt(cx, f, id!(cx, "__qualname__"))? {
            Some(n) => Some(n),
            None => get_attr_opt(cx, f, id!(cx, "__name__"))?,
        };
        let name = name.and_then(|n| n.downcast::<Str>());
        let name = name.map_or("?".into(), |n| n.to_str_lossy());
        let text = format!("<bound method {name} of {}>", repr(cx, this.this())?);
        Ok(Value::from_ref(Str::new(cx, &text)))
    }

    #[slot]
    fn __hash__(cx: &Thread, this: &Method) -> Res<i64> {
        let h = hash_pointer(this.this()) ^ hash(cx, this.func())?;
        Ok(if h == -1 { -2 } else { h })
    }

    #[slot]
    fn __richcmp__(cx: &Thread, this: &Method, other: Value, op: CmpOp) -> Res {
        let (Some(other), CmpOp::Eq | CmpOp::Ne) = (other.downcast_exact::<Method>(), op) else {
            return Ok(not_implemented());
        };
        let same = this.this() == other.this() && eq(cx, this.func(), other.func())?;
        Ok(py_bool(same == (op == CmpOp::Eq)))
    }

    #[slot]
    fn __get__(_cx: &Thread, this: Value, _obj: Option<Value>, _ty: Option<Value>) -> Res {
        Ok(this)
    }

    #[slot]
    fn __getattribute__(cx: &Thread, this: Value, name: &Str) -> Res {
        let t = this.ty();
        if let Some(d) = t.lookup(cx, name) {
            return match d.ty().slots().descr_get.get() {
                Some(get) => get(cx, d, Some(this), Some(Value::from_ref(t))),
                None => Ok(d),
            };
        }
        let m = this.downcast::<Method>().expect("checked by the slot");
        get_attr(cx, m.func(), name)
    }

    #[getter]
    fn __func__(_cx: &Thread, this: &Method) -> Value {
        this.func()
    }

    #[getter]
    fn __self__(_cx: &Thread, this: &Method) -> Value {
        this.this()
    }

    #[getter]
    fn __doc__(cx: &Thread, this: &Method) -> Res {
        get_attr(cx, this.func(), id!(cx, "__doc__"))
    }

    /// How pickle finds the method again.
    #[pymethod]
    fn __reduce__(cx: &Thread, this: &Method) -> Res {
        let getattr = super::iterators::builtin(cx, id!(cx, "getattr"))?;
        let name = get_attr(cx, this.func(), id!(cx, "__name__"))?;
        let args = Value::from_ref(Tuple::from_slice(cx, &[this.this(), name]));
        Ok(Value::from_ref(Tuple::from_slice(cx, &[getattr, args])))
    }
}
