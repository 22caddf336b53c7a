//! Builtin functions over iterables: `all any max min sorted sum`.

use crate::prelude::*;

/// Is every item true?
#[pyfunction]
pub fn all(cx: &Thread, iterable: Value) -> Res<bool> {
    let it = iter(cx, iterable)?;
    while let Some(x) = next_item(cx, it)? {
        if !is_true(cx, x)? {
            return Ok(false);
        }
        cx.poll()?;
    }
    Ok(true)
}

/// Is any item true?
#[pyfunction]
pub fn any(cx: &Thread, iterable: Value) -> Res<bool> {
    let it = iter(cx, iterable)?;
    while let Some(x) = next_item(cx, it)? {
        if is_true(cx, x)? {
            return Ok(true);
        }
        cx.poll()?;
    }
    Ok(false)
}

/// `a op b`, quicker for plain numbers.
#[inline]
fn beats(cx: &Thread, a: Value, b: Value, op: CmpOp) -> Res<bool> {
    if a.is_small() && b.is_small() {
        return Ok(op.holds(a.bits().cmp(&b.bits())));
    }
    if let (Some(x), Some(y)) = (a.as_unboxed_f64(), b.as_unboxed_f64()) {
        return Ok(x.partial_cmp(&y).is_some_and(|o| op.holds(o)));
    }
    if let (Some(x), Some(y)) = (a.downcast_exact::<Str>(), b.downcast_exact::<Str>()) {
        return Ok(op.holds(x.cmp(y)));
    }
    let r = rich_compare(cx, a, b, op)?;
    is_true(cx, r)
}

fn extreme(
    cx: &Thread,
    name: &str,
    op: CmpOp,
    args: &[Value],
    key: Value,
    default: Option<Value>,
) -> Res {
    if args.is_empty() {
        raise!(cx, TypeError, "{name} expected at least 1 argument, got 0");
    }
    if args.len() > 1 && default.is_some() {
        raise!(
            cx,
            TypeError,
            "Cannot specify a default for {name}() with multiple positional arguments"
        );
    }
    let key = Some(key).filter(|k| !k.is_none());
    let mut best: Option<(Value, Value)> = None;
    let mut consider = |x: Value| -> Res<()> {
        let k = match key {
            Some(f) => call(cx, f, &[x])?,
            None => x,
        };
        match best {
            None => best = Some((x, k)),
            Some((_, b)) => {
                if beats(cx, k, b, op)? {
                    best = Some((x, k));
                }
            }
        }
        cx.poll()
    };
    if args.len() > 1 {
        for &x in args {
            consider(x)?;
        }
    } else {
        for_each(cx, args[0], consider)?;
    }
    match (best, default) {
        (Some((x, _)), _) => Ok(x),
        (None, Some(d)) => Ok(d),
        (None, None) => raise!(cx, ValueError, "{name}() iterable argument is empty"),
    }
}

/// max(iterable, *, key=None, default=...) or max(a, b, ...): the largest item or argument.
#[pyfunction(sig = "(*args, key=None, default=<unrepresentable>)", text = "")]
pub fn max(cx: &Thread, args: &[Value], key: Value, default: Option<Value>) -> Res {
    extreme(cx, "max", CmpOp::Gt, args, key, default)
}

/// min(iterable, *, key=None, default=...) or min(a, b, ...): the smallest item or argument.
#[pyfunction(sig = "(*args, key=None, default=<unrepresentable>)", text = "")]
pub fn min(cx: &Thread, args: &[Value], key: Value, default: Option<Value>) -> Res {
    extreme(cx, "min", CmpOp::Lt, args, key, default)
}

/// A sorted list of the items.
#[pyfunction(sig = "(iterable, /, *, key=None, reverse=False)", keywords_of = "sort")]
pub fn sorted(cx: &Thread, iterable: Value, key: Value, reverse: Value) -> Res {
    let mut items = collect(cx, iterable)?;
    let reverse = is_true(cx, reverse)?;
    let key = if key.is_none() { None } else { Some(key) };
    crate::objects::list::sort::sort_values(cx, &mut items, key, reverse)?;
    Ok(Value::from_ref(List::from_slice(cx, &items)))
}

/// The sum of a start value and the items.
#[pyfunction(sig = "(iterable, /, start=0)")]
pub fn sum(cx: &Thread, iterable: Value, start: Value) -> Res {
    if start.downcast::<Str>().is_some() {
        raise!(cx, TypeError, "sum() can't sum strings [use ''.join(seq) instead]");
    }
    if start.downcast::<Bytes>().is_some() {
        raise!(cx, TypeError, "sum() can't sum bytes [use b''.join(seq) instead]");
    }
    if start.ty().name() == "bytearray" {
        raise!(cx, TypeError, "sum() can't sum bytearray [use b''.join(seq) instead]");
    }
    let it = iter(cx, iterable)?;
    let mut acc = start;
    // Small ints are added in a machine word as long as it holds.
    if let Some(mut n) = acc.as_small() {
        loop {
            let Some(x) = next_item(cx, it)? else { return Ok(int_from_i128(cx, n as i128)) };
            cx.poll()?;
            match x.as_small().and_then(|x| n.checked_add(x)) {
                Some(s) => n = s,
                None => {
                    acc = binary(cx, int_from_i128(cx, n as i128), x, BinOp::Add)?;
                    break;
                }
            }
        }
    }
    // Floats are added with compensation (Neumaier), as CPython 3.12 and later do.
    if let Some(mut f) = acc.as_unboxed_f64() {
        let mut c = 0.0f64;
        let finish = |f: f64, c: f64| if c != 0.0 && c.is_finite() { f + c } else { f };
        loop {
            let Some(x) = next_item(cx, it)? else { return Ok(Value::from_f64(finish(f, c))) };
            cx.poll()?;
            let v = match (x.as_unboxed_f64(), x.as_small()) {
                (Some(v), _) => v,
                (_, Some(i)) => {
                    f += i as f64;
                    continue;
                }
                _ => {
                    acc = binary(cx, Value::from_f64(finish(f, c)), x, BinOp::Add)?;
                    break;
                }
            };
            let t = f + v;
            if f.abs() >= v.abs() {
                c += (f - t) + v;
            } else {
                c += (v - t) + f;
            }
            f = t;
        }
    }
    while let Some(x) = next_item(cx, it)? {
        acc = binary(cx, acc, x, BinOp::Add)?;
        cx.poll()?;
    }
    Ok(acc)
}
