//! Iteration.

use crate::objects::generator::{self, Generator};
use crate::prelude::*;

/// `iter(v)` (`PyObject_GetIter`).
pub fn iter(cx: &Thread, v: Value) -> Res {
    let slots = v.ty().slots();
    if let Some(f) = slots.iter.get() {
        let it = f(cx, v)?;
        if it.ty().slots().next.get().is_none() {
            raise!(cx, TypeError, "iter() returned non-iterator of type '{}'", it.ty().name());
        }
        return Ok(it);
    }
    if is_sequence(v) {
        return Ok(crate::objects::seqiter::SeqIter::new(cx, v));
    }
    raise!(cx, TypeError, "'{}' object is not iterable", v.ty().name())
}

/// The next item of an iterator over a range, a list or a tuple, without a call; the outer `None`:
/// an iterator of another type.
#[inline(always)]
pub fn quick_next(cx: &Thread, it: Value) -> Option<Option<Value>> {
    if let Some(list) = it.downcast_exact::<crate::objects::list::iter::ListIter>() {
        return Some(list.advance(cx));
    }
    if let Some(range) = it.downcast_exact::<crate::objects::range::RangeIter>() {
        return range.advance_small(cx);
    }
    if let Some(tuple) = it.downcast_exact::<crate::objects::tuple::methods::TupleIter>() {
        return Some(tuple.advance(cx));
    }
    None
}

/// As `iter_next`, quicker for the commonest iterators; nobody asks for the value that a generator
/// ends with.
#[inline(always)]
pub fn next_item(cx: &Thread, it: Value) -> Res<Option<Value>> {
    if let Some(v) = quick_next(cx, it) {
        return Ok(v);
    }
    if it.downcast_exact::<Generator>().is_some() {
        return generator::next(cx, it);
    }
    iter_next(cx, it)
}

/// The next item of an iterator whose items are fresh pairs, taken apart: who unpacks it at once
/// needs no tuple. The outer `None`: an iterator of another type.
#[inline]
pub fn next_pair(cx: &Thread, it: Value) -> Option<Res<Option<(Value, Value)>>> {
    if let Some(e) = it.downcast_exact::<crate::objects::enumerate::Enumerate>() {
        return Some(e.advance(cx));
    }
    if let Some(z) = it.downcast_exact::<crate::objects::map_filter_zip::Zip>() {
        return z.advance_pair(cx);
    }
    if let Some(d) = it.downcast_exact::<crate::objects::dict::iter::DictItemIter>() {
        return Some(d.advance_pair(cx));
    }
    None
}

/// The next item, or `None` at the end; a StopIteration is swallowed (`PyIter_Next`). A safepoint, before
/// an item is taken: a loop over an endless iterator can be interrupted.
#[inline]
pub fn iter_next(cx: &Thread, it: Value) -> Res<Option<Value>> {
    cx.poll()?;
    match it.ty().slots().next.get() {
        Some(f) => f(cx, it),
        None => raise!(cx, TypeError, "'{}' object is not an iterator", it.ty().name()),
    }
}

/// Calls `f` with each item.
pub fn for_each(cx: &Thread, v: Value, mut f: impl FnMut(Value) -> Res<()>) -> Res<()> {
    if let Some(l) = v.downcast_exact::<List>() {
        let mut i = 0;
        while let Some(x) = l.get(i) {
            f(x)?;
            i += 1;
            if i & 0x3FF == 0 {
                cx.poll()?;
            }
        }
        return Ok(());
    }
    if let Some(t) = v.downcast_exact::<Tuple>() {
        for i in 0..t.len() {
            f(t.get(i))?;
            if i & 0x3FF == 0x3FF {
                cx.poll()?;
            }
        }
        return Ok(());
    }
    let it = iter(cx, v)?;
    if it.downcast_exact::<Generator>().is_some() {
        return generator::for_each(cx, it, f);
    }
    let mut i = 0;
    while let Some(x) = next_item(cx, it)? {
        f(x)?;
        i += 1;
        if i & 0x3FF == 0 {
            cx.poll()?;
        }
    }
    Ok(())
}

/// How many items are made at once without asking whether something else is to be done.
const UNPOLLED: usize = 1 << 16;

/// All items of a builtin container as they are at one moment, whatever other threads do to it:
/// `list(d)` is one operation, as in CPython. `None`: another type, to be iterated over.
pub fn snapshot(cx: &Thread, v: Value) -> Option<GcVec<Value>> {
    use crate::objects::dict::views::{DictItems, DictKeys, DictValues};
    use crate::objects::set::SetObject;
    if let Some(l) = v.downcast_exact::<List>() {
        return Some(l.to_vec());
    }
    if let Some(d) = v.downcast_exact::<Dict>() {
        return Some(d.keys());
    }
    if let Some(m) = crate::objects::mappingproxy::mapping_of(v) {
        return m.downcast_exact::<Dict>().map(|d| d.keys());
    }
    if let Some(k) = v.downcast_exact::<DictKeys>() {
        return plain(k.dict()).then(|| k.dict().keys());
    }
    if let Some(k) = v.downcast_exact::<DictValues>() {
        return plain(k.dict()).then(|| k.dict().values());
    }
    if let Some(k) = v.downcast_exact::<DictItems>() {
        let pair = |(k, v): &(Value, Value)| Value::from_ref(Tuple::from_slice(cx, &[*k, *v]));
        return plain(k.dict()).then(|| k.dict().entries().iter().map(pair).collect());
    }
    if let Some(s) = v.downcast_exact::<Str>().filter(|s| s.len() <= UNPOLLED) {
        return Some(s.characters(cx));
    }
    if let Some(b) = v.downcast_exact::<Bytes>().filter(|b| b.len() <= UNPOLLED) {
        return Some(b.as_slice().iter().map(|x| Value::small(*x as i64)).collect());
    }
    let builtin = |s: &&SetObject| !Value::from_ref(*s).ty().has_feature(tpflags::HEAPTYPE);
    SetObject::of(v).filter(builtin).map(|s| s.to_vec())
}

/// Not an ordered dict or the like, which has an order of its own.
fn plain(d: &Dict) -> bool {
    Value::from_ref(d).ty().is(Dict::type_object())
}

/// All items of an iterable.
pub fn collect(cx: &Thread, v: Value) -> Res<GcVec<Value>> {
    if let Some(all) = snapshot(cx, v) {
        return Ok(all);
    }
    let mut out = GcVec::with_capacity(length_hint(cx, v, 8)?.min(1 << 20));
    for_each(cx, v, |x| {
        out.push(x);
        Ok(())
    })?;
    Ok(out)
}

/// `operator.length_hint(v, default)`.
pub fn length_hint(cx: &Thread, v: Value, default: usize) -> Res<usize> {
    if let Some(f) = v.ty().slots().len.get() {
        match f(cx, v) {
            Ok(n) => return Ok(n),
            Err(e) if e.is(exc::TypeError()) => {}
            Err(e) => return Err(e),
        }
    }
    let r = match call_special(cx, v, id!(cx, "__length_hint__"), &[]) {
        Ok(Some(r)) => r,
        Ok(None) => return Ok(default),
        Err(e) if e.is(exc::TypeError()) => return Ok(default),
        Err(e) => return Err(e),
    };
    if r == not_implemented() {
        return Ok(default);
    }
    if !crate::objects::int::is_int(r) {
        raise!(cx, TypeError, "__length_hint__ must be an integer, not {}", r.ty().name());
    }
    match int_to_i64(r) {
        Some(n) if n >= 0 => Ok(n as usize),
        Some(_) => raise!(cx, ValueError, "__length_hint__() should return >= 0"),
        None => raise!(cx, OverflowError, "Python int too large to convert to C ssize_t"),
    }
}
