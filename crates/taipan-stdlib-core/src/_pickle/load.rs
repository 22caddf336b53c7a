//! `Loader`: one run of unpickling, with its stack and marks. This file has the loop over the opcodes and
//! those that push something new; what works on objects is in `build`.

use super::build::no_persistent_load;
use super::input::Source;
use super::memo::Loaded;
use super::unpickler::Unpickler;
use super::{HIGHEST_PROTOCOL, UNPICKLING_ERROR, op, unpickling_error};
use std::sync::atomic::Ordering;
use taipan_numtext::bigint::{self, ByteOrder};
use taipan_vm::codecs::{self, escapes, utf8};
use taipan_vm::objects::set::Set;
use taipan_vm::objects::{float, int, memoryview};
use taipan_vm::prelude::*;

pub struct Loader<'a> {
    pub cx: &'a Thread,
    pub source: Source,
    pub memo: &'static Loaded,
    pub stack: GcVec<Value>,
    marks: Vec<usize>,
    /// The topmost mark or 0: what lies below is not to be touched.
    pub fence: usize,
    pub encoding: Option<&'static Str>,
    pub errors: Option<&'static Str>,
    pub buffers: Option<Value>,
    pub persistent_load: Option<Value>,
    pub fix_imports: bool,
    pub proto: u8,
    /// The object whose `find_class` is asked; none in `loads`.
    pub unpickler: Option<&'static Unpickler>,
}

/// An unsigned number of up to eight bytes.
fn unsigned(bytes: &[u8]) -> u64 {
    bytes.iter().rev().fold(0, |n, b| n << 8 | *b as u64)
}

/// A number of bytes as opcodes give it: unsigned in one or two bytes, signed in four.
fn signed(bytes: &[u8]) -> i64 {
    let n = unsigned(bytes);
    if bytes.len() == 4 { n as u32 as i32 as i64 } else { n as i64 }
}

/// A line as a C string: up to its first NUL.
fn c_string(line: &[u8]) -> &[u8] {
    &line[..line.iter().position(|b| *b == 0).unwrap_or(line.len())]
}

impl<'a> Loader<'a> {
    pub fn new(cx: &'a Thread, memo: &'static Loaded) -> Loader<'a> {
        Loader {
            cx,
            source: Source::empty(),
            memo,
            stack: GcVec::with_capacity(32),
            marks: Vec::new(),
            fence: 0,
            encoding: None,
            errors: None,
            buffers: None,
            persistent_load: None,
            fix_imports: true,
            proto: 0,
            unpickler: None,
        }
    }

    pub fn set_text(
        &mut self,
        encoding: Option<&'static Str>,
        errors: Option<&'static Str>,
    ) -> Res<()> {
        self.encoding = encoding;
        self.errors = errors;
        Ok(())
    }

    pub fn set_buffers(&mut self, buffers: Option<Value>) -> Res<()> {
        self.buffers = match buffers {
            Some(b) if !b.is_none() => Some(iter(self.cx, b)?),
            _ => None,
        };
        Ok(())
    }

    /// Reads one pickle and gives its object.
    pub fn load(&mut self) -> Res {
        let cx = self.cx;
        loop {
            cx.poll()?;
            let op = match self.source.byte(cx) {
                Ok(op) => op,
                Err(e) if e.is(UNPICKLING_ERROR.class().as_type_unchecked()) => {
                    raise!(cx, EOFError, "Ran out of input")
                }
                Err(e) => return Err(e),
            };
            if op == op::STOP {
                break;
            }
            self.step(op)?;
        }
        self.source.skip_consumed(cx)?;
        self.pop()
    }

    #[inline(always)]
    fn push(&mut self, v: Value) -> Res<()> {
        self.stack.push(v);
        Ok(())
    }

    #[inline(always)]
    pub fn pop(&mut self) -> Res {
        match self.stack.len() > self.fence {
            true => self.stack.pop().ok_or_else(|| self.underflow()),
            false => Err(self.underflow()),
        }
    }

    /// The topmost value, which stays.
    #[inline(always)]
    pub fn top(&self) -> Res {
        match self.stack.last() {
            Some(v) if self.stack.len() > self.fence => Ok(*v),
            _ => Err(self.underflow()),
        }
    }

    #[cold]
    pub fn underflow(&self) -> Raised {
        if self.marks.is_empty() {
            unpickling_error!(self.cx, "unpickling stack underflow")
        } else {
            unpickling_error!(self.cx, "unexpected MARK found")
        }
    }

    /// Takes the topmost mark.
    #[inline(always)]
    pub fn marker(&mut self) -> Res<usize> {
        match self.marks.pop() {
            Some(m) => {
                self.fence = self.marks.last().copied().unwrap_or(0);
                Ok(m)
            }
            None => Err(unpickling_error!(self.cx, "could not find MARK")),
        }
    }

    /// Takes what lies from `start` on, as a tuple.
    #[inline(always)]
    pub fn pop_tuple(&mut self, start: usize) -> Res<&'static Tuple> {
        if start < self.fence {
            return Err(self.underflow());
        }
        let t = Tuple::from_slice(self.cx, &self.stack[start..]);
        self.stack.truncate(start);
        Ok(t)
    }

    #[inline(always)]
    fn step(&mut self, op: u8) -> Res<()> {
        let cx = self.cx;
        match op {
            op::BININT1 => {
                let b = self.source.byte(cx)?;
                self.push(Value::small(b as i64))
            }
            op::BININT2 => {
                let n = u16::from_le_bytes(self.source.array(cx)?);
                self.push(Value::small(n as i64))
            }
            op::BININT => {
                let n = i32::from_le_bytes(self.source.array(cx)?);
                self.push(Value::small(n as i64))
            }
            op::BINFLOAT => {
                let x = f64::from_be_bytes(self.source.array(cx)?);
                self.push(float::constructed(cx, x))
            }
            op::NONE => self.push(none()),
            op::NEWTRUE => self.push(py_bool(true)),
            op::NEWFALSE => self.push(py_bool(false)),
            op::SHORT_BINUNICODE => {
                let n = self.source.byte(cx)? as usize;
                self.text(n)
            }
            op::BINUNICODE => {
                let n = u32::from_le_bytes(self.source.array(cx)?);
                self.text(n as usize)
            }
            op::MEMOIZE => {
                let v = self.top()?;
                self.memo.add(cx, v)
            }
            op::BINGET => {
                let i = self.source.byte(cx)?;
                self.recall(i as usize)
            }
            op::LONG_BINGET => {
                let i = u32::from_le_bytes(self.source.array(cx)?);
                self.recall(i as usize)
            }
            op::BINPUT => {
                let i = self.source.byte(cx)?;
                let v = self.top()?;
                self.memo.put(cx, i as usize, v)
            }
            op::LONG_BINPUT => {
                let i = u32::from_le_bytes(self.source.array(cx)?);
                let v = self.top()?;
                self.memo.put(cx, i as usize, v)
            }
            op::MARK => {
                self.fence = self.stack.len();
                self.marks.push(self.fence);
                Ok(())
            }
            op::EMPTY_TUPLE => self.push(Value::from_ref(Tuple::empty(cx))),
            op::TUPLE1 => self.counted_tuple(1),
            op::TUPLE2 => self.counted_tuple(2),
            op::TUPLE3 => self.counted_tuple(3),
            op::TUPLE => {
                let at = self.marker()?;
                let t = self.pop_tuple(at)?;
                self.push(Value::from_ref(t))
            }
            op::EMPTY_LIST => self.push(Value::from_ref(List::new(cx))),
            op::EMPTY_DICT => self.push(Value::from_ref(Dict::new(cx))),
            op::APPEND => self.append_one(),
            op::APPENDS => {
                let at = self.marker()?;
                self.append(at)
            }
            op::SETITEM => match self.stack.len().checked_sub(2) {
                Some(at) => self.set_items(at),
                None => Err(self.underflow()),
            },
            op::SETITEMS => {
                let at = self.marker()?;
                self.set_items(at)
            }
            op::BUILD => self.build(),
            op::NEWOBJ => self.newobj(false),
            op::REDUCE => self.reduce(),
            _ => self.rare(op),
        }
    }

    /// The opcodes that are not in every pickle.
    #[inline(never)]
    fn rare(&mut self, op: u8) -> Res<()> {
        let cx = self.cx;
        match op {
            op::PROTO => {
                let p = self.source.byte(cx)?;
                if p as i64 > HIGHEST_PROTOCOL {
                    raise!(cx, ValueError, "unsupported pickle protocol: {p}");
                }
                self.proto = p;
                if let Some(u) = self.unpickler {
                    u.proto.store(p, Ordering::Relaxed);
                }
                Ok(())
            }
            op::FRAME => {
                let n = self.length::<8>("FRAME length exceeds system's maximum of")?;
                self.source.take(cx, n)?;
                self.source.back(n);
                Ok(())
            }
            op::STACK_GLOBAL => self.stack_global(),
            op::GLOBAL => self.global(),
            op::NEWOBJ_EX => self.newobj(true),
            op::EMPTY_SET => self.push(Value::from_ref(Set::new(cx))),
            op::ADDITEMS => self.add_items(),
            op::FROZENSET => self.frozenset(),
            op::LONG1 => self.counted_long::<1>(),
            op::LONG4 => self.counted_long::<4>(),
            op::BINUNICODE8 => {
                let n = self.length::<8>("BINUNICODE exceeds system's maximum size of")?;
                self.text(n)
            }
            op::SHORT_BINBYTES => self.binbytes::<1>(),
            op::BINBYTES => self.binbytes::<4>(),
            op::BINBYTES8 => self.binbytes::<8>(),
            op::BYTEARRAY8 => {
                let n = self.length::<8>("BYTEARRAY8 exceeds system's maximum size of")?;
                let b = self.source.take_mutable(cx, n)?;
                self.push(Value::from_ref(b))
            }
            op::NEXT_BUFFER => self.next_buffer(),
            op::READONLY_BUFFER => self.readonly_buffer(),
            op::SHORT_BINSTRING => self.binstring::<1>(),
            op::BINSTRING => self.binstring::<4>(),
            op::STRING => self.string(),
            op::UNICODE => {
                let line = self.source.line(cx)?;
                let data = &line[..line.len() - 1];
                let (s, _) = escapes::raw_decode(cx, data, None, true)?;
                self.push(Value::from_ref(s))
            }
            op::INT => self.int_line(),
            op::LONG => self.long_line(),
            op::FLOAT => self.float_line(),
            op::LIST => {
                let at = self.marker()?;
                let l = List::from_slice(cx, &self.stack[at..]);
                self.stack.truncate(at);
                self.push(Value::from_ref(l))
            }
            op::DICT => self.dict(),
            op::OBJ => self.obj(),
            op::INST => self.inst(),
            op::DUP => {
                let v = self.top()?;
                self.push(v)
            }
            op::POP => self.drop_one(),
            op::POP_MARK => {
                let at = self.marker()?;
                self.stack.truncate(at);
                Ok(())
            }
            op::GET => {
                let i = self.number_line()?;
                match usize::try_from(i) {
                    Ok(i) => self.recall(i),
                    Err(_) => Err(self.unknown(i)),
                }
            }
            op::PUT => {
                let line = self.source.full_line(cx)?;
                let v = self.top()?;
                let Ok(i) = usize::try_from(self.number(line)?) else {
                    raise!(cx, ValueError, "negative PUT argument");
                };
                self.memo.put(cx, i, v)
            }
            op::PERSID => self.persid_line(),
            op::BINPERSID => {
                let pid = self.pop()?;
                self.persistent(pid)
            }
            op::EXT1 => self.extension::<1>(),
            op::EXT2 => self.extension::<2>(),
            op::EXT4 => self.extension::<4>(),
            c @ 0x20..=0x7E if c != b'\'' && c != b'\\' => {
                Err(unpickling_error!(cx, "invalid load key, '{}'.", c as char))
            }
            c => Err(unpickling_error!(cx, "invalid load key, '\\x{c:02x}'.")),
        }
    }

    /// A length in N bytes.
    fn length<const N: usize>(&mut self, complaint: &str) -> Res<usize> {
        let n = unsigned(&self.source.array::<N>(self.cx)?);
        if n > isize::MAX as u64 {
            raise!(self.cx, OverflowError, "{complaint} {} bytes", isize::MAX);
        }
        Ok(n as usize)
    }

    #[inline(always)]
    fn text(&mut self, n: usize) -> Res<()> {
        let cx = self.cx;
        let data = self.source.take(cx, n)?;
        let s = if n < 1024 && data.is_ascii() {
            Str::from_ascii(cx, data)
        } else {
            utf8::decode(cx, data, Some(id!(cx, "surrogatepass")), true)?.0
        };
        self.push(Value::from_ref(s))
    }

    #[inline(always)]
    fn recall(&mut self, i: usize) -> Res<()> {
        match self.memo.get(self.cx, i)? {
            Some(v) => self.push(v),
            None => Err(self.unknown(i as i64)),
        }
    }

    #[cold]
    fn unknown(&self, i: i64) -> Raised {
        unpickling_error!(self.cx, "Memo value not found at index {i}")
    }

    #[inline(always)]
    fn counted_tuple(&mut self, n: usize) -> Res<()> {
        match self.stack.len().checked_sub(n) {
            Some(start) => {
                let t = self.pop_tuple(start)?;
                self.push(Value::from_ref(t))
            }
            None => Err(self.underflow()),
        }
    }

    fn drop_one(&mut self) -> Res<()> {
        // Marks and values are two stacks here; a mark on top is what goes.
        if self.marks.last() == Some(&self.stack.len()) {
            self.marker()?;
            return Ok(());
        }
        self.pop()?;
        Ok(())
    }

    fn counted_long<const N: usize>(&mut self) -> Res<()> {
        let cx = self.cx;
        let n = signed(&self.source.array::<N>(cx)?);
        let Ok(n) = usize::try_from(n) else {
            return Err(unpickling_error!(cx, "LONG pickle has negative byte count"));
        };
        let data = self.source.take(cx, n)?;
        let v = match *data {
            [] => Value::small(0),
            [.., last] if n <= 8 => {
                let mut b = [if last & 0x80 != 0 { 0xFF } else { 0 }; 8];
                b[..n].copy_from_slice(data);
                int::from_i64(cx, i64::from_le_bytes(b))
            }
            _ => {
                let i = cx.plain(n, || bigint::from_bytes(data, ByteOrder::Little, true));
                int::from_big(cx, &i)
            }
        };
        self.push(v)
    }

    fn binbytes<const N: usize>(&mut self) -> Res<()> {
        let n = self.length::<N>("BINBYTES exceeds system's maximum size of")?;
        let b = self.source.take_bytes(self.cx, n)?;
        self.push(b)
    }

    fn next_buffer(&mut self) -> Res<()> {
        let cx = self.cx;
        let Some(buffers) = self.buffers else {
            return Err(unpickling_error!(
                cx,
                "pickle stream refers to out-of-band data but no *buffers* argument was given"
            ));
        };
        match iter_next(cx, buffers)? {
            Some(b) => self.push(b),
            None => Err(unpickling_error!(cx, "not enough out-of-band buffers")),
        }
    }

    fn readonly_buffer(&mut self) -> Res<()> {
        let cx = self.cx;
        let view = memoryview::from_object(cx, self.top()?)?;
        let readonly = get_attr(cx, view, id!(cx, "readonly"))?;
        if !is_true(cx, readonly)? {
            let view = call_method(cx, view, id!(cx, "toreadonly"), &[])?;
            self.stack.pop();
            self.push(view)?;
        }
        Ok(())
    }

    /// An 8-bit string of Python 2.
    fn old_string(&mut self, data: &[u8]) -> Res<()> {
        let cx = self.cx;
        let bytes = Value::from_ref(Bytes::new(cx, data));
        let encoding = self.encoding.unwrap_or_else(|| id!(cx, "ASCII"));
        if encoding.eq_str("bytes") {
            return self.push(bytes);
        }
        let s = codecs::decode_bytes(cx, bytes, data, Some(encoding), self.errors)?;
        self.push(s)
    }

    fn binstring<const N: usize>(&mut self) -> Res<()> {
        let n = signed(&self.source.array::<N>(self.cx)?);
        let Ok(n) = usize::try_from(n) else {
            return Err(unpickling_error!(self.cx, "BINSTRING pickle has negative byte count"));
        };
        let data = self.source.take(self.cx, n)?;
        self.old_string(data)
    }

    fn string(&mut self) -> Res<()> {
        let line = self.source.line(self.cx)?;
        let data = match &line[..line.len() - 1] {
            [a @ (b'\'' | b'"'), inner @ .., b] if a == b => inner,
            _ => {
                return Err(unpickling_error!(
                    self.cx,
                    "the STRING opcode argument must be quoted"
                ));
            }
        };
        let data = escapes::bytes_decode(self.cx, data, None)?;
        self.old_string(&data)
    }

    fn int_line(&mut self) -> Res<()> {
        let cx = self.cx;
        let line = self.source.full_line(cx)?;
        let text = c_string(line);
        let v = match c_long(text) {
            Some(x @ (0 | 1)) if line.len() == 3 => py_bool(x == 1),
            Some(x) => int::from_i64(cx, x),
            None => match int::parse_bytes(cx, text, 0) {
                Ok(i) => int::from_big(cx, &i),
                Err(_) => raise!(cx, ValueError, "could not convert string to int"),
            },
        };
        self.push(v)
    }

    fn long_line(&mut self) -> Res<()> {
        let cx = self.cx;
        let line = self.source.full_line(cx)?;
        let cut = if line[line.len() - 2] == b'L' { &line[..line.len() - 2] } else { line };
        let i = self.parse_int(c_string(cut), 0)?;
        self.push(int::from_big(cx, &i))
    }

    fn float_line(&mut self) -> Res<()> {
        let cx = self.cx;
        let line = self.source.full_line(cx)?;
        let whole = c_string(line);
        let shown = || String::from_utf8_lossy(&whole[..whole.len().min(200)]).into_owned();
        let text = whole.strip_suffix(b"\n").unwrap_or(whole);
        let plain = text.iter().all(|b| !b.is_ascii_whitespace() && *b != b'_' && *b != 0x0B);
        let Some(x) = taipan_numtext::float::parse(text).filter(|_| plain) else {
            if starts_as_float(text) {
                raise!(cx, ValueError, "could not convert string to float");
            }
            raise!(cx, ValueError, "could not convert string to float: '{}'", shown());
        };
        if x.is_infinite() && text.iter().any(u8::is_ascii_digit) {
            raise!(cx, OverflowError, "value too large to convert to float: '{}'", shown());
        }
        self.push(float::constructed(cx, x))
    }

    /// An int from text (`PyLong_FromString`).
    fn parse_int(&self, text: &[u8], base: u32) -> Res<bigint::Int> {
        let cx = self.cx;
        int::parse_bytes(cx, text, base).or_else(|e| {
            // What `int()` says of bytes is said of their text here, with the base that they ask for.
            let shown = Bytes::new(cx, &text[..text.len().min(200)]);
            let shown = codecs::decode_bytes(
                cx,
                Value::from_ref(shown),
                shown.as_slice(),
                Some(id!(cx, "utf-8")),
                None,
            )?;
            if !to_str(cx, e.0)?.to_str_lossy().starts_with("invalid literal") {
                return Err(e);
            }
            let start = text.trim_ascii_start();
            let base = match start.strip_prefix(b"+").or(start.strip_prefix(b"-")).unwrap_or(start)
            {
                _ if base != 0 => base,
                [b'0', b'x' | b'X', ..] => 16,
                [b'0', b'o' | b'O', ..] => 8,
                [b'0', b'b' | b'B', ..] => 2,
                [b'0', ..] => 0,
                _ => 10,
            };
            let shown: String = repr(cx, shown)?.to_str_lossy().chars().take(200).collect();
            raise!(cx, ValueError, "invalid literal for int() with base {base}: {shown}")
        })
    }

    /// The number in a line, as `GET` and `PUT` have it.
    fn number(&self, line: &[u8]) -> Res<i64> {
        let i = self.parse_int(c_string(line), 10)?;
        match i.to_i64() {
            Some(i) => Ok(i),
            None => raise!(self.cx, OverflowError, "Python int too large to convert to C ssize_t"),
        }
    }

    fn number_line(&mut self) -> Res<i64> {
        let line = self.source.full_line(self.cx)?;
        self.number(line)
    }

    fn persid_line(&mut self) -> Res<()> {
        let cx = self.cx;
        let line = self.source.line(cx)?;
        let data = &line[..line.len() - 1];
        if !data.is_ascii() {
            return Err(unpickling_error!(
                cx,
                "persistent IDs in protocol 0 must be ASCII strings"
            ));
        }
        let pid = Str::from_ascii(cx, data);
        self.persistent(Value::from_ref(pid))
    }

    fn persistent(&mut self, pid: Value) -> Res<()> {
        let Some(f) = self.persistent_load else { return Err(no_persistent_load(self.cx)) };
        let v = call(self.cx, f, &[pid])?;
        self.push(v)
    }
}

/// Whether C's `strtod` makes something of the beginning.
fn starts_as_float(text: &[u8]) -> bool {
    let t = match text {
        [b'-' | b'+', rest @ ..] => rest,
        _ => text,
    };
    let word = |w: &[u8]| t.len() >= w.len() && t[..w.len()].eq_ignore_ascii_case(w);
    match t {
        [b'0'..=b'9', ..] | [b'.', b'0'..=b'9', ..] => true,
        _ => word(b"inf") || word(b"nan"),
    }
}

/// What C's `strtol` with base 0 makes of the whole text, which may end with a newline.
fn c_long(text: &[u8]) -> Option<i64> {
    let t = text.strip_suffix(b"\n").unwrap_or(text);
    let space = |b: &u8| b.is_ascii_whitespace() || *b == 0x0B;
    if t.is_empty() {
        return Some(0);
    }
    let t = &t[t.iter().position(|b| !space(b))?..];
    let (negative, t) = match t {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        _ => (false, t),
    };
    let (base, t) = match t {
        [b'0', b'x' | b'X', rest @ ..] => (16, rest),
        [b'0', _, ..] => (8, t),
        _ => (10, t),
    };
    if t.is_empty() {
        return None;
    }
    let n = t.iter().try_fold(0i128, |n, b| {
        let d = (*b as char).to_digit(base)?;
        n.checked_mul(base as i128)?.checked_add(d as i128)
    })?;
    i64::try_from(if negative { -n } else { n }).ok()
}
