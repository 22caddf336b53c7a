//! The methods that bytes and bytearray have in common, as a macro: each type's `#[pymethods]`
//! block is these plus its own. The type provides `view(this) -> View`, `make(cx, Vec<u8>) ->
//! Value`, `same(cx, this) -> Value`, `begin_use(this)` and `end_use(this)` around calls of Python code that must not
//! resize it, and `NAME_OF_ITEM`.

macro_rules! byte_methods {
    ($ty:ident, $name:literal, $item:literal, { $($own:tt)* }) => {
        #[pymethods]
        impl $ty {
            $($own)*

            #[slot]
            fn __len__(_cx: &Thread, this: &$ty) -> Res<usize> {
                Ok(this.len())
            }

            #[slot]
            fn __repeat__(cx: &Thread, this: &$ty, n: isize) -> Res {
                if n == 1 {
                    return Ok(same(cx, this));
                }
                Ok(make(cx, ops::repeat(cx, &view(this), n)?))
            }

            #[slot]
            fn __contains__(cx: &Thread, this: &$ty, item: Value) -> Res<bool> {
                if item.ty().slots().index.get().is_some() && !crate::buffer::has_buffer(item) {
                    let b = ops::byte_value(cx, item)?;
                    let s = view(this);
                    return Ok(ops::find(&s, &[b], (0, s.len())).is_some());
                }
                let n = crate::buffer::ByteArg::get(cx, item)?;
                let s = view(this);
                Ok(ops::find(&s, &n, (0, s.len())).is_some())
            }

            #[slot]
            fn __mod__(cx: &Thread, a: Value, b: Value) -> Res {
                match a.downcast::<$ty>() {
                    Some(s) => {
                        let v = view(s);
                        Ok(make(cx, super::bytes_percent::format(cx, &v, b)?))
                    }
                    None => Ok(not_implemented()),
                }
            }

            /// The first byte in upper case, the rest in lower case, as ASCII.
            #[pymethod(sig = "(self, /)")]
            fn capitalize(cx: &Thread, this: &$ty) -> Value {
                make(cx, ops::capitalize(&view(this)))
            }

            /// The bytes in the middle of width bytes.
            #[pymethod(sig = "(self, width, fillchar=b' ', /)")]
            fn center(cx: &Thread, this: &$ty, width: isize, fillchar: Option<Value>) -> Res {
                let fill = ops::fill_byte(cx, fillchar, "center")?;
                let s = view(this);
                let total = (width - s.len() as isize).max(0);
                if total == 0 {
                    return Ok(same(cx, this));
                }
                let left = total / 2 + (total & width & 1);
                Ok(make(cx, ops::pad(cx, &s, left as usize, (total - left) as usize, fill)?))
            }

            /// Non-overlapping occurrences.
            #[pymethod(sig = "(self, sub, start=None, end=None, /)", text = "($self, sub[, start[, end]], /)")]
            fn count(cx: &Thread, this: &$ty, sub: Value, start: Value, end: Value) -> Res<usize> {
                let s = view(this);
                let (a, b) = ops::bounds(cx, s.len(), start, end)?;
                let n = ops::needle(cx, sub)?;
                Ok(if a > b { 0 } else { super::str::search::count_units(&s[a..b], &n) })
            }

            /// The text that the bytes stand for in an encoding.
            #[pymethod(sig = "(self, /, encoding='utf-8', errors='strict')")]
            fn decode(
                cx: &Thread,
                this: &$ty,
                encoding: Option<&'static Str>,
                errors: Option<&'static Str>,
            ) -> Res {
                crate::codecs::decode_bytes(cx, Value::from_ref(this), &view(this), encoding, errors)
            }

            /// Do the bytes end with a suffix, or one of a tuple?
            #[pymethod(sig = "(self, suffix, start=None, end=None, /)", text = "($self, suffix[, start[, end]], /)")]
            fn endswith(cx: &Thread, this: &$ty, suffix: Value, start: Value, end: Value) -> Res<bool> {
                ops::affix(cx, &view(this), suffix, start, end, true)
            }

            /// Do the bytes begin with a prefix, or one of a tuple?
            #[pymethod(sig = "(self, prefix, start=None, end=None, /)", text = "($self, prefix[, start[, end]], /)")]
            fn startswith(cx: &Thread, this: &$ty, prefix: Value, start: Value, end: Value) -> Res<bool> {
                ops::affix(cx, &view(this), prefix, start, end, false)
            }

            /// Tabs replaced by spaces.
            #[pymethod(sig = "(self, /, tabsize=8)")]
            fn expandtabs(cx: &Thread, this: &$ty, tabsize: i32) -> Res {
                Ok(make(cx, ops::expandtabs(cx, &view(this), tabsize)?))
            }

            /// The lowest index where sub is found, or -1.
            #[pymethod(sig = "(self, sub, start=None, end=None, /)", text = "($self, sub[, start[, end]], /)")]
            fn find(cx: &Thread, this: &$ty, sub: Value, start: Value, end: Value) -> Res<isize> {
                let s = view(this);
                let r = ops::bounds(cx, s.len(), start, end)?;
                let n = ops::needle(cx, sub)?;
                Ok(ops::find(&s, &n, r).map_or(-1, |i| i as isize))
            }

            /// The highest index where sub is found, or -1.
            #[pymethod(sig = "(self, sub, start=None, end=None, /)", text = "($self, sub[, start[, end]], /)")]
            fn rfind(cx: &Thread, this: &$ty, sub: Value, start: Value, end: Value) -> Res<isize> {
                let s = view(this);
                let r = ops::bounds(cx, s.len(), start, end)?;
                let n = ops::needle(cx, sub)?;
                Ok(ops::rfind(&s, &n, r).map_or(-1, |i| i as isize))
            }

            /// The lowest index where sub is found; ValueError otherwise.
            #[pymethod(sig = "(self, sub, start=None, end=None, /)", text = "($self, sub[, start[, end]], /)")]
            fn index(cx: &Thread, this: &$ty, sub: Value, start: Value, end: Value) -> Res<usize> {
                let s = view(this);
                let r = ops::bounds(cx, s.len(), start, end)?;
                let n = ops::needle(cx, sub)?;
                match ops::find(&s, &n, r) {
                    Some(i) => Ok(i),
                    None => raise!(cx, ValueError, "subsection not found"),
                }
            }

            /// The highest index where sub is found; ValueError otherwise.
            #[pymethod(sig = "(self, sub, start=None, end=None, /)", text = "($self, sub[, start[, end]], /)")]
            fn rindex(cx: &Thread, this: &$ty, sub: Value, start: Value, end: Value) -> Res<usize> {
                let s = view(this);
                let r = ops::bounds(cx, s.len(), start, end)?;
                let n = ops::needle(cx, sub)?;
                match ops::rfind(&s, &n, r) {
                    Some(i) => Ok(i),
                    None => raise!(cx, ValueError, "subsection not found"),
                }
            }

            /// Bytes from a string of hexadecimal digits; white space is skipped.
            #[classmethod(sig = "(cls, string, /)")]
            fn fromhex(cx: &Thread, cls: &Type, string: &'static Str) -> Res {
                let v = make(cx, ops::from_hex(cx, string)?);
                if cls.is($ty::type_object()) {
                    return Ok(v);
                }
                call(cx, Value::from_ref(cls), &[v])
            }

            /// The bytes as hexadecimal digits, with a separator every bytes_per_sep bytes.
            ///
            /// >>> b'Az'.hex('-')
            /// '41-7a'
            #[pymethod(sig = "(self, sep=<unrepresentable>, bytes_per_sep=1)")]
            fn hex(cx: &Thread, this: &$ty, sep: Option<Value>, bytes_per_sep: i32) -> Res<&'static Str> {
                ops::hex(cx, &view(this), sep, bytes_per_sep)
            }

            /// Are all bytes ASCII letters or digits, and is there any?
            #[pymethod(sig = "(self, /)")]
            fn isalnum(_cx: &Thread, this: &$ty) -> bool {
                ops::all(&view(this), |b| b.is_ascii_alphanumeric())
            }

            /// Are all bytes ASCII letters, and is there any?
            #[pymethod(sig = "(self, /)")]
            fn isalpha(_cx: &Thread, this: &$ty) -> bool {
                ops::all(&view(this), |b| b.is_ascii_alphabetic())
            }

            /// Are all bytes below 128?
            #[pymethod(sig = "(self, /)")]
            fn isascii(_cx: &Thread, this: &$ty) -> bool {
                ops::is_ascii(&view(this))
            }

            /// Are all bytes ASCII digits, and is there any?
            #[pymethod(sig = "(self, /)")]
            fn isdigit(_cx: &Thread, this: &$ty) -> bool {
                ops::all(&view(this), |b| b.is_ascii_digit())
            }

            /// Is all cased text in lower case, and is there any?
            #[pymethod(sig = "(self, /)")]
            fn islower(_cx: &Thread, this: &$ty) -> bool {
                ops::is_lower(&view(this))
            }

            /// Are all bytes ASCII white space, and is there any?
            #[pymethod(sig = "(self, /)")]
            fn isspace(_cx: &Thread, this: &$ty) -> bool {
                ops::all(&view(this), ops::is_space)
            }

            /// Does every word begin in upper case and go on in lower case?
            #[pymethod(sig = "(self, /)")]
            fn istitle(_cx: &Thread, this: &$ty) -> bool {
                ops::is_title(&view(this))
            }

            /// Is all cased text in upper case, and is there any?
            #[pymethod(sig = "(self, /)")]
            fn isupper(_cx: &Thread, this: &$ty) -> bool {
                ops::is_upper(&view(this))
            }

            /// The items of an iterable with these bytes between them.
            #[pymethod(sig = "(self, iterable_of_bytes, /)")]
            fn join(cx: &Thread, this: &$ty, iterable_of_bytes: Value) -> Res {
                let sep = view(this);
                begin_use(this);
                let joined = ops::join(cx, &sep, iterable_of_bytes);
                end_use(this);
                Ok(make(cx, joined?))
            }

            /// The bytes at the left of width bytes.
            #[pymethod(sig = "(self, width, fillchar=b' ', /)")]
            fn ljust(cx: &Thread, this: &$ty, width: isize, fillchar: Option<Value>) -> Res {
                let fill = ops::fill_byte(cx, fillchar, "ljust")?;
                let s = view(this);
                let n = (width - s.len() as isize).max(0) as usize;
                if n == 0 {
                    return Ok(same(cx, this));
                }
                Ok(make(cx, ops::pad(cx, &s, 0, n, fill)?))
            }

            /// The bytes at the right of width bytes.
            #[pymethod(sig = "(self, width, fillchar=b' ', /)")]
            fn rjust(cx: &Thread, this: &$ty, width: isize, fillchar: Option<Value>) -> Res {
                let fill = ops::fill_byte(cx, fillchar, "rjust")?;
                let s = view(this);
                let n = (width - s.len() as isize).max(0) as usize;
                if n == 0 {
                    return Ok(same(cx, this));
                }
                Ok(make(cx, ops::pad(cx, &s, n, 0, fill)?))
            }

            /// The bytes with ASCII letters in lower case.
            #[pymethod(sig = "(self, /)")]
            fn lower(cx: &Thread, this: &$ty) -> Value {
                make(cx, ops::lower(&view(this)))
            }

            /// The bytes with ASCII letters in upper case.
            #[pymethod(sig = "(self, /)")]
            fn upper(cx: &Thread, this: &$ty) -> Value {
                make(cx, ops::upper(&view(this)))
            }

            /// White space, or the given bytes, removed at both ends.
            #[pymethod(sig = "(self, bytes=None, /)")]
            fn strip(cx: &Thread, this: &$ty, bytes: Value) -> Res {
                let set = ops::strip_set(cx, bytes)?;
                let s = view(this);
                let (a, b) = ops::strip(&s, set.as_deref(), true, true);
                if b - a == s.len() {
                    return Ok(same(cx, this));
                }
                Ok(make(cx, ops::part(&s, a, b)))
            }

            /// White space, or the given bytes, removed at the left.
            #[pymethod(sig = "(self, bytes=None, /)")]
            fn lstrip(cx: &Thread, this: &$ty, bytes: Value) -> Res {
                let set = ops::strip_set(cx, bytes)?;
                let s = view(this);
                let (a, b) = ops::strip(&s, set.as_deref(), true, false);
                if b - a == s.len() {
                    return Ok(same(cx, this));
                }
                Ok(make(cx, ops::part(&s, a, b)))
            }

            /// White space, or the given bytes, removed at the right.
            #[pymethod(sig = "(self, bytes=None, /)")]
            fn rstrip(cx: &Thread, this: &$ty, bytes: Value) -> Res {
                let set = ops::strip_set(cx, bytes)?;
                let s = view(this);
                let (a, b) = ops::strip(&s, set.as_deref(), false, true);
                if b - a == s.len() {
                    return Ok(same(cx, this));
                }
                Ok(make(cx, ops::part(&s, a, b)))
            }

            /// A table for translate.
            #[staticmethod(sig = "(frm, to, /)")]
            fn maketrans(cx: &Thread, frm: Value, to: Value) -> Res {
                let a = crate::buffer::ByteArg::get(cx, frm)?;
                let b = crate::buffer::ByteArg::get(cx, to)?;
                ops::maketrans(cx, &a, &b)
            }

            /// The parts before and after the first separator.
            #[pymethod(sig = "(self, sep, /)")]
            fn partition(cx: &Thread, this: &$ty, sep: Value) -> Res {
                let n = crate::buffer::ByteArg::get(cx, sep)?;
                if n.is_empty() {
                    raise!(cx, ValueError, "empty separator");
                }
                let s = view(this);
                let parts = match ops::find(&s, &n, (0, s.len())) {
                    Some(i) => [
                        make(cx, ops::part(&s, 0, i)),
                        separator_part(cx, sep, &n),
                        make(cx, ops::part(&s, i + n.len(), s.len())),
                    ],
                    None => [same(cx, this), make(cx, Vec::new()), make(cx, Vec::new())],
                };
                Ok(Value::from_ref(Tuple::from_slice(cx, &parts)))
            }

            /// The parts before and after the last separator.
            #[pymethod(sig = "(self, sep, /)")]
            fn rpartition(cx: &Thread, this: &$ty, sep: Value) -> Res {
                let n = crate::buffer::ByteArg::get(cx, sep)?;
                if n.is_empty() {
                    raise!(cx, ValueError, "empty separator");
                }
                let s = view(this);
                let parts = match ops::rfind(&s, &n, (0, s.len())) {
                    Some(i) => [
                        make(cx, ops::part(&s, 0, i)),
                        separator_part(cx, sep, &n),
                        make(cx, ops::part(&s, i + n.len(), s.len())),
                    ],
                    None => [make(cx, Vec::new()), make(cx, Vec::new()), same(cx, this)],
                };
                Ok(Value::from_ref(Tuple::from_slice(cx, &parts)))
            }

            /// The bytes without a prefix, where they have it.
            #[pymethod(sig = "(self, prefix, /)")]
            fn removeprefix(cx: &Thread, this: &$ty, prefix: crate::buffer::ByteArg) -> Value {
                let s = view(this);
                match s.strip_prefix(&*prefix) {
                    Some(rest) if !prefix.is_empty() => make(cx, rest.to_vec()),
                    _ => same(cx, this),
                }
            }

            /// The bytes without a suffix, where they have it.
            #[pymethod(sig = "(self, suffix, /)")]
            fn removesuffix(cx: &Thread, this: &$ty, suffix: crate::buffer::ByteArg) -> Value {
                let s = view(this);
                match s.strip_suffix(&*suffix) {
                    Some(rest) if !suffix.is_empty() => make(cx, rest.to_vec()),
                    _ => same(cx, this),
                }
            }

            /// Every occurrence of old replaced by new, at most count times.
            #[pymethod(sig = "(self, old, new, count=-1, /)")]
            fn replace(
                cx: &Thread,
                this: &$ty,
                old: crate::buffer::ByteArg,
                new: crate::buffer::ByteArg,
                count: isize,
            ) -> Res {
                Ok(match ops::replace(cx, &view(this), &old, &new, count)? {
                    Some(v) => make(cx, v),
                    None => same(cx, this),
                })
            }

            /// The parts between separators, at most maxsplit cuts made from the left.
            #[pymethod(sig = "(self, /, sep=None, maxsplit=-1)")]
            fn split(cx: &Thread, this: &$ty, sep: Value, maxsplit: isize) -> Res {
                let sep = ops::separator(cx, sep)?;
                let s = view(this);
                let mut out = $crate::objects::pieces::Pieces::new();
                ops::split(&s, sep.as_deref(), maxsplit, |a, b| {
                    out.push(Value::from_ref(<$ty>::new(cx, &s[a..b])));
                });
                Ok(out.list(cx))
            }

            /// The parts between separators, at most maxsplit cuts made from the right.
            #[pymethod(sig = "(self, /, sep=None, maxsplit=-1)")]
            fn rsplit(cx: &Thread, this: &$ty, sep: Value, maxsplit: isize) -> Res {
                let sep = ops::separator(cx, sep)?;
                let s = view(this);
                pieces(cx, &s, ops::rsplit(&s, sep.as_deref(), maxsplit))
            }

            /// The lines, without their ends unless keepends is true.
            #[pymethod(sig = "(self, /, keepends=False)")]
            fn splitlines(cx: &Thread, this: &$ty, keepends: bool) -> Res {
                let s = view(this);
                pieces(cx, &s, ops::splitlines(&s, keepends))
            }

            /// ASCII upper case and lower case exchanged.
            #[pymethod(sig = "(self, /)")]
            fn swapcase(cx: &Thread, this: &$ty) -> Value {
                make(cx, ops::swapcase(&view(this)))
            }

            /// ASCII words begin in upper case, the rest is lower case.
            #[pymethod(sig = "(self, /)")]
            fn title(cx: &Thread, this: &$ty) -> Value {
                make(cx, ops::title(&view(this)))
            }

            /// Bytes mapped through a table of 256, those in delete dropped first.
            #[pymethod(sig = "(self, table, /, delete=b'')")]
            fn translate(cx: &Thread, this: &$ty, table: Value, delete: Option<Value>) -> Res {
                let s = view(this);
                Ok(make(cx, ops::translate(cx, &s, table, delete)?))
            }

            /// Zeros put before the digits, up to width bytes.
            #[pymethod(sig = "(self, width, /)")]
            fn zfill(cx: &Thread, this: &$ty, width: isize) -> Res {
                let s = view(this);
                if width <= s.len() as isize {
                    return Ok(same(cx, this));
                }
                Ok(make(cx, ops::zfill(cx, &s, width)?))
            }
        }

        fn pieces(cx: &Thread, s: &[u8], ranges: ops::Ranges) -> Res {
            let mut out = $crate::objects::pieces::Pieces::new();
            for (a, b) in ranges {
                out.push(Value::from_ref(<$ty>::new(cx, &s[a..b])));
            }
            Ok(out.list(cx))
        }

        /// `__new__` and `__init__` say which constructor they are in messages.
        const CONSTRUCTOR: &str = $name;
        const ITEM: &str = $item;
    };
}
pub(crate) use byte_methods;
