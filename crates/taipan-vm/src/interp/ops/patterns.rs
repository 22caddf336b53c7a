//! Pattern matching.

use crate::interp::dispatch::{handler, plain};
use crate::objects::set::Set;
use crate::prelude::*;

handler! { pub fn MATCH_SEQUENCE(f) {
    f.set_a(py_bool(f.rb().ty().has_feature(tpflags::SEQUENCE)));
    f.next(1)
} }

handler! { pub fn MATCH_MAPPING(f) {
    f.set_a(py_bool(f.rb().ty().has_feature(tpflags::MAPPING)));
    f.next(1)
} }

plain! { pub fn MATCH_KEYS(f) -> 1 {
    let keys = f.rc().downcast::<Tuple>().expect("the compiler built a tuple of keys");
    f.set_a(match_keys(f.cx, f.rb(), keys)?);
} }

fn match_keys(cx: &Thread, map: Value, keys: &Tuple) -> Res {
    if keys.len() == 0 {
        return Ok(Value::from_ref(Tuple::empty(cx)));
    }
    let get = get_attr(cx, map, id!(cx, "get"))?;
    let seen = Set::new(cx);
    // A private object tells "absent" from any value; get() leaves no entry in a defaultdict.
    let absent = cx.alloc_instance(crate::objects::object::Object::type_object());
    let mut values = GcVec::with_capacity(keys.len());
    for &k in keys.as_slice() {
        if !seen.add(cx, k)? {
            raise!(cx, ValueError, "mapping pattern checks duplicate key ({})", repr(cx, k)?);
        }
        let v = call(cx, get, &[k, absent])?;
        if v == absent {
            return Ok(none());
        }
        values.push(v);
    }
    Ok(Value::from_ref(Tuple::from_slice(cx, &values)))
}

plain! { pub fn MATCH_CLASS(f) -> 1 {
    let b = f.b();
    let (subject, class) = (f.regs.value(b), f.regs.value(b + 1));
    let names = f.regs.value(b + 2).downcast::<Tuple>().expect("the compiler built a tuple of names");
    f.set_a(match_class(f.cx, subject, class, names, f.c())?);
} }

/// One attribute of a class pattern; `None`: the subject has none.
fn attribute(
    cx: &Thread,
    subject: Value,
    class: &Type,
    name: &Str,
    seen: &mut GcVec<Value>,
) -> Res<Option<Value>> {
    for s in seen.iter() {
        if s.downcast::<Str>().is_some_and(|s| s.eq(name)) {
            raise!(
                cx,
                TypeError,
                "{}() got multiple sub-patterns for attribute {}",
                class.name(),
                repr(cx, Value::from_ref(name))?
            );
        }
    }
    seen.push(Value::from_ref(name));
    get_attr_opt(cx, subject, crate::objects::str::intern_str(cx, name))
}

fn match_class(cx: &Thread, subject: Value, class: Value, names: &Tuple, npos: usize) -> Res {
    let Some(t) = class.as_type() else {
        raise!(cx, TypeError, "called match pattern must be a class")
    };
    if !is_instance(cx, subject, class)? {
        return Ok(none());
    }
    let mut out: GcVec<Value> = GcVec::new();
    let mut seen: GcVec<Value> = GcVec::new();
    if npos > 0 {
        let args = get_attr_opt(cx, class, id!(cx, "__match_args__"))?;
        let (args, itself) = match args {
            Some(a) => match a.downcast_exact::<Tuple>() {
                Some(a) => (Some(a), false),
                None => raise!(
                    cx,
                    TypeError,
                    "{}.__match_args__ must be a tuple (got {})",
                    t.name(),
                    a.ty().name()
                ),
            },
            None => (None, t.has_feature(tpflags::MATCH_SELF)),
        };
        let allowed = if itself { 1 } else { args.map_or(0, |a| a.len()) };
        if npos > allowed {
            raise!(
                cx,
                TypeError,
                "{}() accepts {allowed} positional sub-pattern{} ({npos} given)",
                t.name(),
                if allowed == 1 { "" } else { "s" }
            );
        }
        if itself {
            out.push(subject);
        } else if let Some(args) = args {
            for &n in &args.as_slice()[..npos] {
                let Some(name) = n.downcast::<Str>() else {
                    raise!(
                        cx,
                        TypeError,
                        "__match_args__ elements must be strings (got {})",
                        n.ty().name()
                    );
                };
                match attribute(cx, subject, t, name, &mut seen)? {
                    Some(v) => out.push(v),
                    None => return Ok(none()),
                }
            }
        }
    }
    for &n in names.as_slice() {
        let name = n.downcast::<Str>().expect("the compiler put names here");
        match attribute(cx, subject, t, name, &mut seen)? {
            Some(v) => out.push(v),
            None => return Ok(none()),
        }
    }
    Ok(Value::from_ref(Tuple::from_slice(cx, &out)))
}
