//! Subscripts and slices.

use crate::interp::dispatch::{F, PUSHED, handler, plain};
use crate::interp::operator::{push_get_item, push_set_item};
use crate::objects::slice::Slice;
use crate::prelude::*;

/// An index into a sequence of `n` items, counted from the end where negative.
#[inline(always)]
fn place(i: i64, n: usize) -> Option<usize> {
    let i = if i < 0 { i + n as i64 } else { i };
    if i >= 0 && (i as usize) < n { Some(i as usize) } else { None }
}

/// The item where neither an error nor Python code is near.
#[inline(always)]
fn quick(seq: Value, i: i64) -> Option<Value> {
    if let Some(l) = seq.downcast_exact::<List>() {
        let i = if i < 0 { place(i, l.len())? } else { i as usize };
        return l.peek(i);
    }
    if let Some(t) = seq.downcast_exact::<Tuple>() {
        let i = if i < 0 { place(i, t.len())? } else { i as usize };
        return t.as_slice().get(i).copied();
    }
    None
}

handler! { pub fn GETITEM(f) {
    if let Some(i) = f.rc().as_small() {
        if let Some(v) = quick(f.rb(), i) {
            f.set_a(v);
            return f.next(1);
        }
    }
    f.tail(getitem_char::<W>)
} }
// A character of a narrow string.
handler! { fn getitem_char(f) {
    if let (Some(s), Some(i)) = (f.rb().downcast_exact::<Str>(), f.rc().as_small()) {
        if let Some(v) = s.narrow_char(f.cx, i) {
            f.set_a(Value::from_ref(v));
            return f.next(1);
        }
    }
    f.tail(getitem_dict::<W>)
} }
// A key of a dict that is found by identity.
handler! { fn getitem_dict(f) {
    if let Some(d) = f.rb().downcast_exact::<Dict>() {
        if let Some(Some(v)) = d.look(f.rc()) {
            f.set_a(v);
            return f.next(1);
        }
    }
    f.tail(getitem_slow::<W>)
} }
plain! { fn getitem_slow(f) -> Frame {
    let (v, key) = (f.rb(), f.rc());
    if push_get_item(f.cx, f.regs, v, key) {
        return Ok(PUSHED);
    }
    if let (Some(d), Some(k)) = (v.downcast_exact::<Dict>(), key.downcast_exact::<Str>()) {
        if let Some(x) = d.get_str(f.cx, k) {
            f.set_a(x);
            return Ok(f.pc.add(1));
        }
    }
    f.set_a(get_item(f.cx, v, key)?);
    Ok(f.pc.add(1))
} }

handler! { pub fn GETITEMI(f) {
    if let Some(v) = quick(f.rb(), i64::from(f.imm_c() as i8)) {
        f.set_a(v);
        return f.next(1);
    }
    f.tail(getitemi_char::<W>)
} }
handler! { fn getitemi_char(f) {
    let i = i64::from(f.imm_c() as i8);
    if let Some(v) = f.rb().downcast_exact::<Str>().and_then(|s| s.narrow_char(f.cx, i)) {
        f.set_a(Value::from_ref(v));
        return f.next(1);
    }
    f.tail(getitemi_slow::<W>)
} }
plain! { fn getitemi_slow(f) -> Frame {
    let i = Value::small(i64::from(f.imm_c() as i8));
    if push_get_item(f.cx, f.regs, f.rb(), i) {
        return Ok(PUSHED);
    }
    f.set_a(get_item(f.cx, f.rb(), i)?);
    Ok(f.pc.add(1))
} }

/// Stores into an exact list; false: out of range, another type, or (without `lock`) the lock has
/// to be taken.
#[inline(always)]
fn quick_store(seq: Value, i: i64, v: Value, lock: bool) -> bool {
    let Some(l) = seq.downcast_exact::<List>() else { return false };
    let Some(i) = (if i < 0 { place(i, l.len()) } else { Some(i as usize) }) else { return false };
    if lock { l.set(i, v) } else { l.set_alone(i, v) }
}

handler! { pub fn SETITEM(f) {
    if let Some(i) = f.rb().as_small() {
        if quick_store(f.ra(), i, f.rc(), false) {
            return f.next(1);
        }
    }
    f.tail(setitem_locked::<W>)
} }
handler! { fn setitem_locked(f) {
    if let Some(i) = f.rb().as_small() {
        if quick_store(f.ra(), i, f.rc(), true) {
            return f.next(1);
        }
    }
    f.tail(setitem_dict::<W>)
} }
// A key of a dict that is found by identity or certainly new.
handler! { fn setitem_dict(f) {
    if let Some(d) = f.ra().downcast_exact::<Dict>() {
        if d.store_alone(f.rb(), f.rc()) {
            return f.next(1);
        }
    }
    f.tail(setitem_slow::<W>)
} }
plain! { fn setitem_slow(f) -> Frame {
    let seq = f.ra();
    match seq.downcast_exact::<Dict>() {
        Some(d) => d.set(f.cx, f.rb(), f.rc())?,
        None if push_set_item(f.cx, f.regs, seq, f.rb(), f.rc()) => return Ok(PUSHED),
        None => set_item(f.cx, seq, f.rb(), f.rc())?,
    }
    Ok(f.pc.add(1))
} }

handler! { pub fn SETITEMI(f) {
    if quick_store(f.ra(), i64::from(f.imm_b() as i8), f.rc(), false) {
        return f.next(1);
    }
    f.tail(setitemi_locked::<W>)
} }
handler! { fn setitemi_locked(f) {
    if quick_store(f.ra(), i64::from(f.imm_b() as i8), f.rc(), true) {
        return f.next(1);
    }
    f.tail(setitemi_slow::<W>)
} }
plain! { fn setitemi_slow(f) -> 1 {
    set_item(f.cx, f.ra(), Value::small(i64::from(f.imm_b() as i8)), f.rc())?
} }

plain! { pub fn DELITEM(f) -> 1 { del_item(f.cx, f.ra(), f.rb())? } }

plain! { pub fn BUILD_SLICE(f) -> 1 {
    let b = f.b();
    let step = if f.c() == 3 { f.regs.value(b + 2) } else { none() };
    f.set_a(Value::from_ref(Slice::new(f.cx, f.regs.value(b), f.regs.value(b + 1), step)));
} }

#[inline]
fn slice<const W: bool>(f: F<'_, W>, at: usize) -> Value {
    Value::from_ref(Slice::new(f.cx, f.regs.value(at), f.regs.value(at + 1), none()))
}

plain! { pub fn GETSLICE(f) -> 1 {
    let at = f.c();
    f.set_a(get_slice(f.cx, f.rb(), f.regs.value(at), f.regs.value(at + 1))?)
} }
plain! { pub fn SETSLICE(f) -> 1 { set_item(f.cx, f.ra(), slice(f, f.b()), f.rc())? } }
