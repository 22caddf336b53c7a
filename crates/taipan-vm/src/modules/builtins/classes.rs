//! `__build_class__` and questions about classes and attributes.

use crate::prelude::*;
use crate::protocol;
use crate::types::class::calculate_metaclass;

/// Internal: carries out a class statement.
#[pyfunction(sig = "(func, name, /, *bases, **kwds)", text = "")]
pub fn __build_class__(
    cx: &Thread,
    func: Value,
    name: Value,
    bases: &[Value],
    kwds: Option<&'static Dict>,
) -> Res {
    if !crate::objects::function::is_function(func) {
        raise!(cx, TypeError, "__build_class__: func must be a function");
    }
    if name.downcast::<Str>().is_none() {
        raise!(cx, TypeError, "__build_class__: name is not a string");
    }
    let orig = Tuple::from_slice(cx, bases);
    let resolved = update_bases(cx, orig)?;
    let changed = !std::ptr::eq(orig, resolved);
    let kw = kwds.unwrap_or_else(|| Dict::new(cx));
    let mut meta = kw.pop(cx, Value::from_ref(id!(cx, "metaclass")))?;
    if meta.is_none() {
        meta = Some(match resolved.as_slice().first() {
            Some(b) => Value::from_ref(b.ty()),
            None => Value::from_ref(Type::type_object()),
        });
    }
    let mut meta = meta.expect("set above");
    if let Some(t) = meta.as_type() {
        meta = Value::from_ref(calculate_metaclass(cx, t, resolved.as_slice())?);
    }
    let prepare = get_attr_opt(cx, meta, id!(cx, "__prepare__"))?;
    let ns = match prepare {
        Some(p) => {
            let ns = call_dict(cx, p, &[name, Value::from_ref(resolved)], Some(kw))?;
            if ns.ty().slots().getitem.get().is_none() {
                let who = match meta.as_type() {
                    Some(t) => t.name(),
                    None => "<metaclass>".into(),
                };
                raise!(
                    cx,
                    TypeError,
                    "{who}.__prepare__() must return a mapping, not {}",
                    ns.ty().name()
                );
            }
            ns
        }
        None => Value::from_ref(Dict::new(cx)),
    };
    let cell = crate::interp::call_class_body(cx, func, ns)?;
    if changed {
        set_item(cx, ns, Value::from_ref(id!(cx, "__orig_bases__")), Value::from_ref(orig))?;
    }
    let cls = call_dict(cx, meta, &[name, Value::from_ref(resolved), ns], Some(kw))?;
    if cls.as_type().is_some() {
        if let Some(content) = cell.downcast_exact::<crate::objects::cell::Cell>().map(|c| c.get())
        {
            match content {
                None => raise!(
                    cx,
                    RuntimeError,
                    "__class__ not set defining {} as {}. Was __classcell__ propagated to type.__new__?",
                    protocol::repr(cx, name)?,
                    protocol::repr(cx, cls)?
                ),
                Some(c) if c != cls => raise!(
                    cx,
                    TypeError,
                    "__class__ set to {} defining {} as {}",
                    protocol::repr(cx, c)?,
                    protocol::repr(cx, name)?,
                    protocol::repr(cx, cls)?
                ),
                Some(_) => {}
            }
        }
    }
    Ok(cls)
}

/// Bases with `__mro_entries__` replaced (PEP 560).
fn update_bases(cx: &Thread, bases: &'static Tuple) -> Res<&'static Tuple> {
    let mut out: Option<GcVec<Value>> = None;
    for (i, &b) in bases.as_slice().iter().enumerate() {
        let entries = if b.as_type().is_some() {
            None
        } else {
            get_attr_opt(cx, b, id!(cx, "__mro_entries__"))?
        };
        let Some(f) = entries else {
            if let Some(o) = &mut out {
                o.push(b);
            }
            continue;
        };
        let r = call(cx, f, &[Value::from_ref(bases)])?;
        let Some(t) = r.downcast::<Tuple>() else {
            raise!(cx, TypeError, "__mro_entries__ must return a tuple");
        };
        out.get_or_insert_with(|| bases.as_slice()[..i].iter().copied().collect())
            .extend(t.as_slice().iter().copied());
    }
    Ok(match out {
        Some(o) => Tuple::from_slice(cx, &o),
        None => bases,
    })
}

/// Is the object an instance of the class or one of the classes?
#[pyfunction]
pub fn isinstance(cx: &Thread, obj: Value, class_or_tuple: Value) -> Res<bool> {
    is_instance(cx, obj, class_or_tuple)
}

/// Is the class a subclass of the class or one of the classes?
#[pyfunction]
pub fn issubclass(cx: &Thread, cls: Value, class_or_tuple: Value) -> Res<bool> {
    is_subclass(cx, cls, class_or_tuple)
}

/// The sorted names of the local scope or of an object's attributes.
#[pyfunction(sig = "(object=<unrepresentable>, /)", text = "")]
pub fn dir(cx: &Thread, object: Option<Value>) -> Res {
    let names = match object {
        None => {
            let l = crate::interp::current_locals(cx)?;
            let keys = call_method(cx, l, id!(cx, "keys"), &[])?;
            collect(cx, keys)?
        }
        Some(o) => match call_special(cx, o, id!(cx, "__dir__"), &[])? {
            Some(r) => collect(cx, r)?,
            None => raise!(cx, TypeError, "object does not provide __dir__"),
        },
    };
    let l = List::from_slice(cx, &names);
    call_method(cx, Value::from_ref(l), id!(cx, "sort"), &[])?;
    Ok(Value::from_ref(l))
}

/// `object.__dict__`, or the local scope.
#[pyfunction(sig = "(object=<unrepresentable>, /)", text = "")]
pub fn vars(cx: &Thread, object: Option<Value>) -> Res {
    match object {
        None => crate::interp::current_locals(cx),
        Some(o) => match get_attr_opt(cx, o, id!(cx, "__dict__"))? {
            Some(d) => Ok(d),
            None => raise!(cx, TypeError, "vars() argument must have __dict__ attribute"),
        },
    }
}
