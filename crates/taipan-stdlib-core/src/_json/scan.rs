//! Reading JSON: positions are indices of characters.

use super::decode_error;
use taipan_vm::objects::str::{Data, StrBuilder};
use taipan_vm::objects::{exceptions, float, int};
use taipan_vm::prelude::*;
use taipan_vm::pytype;
use taipan_vm::types::alloc::fresh_head;

/// The options of a JSONDecoder.
#[repr(C)]
pub struct Scanner {
    head: Head,
    strict: Slot,
    object_hook: Slot,
    object_pairs_hook: Slot,
    parse_float: Slot,
    parse_int: Slot,
    parse_constant: Slot,
}

pytype! { Scanner, PyTaipanJsonScanner_Type, name: "Scanner", module: "_json",
base: taipan_vm::objects::object::Object, flags: tpflags::BASETYPE, doc: "JSON scanner object" }

/// Four hexadecimal digits at `at`.
fn hex4(d: Data<'_>, at: usize) -> Option<u32> {
    let mut v = 0;
    for i in at..at + 4 {
        v = v << 4 | char::from_u32(d.get(i))?.to_digit(16)?;
    }
    Some(v)
}

/// Where the plain characters from `at` on end: at a quote, a backslash or a control character.
fn plain_end(d: Data<'_>, at: usize) -> usize {
    let stop = |c: u32| c == 0x22 || c == 0x5C || c < 0x20;
    let look = |to: usize| match d {
        Data::Ascii(d) | Data::Latin1(d) => d[at..to].iter().position(|c| stop(*c as u32)),
        Data::Ucs2(d) => d[at..to].iter().position(|c| stop(*c as u32)),
        Data::Ucs4(d) => d[at..to].iter().position(|c| stop(*c)),
    };
    // Most strings are short: only what follows their beginning may be a blocking region.
    let near = d.len().min(at + 256);
    if let Some(n) = look(near) {
        return at + n;
    }
    // SAFETY: immutable text, which the caller holds.
    let n = unsafe { taipan_heap::Mutator::here().plain(d.len() - at, || look(d.len())) };
    n.map_or(d.len(), |n| at + n)
}

/// The string whose first character is at `start`, and the index after its closing quote.
pub fn string(
    cx: &Thread,
    s: &'static Str,
    start: usize,
    strict: bool,
) -> Res<(&'static Str, usize)> {
    let d = s.data();
    let n = d.len();
    let begin = start.wrapping_sub(1);
    let unterminated = || decode_error(cx, "Unterminated string starting at", s, begin);
    let mut at = start;
    let mut out: Option<StrBuilder> = None;
    let mut turns = 0u32;
    loop {
        turns += 1;
        if turns & 0x3FF == 0 {
            cx.mutator.poll();
        }
        let mut next = plain_end(d, at);
        while next < n && d.get(next) < 0x20 {
            if strict {
                return Err(decode_error(cx, "Invalid control character at", s, next));
            }
            next = plain_end(d, next + 1);
        }
        if next >= n {
            return Err(unterminated());
        }
        let c = d.get(next);
        if c == '"' as u32 {
            return Ok(match out {
                None => (Str::substring(cx, s, at, next), next + 1),
                Some(mut b) => {
                    b.push_range(s, at, next);
                    (b.finish(cx), next + 1)
                }
            });
        }
        let b = out.get_or_insert_with(StrBuilder::new);
        b.push_range(s, at, next);
        next += 1;
        if next >= n {
            return Err(unterminated());
        }
        let e = d.get(next);
        if e != 'u' as u32 {
            let c = match char::from_u32(e) {
                Some('"') => 0x22,
                Some('\\') => 0x5C,
                Some('/') => 0x2F,
                Some('b') => 8,
                Some('f') => 12,
                Some('n') => 10,
                Some('r') => 13,
                Some('t') => 9,
                _ => return Err(decode_error(cx, "Invalid \\escape", s, next - 1)),
            };
            b.push(c);
            at = next + 1;
            continue;
        }
        // `next` is at the 'u'.
        let bad = |at: usize| decode_error(cx, "Invalid \\uXXXX escape", s, at);
        if next + 5 >= n {
            return Err(bad(next));
        }
        let Some(mut c) = hex4(d, next + 1) else { return Err(bad(next)) };
        at = next + 5;
        let pair = (0xD800..0xDC00).contains(&c)
            && at + 6 < n
            && d.get(at) == '\\' as u32
            && d.get(at + 1) == 'u' as u32;
        if pair {
            let Some(low) = hex4(d, at + 2) else { return Err(bad(at + 1)) };
            if (0xDC00..0xE000).contains(&low) {
                c = 0x10000 + ((c & 0x3FF) << 10 | (low & 0x3FF));
                at += 6;
            }
        }
        b.push(c);
    }
}

/// The options of one scan, and the keys seen: equal keys share one string.
struct Scan<'a> {
    cx: &'a Thread,
    s: &'static Str,
    d: Data<'static>,
    strict: bool,
    object_hook: Option<Value>,
    pairs_hook: Option<Value>,
    /// `None` where it is the plain type.
    parse_float: Option<Value>,
    parse_int: Option<Value>,
    parse_constant: Value,
    memo: &'static Dict,
}

fn stop(cx: &Thread, at: usize) -> Raised {
    exceptions::stop_iteration(cx, Value::small(at as i64))
}

impl Scan<'_> {
    fn at(&self, i: usize) -> Option<u32> {
        if i < self.d.len() { Some(self.d.get(i)) } else { None }
    }

    fn is(&self, i: usize, c: char) -> bool {
        self.at(i) == Some(c as u32)
    }

    fn space(&self, mut i: usize) -> usize {
        while matches!(self.at(i), Some(0x20 | 0x09 | 0x0A | 0x0D)) {
            i += 1;
            if i & 0x7FFF == 0 {
                self.cx.mutator.poll();
            }
        }
        i
    }

    fn fail<T>(&self, msg: &str, at: usize) -> Res<T> {
        Err(decode_error(self.cx, msg, self.s, at))
    }

    fn word(&self, i: usize, text: &str) -> bool {
        text.chars().enumerate().all(|(k, c)| self.is(i + k, c))
    }

    fn term(&self, i: usize) -> Res<(Value, usize)> {
        let cx = self.cx;
        let Some(c) = self.at(i) else { return Err(stop(cx, i)) };
        let constant = |name: &str| -> Res<(Value, usize)> {
            let v = call(cx, self.parse_constant, &[Value::from_ref(Str::new(cx, name))])?;
            Ok((v, i + name.len()))
        };
        match char::from_u32(c) {
            Some('"') => {
                let (v, at) = string(cx, self.s, i + 1, self.strict)?;
                Ok((Value::from_ref(v), at))
            }
            Some('{') => {
                let _depth =
                    cx.enter_recursive(" while decoding a JSON object from a unicode string")?;
                self.object(i + 1)
            }
            Some('[') => {
                let _depth =
                    cx.enter_recursive(" while decoding a JSON array from a unicode string")?;
                self.array(i + 1)
            }
            Some('n') if self.word(i, "null") => Ok((none(), i + 4)),
            Some('t') if self.word(i, "true") => Ok((py_bool(true), i + 4)),
            Some('f') if self.word(i, "false") => Ok((py_bool(false), i + 5)),
            Some('N') if self.word(i, "NaN") => constant("NaN"),
            Some('I') if self.word(i, "Infinity") => constant("Infinity"),
            Some('-') if self.word(i, "-Infinity") => constant("-Infinity"),
            _ => self.number(i),
        }
    }

    fn key(&self, i: usize) -> Res<(Value, usize)> {
        if !self.is(i, '"') {
            return self.fail("Expecting property name enclosed in double quotes", i);
        }
        let (k, at) = string(self.cx, self.s, i + 1, self.strict)?;
        let k = Value::from_ref(k);
        Ok((self.memo.set_default(self.cx, k, k)?.0, at))
    }

    fn object(&self, i: usize) -> Res<(Value, usize)> {
        let cx = self.cx;
        let pairs = self.pairs_hook.map(|_| List::new(cx));
        let dict = Dict::new(cx);
        let mut i = self.space(i);
        if !self.is(i, '}') {
            loop {
                cx.poll()?;
                let (key, at) = self.key(i)?;
                i = self.space(at);
                if !self.is(i, ':') {
                    return self.fail("Expecting ':' delimiter", i);
                }
                let (v, at) = self.term(self.space(i + 1))?;
                match pairs {
                    Some(l) => l.push(cx, Value::from_ref(Tuple::pair(cx, key, v))),
                    None => dict.set(cx, key, v)?,
                }
                i = self.space(at);
                if self.is(i, '}') {
                    break;
                }
                if !self.is(i, ',') {
                    return self.fail("Expecting ',' delimiter", i);
                }
                let comma = i;
                i = self.space(i + 1);
                if self.is(i, '}') {
                    return self.fail("Illegal trailing comma before end of object", comma);
                }
            }
        }
        let v = match (self.pairs_hook, pairs, self.object_hook) {
            (Some(h), Some(l), _) => call(cx, h, &[Value::from_ref(l)])?,
            (_, _, Some(h)) => call(cx, h, &[Value::from_ref(dict)])?,
            _ => Value::from_ref(dict),
        };
        Ok((v, i + 1))
    }

    fn array(&self, i: usize) -> Res<(Value, usize)> {
        let cx = self.cx;
        let out = List::new(cx);
        let mut i = self.space(i);
        if !self.is(i, ']') {
            loop {
                cx.poll()?;
                let (v, at) = self.term(i)?;
                out.push(cx, v);
                i = self.space(at);
                if self.is(i, ']') {
                    break;
                }
                if !self.is(i, ',') {
                    return self.fail("Expecting ',' delimiter", i);
                }
                let comma = i;
                i = self.space(i + 1);
                if self.is(i, ']') {
                    return self.fail("Illegal trailing comma before end of array", comma);
                }
            }
        }
        Ok((Value::from_ref(out), i + 1))
    }

    fn number(&self, start: usize) -> Res<(Value, usize)> {
        let cx = self.cx;
        let digit = |i: usize| matches!(self.at(i), Some(0x30..=0x39));
        let mut i = start;
        if self.is(i, '-') {
            i += 1;
        }
        if self.is(i, '0') {
            i += 1;
        } else if digit(i) {
            while digit(i) {
                i += 1;
            }
        } else {
            return Err(stop(cx, start));
        }
        let mut real = false;
        if self.is(i, '.') && digit(i + 1) {
            real = true;
            i += 2;
            while digit(i) {
                i += 1;
            }
        }
        if self.is(i, 'e') || self.is(i, 'E') {
            let mut k = i + 1;
            if self.is(k, '-') || self.is(k, '+') {
                k += 1;
            }
            if digit(k) {
                real = true;
                while digit(k) {
                    k += 1;
                }
                i = k;
            }
        }
        let custom = if real { self.parse_float } else { self.parse_int };
        if let Some(f) = custom {
            let text = Value::from_ref(Str::substring(cx, self.s, start, i));
            return Ok((call(cx, f, &[text])?, i));
        }
        let text: String = (start..i).map(|k| self.d.get(k) as u8 as char).collect();
        let v = if real {
            float::constructed(cx, text.parse::<f64>().expect("a JSON number is a Rust number"))
        } else if text.len() < 15 {
            Value::small(text.parse::<i64>().expect("fourteen digits"))
        } else {
            let big = int::parse_bytes(cx, text.as_bytes(), 10)?;
            int::from_big(cx, &big)
        };
        Ok((v, i))
    }
}

#[pymethods]
impl Scanner {
    #[slot(sig = "(cls, context)")]
    fn __new__(cx: &Thread, cls: &Type, context: Value) -> Res {
        let s = Scanner {
            head: fresh_head(),
            strict: Slot::empty(),
            object_hook: Slot::empty(),
            object_pairs_hook: Slot::empty(),
            parse_float: Slot::empty(),
            parse_int: Slot::empty(),
            parse_constant: Slot::empty(),
        };
        let strict = get_attr(cx, context, id!(cx, "strict"))?;
        let strict = py_bool(is_true(cx, strict)?);
        let hook = get_attr(cx, context, id!(cx, "object_hook"))?;
        let pairs = get_attr(cx, context, id!(cx, "object_pairs_hook"))?;
        let f = get_attr(cx, context, id!(cx, "parse_float"))?;
        let i = get_attr(cx, context, id!(cx, "parse_int"))?;
        let c = get_attr(cx, context, id!(cx, "parse_constant"))?;
        s.strict.init(Some(strict));
        s.object_hook.init(Some(hook));
        s.object_pairs_hook.init(Some(pairs));
        s.parse_float.init(Some(f));
        s.parse_int.init(Some(i));
        s.parse_constant.init(Some(c));
        Ok(Value::from_ref(cx.alloc_in(cls, s)))
    }

    #[slot(sig = "(self, string, idx)")]
    fn __call__(cx: &Thread, this: &Scanner, string: Value, idx: isize) -> Res {
        let Some(s) = string.downcast::<Str>() else {
            raise!(cx, TypeError, "first argument must be a string, not {}", string.ty().name());
        };
        if idx < 0 {
            raise!(cx, ValueError, "idx cannot be negative");
        }
        let given = |v: Value| if v.is_none() { None } else { Some(v) };
        let plain = |v: Value, t: &Type| if v == Value::from_ref(t) { None } else { Some(v) };
        let scan = Scan {
            cx,
            s,
            d: s.data(),
            strict: this.strict.value() == py_bool(true),
            object_hook: given(this.object_hook.value()),
            pairs_hook: given(this.object_pairs_hook.value()),
            parse_float: plain(this.parse_float.value(), float::float_type()),
            parse_int: plain(this.parse_int.value(), int::int_type()),
            parse_constant: this.parse_constant.value(),
            memo: Dict::new(cx),
        };
        let (v, at) = scan.term(idx as usize)?;
        Ok(Value::from_ref(Tuple::pair(cx, v, Value::small(at as i64))))
    }

    /// Are control characters refused?
    #[getter]
    fn strict(_cx: &Thread, this: &Scanner) -> Value {
        this.strict.value()
    }

    #[getter]
    fn object_hook(_cx: &Thread, this: &Scanner) -> Value {
        this.object_hook.value()
    }

    #[getter]
    fn object_pairs_hook(_cx: &Thread, this: &Scanner) -> Value {
        this.object_pairs_hook.value()
    }

    #[getter]
    fn parse_float(_cx: &Thread, this: &Scanner) -> Value {
        this.parse_float.value()
    }

    #[getter]
    fn parse_int(_cx: &Thread, this: &Scanner) -> Value {
        this.parse_int.value()
    }

    #[getter]
    fn parse_constant(_cx: &Thread, this: &Scanner) -> Value {
        this.parse_constant.value()
    }
}
