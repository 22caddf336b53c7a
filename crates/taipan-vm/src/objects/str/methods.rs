//! Python's methods of `str`. Bodies of more than a few lines are in the neighbouring files.

use super::split::Ends;
use super::{Str, casing, iter, percent, repr, search, split, template, translate};
use crate::codecs;
use crate::prelude::*;
use taipan_unicode as uni;

/// What a method does in Python is about values that outlive the call's borrow of self.
fn own(s: &Str) -> &'static Str {
    // SAFETY: the caller's stack, scanned conservatively, keeps the object alive while it is used.
    unsafe { &*(s as *const Str) }
}

fn bounds(cx: &Thread, s: &Str, start: Value, end: Value) -> Res<(usize, usize)> {
    let a = if start.is_none() { 0 } else { crate::objects::slice::slice_index(cx, start)? };
    let b = if end.is_none() { isize::MAX } else { crate::objects::slice::slice_index(cx, end)? };
    Ok(search::clip(a, b, s.len()))
}

fn affix(cx: &Thread, s: &Str, arg: Value, start: Value, end: Value, at_end: bool) -> Res<bool> {
    let name = if at_end { "endswith" } else { "startswith" };
    let (from, to) = bounds(cx, s, start, end)?;
    let test = |p: &Str| {
        if at_end {
            to >= from && to - from >= p.len() && search::stands_at(s, p, to - p.len(), to)
        } else {
            search::stands_at(s, p, from, to)
        }
    };
    if let Some(t) = arg.downcast::<Tuple>() {
        for v in t.as_slice() {
            let Some(p) = v.downcast::<Str>() else {
                raise!(
                    cx,
                    TypeError,
                    "tuple for {name} must only contain str, not {}",
                    v.ty().name()
                );
            };
            if test(p) {
                return Ok(true);
            }
        }
        return Ok(false);
    }
    match arg.downcast::<Str>() {
        Some(p) => Ok(test(p)),
        None => raise!(
            cx,
            TypeError,
            "{name} first arg must be str or a tuple of str, not {}",
            arg.ty().name()
        ),
    }
}

fn need_str(cx: &Thread, v: Value) -> Res<&'static Str> {
    match v.downcast::<Str>() {
        Some(s) => Ok(s),
        None => raise!(cx, TypeError, "must be str, not {}", v.ty().name()),
    }
}

fn signed(i: Option<usize>) -> isize {
    i.map_or(-1, |i| i as isize)
}

/// `str(object, encoding, errors)` for any class.
fn construct(
    cx: &Thread,
    object: Option<Value>,
    encoding: Option<&'static Str>,
    errors: Option<&'static Str>,
) -> Res<&'static Str> {
    let Some(v) = object else { return Ok(Str::new(cx, "")) };
    if encoding.is_none() && errors.is_none() {
        return to_str(cx, v);
    }
    if v.downcast::<Str>().is_some() {
        raise!(cx, TypeError, "decoding str is not supported");
    }
    let Some(buf) = crate::buffer::try_get(cx, v, crate::buffer::bufflag::SIMPLE)? else {
        raise!(cx, TypeError, "decoding to str: need a bytes-like object, {} found", v.ty().name());
    };
    let data = buf.to_vec();
    buf.release(cx)?;
    let r = codecs::decode_bytes(cx, v, &data, encoding, errors)?;
    need_str(cx, r)
}

#[pymethods]
impl Str {
    #[slot(sig = "(cls, object=None, encoding=None, errors=None)")]
    fn __new__(
        cx: &Thread,
        cls: &Type,
        object: Option<Value>,
        encoding: Option<&'static Str>,
        errors: Option<&'static Str>,
    ) -> Res {
        let s = construct(cx, object, encoding, errors)?;
        if cls.is(Str::type_object()) {
            return Ok(Value::from_ref(s));
        }
        Str::copy_in(cx, cls, s).map(Value::from_ref)
    }

    #[slot]
    fn __repr__(cx: &Thread, this: &Str) -> Res {
        Ok(Value::from_ref(repr::str_repr(cx, this)))
    }

    #[slot]
    fn __str__(cx: &Thread, this: &Str) -> Res {
        Ok(Value::from_ref(Str::exact(cx, own(this))))
    }

    #[slot]
    fn __hash__(cx: &Thread, this: &Str) -> Res<i64> {
        Ok(this.hash(cx))
    }

    #[slot]
    fn __richcmp__(_cx: &Thread, this: &Str, other: Value, op: CmpOp) -> Res {
        let Some(o) = other.downcast::<Str>() else { return Ok(not_implemented()) };
        Ok(py_bool(match op {
            CmpOp::Eq => this.eq(o),
            CmpOp::Ne => !this.eq(o),
            _ => op.holds(this.cmp(o)),
        }))
    }

    #[slot]
    fn __iter__(cx: &Thread, this: &Str) -> Res {
        Ok(iter::new(cx, this))
    }

    #[slot]
    fn __len__(_cx: &Thread, this: &Str) -> Res<usize> {
        Ok(this.len())
    }

    #[slot]
    fn __getitem__(cx: &Thread, this: &Str, key: Value) -> Res {
        split::subscript(cx, own(this), key)
    }

    #[slot]
    fn __contains__(cx: &Thread, this: &Str, item: Value) -> Res<bool> {
        let Some(s) = item.downcast::<Str>() else {
            raise!(
                cx,
                TypeError,
                "'in <string>' requires string as left operand, not {}",
                item.ty().name()
            );
        };
        Ok(search::find(this, s, 0, this.len()).is_some())
    }

    #[slot]
    fn __concat__(cx: &Thread, this: &Str, other: Value) -> Res {
        let Some(o) = other.downcast::<Str>() else {
            raise!(
                cx,
                TypeError,
                "can only concatenate str (not \"{}\") to str",
                other.ty().name()
            );
        };
        if o.is_empty() && Value::from_ref(this).ty().is(Str::type_object()) {
            return Ok(Value::from_ref(this));
        }
        if this.is_empty() && other.ty().is(Str::type_object()) {
            return Ok(other);
        }
        Str::concat(cx, this, o).map(Value::from_ref)
    }

    #[slot]
    fn __repeat__(cx: &Thread, this: &Str, n: isize) -> Res {
        split::repeat(cx, own(this), n)
    }

    #[slot]
    fn __mod__(cx: &Thread, a: Value, b: Value) -> Res {
        match a.downcast::<Str>() {
            Some(s) => percent::format(cx, s, b),
            None => Ok(not_implemented()),
        }
    }

    /// The string formatted by a format spec.
    #[pymethod(sig = "(self, format_spec, /)")]
    fn __format__(cx: &Thread, this: &Str, format_spec: &'static Str) -> Res {
        template::format_spec(cx, Value::from_ref(this), own(this), format_spec)
    }

    #[pymethod(sig = "(self, /)")]
    fn __getnewargs__(cx: &Thread, this: &Str) -> Res {
        let s = Str::substring(cx, this, 0, this.len());
        Ok(Value::from_ref(Tuple::from_slice(cx, &[Value::from_ref(s)])))
    }

    /// Bytes that the object takes in memory.
    #[pymethod(sig = "(self, /)")]
    fn __sizeof__(_cx: &Thread, this: &Str) -> usize {
        let base = if this.is_ascii() { 40 } else { 56 };
        base + (this.len() + 1) * this.kind() as usize
    }

    /// Fills the fields of the string's replacement fields from the arguments.
    #[pymethod(sig = "(self, /, *args, **kwargs)")]
    fn format(cx: &Thread, this: &Str, args: &[Value], kwargs: Option<&'static Dict>) -> Res {
        template::format(cx, own(this), Some(args), kwargs.map(|d| Value::from_ref(d)))
    }

    /// As format, with the fields looked up in a mapping.
    #[pymethod(sig = "(self, mapping, /)")]
    fn format_map(cx: &Thread, this: &Str, mapping: Value) -> Res {
        template::format(cx, own(this), None, Some(mapping))
    }

    /// The string as bytes in an encoding.
    #[pymethod(sig = "(self, /, encoding='utf-8', errors='strict')")]
    fn encode(
        cx: &Thread,
        this: &Str,
        encoding: Option<&'static Str>,
        errors: Option<&'static Str>,
    ) -> Res {
        codecs::encode_str(cx, own(this), encoding, errors)
    }

    /// Every occurrence of one substring replaced by another, at most count times.
    #[pymethod(sig = "(self, old, new, /, count=-1)")]
    fn replace(cx: &Thread, this: &Str, old: &'static Str, new: &'static Str, count: isize) -> Res {
        split::replace(cx, own(this), old, new, count)
    }

    /// The words between separators, at most maxsplit cuts made from the left.
    #[pymethod(sig = "(self, /, sep=None, maxsplit=-1)")]
    fn split(cx: &Thread, this: &Str, sep: Value, maxsplit: isize) -> Res {
        split::split(cx, own(this), sep, maxsplit)
    }

    /// The words between separators, at most maxsplit cuts made from the right.
    #[pymethod(sig = "(self, /, sep=None, maxsplit=-1)")]
    fn rsplit(cx: &Thread, this: &Str, sep: Value, maxsplit: isize) -> Res {
        split::rsplit(cx, own(this), sep, maxsplit)
    }

    /// The strings of an iterable with this one between them.
    #[pymethod(sig = "(self, iterable, /)")]
    fn join(cx: &Thread, this: &Str, iterable: Value) -> Res {
        split::join(cx, own(this), iterable)
    }

    /// The first character in upper (title) case, the rest in lower case.
    #[pymethod(sig = "(self, /)")]
    fn capitalize(cx: &Thread, this: &Str) -> Value {
        casing::capitalize(cx, this)
    }

    /// The string for comparisons that ignore case.
    #[pymethod(sig = "(self, /)")]
    fn casefold(cx: &Thread, this: &Str) -> Value {
        casing::casefold(cx, this)
    }

    /// Words begin in title case, the rest is lower case.
    #[pymethod(sig = "(self, /)")]
    fn title(cx: &Thread, this: &Str) -> Value {
        casing::title(cx, this)
    }

    /// The string in the middle of width characters.
    #[pymethod(sig = "(self, width, fillchar=' ', /)")]
    fn center(cx: &Thread, this: &Str, width: isize, fillchar: Option<Value>) -> Res {
        let fill = translate::fill_char(cx, fillchar)?;
        let n = this.len() as isize;
        let total = (width - n).max(0);
        let left = total / 2 + (total & width & 1);
        split::pad(cx, own(this), left as usize, (total - left) as usize, fill)
    }

    /// Non-overlapping occurrences of a substring.
    #[pymethod(
        sig = "(self, sub, start=None, end=None, /)",
        text = "($self, sub[, start[, end]], /)"
    )]
    fn count(cx: &Thread, this: &Str, sub: &'static Str, start: Value, end: Value) -> Res<usize> {
        let (a, b) = bounds(cx, this, start, end)?;
        Ok(search::count(this, sub, a, b))
    }

    /// Tabs replaced by spaces up to the next multiple of tabsize.
    #[pymethod(sig = "(self, /, tabsize=8)")]
    fn expandtabs(cx: &Thread, this: &Str, tabsize: i32) -> Res {
        split::expandtabs(cx, own(this), tabsize)
    }

    /// The lowest index of a substring, or -1.
    #[pymethod(
        sig = "(self, sub, start=None, end=None, /)",
        text = "($self, sub[, start[, end]], /)"
    )]
    fn find(cx: &Thread, this: &Str, sub: &'static Str, start: Value, end: Value) -> Res<isize> {
        let (a, b) = bounds(cx, this, start, end)?;
        Ok(signed(search::find(this, sub, a, b)))
    }

    /// The parts before and after the first separator.
    #[pymethod(sig = "(self, sep, /)")]
    fn partition(cx: &Thread, this: &Str, sep: Value) -> Res {
        let sep = need_str(cx, sep)?;
        split::partition(cx, own(this), sep, false)
    }

    /// The lowest index of a substring; ValueError where it is not found.
    #[pymethod(
        sig = "(self, sub, start=None, end=None, /)",
        text = "($self, sub[, start[, end]], /)"
    )]
    fn index(cx: &Thread, this: &Str, sub: &'static Str, start: Value, end: Value) -> Res<usize> {
        let (a, b) = bounds(cx, this, start, end)?;
        match search::find(this, sub, a, b) {
            Some(i) => Ok(i),
            None => raise!(cx, ValueError, "substring not found"),
        }
    }

    /// The string at the left of width characters.
    #[pymethod(sig = "(self, width, fillchar=' ', /)")]
    fn ljust(cx: &Thread, this: &Str, width: isize, fillchar: Option<Value>) -> Res {
        let fill = translate::fill_char(cx, fillchar)?;
        let n = (width - this.len() as isize).max(0) as usize;
        split::pad(cx, own(this), 0, n, fill)
    }

    /// The string in lower case.
    #[pymethod(sig = "(self, /)")]
    fn lower(cx: &Thread, this: &Str) -> Value {
        casing::lower(cx, this)
    }

    /// White space, or the given characters, removed at the left.
    #[pymethod(sig = "(self, chars=None, /)")]
    fn lstrip(cx: &Thread, this: &Str, chars: Value) -> Res {
        split::strip(cx, own(this), chars, Ends::Left, "lstrip")
    }

    /// The highest index of a substring, or -1.
    #[pymethod(
        sig = "(self, sub, start=None, end=None, /)",
        text = "($self, sub[, start[, end]], /)"
    )]
    fn rfind(cx: &Thread, this: &Str, sub: &'static Str, start: Value, end: Value) -> Res<isize> {
        let (a, b) = bounds(cx, this, start, end)?;
        Ok(signed(search::rfind(this, sub, a, b)))
    }

    /// The highest index of a substring; ValueError where it is not found.
    #[pymethod(
        sig = "(self, sub, start=None, end=None, /)",
        text = "($self, sub[, start[, end]], /)"
    )]
    fn rindex(cx: &Thread, this: &Str, sub: &'static Str, start: Value, end: Value) -> Res<usize> {
        let (a, b) = bounds(cx, this, start, end)?;
        match search::rfind(this, sub, a, b) {
            Some(i) => Ok(i),
            None => raise!(cx, ValueError, "substring not found"),
        }
    }

    /// The string at the right of width characters.
    #[pymethod(sig = "(self, width, fillchar=' ', /)")]
    fn rjust(cx: &Thread, this: &Str, width: isize, fillchar: Option<Value>) -> Res {
        let fill = translate::fill_char(cx, fillchar)?;
        let n = (width - this.len() as isize).max(0) as usize;
        split::pad(cx, own(this), n, 0, fill)
    }

    /// White space, or the given characters, removed at the right.
    #[pymethod(sig = "(self, chars=None, /)")]
    fn rstrip(cx: &Thread, this: &Str, chars: Value) -> Res {
        split::strip(cx, own(this), chars, Ends::Right, "rstrip")
    }

    /// The parts before and after the last separator.
    #[pymethod(sig = "(self, sep, /)")]
    fn rpartition(cx: &Thread, this: &Str, sep: Value) -> Res {
        let sep = need_str(cx, sep)?;
        split::partition(cx, own(this), sep, true)
    }

    /// The lines, without their ends unless keepends is true.
    #[pymethod(sig = "(self, /, keepends=False)")]
    fn splitlines(cx: &Thread, this: &Str, keepends: bool) -> Res {
        split::splitlines(cx, own(this), keepends)
    }

    /// White space, or the given characters, removed at both ends.
    #[pymethod(sig = "(self, chars=None, /)")]
    fn strip(cx: &Thread, this: &Str, chars: Value) -> Res {
        split::strip(cx, own(this), chars, Ends::Both, "strip")
    }

    /// Upper case and lower case exchanged.
    #[pymethod(sig = "(self, /)")]
    fn swapcase(cx: &Thread, this: &Str) -> Value {
        casing::swapcase(cx, this)
    }

    /// Characters replaced by what a table says of their code points.
    #[pymethod(sig = "(self, table, /)")]
    fn translate(cx: &Thread, this: &Str, table: Value) -> Res {
        translate::translate(cx, own(this), table)
    }

    /// The string in upper case.
    #[pymethod(sig = "(self, /)")]
    fn upper(cx: &Thread, this: &Str) -> Value {
        casing::upper(cx, this)
    }

    /// Does the string begin with a prefix, or one of a tuple?
    #[pymethod(
        sig = "(self, prefix, start=None, end=None, /)",
        text = "($self, prefix[, start[, end]], /)"
    )]
    fn startswith(cx: &Thread, this: &Str, prefix: Value, start: Value, end: Value) -> Res<bool> {
        affix(cx, this, prefix, start, end, false)
    }

    /// Does the string end with a suffix, or one of a tuple?
    #[pymethod(
        sig = "(self, suffix, start=None, end=None, /)",
        text = "($self, suffix[, start[, end]], /)"
    )]
    fn endswith(cx: &Thread, this: &Str, suffix: Value, start: Value, end: Value) -> Res<bool> {
        affix(cx, this, suffix, start, end, true)
    }

    /// The string without a prefix, where it has it.
    #[pymethod(sig = "(self, prefix, /)")]
    fn removeprefix(cx: &Thread, this: &Str, prefix: &'static Str) -> Value {
        let from = if search::stands_at(this, prefix, 0, this.len()) { prefix.len() } else { 0 };
        if from == 0 {
            return Value::from_ref(Str::exact(cx, own(this)));
        }
        Value::from_ref(Str::substring(cx, this, from, this.len()))
    }

    /// The string without a suffix, where it has it.
    #[pymethod(sig = "(self, suffix, /)")]
    fn removesuffix(cx: &Thread, this: &Str, suffix: &'static Str) -> Value {
        let n = this.len();
        let has = n >= suffix.len() && search::stands_at(this, suffix, n - suffix.len(), n);
        if !has || suffix.is_empty() {
            return Value::from_ref(Str::exact(cx, own(this)));
        }
        Value::from_ref(Str::substring(cx, this, 0, n - suffix.len()))
    }

    /// Are all characters ASCII?
    #[pymethod(sig = "(self, /)")]
    fn isascii(_cx: &Thread, this: &Str) -> bool {
        this.is_ascii()
    }

    /// Is all cased text in lower case, and is there any?
    #[pymethod(sig = "(self, /)")]
    fn islower(_cx: &Thread, this: &Str) -> bool {
        casing::is_lower(this)
    }

    /// Is all cased text in upper case, and is there any?
    #[pymethod(sig = "(self, /)")]
    fn isupper(_cx: &Thread, this: &Str) -> bool {
        casing::is_upper(this)
    }

    /// Does every word begin in title case and go on in lower case?
    #[pymethod(sig = "(self, /)")]
    fn istitle(_cx: &Thread, this: &Str) -> bool {
        casing::is_title(this)
    }

    /// Is it all white space, and not empty?
    #[pymethod(sig = "(self, /)")]
    fn isspace(_cx: &Thread, this: &Str) -> bool {
        casing::all(this, |b| matches!(b, 9..=13 | 28..=32), uni::is_space)
    }

    /// Is it all decimal characters, and not empty?
    #[pymethod(sig = "(self, /)")]
    fn isdecimal(_cx: &Thread, this: &Str) -> bool {
        casing::all(this, |b| b.is_ascii_digit(), uni::is_decimal)
    }

    /// Is it all digits, and not empty?
    #[pymethod(sig = "(self, /)")]
    fn isdigit(_cx: &Thread, this: &Str) -> bool {
        casing::all(this, |b| b.is_ascii_digit(), uni::is_digit)
    }

    /// Is it all numeric characters, and not empty?
    #[pymethod(sig = "(self, /)")]
    fn isnumeric(_cx: &Thread, this: &Str) -> bool {
        casing::all(this, |b| b.is_ascii_digit(), uni::is_numeric)
    }

    /// Is it all letters, and not empty?
    #[pymethod(sig = "(self, /)")]
    fn isalpha(_cx: &Thread, this: &Str) -> bool {
        casing::all(this, |b| b.is_ascii_alphabetic(), uni::is_alpha)
    }

    /// Is it all letters and numbers, and not empty?
    #[pymethod(sig = "(self, /)")]
    fn isalnum(_cx: &Thread, this: &Str) -> bool {
        casing::all(this, |b| b.is_ascii_alphanumeric(), uni::is_alnum)
    }

    /// Is it a valid identifier?
    #[pymethod(sig = "(self, /)")]
    fn isidentifier(_cx: &Thread, this: &Str) -> bool {
        super::is_identifier(this)
    }

    /// Would repr show every character as it is?
    #[pymethod(sig = "(self, /)")]
    fn isprintable(_cx: &Thread, this: &Str) -> bool {
        this.is_empty() || casing::all(this, |b| matches!(b, 32..=126), uni::is_printable)
    }

    /// Zeros put before the digits, up to width characters.
    #[pymethod(sig = "(self, width, /)")]
    fn zfill(cx: &Thread, this: &Str, width: isize) -> Res {
        translate::zfill(cx, own(this), width)
    }

    /// A table for translate.
    #[staticmethod(
        sig = "(x, y=None, z=None, /)",
        text = "(x, y=<unrepresentable>, z=<unrepresentable>, /)"
    )]
    fn maketrans(cx: &Thread, x: Value, y: Option<Value>, z: Option<Value>) -> Res {
        translate::maketrans(cx, x, y, z)
    }
}
