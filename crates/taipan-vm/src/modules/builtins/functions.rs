//! Builtin functions on single objects.

use crate::objects::numeric_format;
use crate::prelude::*;
use crate::protocol;
use crate::types::slots::SlotId;

/// The absolute value of a number.
#[pyfunction]
pub fn abs(cx: &Thread, x: Value) -> Res {
    unary(cx, x, SlotId::abs)
}

/// A repr with non-ASCII characters escaped.
#[pyfunction]
pub fn ascii(cx: &Thread, obj: Value) -> Res<&'static Str> {
    ascii_of(cx, obj)
}

/// `ascii(v)`.
pub fn ascii_of(cx: &Thread, v: Value) -> Res<&'static Str> {
    crate::objects::str::repr::ascii(cx, v)
}

/// The binary text of an integer.
///
/// >>> bin(10)
/// '0b1010'
#[pyfunction]
pub fn bin(cx: &Thread, number: Value) -> Res {
    numeric_format::prefixed(cx, number, 2)
}

/// The octal text of an integer.
///
/// >>> oct(8)
/// '0o10'
#[pyfunction]
pub fn oct(cx: &Thread, number: Value) -> Res {
    numeric_format::prefixed(cx, number, 8)
}

/// The hexadecimal text of an integer.
///
/// >>> hex(255)
/// '0xff'
#[pyfunction]
pub fn hex(cx: &Thread, number: Value) -> Res {
    numeric_format::prefixed(cx, number, 16)
}

/// Calls `sys.breakpointhook`.
#[pyfunction(sig = "(*args, **kws)")]
pub fn breakpoint(cx: &Thread, args: &[Value], kws: Option<&'static Dict>) -> Res {
    match cx.vm.sys_dict().get_str(cx, id!(cx, "breakpointhook")) {
        Some(h) => call_dict(cx, h, args, kws),
        None => raise!(cx, RuntimeError, "lost sys.breakpointhook"),
    }
}

/// Can the object be called?
#[pyfunction]
pub fn callable(_cx: &Thread, obj: Value) -> bool {
    is_callable(obj)
}

/// The one-character string of a code point.
#[pyfunction]
pub fn chr(cx: &Thread, i: Value) -> Res<&'static Str> {
    let n = int_to_i64(index(cx, i)?).unwrap_or(-1);
    if !(0..=0x10FFFF).contains(&n) {
        raise!(cx, ValueError, "chr() arg not in range(0x110000)");
    }
    match u8::try_from(n) {
        Ok(b) => Ok(Str::latin1_char(cx, b)),
        Err(_) => Ok(Str::from_ucs4(cx, &[n as u32])),
    }
}

/// The code point of a one-character string.
#[pyfunction]
pub fn ord(cx: &Thread, c: Value) -> Res<u32> {
    let n = if let Some(s) = c.downcast::<Str>() {
        if s.len() == 1 {
            return Ok(s.char_at(0));
        }
        s.len()
    } else if let Some(b) = c.downcast::<Bytes>() {
        if let [x] = b.as_slice() {
            return Ok(*x as u32);
        }
        b.len()
    } else if c.ty().slots().getbuffer.get().is_some() && c.ty().name() == "bytearray" {
        let n = protocol::len(cx, c)?;
        if n == 1 {
            let b = get_item(cx, c, Value::small(0))?;
            return Ok(b.as_small().unwrap_or(0) as u32);
        }
        n
    } else {
        raise!(cx, TypeError, "ord() expected string of length 1, but {} found", c.ty().name());
    };
    raise!(cx, TypeError, "ord() expected a character, but string of length {n} found")
}

fn attr_name(cx: &Thread, name: Value, what: &str) -> Res<&'static Str> {
    let _ = what;
    match name.downcast::<Str>() {
        Some(s) => Ok(crate::objects::str::intern_str(cx, s)),
        None => {
            raise!(cx, TypeError, "attribute name must be string, not '{}'", name.ty().name())
        }
    }
}

/// `getattr(object, name[, default])`
#[pyfunction(sig = "(object, name, default=<unrepresentable>, /)", text = "")]
pub fn getattr(cx: &Thread, object: Value, name: Value, default: Option<Value>) -> Res {
    let n = attr_name(cx, name, "getattr")?;
    match default {
        Some(d) => Ok(get_attr_opt(cx, object, n)?.unwrap_or(d)),
        None => get_attr(cx, object, n),
    }
}

/// Does the object have the attribute?
#[pyfunction]
pub fn hasattr(cx: &Thread, obj: Value, name: Value) -> Res<bool> {
    let n = attr_name(cx, name, "hasattr")?;
    Ok(get_attr_opt(cx, obj, n)?.is_some())
}

/// `obj.name = value` with a computed name.
#[pyfunction]
pub fn setattr(cx: &Thread, obj: Value, name: Value, value: Value) -> Res<()> {
    set_attr(cx, obj, attr_name(cx, name, "setattr")?, Some(value))
}

/// `del obj.name` with a computed name.
#[pyfunction]
pub fn delattr(cx: &Thread, obj: Value, name: Value) -> Res<()> {
    set_attr(cx, obj, attr_name(cx, name, "delattr")?, None)
}

/// The pair (x//y, x%y).
#[pyfunction]
pub fn divmod(cx: &Thread, x: Value, y: Value) -> Res {
    binary(cx, x, y, BinOp::DivMod)
}

/// `value.__format__(format_spec)`
#[pyfunction(sig = "(value, format_spec='', /)")]
pub fn format(cx: &Thread, value: Value, format_spec: Option<&'static Str>) -> Res<&'static Str> {
    format_value(cx, value, format_spec.unwrap_or_else(|| Str::new(cx, "")))
}

/// The hash of an object.
#[pyfunction(name = "hash")]
pub fn hash_(cx: &Thread, obj: Value) -> Res<i64> {
    protocol::hash(cx, obj)
}

/// The identity of an object.
#[pyfunction]
pub fn id(cx: &Thread, obj: Value) -> Value {
    int_from_i128(cx, crate::objects::object::id_of(obj) as i128)
}

/// An iterator of an iterable, or of a callable and a sentinel.
#[pyfunction(sig = "(object, sentinel=<unrepresentable>, /)", text = "")]
pub fn iter(cx: &Thread, object: Value, sentinel: Option<Value>) -> Res {
    match sentinel {
        None => protocol::iter(cx, object),
        Some(s) => {
            if !is_callable(object) {
                raise!(cx, TypeError, "iter(v, w): v must be callable");
            }
            Ok(crate::objects::seqiter::CallIter::new(cx, object, s))
        }
    }
}

/// An asynchronous iterator of an asynchronous iterable.
#[pyfunction]
pub fn aiter(cx: &Thread, async_iterable: Value) -> Res {
    let Some(f) = async_iterable.ty().slots().aiter.get() else {
        raise!(cx, TypeError, "'{}' object is not an async iterable", async_iterable.ty().name());
    };
    let it = f(cx, async_iterable)?;
    if it.ty().slots().anext.get().is_none() {
        raise!(
            cx,
            TypeError,
            "aiter() returned not an async iterator of type '{}'",
            it.ty().name()
        );
    }
    Ok(it)
}

/// The next item's awaitable of an asynchronous iterator.
#[pyfunction(sig = "(aiterator, default=<unrepresentable>, /)")]
pub fn anext(cx: &Thread, aiterator: Value, default: Option<Value>) -> Res {
    let Some(f) = aiterator.ty().slots().anext.get() else {
        raise!(cx, TypeError, "'{}' object is not an async iterator", aiterator.ty().name());
    };
    let awaitable = f(cx, aiterator)?;
    match default {
        None => Ok(awaitable),
        Some(d) => crate::interp::anext_awaitable(cx, awaitable, d),
    }
}

/// The number of items in a container.
#[pyfunction]
pub fn len(cx: &Thread, obj: Value) -> Res<usize> {
    protocol::len(cx, obj)
}

/// The next item of an iterator; at its end the default, or StopIteration.
#[pyfunction(sig = "(iterator, default=<unrepresentable>, /)", text = "")]
pub fn next(cx: &Thread, iterator: Value, default: Option<Value>) -> Res {
    let Some(f) = iterator.ty().slots().next.get() else {
        raise!(cx, TypeError, "'{}' object is not an iterator", iterator.ty().name());
    };
    // A generator's return value must stay in the StopIteration that `next` raises.
    if default.is_none() {
        if let Some(r) = crate::interp::generator_next_raising(cx, iterator) {
            return r;
        }
        // A Python class's own StopIteration goes on with its value.
        if iterator.ty().is_heap() {
            if let Some(v) = call_special(cx, iterator, id!(cx, "__next__"), &[])? {
                return Ok(v);
            }
        }
    }
    match f(cx, iterator)? {
        Some(v) => Ok(v),
        None => match default {
            Some(d) => Ok(d),
            // What an awaitable returned goes with its end.
            None => {
                let v = crate::interp::take_returned(cx, iterator);
                Err(crate::objects::generator::stop_with(cx, v))
            }
        },
    }
}

/// `base**exp`, or `base**exp % mod`.
#[pyfunction(sig = "(base, exp, mod=None)")]
pub fn pow(cx: &Thread, base: Value, exp: Value, mod_: Value) -> Res {
    power(cx, base, exp, mod_)
}

/// The canonical text of an object.
#[pyfunction]
pub fn repr(cx: &Thread, obj: Value) -> Res<&'static Str> {
    protocol::repr(cx, obj)
}

/// A number rounded to a precision in decimal digits.
#[pyfunction(sig = "(number, ndigits=None)")]
pub fn round(cx: &Thread, number: Value, ndigits: Value) -> Res {
    let name = id!(cx, "__round__");
    let r = if ndigits.is_none() {
        call_special(cx, number, name, &[])?
    } else {
        call_special(cx, number, name, &[ndigits])?
    };
    match r {
        Some(v) => Ok(v),
        None => {
            raise!(cx, TypeError, "type {} doesn't define __round__ method", number.ty().name())
        }
    }
}
