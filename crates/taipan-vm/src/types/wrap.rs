//! Wrapper descriptors' calls: from a Python call of `int.__add__(1, 2)` to the slot
//! (`wrap_binaryfunc` and its like, Objects/typeobject.c).

use super::slots::*;
use crate::prelude::*;

macro_rules! slot_as {
    ($raw:expr, $t:ty) => {{
        let raw: usize = $raw;
        // SAFETY: the raw word was read from a slot of exactly this function type (SLOT_DEFS).
        unsafe { std::mem::transmute::<usize, $t>(raw) }
    }};
}

/// As `arity`, of one argument that CPython unpacks under an empty name instead of counting it.
fn unpacks_one(cx: &Thread, args: &[Value], kw: KwNames<'_>, name: &str) -> Res<()> {
    if args.len() != 1 && kw.is_none_or(|k| k.len() == 0) {
        raise!(cx, TypeError, " expected 1 argument, got {}", args.len());
    }
    arity(cx, args, kw, name, 1, 1)
}

fn arity(
    cx: &Thread,
    args: &[Value],
    kw: KwNames<'_>,
    name: &str,
    min: usize,
    max: usize,
) -> Res<()> {
    if kw.is_some_and(|k| k.len() > 0) {
        raise!(cx, TypeError, "wrapper {name}() takes no keyword arguments");
    }
    let n = args.len();
    if n >= min && n <= max {
        return Ok(());
    }
    if min == max {
        let s = if min == 1 { "" } else { "s" };
        // Two are unpacked under an empty name (`PyArg_UnpackTuple`), one or none only counted.
        let name = if min > 1 { " " } else { "" };
        raise!(cx, TypeError, "{name}expected {min} argument{s}, got {n}");
    }
    let (bound, word) = if n < min { (min, "at least") } else { (max, "at most") };
    let s = if bound == 1 { "" } else { "s" };
    raise!(cx, TypeError, " expected {word} {bound} argument{s}, got {n}")
}

/// Calls slot `raw` of a wrapper for `this` with the remaining arguments.
pub fn call_wrapper(
    cx: &Thread,
    def: &SlotDef,
    raw: usize,
    this: Value,
    args: &[Value],
    kw: KwNames<'_>,
) -> Res {
    // A slot may end in another wrapper of the same object (`__repr__ = object.__str__`).
    let _depth = cx.enter_recursive(" while calling a Python object")?;
    let n = def.name;
    let one = |f: BinaryFn| -> Res {
        arity(cx, args, kw, n, 1, 1)?;
        f(cx, this, args[0])
    };
    match def.wrap {
        Wrap::Unary => {
            arity(cx, args, kw, n, 0, 0)?;
            slot_as!(raw, UnaryFn)(cx, this)
        }
        Wrap::BinaryL | Wrap::BinaryInplace | Wrap::GetItem => one(slot_as!(raw, BinaryFn)),
        Wrap::BinaryR => {
            arity(cx, args, kw, n, 1, 1)?;
            slot_as!(raw, BinaryFn)(cx, args[0], this)
        }
        Wrap::PowL | Wrap::PowInplace => {
            arity(cx, args, kw, n, 1, 2)?;
            slot_as!(raw, TernaryFn)(cx, this, args[0], args.get(1).copied().unwrap_or(none()))
        }
        Wrap::PowR => {
            arity(cx, args, kw, n, 1, 2)?;
            slot_as!(raw, TernaryFn)(cx, args[0], this, args.get(1).copied().unwrap_or(none()))
        }
        Wrap::Bool => {
            arity(cx, args, kw, n, 0, 0)?;
            slot_as!(raw, BoolFn)(cx, this).map(py_bool)
        }
        Wrap::Len => {
            arity(cx, args, kw, n, 0, 0)?;
            slot_as!(raw, LenFn)(cx, this).map(|l| int_from_i128(cx, l as i128))
        }
        Wrap::Hash => {
            arity(cx, args, kw, n, 0, 0)?;
            slot_as!(raw, HashFn)(cx, this).map(|h| int_from_i128(cx, h as i128))
        }
        Wrap::Cmp(op) => {
            arity(cx, args, kw, n, 1, 1)?;
            slot_as!(raw, RichCmpFn)(cx, this, args[0], op)
        }
        Wrap::Call => slot_as!(raw, CallFn)(cx, this, args, kw),
        Wrap::Init => slot_as!(raw, InitFn)(cx, this, args, kw).map(|()| none()),
        Wrap::GetAttr => {
            arity(cx, args, kw, n, 1, 1)?;
            slot_as!(raw, GetAttrFn)(cx, this, attr_name(cx, args[0])?)
        }
        Wrap::SetAttr => {
            arity(cx, args, kw, n, 2, 2)?;
            guard_setattr(cx, this, raw, "__setattr__")?;
            slot_as!(raw, SetAttrFn)(cx, this, attr_name(cx, args[0])?, Some(args[1]))?;
            Ok(none())
        }
        Wrap::DelAttr => {
            arity(cx, args, kw, n, 1, 1)?;
            guard_setattr(cx, this, raw, "__delattr__")?;
            slot_as!(raw, SetAttrFn)(cx, this, attr_name(cx, args[0])?, None)?;
            Ok(none())
        }
        Wrap::Next => {
            arity(cx, args, kw, n, 0, 0)?;
            match slot_as!(raw, NextFn)(cx, this)? {
                Some(v) => Ok(v),
                // What a generator or an awaitable returned goes with its end.
                None => Err(crate::objects::generator::stop_with(
                    cx,
                    crate::interp::take_returned(cx, this),
                )),
            }
        }
        Wrap::DescrGet => {
            arity(cx, args, kw, n, 1, 2)?;
            let obj = Some(args[0]).filter(|v| !v.is_none());
            let ty = args.get(1).copied().filter(|v| !v.is_none());
            if obj.is_none() && ty.is_none() {
                raise!(cx, TypeError, "__get__(None, None) is invalid");
            }
            slot_as!(raw, DescrGetFn)(cx, this, obj, ty)
        }
        Wrap::DescrSet => {
            arity(cx, args, kw, n, 2, 2)?;
            slot_as!(raw, DescrSetFn)(cx, this, args[0], Some(args[1])).map(|()| none())
        }
        Wrap::DescrDelete => {
            arity(cx, args, kw, n, 1, 1)?;
            slot_as!(raw, DescrSetFn)(cx, this, args[0], None).map(|()| none())
        }
        Wrap::SetItem => {
            arity(cx, args, kw, n, 2, 2)?;
            slot_as!(raw, SetItemFn)(cx, this, args[0], Some(args[1])).map(|()| none())
        }
        Wrap::DelItem => {
            arity(cx, args, kw, n, 1, 1)?;
            slot_as!(raw, SetItemFn)(cx, this, args[0], None).map(|()| none())
        }
        Wrap::Contains => {
            arity(cx, args, kw, n, 1, 1)?;
            slot_as!(raw, ContainsFn)(cx, this, args[0]).map(py_bool)
        }
        Wrap::Repeat => {
            unpacks_one(cx, args, kw, n)?;
            let k = index_isize(cx, args[0], exc::OverflowError())?;
            slot_as!(raw, RepeatFn)(cx, this, k)
        }
        Wrap::Del => {
            arity(cx, args, kw, n, 0, 0)?;
            slot_as!(raw, DelFn)(cx, this).map(|()| none())
        }
        Wrap::GetBuffer => {
            unpacks_one(cx, args, kw, n)?;
            let flags = index_isize(cx, args[0], exc::OverflowError())?;
            crate::objects::memoryview::from_object_flags(cx, this, flags as u32)
        }
        Wrap::ReleaseBuffer => {
            unpacks_one(cx, args, kw, n)?;
            crate::objects::memoryview::release_for(cx, this, args[0])?;
            Ok(none())
        }
    }
}

fn attr_name(cx: &Thread, v: Value) -> Res<&'static Str> {
    match v.downcast::<Str>() {
        Some(s) => Ok(crate::objects::str::intern_str(cx, s)),
        None => {
            raise!(cx, TypeError, "attribute name must be string, not '{}'", v.ty().name())
        }
    }
}

/// `object.__setattr__(cls, ...)` must not bypass a metatype's own setattr ("hackcheck").
fn guard_setattr(cx: &Thread, this: Value, raw: usize, what: &str) -> Res<()> {
    let t = this.ty();
    for c in t.mro().as_slice() {
        let c = c.as_type_unchecked();
        if c.is_heap() {
            continue;
        }
        let own = c.slots().setattro.raw();
        if own != raw && own != 0 {
            raise!(cx, TypeError, "can't apply this {what} to {} object", t.name());
        }
        break;
    }
    Ok(())
}
