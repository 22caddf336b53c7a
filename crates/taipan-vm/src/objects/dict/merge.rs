//! Merging mappings and pair sequences into a dict (`dict_merge`, `PyDict_MergeFromSeq2`).

use super::Dict;
use crate::prelude::*;

/// `dict.update(other)`: a mapping (anything with `keys`) or an iterable of pairs.
pub(super) fn update_arg(cx: &Thread, d: &Dict, other: Value) -> Res<()> {
    if other.downcast_exact::<Dict>().is_some() {
        return merge(cx, d, other, true);
    }
    match get_attr_opt(cx, other, id!(cx, "keys"))? {
        Some(_) => merge(cx, d, other, true),
        None => merge_pairs(cx, d, other, true),
    }
}

/// True for a dict whose iteration is the builtin one, so that its storage can be read directly.
/// Also the dict behind a proxy, such as a class's: other threads may change it while this runs.
fn reads_directly(v: Value) -> Option<&'static Dict> {
    if let Some(d) = super::super::mappingproxy::mapping_of(v) {
        return d.downcast_exact::<Dict>();
    }
    let d = v.downcast::<Dict>()?;
    let own = Dict::type_object().slots().iter.raw();
    (v.ty().slots().iter.raw() == own).then_some(d)
}

/// Takes over all pairs of a mapping; without `over`, only of keys that are not there.
pub fn merge(cx: &Thread, d: &Dict, other: Value, over: bool) -> Res<()> {
    if let Some(o) = reads_directly(other) {
        if std::ptr::eq(d, o) || o.is_empty() {
            return Ok(());
        }
        if d.is_empty() {
            let copy = o.copy(cx);
            let _g = taipan_heap::lock::lock(&d.head);
            if d.is_empty() {
                let n = copy.len();
                d.publish(copy.storage());
                d.ma_used.store(n as isize, std::sync::atomic::Ordering::Release);
                return Ok(());
            }
        }
        let n = o.len();
        for (h, k, v) in o.hashed_entries() {
            cx.poll()?;
            if over {
                d.set_hashed(cx, k, h, v)?;
            } else if d.get_hashed(cx, k, h)?.is_none() {
                d.set_hashed(cx, k, h, v)?;
            }
            // Comparing such keys runs no Python code: it was another thread that changed the size.
            let plain = k.downcast_exact::<Str>().is_some() || k.is_small();
            if !plain && o.len() != n {
                raise!(cx, RuntimeError, "dict mutated during update");
            }
        }
        return Ok(());
    }
    let keys = call_method(cx, other, id!(cx, "keys"), &[])?;
    let it = match iter(cx, keys) {
        Ok(it) => it,
        Err(e) if e.is(exc::TypeError()) => raise!(
            cx,
            TypeError,
            "{}.keys() returned a non-iterable (type {})",
            other.ty().name(),
            keys.ty().name()
        ),
        Err(e) => return Err(e),
    };
    // As a list first, so that storing does not disturb the iteration.
    for k in collect(cx, it)? {
        cx.poll()?;
        if !over && d.contains(cx, k)? {
            continue;
        }
        let v = get_item(cx, other, k)?;
        d.set(cx, k, v)?;
    }
    Ok(())
}

/// Takes over an iterable of pairs.
pub fn merge_pairs(cx: &Thread, d: &Dict, pairs: Value, over: bool) -> Res<()> {
    let it = iter(cx, pairs)?;
    let mut i = 0usize;
    while let Some(item) = next_item(cx, it)? {
        cx.poll()?;
        if let Some(&[k, v]) = item.downcast_exact::<Tuple>().map(Tuple::as_slice) {
            if over || !d.contains(cx, k)? {
                d.set(cx, k, v)?;
            }
            i += 1;
            continue;
        }
        let pair = match item.downcast_exact::<Tuple>() {
            Some(t) => t.as_slice().iter().copied().collect(),
            None => match collect(cx, item) {
                Ok(p) => p,
                Err(e) if e.is(exc::TypeError()) => {
                    raise!(
                        cx,
                        TypeError,
                        "cannot convert dictionary update sequence element #{i} to a sequence"
                    );
                }
                Err(e) => return Err(e),
            },
        };
        if pair.len() != 2 {
            raise!(
                cx,
                ValueError,
                "dictionary update sequence element #{i} has length {}; 2 is required",
                pair.len()
            );
        }
        if over || !d.contains(cx, pair[0])? {
            d.set(cx, pair[0], pair[1])?;
        }
        i += 1;
    }
    Ok(())
}
