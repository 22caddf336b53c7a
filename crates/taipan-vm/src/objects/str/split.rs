//! Splitting and joining, stripping and replacing.

use super::{Data, Str, StrBuilder, copy_few, search};
use crate::objects::pieces::Pieces;
use crate::prelude::*;
use taipan_unicode as uni;

fn piece(cx: &Thread, s: &'static Str, from: usize, to: usize) -> Value {
    if from == 0 && to == s.len() {
        return Value::from_ref(Str::exact(cx, s));
    }
    Value::from_ref(Str::substring(cx, s, from, to))
}

/// A safepoint now and then in a loop over characters.
#[inline(always)]
fn breathe(cx: &Thread, i: usize) {
    if i & 0x7FFF == 0x7FFF {
        cx.mutator.poll();
    }
}

#[inline]
fn is_space_byte(b: u8) -> bool {
    matches!(b, 9..=13 | 28..=32)
}

/// `split` of ASCII text at white space.
fn split_ascii(cx: &Thread, s: &'static Str, d: &[u8], max: usize) -> Res {
    let mut out = Pieces::new();
    let (mut i, n) = (0, d.len());
    loop {
        while i < n && is_space_byte(d[i]) {
            i += 1;
        }
        if i == n {
            break;
        }
        let start = i;
        if out.len() >= max {
            // The rest keeps the white space at its end.
            i = n;
        }
        while i < n && !is_space_byte(d[i]) {
            i += 1;
        }
        out.push(piece(cx, s, start, i));
    }
    Ok(out.list(cx))
}

/// `split` of narrow text at one character.
fn split_at_byte(cx: &Thread, s: &'static Str, d: &[u8], sep: u8, max: usize) -> Res {
    let mut out = Pieces::new();
    let mut from = 0;
    let mut cut = |out: &mut Pieces, at: usize| {
        out.push(piece(cx, s, from, at));
        from = at + 1;
    };
    if d.len() < 64 {
        for (at, b) in d.iter().enumerate() {
            if *b == sep && out.len() < max {
                cut(&mut out, at);
            }
        }
    } else {
        memchr::memchr_iter(sep, d).take(max).for_each(|at| cut(&mut out, at));
    }
    out.push(piece(cx, s, from, d.len()));
    Ok(out.list(cx))
}

/// Characters that are passed over between two safepoints.
const PIECE: usize = 1 << 16;

/// A safepoint at each place of a text that is a multiple of `PIECE`.
#[inline(always)]
fn now_and_then(cx: &Thread, at: usize) {
    if at % PIECE == 0 {
        cx.mutator.poll();
    }
}

#[inline]
fn is_space(c: u32) -> bool {
    if c < 128 { matches!(c, 9..=13 | 28..=32) } else { uni::is_space(c) }
}

/// The separator argument: `None` for white space.
pub fn separator(cx: &Thread, sep: Value) -> Res<Option<&'static Str>> {
    if sep.is_none() {
        return Ok(None);
    }
    match sep.downcast::<Str>() {
        Some(s) if s.is_empty() => raise!(cx, ValueError, "empty separator"),
        Some(s) => Ok(Some(s)),
        None => raise!(cx, TypeError, "must be str or None, not {}", sep.ty().name()),
    }
}

fn max_of(maxsplit: isize) -> usize {
    if maxsplit < 0 { usize::MAX } else { maxsplit as usize }
}

pub fn split(cx: &Thread, s: &'static Str, sep: Value, maxsplit: isize) -> Res {
    let max = max_of(maxsplit);
    let mut out = Pieces::new();
    let Some(sep) = separator(cx, sep)? else {
        if let Data::Ascii(d) = s.data() {
            return split_ascii(cx, s, d, max);
        }
        let (d, n) = (s.data(), s.len());
        let mut i = 0;
        loop {
            while i < n && is_space(d.get(i)) {
                i += 1;
                now_and_then(cx, i);
            }
            if i == n {
                break;
            }
            if out.len() >= max {
                // Only a limited split strips the tail on its left; the right end stays.
                out.push(piece(cx, s, i, n));
                break;
            }
            let start = i;
            while i < n && !is_space(d.get(i)) {
                i += 1;
                now_and_then(cx, i);
            }
            out.push(piece(cx, s, start, i));
        }
        return Ok(out.list(cx));
    };
    if let (Data::Ascii(d) | Data::Latin1(d), Data::Ascii(&[b]) | Data::Latin1(&[b])) =
        (s.data(), sep.data())
    {
        return split_at_byte(cx, s, d, b, max);
    }
    let mut from = 0;
    for at in search::positions(s, sep, max) {
        out.push(piece(cx, s, from, at));
        from = at + sep.len();
    }
    out.push(piece(cx, s, from, s.len()));
    Ok(out.list(cx))
}

pub fn rsplit(cx: &Thread, s: &'static Str, sep: Value, maxsplit: isize) -> Res {
    let max = max_of(maxsplit);
    let mut out = Pieces::new();
    match separator(cx, sep)? {
        None => {
            let d = s.data();
            let mut i = s.len();
            loop {
                while i > 0 && is_space(d.get(i - 1)) {
                    i -= 1;
                    now_and_then(cx, i);
                }
                if i == 0 {
                    break;
                }
                if out.len() >= max {
                    out.push(piece(cx, s, 0, i));
                    break;
                }
                let end = i;
                while i > 0 && !is_space(d.get(i - 1)) {
                    i -= 1;
                    now_and_then(cx, i);
                }
                out.push(piece(cx, s, i, end));
            }
        }
        Some(sep) => {
            let mut to = s.len();
            for at in search::rpositions(s, sep, max) {
                out.push(piece(cx, s, at + sep.len(), to));
                to = at;
            }
            out.push(piece(cx, s, 0, to));
        }
    }
    out.as_mut_slice().reverse();
    Ok(out.list(cx))
}

/// The next place from `i` on where a line may end: whole blocks of other characters are passed over.
#[inline]
fn maybe_break<U: search::Unit>(d: &[U], mut i: usize) -> usize {
    let suspect = |c: &U| {
        let c = (*c).into();
        c <= 30 || c == 0x85 || c & !1 == 0x2028
    };
    while i + 16 <= d.len() && !d[i..i + 16].iter().fold(false, |any, c| any | suspect(c)) {
        i += 16;
    }
    d[i..].iter().position(suspect).map_or(d.len(), |at| i + at)
}

pub fn splitlines(cx: &Thread, s: &'static Str, keepends: bool) -> Res {
    let (d, n) = (s.data(), s.len());
    let mut out = Pieces::new();
    let (mut start, mut i) = (0, 0);
    loop {
        let stop = n.min(i + PIECE);
        i = match d {
            Data::Ascii(d) | Data::Latin1(d) => maybe_break(&d[..stop], i),
            Data::Ucs2(d) => maybe_break(&d[..stop], i),
            Data::Ucs4(d) => maybe_break(&d[..stop], i),
        };
        if i >= n {
            break;
        }
        if i >= stop {
            cx.mutator.poll();
        }
        let c = d.get(i);
        let brk = if c < 128 { matches!(c, 10..=13 | 28..=30) } else { uni::is_linebreak(c) };
        if !brk {
            i += 1;
            continue;
        }
        let end = i;
        i += 1;
        if c == 13 && i < n && d.get(i) == 10 {
            i += 1;
        }
        out.push(piece(cx, s, start, if keepends { i } else { end }));
        start = i;
    }
    if start < n {
        out.push(piece(cx, s, start, n));
    }
    Ok(out.list(cx))
}

pub fn partition(cx: &Thread, s: &'static Str, sep: &'static Str, from_right: bool) -> Res {
    if sep.is_empty() {
        raise!(cx, ValueError, "empty separator");
    }
    let n = s.len();
    let at = if from_right { search::rfind(s, sep, 0, n) } else { search::find(s, sep, 0, n) };
    let empty = Value::from_ref(Str::empty(cx));
    let parts = match at {
        Some(i) => [piece(cx, s, 0, i), Value::from_ref(sep), piece(cx, s, i + sep.len(), n)],
        None if from_right => [empty, empty, piece(cx, s, 0, n)],
        None => [piece(cx, s, 0, n), empty, empty],
    };
    Ok(Value::from_ref(Tuple::from_slice(cx, &parts)))
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Ends {
    Left,
    Right,
    Both,
}

pub fn strip(cx: &Thread, s: &'static Str, chars: Value, ends: Ends, name: &str) -> Res {
    let set: Option<&Str> = match chars {
        v if v.is_none() => None,
        v => match v.downcast::<Str>() {
            Some(c) => Some(c),
            None => raise!(cx, TypeError, "{name} arg must be None or str"),
        },
    };
    let member = |c: u32| match set {
        None => is_space(c),
        Some(m) => m.chars().any(|x| x == c),
    };
    let d = s.data();
    let (mut from, mut to) = (0, s.len());
    if let Data::Ascii(d) = d {
        let one = |b: u8| match set.map(Str::data) {
            None => is_space_byte(b),
            Some(Data::Ascii(m) | Data::Latin1(m)) => m.contains(&b),
            Some(_) => member(u32::from(b)),
        };
        if ends != Ends::Right {
            while from < to && one(d[from]) {
                from += 1;
                breathe(cx, from);
            }
        }
        if ends != Ends::Left {
            while to > from && one(d[to - 1]) {
                to -= 1;
                breathe(cx, to);
            }
        }
        return Ok(piece(cx, s, from, to));
    }
    if ends != Ends::Right {
        while from < to && member(d.get(from)) {
            from += 1;
            breathe(cx, from);
        }
    }
    if ends != Ends::Left {
        while to > from && member(d.get(to - 1)) {
            to -= 1;
            breathe(cx, to);
        }
    }
    Ok(piece(cx, s, from, to))
}

/// The strings of a join, all of them looked at already.
fn join_parts(cx: &Thread, sep: &'static Str, items: &[Value]) -> Res {
    if let [one] = items {
        if one.downcast_exact::<Str>().is_some() {
            return Ok(*one);
        }
    }
    let mut total = sep.len().saturating_mul(items.len().saturating_sub(1));
    for (i, v) in items.iter().enumerate() {
        let Some(s) = v.downcast::<Str>() else {
            raise!(
                cx,
                TypeError,
                "sequence item {i}: expected str instance, {} found",
                v.ty().name()
            );
        };
        total = total.saturating_add(s.len());
    }
    if total > isize::MAX as usize / 4 {
        raise!(cx, OverflowError, "join() result is too long for a Python string");
    }
    // SAFETY: the loop above saw only instances of str, which start with a Str.
    let str_of = |v: &Value| unsafe { &*(v.bits() as *const Str) };
    if sep.is_empty() {
        return Str::concat_all(cx, items.iter().map(str_of)).map(Value::from_ref);
    }
    let count = (2 * items.len()).saturating_sub(1);
    let parts = (0..count).map(|i| if i % 2 == 0 { str_of(&items[i / 2]) } else { sep });
    Str::concat_all(cx, parts).map(Value::from_ref)
}

/// The join of ASCII strings, which stay where they are meanwhile; `None` where other things are
/// among them.
fn join_ascii(cx: &Thread, sep: &Str, items: &[Value]) -> Res<Option<&'static Str>> {
    let (Data::Ascii(sep), [first, rest @ ..]) = (sep.data(), items) else { return Ok(None) };
    let text = |v: &Value| v.downcast_exact::<Str>().and_then(Str::as_ascii);
    let mut total = sep.len().saturating_mul(rest.len());
    for (i, v) in items.iter().enumerate() {
        match text(v) {
            Some(d) => total = total.saturating_add(d.len()),
            None => return Ok(None),
        }
        if i & 0x3FFF == 0x3FFF {
            cx.mutator.poll();
        }
    }
    if rest.is_empty() || total == 0 || total > isize::MAX as usize / 4 {
        return Ok(None);
    }
    Str::build_narrow(cx, total, true, |out| {
        let mut at = out.as_mut_ptr();
        let mut put = |d: &[u8]| {
            // SAFETY: the lengths, which were added up above, cannot have changed.
            unsafe {
                copy_few(d.as_ptr(), at, d.len());
                at = at.add(d.len());
            }
        };
        // SAFETY: the loop above saw only ASCII strings.
        let text = |v: &Value| unsafe { (*(v.bits() as *const Str)).ascii_data() };
        put(text(first));
        for v in rest {
            put(sep);
            put(text(v));
        }
    })
    .map(Some)
}

pub fn join(cx: &Thread, sep: &'static Str, iterable: Value) -> Res {
    if let Some(t) = iterable.downcast_exact::<Tuple>() {
        return match join_ascii(cx, sep, t.as_slice())? {
            Some(s) => Ok(Value::from_ref(s)),
            None => join_parts(cx, sep, t.as_slice()),
        };
    }
    if let Some(l) = iterable.downcast_exact::<List>() {
        let made = {
            let _g = l.locked();
            join_ascii(cx, sep, l.items_locked())?
        };
        if let Some(s) = made {
            return Ok(Value::from_ref(s));
        }
    }
    let mut few = [none(); 16];
    let items = if let Some(l) = iterable.downcast_exact::<List>() {
        if let Some(items) = l.copy_few(&mut few) {
            return join_parts(cx, sep, items);
        }
        l.to_vec()
    } else {
        if iterable.ty().slots().iter.get().is_none() && !is_sequence(iterable) {
            raise!(cx, TypeError, "can only join an iterable");
        }
        collect(cx, iterable)?
    };
    join_parts(cx, sep, &items)
}

/// `replace` where all are ASCII; `None` where nothing is to replace.
fn replace_ascii(
    cx: &Thread,
    d: &[u8],
    old: &[u8],
    new: &[u8],
    max: usize,
) -> Res<Option<&'static Str>> {
    if let (&[from], &[to]) = (old, new) {
        let Some(first) = memchr::memchr(from, d) else { return Ok(None) };
        if max == usize::MAX {
            return Str::build_narrow(cx, d.len(), true, |out| {
                out[..first].copy_from_slice(&d[..first]);
                for (o, b) in out[first..].iter_mut().zip(&d[first..]) {
                    *o = if *b == from { to } else { *b };
                }
            })
            .map(Some);
        }
    }
    let hits = search::positions_units(d, old, max);
    if hits.is_empty() {
        return Ok(None);
    }
    let grown = new.len() as u128 * hits.len() as u128 + d.len() as u128;
    if grown > isize::MAX as u128 / 4 {
        raise!(cx, OverflowError, "replace string is too long");
    }
    let n = d.len() - hits.len() * old.len() + hits.len() * new.len();
    Str::build_narrow(cx, n, true, |out| {
        let (mut from, mut at) = (0, 0);
        for &hit in &hits {
            let kept = hit - from;
            out[at..at + kept].copy_from_slice(&d[from..hit]);
            at += kept;
            out[at..at + new.len()].copy_from_slice(new);
            at += new.len();
            from = hit + old.len();
        }
        out[at..].copy_from_slice(&d[from..]);
    })
    .map(Some)
}

/// Wide text with `old_len` units at each of the places replaced.
fn replace_units<U: search::Unit>(
    cx: &Thread,
    s: &Str,
    d: &[U],
    hits: &[usize],
    old_len: usize,
    new: &[U],
) -> Res {
    let n = d.len() - hits.len() * old_len + hits.len() * new.len();
    let made = Str::build_like(cx, s, n, |out| {
        let mut at = out.cast::<U>();
        let mut put = |units: &[U]| {
            // SAFETY: the lengths add up to the `n` units that there is room for.
            unsafe {
                std::ptr::copy_nonoverlapping(units.as_ptr(), at, units.len());
                at = at.add(units.len());
            }
        };
        let mut from = 0;
        for &hit in hits {
            put(&d[from..hit]);
            put(new);
            from = hit + old_len;
        }
        put(&d[from..]);
    })?;
    Ok(Value::from_ref(made))
}

pub fn replace(cx: &Thread, s: &'static Str, old: &Str, new: &Str, count: isize) -> Res {
    let max = max_of(count);
    if max == 0 || (old.len() == new.len() && old.eq(new)) {
        return Ok(piece(cx, s, 0, s.len()));
    }
    if let (Data::Ascii(d), Data::Ascii(o), Data::Ascii(w)) = (s.data(), old.data(), new.data()) {
        if !o.is_empty() {
            let made = replace_ascii(cx, d, o, w, max)?;
            return Ok(made.map_or_else(|| piece(cx, s, 0, s.len()), Value::from_ref));
        }
    }
    let grown = |hits: usize| -> Res<()> {
        let add = new.len().saturating_sub(old.len()) as u128 * hits as u128 + s.len() as u128;
        if add > isize::MAX as u128 / 4 {
            raise!(cx, OverflowError, "replace string is too long");
        }
        Ok(())
    };
    if old.is_empty() {
        let n = (s.len() + 1).min(max);
        grown(n)?;
        let mut b = StrBuilder::with_capacity(s.len() + n * new.len());
        for i in 0..s.len() {
            breathe(cx, i);
            if i < n {
                b.push_obj(new);
            }
            b.push_range(s, i, i + 1);
        }
        if s.len() < n {
            b.push_obj(new);
        }
        return Ok(b.value(cx));
    }
    let hits = search::positions(s, old, max);
    if hits.is_empty() {
        return Ok(piece(cx, s, 0, s.len()));
    }
    grown(hits.len())?;
    // The widest characters stay, and no wider ones come.
    if old.kind() < s.kind() && new.kind() <= s.kind() {
        return match s.data() {
            Data::Ucs2(d) => {
                replace_units(cx, s, d, &hits, old.len(), &search::as_ucs2(new.data()))
            }
            Data::Ucs4(d) => {
                replace_units(cx, s, d, &hits, old.len(), &search::as_ucs4(new.data()))
            }
            _ => unreachable!("narrow text is the least wide"),
        };
    }
    let cap = s.len() - hits.len() * old.len() + hits.len() * new.len();
    let mut b = StrBuilder::with_capacity(cap);
    let mut from = 0;
    for (i, at) in hits.into_iter().enumerate() {
        breathe(cx, i);
        b.push_range(s, from, at);
        b.push_obj(new);
        from = at + old.len();
    }
    b.push_range(s, from, s.len());
    Ok(b.value(cx))
}

/// `s * n`.
pub fn repeat(cx: &Thread, s: &'static Str, n: isize) -> Res {
    let n = n.max(0) as usize;
    if n == 1 {
        return Ok(piece(cx, s, 0, s.len()));
    }
    if n == 0 || s.is_empty() {
        return Ok(Value::from_ref(Str::empty(cx)));
    }
    if s.len().checked_mul(n).is_none_or(|t| t > isize::MAX as usize) {
        raise!(cx, OverflowError, "repeated string is too long");
    }
    Str::repeated(cx, s, n).map(Value::from_ref)
}

pub fn expandtabs(cx: &Thread, s: &'static Str, tabsize: i32) -> Res {
    if search::find(s, Str::latin1_char(cx, 9), 0, s.len()).is_none() {
        return Ok(piece(cx, s, 0, s.len()));
    }
    let tab = tabsize.max(0) as usize;
    let mut b = StrBuilder::with_capacity(s.len());
    let mut col = 0usize;
    let mut total = 0usize;
    for (i, c) in s.chars().enumerate() {
        breathe(cx, i);
        match c {
            9 => {
                if tab > 0 {
                    let n = tab - col % tab;
                    total += n;
                    if total > isize::MAX as usize / 4 {
                        raise!(cx, OverflowError, "new string is too long");
                    }
                    if total > 1 << 33 {
                        return Err(cx.no_memory());
                    }
                    b.push_n(32, n);
                    col += n;
                }
            }
            10 | 13 => {
                b.push(c);
                col = 0;
                total += 1;
            }
            _ => {
                b.push(c);
                col += 1;
                total += 1;
            }
        }
    }
    Ok(b.value(cx))
}

/// `left` and `right` fill characters around the string.
pub fn pad(cx: &Thread, s: &'static Str, left: usize, right: usize, fill: u32) -> Res {
    if left == 0 && right == 0 {
        return Ok(piece(cx, s, 0, s.len()));
    }
    let n = left.saturating_add(right).saturating_add(s.len());
    if n > isize::MAX as usize / 4 {
        raise!(cx, OverflowError, "padded string is too long");
    }
    if n > 1 << 34 {
        return Err(cx.no_memory());
    }
    if let (Data::Ascii(d), true) = (s.data(), fill < 0x80) {
        let made = Str::build_narrow(cx, n, true, |out| {
            let (head, out) = out.split_at_mut(left);
            head.fill(fill as u8);
            let (text, tail) = out.split_at_mut(d.len());
            text.copy_from_slice(d);
            tail.fill(fill as u8);
        })?;
        return Ok(Value::from_ref(made));
    }
    let mut b = StrBuilder::with_capacity(n);
    // SAFETY: the builder is plain memory of this frame, the text immutable and the caller's.
    unsafe {
        cx.mutator.plain(n, || {
            b.push_n(fill, left);
            b.push_obj(s);
            b.push_n(fill, right);
        })
    };
    Ok(b.value(cx))
}

/// The whole string or a subrange as indices of a slice object select.
pub fn subscript(cx: &Thread, s: &'static Str, key: Value) -> Res {
    if let Some(c) = key.as_small().and_then(|i| s.narrow_char(cx, i)) {
        return Ok(Value::from_ref(c));
    }
    if let Some(sl) = key.downcast_exact::<crate::objects::slice::Slice>() {
        let r = sl.over(cx, s.len())?;
        if r.len == 0 {
            return Ok(Value::from_ref(Str::empty(cx)));
        }
        if r.step == 1 {
            return Ok(piece(cx, s, r.start as usize, r.start as usize + r.len));
        }
        return Ok(Value::from_ref(match s.data() {
            Data::Ascii(d) => Str::build_narrow(cx, r.len, true, |out| {
                let mut i = r.start;
                for to in out {
                    *to = d[i as usize];
                    i += r.step;
                }
            })?,
            Data::Latin1(d) => {
                let v: Vec<u8> = cx.plain(r.len, || r.indices().map(|i| d[i]).collect());
                Str::from_latin1(cx, &v)
            }
            Data::Ucs2(d) => {
                let v: Vec<u16> = cx.plain(r.len, || r.indices().map(|i| d[i]).collect());
                Str::from_ucs2(cx, &v)
            }
            Data::Ucs4(d) => {
                let v: Vec<u32> = cx.plain(r.len, || r.indices().map(|i| d[i]).collect());
                Str::from_ucs4(cx, &v)
            }
        }));
    }
    let i = match key.as_small() {
        Some(i) => i as isize,
        None => {
            if key.ty().slots().index.get().is_none() {
                raise!(cx, TypeError, "string indices must be integers, not '{}'", key.ty().name());
            }
            index_isize(cx, key, exc::IndexError())?
        }
    };
    let n = s.len() as isize;
    let at = if i < 0 { i + n } else { i };
    if at < 0 || at >= n {
        raise!(cx, IndexError, "string index out of range");
    }
    Ok(Value::from_ref(Str::substring(cx, s, at as usize, at as usize + 1)))
}
