//! The types of `_testcapi` whose methods give back what they were called with.

use taipan_vm::objects::object::Object;
use taipan_vm::prelude::*;
use taipan_vm::pytype;
use taipan_vm::types::alloc::fresh_head;

macro_rules! echo_type {
    ($ty:ident, $st:ident, $name:literal) => {
        #[repr(C)]
        pub struct $ty {
            head: Head,
        }
        pytype! { $ty, $st, name: $name, module: "_testcapi", base: Object }

        impl $ty {
            fn make(cx: &Thread) -> Value {
                Value::from_ref(cx.alloc($ty { head: fresh_head() }))
            }
        }
    };
}

echo_type! { MethInstance, Taipan_MethInstance_Type, "MethInstance" }
echo_type! { MethClass, Taipan_MethClass_Type, "MethClass" }
echo_type! { MethStatic, Taipan_MethStatic_Type, "MethStatic" }

fn two(cx: &Thread, this: Value, args: &[Value]) -> Value {
    Value::from_ref(Tuple::pair(cx, this, Value::from_ref(Tuple::from_slice(cx, args))))
}

fn three(cx: &Thread, this: Value, args: &[Value], kw: Option<&'static Dict>) -> Value {
    let args = Value::from_ref(Tuple::from_slice(cx, args));
    let kw = kw.map_or(none(), |d| Value::from_ref(d));
    Value::from_ref(Tuple::from_slice(cx, &[this, args, kw]))
}

pub fn echo(cx: &Thread, this: Value, args: &[Value]) -> Value {
    two(cx, this, args)
}

pub fn echo_keywords(cx: &Thread, this: Value, args: &[Value], kw: Option<&'static Dict>) -> Value {
    three(cx, this, args, kw)
}

#[pymethods]
impl MethInstance {
    #[slot]
    fn __new__(cx: &Thread, _cls: &Type, _args: &[Value], _kw: KwNames<'_>) -> Res {
        Ok(MethInstance::make(cx))
    }
    #[pymethod(sig = "(self, *args)")]
    fn meth_varargs(cx: &Thread, this: &MethInstance, args: &[Value]) -> Res {
        Ok(two(cx, Value::from_ref(this), args))
    }
    #[pymethod(sig = "(self, *args, **kwargs)")]
    fn meth_varargs_keywords(
        cx: &Thread,
        this: &MethInstance,
        args: &[Value],
        kw: Option<&'static Dict>,
    ) -> Res {
        Ok(three(cx, Value::from_ref(this), args, kw))
    }
    #[pymethod]
    fn meth_o(cx: &Thread, this: &MethInstance, obj: Value) -> Res {
        Ok(Value::from_ref(Tuple::pair(cx, Value::from_ref(this), obj)))
    }
    #[pymethod]
    fn meth_noargs(_cx: &Thread, this: &MethInstance) -> Res {
        Ok(Value::from_ref(this))
    }
    #[pymethod(sig = "(self, *args)")]
    fn meth_fastcall(cx: &Thread, this: &MethInstance, args: &[Value]) -> Res {
        Ok(two(cx, Value::from_ref(this), args))
    }
    #[pymethod(sig = "(self, *args, **kwargs)")]
    fn meth_fastcall_keywords(
        cx: &Thread,
        this: &MethInstance,
        args: &[Value],
        kw: Option<&'static Dict>,
    ) -> Res {
        Ok(three(cx, Value::from_ref(this), args, kw))
    }
}

#[pymethods]
impl MethClass {
    #[slot]
    fn __new__(cx: &Thread, _cls: &Type, _args: &[Value], _kw: KwNames<'_>) -> Res {
        Ok(MethClass::make(cx))
    }
    #[classmethod(sig = "(cls, *args)")]
    fn meth_varargs(cx: &Thread, cls: &Type, args: &[Value]) -> Res {
        Ok(two(cx, Value::from_ref(cls), args))
    }
    #[classmethod(sig = "(cls, *args, **kwargs)")]
    fn meth_varargs_keywords(
        cx: &Thread,
        cls: &Type,
        args: &[Value],
        kw: Option<&'static Dict>,
    ) -> Res {
        Ok(three(cx, Value::from_ref(cls), args, kw))
    }
    #[classmethod]
    fn meth_o(cx: &Thread, cls: &Type, obj: Value) -> Res {
        Ok(Value::from_ref(Tuple::pair(cx, Value::from_ref(cls), obj)))
    }
    #[classmethod]
    fn meth_noargs(_cx: &Thread, cls: &Type) -> Res {
        Ok(Value::from_ref(cls))
    }
    #[classmethod(sig = "(cls, *args)")]
    fn meth_fastcall(cx: &Thread, cls: &Type, args: &[Value]) -> Res {
        Ok(two(cx, Value::from_ref(cls), args))
    }
    #[classmethod(sig = "(cls, *args, **kwargs)")]
    fn meth_fastcall_keywords(
        cx: &Thread,
        cls: &Type,
        args: &[Value],
        kw: Option<&'static Dict>,
    ) -> Res {
        Ok(three(cx, Value::from_ref(cls), args, kw))
    }
}

#[pymethods]
impl MethStatic {
    #[slot]
    fn __new__(cx: &Thread, _cls: &Type, _args: &[Value], _kw: KwNames<'_>) -> Res {
        Ok(MethStatic::make(cx))
    }
    #[staticmethod(sig = "(*args)")]
    fn meth_varargs(cx: &Thread, args: &[Value]) -> Res {
        Ok(two(cx, none(), args))
    }
    #[staticmethod(sig = "(*args, **kwargs)")]
    fn meth_varargs_keywords(cx: &Thread, args: &[Value], kw: Option<&'static Dict>) -> Res {
        Ok(three(cx, none(), args, kw))
    }
    #[staticmethod]
    fn meth_o(cx: &Thread, obj: Value) -> Res {
        Ok(Value::from_ref(Tuple::pair(cx, none(), obj)))
    }
    #[staticmethod]
    fn meth_noargs(_cx: &Thread) -> Res {
        Ok(none())
    }
    #[staticmethod(sig = "(*args)")]
    fn meth_fastcall(cx: &Thread, args: &[Value]) -> Res {
        Ok(two(cx, none(), args))
    }
    #[staticmethod(sig = "(*args, **kwargs)")]
    fn meth_fastcall_keywords(cx: &Thread, args: &[Value], kw: Option<&'static Dict>) -> Res {
        Ok(three(cx, none(), args, kw))
    }
}
