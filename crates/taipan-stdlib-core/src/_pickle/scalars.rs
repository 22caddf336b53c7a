//! Writing what has no parts: numbers, text, bytes and buffers.

use super::buffer::PickleBuffer;
use super::save::Saver;
use super::{op, pickling_error, state};
use taipan_numtext::bigint::{self, ByteOrder};
use taipan_vm::objects::bytearray::ByteArray;
use taipan_vm::objects::{float, int};
use taipan_vm::prelude::*;

/// The shortest of three headers with a length that says how many bytes follow.
fn header(op: [u8; 3], n: usize) -> ([u8; 9], usize) {
    let mut h = [0; 9];
    if n <= 0xFF && op[0] != 0 {
        h[0] = op[0];
        h[1] = n as u8;
        return (h, 2);
    }
    h[1..9].copy_from_slice(&(n as u64).to_le_bytes());
    if n <= u32::MAX as usize && op[1] != 0 {
        h[0] = op[1];
        return (h, 5);
    }
    h[0] = op[2];
    (h, 9)
}

impl Saver<'_> {
    pub fn save_bool(&mut self, b: bool) -> Res<()> {
        match (self.proto >= 2, b) {
            (true, true) => self.put(&[op::NEWTRUE]),
            (true, false) => self.put(&[op::NEWFALSE]),
            (false, true) => self.put(b"I01\n"),
            (false, false) => self.put(b"I00\n"),
        }
    }

    /// An int of a word.
    #[inline(always)]
    pub fn save_small(&mut self, i: i64) -> Res<()> {
        let Ok(n) = i32::try_from(i) else { return self.save_wide(i) };
        if !self.bin {
            self.put(&[op::INT])?;
            self.put(n.to_string().as_bytes())?;
            return self.put(b"\n");
        }
        let [a, b, c, d] = n.to_le_bytes();
        if c != 0 || d != 0 {
            self.put(&[op::BININT, a, b, c, d])
        } else if b != 0 {
            self.put(&[op::BININT2, a, b])
        } else {
            self.put(&[op::BININT1, a])
        }
    }

    /// An int of more than four bytes.
    #[inline(never)]
    fn save_wide(&mut self, i: i64) -> Res<()> {
        if self.proto < 2 {
            self.put(&[op::LONG])?;
            self.put(i.to_string().as_bytes())?;
            return self.put(b"L\n");
        }
        let same = if i < 0 { (!i).leading_zeros() } else { i.leading_zeros() };
        // One bit more for the sign.
        let n = (64 - same as usize) / 8 + 1;
        self.put(&[op::LONG1, n as u8])?;
        self.put(&i.to_le_bytes()[..n.min(8)])
    }

    /// An int object.
    #[inline(never)]
    pub fn save_long(&mut self, obj: Value) -> Res<()> {
        if let Some(i) = int::to_i64(obj) {
            return match i32::try_from(i) {
                Ok(_) => self.save_small(i),
                Err(_) => self.save_wide(i),
            };
        }
        let cx = self.cx;
        if self.proto < 2 {
            let text = int::decimal_text(cx, obj)?;
            self.put(&[op::LONG])?;
            self.put(text.as_bytes())?;
            return self.put(b"L\n");
        }
        let digits = int::digits_of(obj);
        let n = (bigint::bit_length(digits.get()) / 8 + 1) as usize;
        if n > i32::MAX as usize {
            raise!(cx, OverflowError, "int too large to pickle");
        }
        let bytes = int::on_digits(cx, digits.get(), digits.get(), |a, _| {
            bigint::to_bytes(a, n, ByteOrder::Little, true)
        });
        let Ok(mut bytes) = bytes else {
            raise!(cx, OverflowError, "int too large to pickle");
        };
        if let [.., before, 0xFF] = bytes[..]
            && digits.get().negative
            && before & 0x80 != 0
        {
            bytes.pop();
        }
        match u8::try_from(bytes.len()) {
            Ok(n) => self.put(&[op::LONG1, n])?,
            Err(_) => {
                let [a, b, c, d] = (bytes.len() as u32).to_le_bytes();
                self.put(&[op::LONG4, a, b, c, d])?;
            }
        }
        self.put(&bytes)
    }

    #[inline(always)]
    pub fn save_float(&mut self, x: f64) -> Res<()> {
        if !self.bin {
            self.put(&[op::FLOAT])?;
            self.put(float::repr_text(x).as_bytes())?;
            return self.put(b"\n");
        }
        let mut data = [op::BINFLOAT; 9];
        data[1..].copy_from_slice(&x.to_be_bytes());
        self.put(&data)
    }

    #[inline(always)]
    pub fn save_str(&mut self, s: &'static Str) -> Res<()> {
        match s.as_ascii() {
            Some(t) if self.proto >= 4 && t.len() <= 0xFF => {
                self.put(&[op::SHORT_BINUNICODE, t.len() as u8])?;
                self.put(t.as_bytes())?;
            }
            _ => self.save_text(s)?,
        }
        self.memoize(Value::from_ref(s))
    }

    #[inline(never)]
    fn save_text(&mut self, s: &'static Str) -> Res<()> {
        if !self.bin {
            self.put(&[op::UNICODE])?;
            self.put_escaped(s)?;
            return self.put(b"\n");
        }
        let owned;
        let data = match s.as_ascii() {
            Some(t) => t.as_bytes(),
            None => {
                owned = s.to_wtf8();
                &owned[..]
            }
        };
        if data.len() > u32::MAX as usize && self.proto < 4 {
            raise!(
                self.cx,
                OverflowError,
                "serializing a string larger than 4 GiB requires pickle protocol 4 or higher"
            );
        }
        let short = if self.proto >= 4 { op::SHORT_BINUNICODE } else { 0 };
        let (h, n) = header([short, op::BINUNICODE, op::BINUNICODE8], data.len());
        self.put_payload(&h[..n], data, None)
    }

    /// In the raw-unicode-escape encoding, with the characters that would end or spoil the line
    /// escaped too.
    fn put_escaped(&mut self, s: &Str) -> Res<()> {
        for (i, c) in s.chars().enumerate() {
            if i & 0xFFF == 0xFFF {
                self.cx.poll()?;
            }
            match c {
                0 | 0x0A | 0x0D | 0x1A | 0x5C | 0x100..=0xFFFF => {
                    self.put(format!("\\u{c:04x}").as_bytes())?;
                }
                0x10000.. => self.put(format!("\\U{c:08x}").as_bytes())?,
                _ => self.put(&[c as u8])?,
            }
        }
        Ok(())
    }

    pub fn save_bytes(&mut self, b: &'static Bytes) -> Res<()> {
        let (cx, obj) = (self.cx, Value::from_ref(b));
        if self.proto >= 3 {
            return self.save_data(b.as_slice(), obj, Some(obj));
        }
        // Python 2 makes a str of this, Python 3 bytes.
        let (f, args) = if b.is_empty() {
            (Value::from_ref(Bytes::type_object()), Tuple::empty(cx))
        } else {
            let text = Value::from_ref(Str::from_latin1(cx, b.as_slice()));
            let args = Tuple::pair(cx, text, Value::from_ref(id!(cx, "latin1")));
            (state().codecs_encode.value(), args)
        };
        self.save_reduced(Tuple::pair(cx, f, Value::from_ref(args)), Some(obj))
    }

    /// Bytes, of a bytes object or of a buffer that cannot be written to.
    fn save_data(&mut self, data: &[u8], obj: Value, payload: Option<Value>) -> Res<()> {
        if data.len() > u32::MAX as usize && self.proto < 4 {
            raise!(
                self.cx,
                OverflowError,
                "serializing a bytes object larger than 4 GiB requires pickle protocol 4 or higher"
            );
        }
        let (h, n) = header([op::SHORT_BINBYTES, op::BINBYTES, op::BINBYTES8], data.len());
        self.put_payload(&h[..n], data, payload)?;
        self.memoize(obj)
    }

    pub fn save_bytearray(&mut self, b: &'static ByteArray) -> Res<()> {
        let (cx, obj) = (self.cx, Value::from_ref(b));
        if self.proto >= 5 {
            return self.save_mutable(&b.to_vec(), obj);
        }
        let args =
            if b.is_empty() { Tuple::empty(cx) } else { Tuple::from_slice(cx, &[b.as_bytes(cx)?]) };
        let f = Value::from_ref(ByteArray::type_object());
        self.save_reduced(Tuple::pair(cx, f, Value::from_ref(args)), Some(obj))
    }

    fn save_mutable(&mut self, data: &[u8], obj: Value) -> Res<()> {
        let (h, n) = header([0, 0, op::BYTEARRAY8], data.len());
        self.put_payload(&h[..n], data, None)?;
        self.memoize(obj)
    }

    pub fn save_buffer(&mut self, obj: Value) -> Res<()> {
        let cx = self.cx;
        if self.proto < 5 {
            return Err(pickling_error!(cx, "PickleBuffer can only be pickled with protocol >= 5"));
        }
        let buffer = obj.downcast_exact::<PickleBuffer>().expect("the caller has looked");
        let (contiguous, readonly) = buffer.layout(cx)?;
        if !contiguous {
            return Err(pickling_error!(
                cx,
                "PickleBuffer can not be pickled when pointing to a non-contiguous buffer"
            ));
        }
        let in_band = match self.buffer_callback {
            Some(f) => {
                let r = call(cx, f, &[obj])?;
                is_true(cx, r)?
            }
            None => true,
        };
        match (in_band, readonly) {
            (true, true) => self.save_data(&buffer.copied(cx)?, obj, None),
            (true, false) => self.save_mutable(&buffer.copied(cx)?, obj),
            (false, true) => self.put(&[op::NEXT_BUFFER, op::READONLY_BUFFER]),
            (false, false) => self.put(&[op::NEXT_BUFFER]),
        }
    }
}
