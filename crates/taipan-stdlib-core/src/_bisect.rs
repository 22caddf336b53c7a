//! `_bisect`: searching and inserting in sorted sequences.

use taipan_vm::prelude::*;

#[derive(Clone, Copy)]
enum Side {
    Left,
    Right,
}

/// The place for `x`: before (`Left`) or after (`Right`) items equal to it.
fn search(
    cx: &Thread,
    a: Value,
    x: Value,
    lo: isize,
    hi: Option<isize>,
    key: Value,
    side: Side,
) -> Res<isize> {
    if lo < 0 {
        raise!(cx, ValueError, "lo must be non-negative");
    }
    let hi = match hi {
        Some(hi) if hi != -1 => hi,
        _ => len(cx, a)? as isize,
    };
    if a.ty().slots().getitem.get().is_none() {
        let name = a.ty().name();
        raise!(cx, TypeError, "'{name}' object does not support indexing");
    }
    let list = a.downcast_exact::<List>();
    let _depth = cx.enter_recursive(match side {
        Side::Left => " in _bisect.bisect_left",
        Side::Right => " in _bisect.bisect_right",
    })?;
    let (mut lo, mut hi) = (lo, hi);
    while lo < hi {
        let mid = ((lo as usize + hi as usize) / 2) as isize;
        let item = match list.and_then(|l| l.get(mid as usize)) {
            Some(v) => v,
            None => get_item(cx, a, int_from_i128(cx, mid as i128))?,
        };
        let item = if key.is_none() { item } else { call(cx, key, &[item])? };
        let go_right = match side {
            Side::Left => compare_bool(cx, item, x, CmpOp::Lt)?,
            Side::Right => !compare_bool(cx, x, item, CmpOp::Lt)?,
        };
        if go_right {
            lo = mid + 1;
        } else {
            hi = mid;
        }
    }
    Ok(lo)
}

fn insert(cx: &Thread, a: Value, at: isize, x: Value) -> Res<()> {
    match a.downcast_exact::<List>() {
        Some(l) => l.insert_at(cx, at, x),
        None => {
            call_method(cx, a, id!(cx, "insert"), &[int_from_i128(cx, at as i128), x]).map(|_| ())
        }
    }
}

/// `hi`: None means the length.
fn upper(cx: &Thread, hi: Value) -> Res<Option<isize>> {
    if hi.is_none() {
        return Ok(None);
    }
    index_isize(cx, hi, exc::OverflowError()).map(Some)
}

/// The index after all items not greater than x, in a sorted list.
///
/// Searches between lo and hi; key is applied to each item, not to x.
#[pyfunction(sig = "(a, x, lo=0, hi=None, *, key=None)")]
fn bisect_right(cx: &Thread, a: Value, x: Value, lo: isize, hi: Value, key: Value) -> Res<isize> {
    let hi = upper(cx, hi)?;
    search(cx, a, x, lo, hi, key, Side::Right)
}

/// The index before all items not less than x, in a sorted list.
///
/// Searches between lo and hi; key is applied to each item, not to x.
#[pyfunction(sig = "(a, x, lo=0, hi=None, *, key=None)")]
fn bisect_left(cx: &Thread, a: Value, x: Value, lo: isize, hi: Value, key: Value) -> Res<isize> {
    let hi = upper(cx, hi)?;
    search(cx, a, x, lo, hi, key, Side::Left)
}

/// Insert item x in list a, and keep it sorted assuming a is sorted; after items equal to x.
#[pyfunction(sig = "(a, x, lo=0, hi=None, *, key=None)")]
fn insort_right(cx: &Thread, a: Value, x: Value, lo: isize, hi: Value, key: Value) -> Res<()> {
    let hi = upper(cx, hi)?;
    let k = if key.is_none() { x } else { call(cx, key, &[x])? };
    let at = search(cx, a, k, lo, hi, key, Side::Right)?;
    insert(cx, a, at, x)
}

/// Insert item x in list a, and keep it sorted assuming a is sorted; before items equal to x.
#[pyfunction(sig = "(a, x, lo=0, hi=None, *, key=None)")]
fn insort_left(cx: &Thread, a: Value, x: Value, lo: isize, hi: Value, key: Value) -> Res<()> {
    let hi = upper(cx, hi)?;
    let k = if key.is_none() { x } else { call(cx, key, &[x])? };
    let at = search(cx, a, k, lo, hi, key, Side::Left)?;
    insert(cx, a, at, x)
}

pymodule! {
    "_bisect",
    doc: "Bisection algorithms.\n\nSearching and inserting in sorted lists without sorting them again.",
    functions: [bisect_right, bisect_left, insort_right, insort_left]
}
