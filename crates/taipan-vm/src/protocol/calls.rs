//! Calling.

use crate::prelude::*;

/// `callable(*args)` (`PyObject_Vectorcall`).
#[inline]
pub fn call(cx: &Thread, f: Value, args: &[Value]) -> Res {
    call_kw(cx, f, args, None)
}

/// The last `kw.len()` of `args` are keyword values.
#[inline]
pub fn call_kw(cx: &Thread, f: Value, args: &[Value], kw: KwNames<'_>) -> Res {
    // Every recursion of native code comes through here.
    if cx.stack_low() {
        return Err(cx.recursion_error(""));
    }
    match f.ty().slots().call.get() {
        Some(c) => c(cx, f, args, kw),
        None => Err(not_callable(cx, f)),
    }
}

#[cold]
pub fn not_callable(cx: &Thread, f: Value) -> Raised {
    err!(cx, TypeError, "'{}' object is not callable", f.ty().name())
}

/// `f(*args, **kwargs)` with a dict of keywords, as a `**` call does.
pub fn call_dict(cx: &Thread, f: Value, args: &[Value], kwargs: Option<&Dict>) -> Res {
    let Some(d) = kwargs.filter(|d| d.len() > 0) else { return call(cx, f, args) };
    let mut all: GcVec<Value> = args.iter().copied().collect();
    let mut names = GcVec::new();
    for (k, v) in d.entries() {
        if k.downcast::<Str>().is_none() {
            raise!(cx, TypeError, "keywords must be strings");
        }
        names.push(k);
        all.push(v);
    }
    let names = Tuple::from_slice(cx, &names);
    call_kw(cx, f, &all, Some(names))
}

/// `obj.name(*args)`: looks the attribute up without making a bound method where it can.
pub fn call_method(cx: &Thread, obj: Value, name: &Str, args: &[Value]) -> Res {
    let (f, this) = get_method(cx, obj, name)?;
    match this {
        Some(this) => {
            let mut all = GcVec::with_capacity(args.len() + 1);
            all.push(this);
            all.extend(args.iter().copied());
            call(cx, f, &all)
        }
        None => call(cx, f, args),
    }
}

/// `type(obj).name(obj, *args)`: a special method, found on the type only; `None`: has none.
pub fn call_special(cx: &Thread, obj: Value, name: &Str, args: &[Value]) -> Res<Option<Value>> {
    let Some(f) = obj.ty().lookup(cx, name) else { return Ok(None) };
    let bind_self = f.ty().has_feature(tpflags::METHOD_DESCRIPTOR);
    if bind_self {
        // The commonest numbers of arguments by themselves: copying a length known only at run time
        // is a call.
        match *args {
            [] => return call(cx, f, &[obj]).map(Some),
            [a] => return call(cx, f, &[obj, a]).map(Some),
            _ => {}
        }
        // Small calls are put together on the native stack, which the collector scans.
        if args.len() < 4 {
            let mut buf = [obj; 4];
            buf[1..=args.len()].copy_from_slice(args);
            return call(cx, f, &buf[..=args.len()]).map(Some);
        }
        let mut all = GcVec::with_capacity(args.len() + 1);
        all.push(obj);
        all.extend(args.iter().copied());
        return call(cx, f, &all).map(Some);
    }
    let f = match f.ty().slots().descr_get.get() {
        Some(get) => get(cx, f, Some(obj), Some(Value::from_ref(obj.ty())))?,
        None => f,
    };
    call(cx, f, args).map(Some)
}

/// `callable(v)`.
pub fn is_callable(v: Value) -> bool {
    v.ty().slots().call.get().is_some()
}
