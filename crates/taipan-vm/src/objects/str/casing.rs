//! Case: full Unicode mappings, and the predicates over whole strings.

use super::{Data, Str, StrBuilder};
use crate::prelude::*;
use taipan_unicode as uni;

/// An ASCII string with each character changed to another ASCII one; `f` gets them in order.
fn ascii_map(cx: &Thread, s: &Str, mut f: impl FnMut(u8) -> u8) -> Option<Value> {
    let Data::Ascii(d) = s.data() else { return None };
    let made = Str::build_narrow(cx, d.len(), true, |out| {
        for (to, from) in out.iter_mut().zip(d) {
            *to = f(*from);
        }
    });
    made.ok().map(Value::from_ref)
}

/// A safepoint now and then in a loop over characters.
#[inline(always)]
fn breathe(cx: &Thread, i: usize) {
    if i & 0x7FFF == 0x7FFF {
        cx.mutator.poll();
    }
}

/// Runs a question about a whole text, as a blocking region where it is long.
fn asked(s: &Str, f: impl Fn() -> bool) -> bool {
    // SAFETY: the text never changes, and the caller holds it; the question does nothing else.
    unsafe { taipan_heap::Mutator::here().plain(s.len(), f) }
}

/// Lower case of the character at `i`, where a sigma depends on its neighbours.
fn push_lower(b: &mut StrBuilder, s: &Str, i: usize, c: u32) {
    if c == 0x3A3 {
        let d = s.data();
        let last =
            uni::is_final_sigma((0..i).rev().map(|k| d.get(k)), (i + 1..s.len()).map(|k| d.get(k)));
        return b.push(if last { 0x3C2 } else { 0x3C3 });
    }
    push_ascii_or(b, c, |c| c.to_ascii_lowercase(), uni::full_lower);
}

/// What a character becomes; ASCII ones need no table.
#[inline(always)]
fn push_ascii_or(
    b: &mut StrBuilder,
    c: u32,
    ascii: impl Fn(u8) -> u8,
    full: impl Fn(u32) -> uni::CaseMapping,
) {
    match c {
        0..0x80 => b.push(ascii(c as u8).into()),
        _ => full(c).as_slice().iter().for_each(|c| b.push(*c)),
    }
}

fn push_upper(b: &mut StrBuilder, c: u32) {
    push_ascii_or(b, c, |c| c.to_ascii_uppercase(), uni::full_upper);
}

fn push_title(b: &mut StrBuilder, c: u32) {
    push_ascii_or(b, c, |c| c.to_ascii_uppercase(), uni::full_title);
}

pub fn lower(cx: &Thread, s: &Str) -> Value {
    if let Some(v) = ascii_map(cx, s, |b| b.to_ascii_lowercase()) {
        return v;
    }
    let mut b = StrBuilder::with_capacity(s.len());
    for (i, c) in s.chars().enumerate() {
        breathe(cx, i);
        push_lower(&mut b, s, i, c);
    }
    b.value(cx)
}

pub fn upper(cx: &Thread, s: &Str) -> Value {
    if let Some(v) = ascii_map(cx, s, |b| b.to_ascii_uppercase()) {
        return v;
    }
    let mut b = StrBuilder::with_capacity(s.len());
    for (i, c) in s.chars().enumerate() {
        breathe(cx, i);
        push_upper(&mut b, c);
    }
    b.value(cx)
}

pub fn casefold(cx: &Thread, s: &Str) -> Value {
    if let Some(v) = ascii_map(cx, s, |b| b.to_ascii_lowercase()) {
        return v;
    }
    let mut b = StrBuilder::with_capacity(s.len());
    for (i, c) in s.chars().enumerate() {
        breathe(cx, i);
        push_ascii_or(&mut b, c, |c| c.to_ascii_lowercase(), uni::full_fold);
    }
    b.value(cx)
}

pub fn swapcase(cx: &Thread, s: &Str) -> Value {
    let swap = |b: u8| if b.is_ascii_alphabetic() { b ^ 0x20 } else { b };
    if let Some(v) = ascii_map(cx, s, swap) {
        return v;
    }
    let mut b = StrBuilder::with_capacity(s.len());
    for (i, c) in s.chars().enumerate() {
        breathe(cx, i);
        if uni::is_upper(c) {
            push_lower(&mut b, s, i, c);
        } else if uni::is_lower(c) {
            push_upper(&mut b, c);
        } else {
            b.push(c);
        }
    }
    b.value(cx)
}

pub fn capitalize(cx: &Thread, s: &Str) -> Value {
    let mut first = true;
    let change = |b: u8| {
        if std::mem::take(&mut first) { b.to_ascii_uppercase() } else { b.to_ascii_lowercase() }
    };
    if let Some(v) = ascii_map(cx, s, change) {
        return v;
    }
    let mut b = StrBuilder::with_capacity(s.len());
    for (i, c) in s.chars().enumerate() {
        breathe(cx, i);
        if i == 0 {
            push_title(&mut b, c);
        } else {
            push_lower(&mut b, s, i, c);
        }
    }
    b.value(cx)
}

pub fn title(cx: &Thread, s: &Str) -> Value {
    let mut within = false;
    let change = |b: u8| {
        let c = if within { b.to_ascii_lowercase() } else { b.to_ascii_uppercase() };
        within = b.is_ascii_alphabetic();
        c
    };
    if let Some(v) = ascii_map(cx, s, change) {
        return v;
    }
    let mut b = StrBuilder::with_capacity(s.len());
    let mut inside = false;
    for (i, c) in s.chars().enumerate() {
        breathe(cx, i);
        if inside {
            push_lower(&mut b, s, i, c);
        } else {
            push_title(&mut b, c);
        }
        inside = uni::is_cased(c);
    }
    b.value(cx)
}

/// Not empty, and every character passes: `ascii` says it of ASCII, `f` of all others.
pub fn all(s: &Str, ascii: impl Fn(u8) -> bool, f: impl Fn(u32) -> bool) -> bool {
    asked(s, || match s.data() {
        Data::Ascii(d) => !d.is_empty() && d.iter().all(|b| ascii(*b)),
        _ => s.chars().all(&f),
    })
}

pub fn is_lower(s: &Str) -> bool {
    asked(s, || is_lower_here(s))
}

fn is_lower_here(s: &Str) -> bool {
    if let Data::Ascii(d) = s.data() {
        return !d.iter().any(u8::is_ascii_uppercase) && d.iter().any(u8::is_ascii_lowercase);
    }
    let mut cased = false;
    for c in s.chars() {
        if uni::is_upper(c) || uni::is_title(c) {
            return false;
        }
        cased |= uni::is_lower(c);
    }
    cased
}

pub fn is_upper(s: &Str) -> bool {
    asked(s, || is_upper_here(s))
}

fn is_upper_here(s: &Str) -> bool {
    if let Data::Ascii(d) = s.data() {
        return !d.iter().any(u8::is_ascii_lowercase) && d.iter().any(u8::is_ascii_uppercase);
    }
    let mut cased = false;
    for c in s.chars() {
        if uni::is_lower(c) || uni::is_title(c) {
            return false;
        }
        cased |= uni::is_upper(c);
    }
    cased
}

pub fn is_title(s: &Str) -> bool {
    asked(s, || is_title_here(s))
}

fn is_title_here(s: &Str) -> bool {
    let (mut cased, mut inside) = (false, false);
    for c in s.chars() {
        if uni::is_upper(c) || uni::is_title(c) {
            if inside {
                return false;
            }
            (inside, cased) = (true, true);
        } else if uni::is_lower(c) {
            if !inside {
                return false;
            }
            cased = true;
        } else {
            inside = false;
        }
    }
    cased
}
