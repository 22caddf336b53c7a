//! Universal newlines: `IncrementalNewlineDecoder`, and the translation that text streams share.

use crate::guarded::Guarded;
use taipan_vm::objects::object::Object;
use taipan_vm::prelude::*;
use taipan_vm::types::alloc::fresh_head;

pub const SEEN_CR: u8 = 1;
pub const SEEN_LF: u8 = 2;
pub const SEEN_CRLF: u8 = 4;

/// The state of one translation: a carriage return held back, and the newlines met.
#[derive(Clone, Copy, Default)]
pub struct Newlines {
    pub pending_cr: bool,
    pub seen: u8,
    pub translate: bool,
}

const CR: u32 = 13;
const LF: u32 = 10;

impl Newlines {
    /// Decodes one chunk of characters: joins a held-back CR, notes and translates newlines.
    pub fn feed(&mut self, cx: &Thread, s: &'static Str, last: bool) -> &'static Str {
        let simple = match s.as_ascii() {
            Some(a) => super::bytesio::memchr(b'\r', a.as_bytes()).is_none(),
            None => !through(s, || s.chars().any(|c| c == CR)),
        };
        if simple && !self.pending_cr {
            if self.seen & SEEN_LF == 0 && has_lf(s) {
                self.seen |= SEEN_LF;
            }
            return s;
        }
        let out = through(s, || self.translated(s, last));
        Str::from_ucs4(cx, &out)
    }

    fn translated(&mut self, s: &Str, last: bool) -> Vec<u32> {
        let mut chars: Vec<u32> = Vec::with_capacity(s.len() + 1);
        if self.pending_cr && (last || s.len() > 0) {
            chars.push(CR);
            self.pending_cr = false;
        }
        chars.extend(s.chars());
        if !last && chars.last() == Some(&CR) {
            chars.pop();
            self.pending_cr = true;
        }
        let mut out = Vec::with_capacity(chars.len());
        let mut i = 0;
        while i < chars.len() {
            match chars[i] {
                LF => {
                    self.seen |= SEEN_LF;
                    out.push(LF);
                }
                CR if chars.get(i + 1) == Some(&LF) => {
                    self.seen |= SEEN_CRLF;
                    i += 1;
                    if self.translate {
                        out.push(LF);
                    } else {
                        out.extend([CR, LF]);
                    }
                }
                CR => {
                    self.seen |= SEEN_CR;
                    out.push(if self.translate { LF } else { CR });
                }
                c => out.push(c),
            }
            i += 1;
        }
        out
    }

    /// The `newlines` attribute: None, a string or a tuple.
    pub fn value(&self, cx: &Thread) -> Value {
        let mut all: GcVec<Value> = GcVec::new();
        for (bit, s) in [(SEEN_CR, "\r"), (SEEN_LF, "\n"), (SEEN_CRLF, "\r\n")] {
            if self.seen & bit != 0 {
                all.push(Value::from_ref(Str::new(cx, s)));
            }
        }
        match all.len() {
            0 => none(),
            1 => all[0],
            _ => Value::from_ref(Tuple::from_slice(cx, &all)),
        }
    }
}

fn has_lf(s: &Str) -> bool {
    match s.as_ascii() {
        Some(a) => super::bytesio::memchr(b'\n', a.as_bytes()).is_some(),
        None => through(s, || s.chars().any(|c| c == LF)),
    }
}

/// Runs `f`, which reads the characters of `s` and writes to memory outside the heap only: as a blocking region
/// where they are many.
pub fn through<R>(s: &Str, f: impl FnOnce() -> R) -> R {
    // SAFETY: the text never changes, and the caller holds it.
    unsafe { taipan_heap::Mutator::here().plain(4 * s.len(), f) }
}

#[repr(C)]
pub struct IncrementalNewlineDecoder {
    pub head: Head,
    /// The decoder in front, or None for text input. Empty: `__init__` has not run.
    decoder: Slot,
    errors: Slot,
    state: Guarded<Newlines>,
}

taipan_vm::pytype! { IncrementalNewlineDecoder, PyIncrementalNewlineDecoder_Type,
name: "IncrementalNewlineDecoder", module: "_io", base: Object, flags: tpflags::BASETYPE,
dict: true, weakref: true,
doc: "IncrementalNewlineDecoder(decoder, translate, errors='strict')\n--\n\nDecodes newlines incrementally, after another decoder if one is given; remembers which kinds it met." }

impl IncrementalNewlineDecoder {
    fn decoder(cx: &Thread, this: &IncrementalNewlineDecoder) -> Res {
        match this.decoder.get() {
            Some(d) => Ok(d),
            None => {
                raise!(cx, ValueError, "IncrementalNewlineDecoder.__init__() not called")
            }
        }
    }
}

#[pymethods]
impl IncrementalNewlineDecoder {
    #[slot]
    fn __new__(cx: &Thread, cls: &Type, _args: &[Value], _kw: KwNames<'_>) -> Res {
        let d = IncrementalNewlineDecoder {
            head: fresh_head(),
            decoder: Slot::empty(),
            errors: Slot::empty(),
            state: Guarded::new(Newlines::default()),
        };
        let d = cx.alloc_in(cls, d);
        crate::free_guarded_on_drop!(cx, d, IncrementalNewlineDecoder, state);
        Ok(Value::from_ref(d))
    }

    #[slot(sig = "(self, decoder, translate, errors='strict')")]
    fn __init__(
        cx: &Thread,
        this: &IncrementalNewlineDecoder,
        decoder: Value,
        translate: bool,
        errors: Option<Value>,
    ) -> Res<()> {
        let errors = errors.unwrap_or(Value::from_ref(id!(cx, "strict")));
        this.decoder.set(this, decoder);
        this.errors.set(this, errors);
        let mut g = this.state.lock(cx, Value::from_ref(this))?;
        *g = Newlines { translate, ..Default::default() };
        Ok(())
    }

    #[pymethod(sig = "(self, input, final=False)")]
    fn decode(cx: &Thread, this: &IncrementalNewlineDecoder, input: Value, r#final: bool) -> Res {
        let d = IncrementalNewlineDecoder::decoder(cx, this)?;
        let text = match d.is_none() {
            true => input,
            false => call_method(cx, d, id!(cx, "decode"), &[input, py_bool(r#final)])?,
        };
        let Some(s) = text.downcast::<Str>() else {
            raise!(
                cx,
                TypeError,
                "decoder should return a string result, not '{}'",
                text.ty().name()
            );
        };
        let mut g = this.state.lock(cx, Value::from_ref(this))?;
        Ok(Value::from_ref(g.feed(cx, s, r#final)))
    }

    #[pymethod]
    fn getstate(cx: &Thread, this: &IncrementalNewlineDecoder) -> Res {
        let d = IncrementalNewlineDecoder::decoder(cx, this)?;
        let (buf, flag) = match d.is_none() {
            true => (Value::from_ref(Bytes::new(cx, b"")), Value::small(0)),
            false => {
                let st = call_method(cx, d, id!(cx, "getstate"), &[])?;
                match st.downcast::<Tuple>() {
                    Some(t) if t.len() == 2 => (t.get(0), t.get(1)),
                    _ => raise!(cx, TypeError, "illegal decoder state"),
                }
            }
        };
        let f = binary(cx, flag, Value::small(1), BinOp::LShift)?;
        let cr = this.state.lock(cx, Value::from_ref(this))?.pending_cr;
        let f = if cr { binary(cx, f, Value::small(1), BinOp::Or)? } else { f };
        Ok(Value::from_ref(Tuple::pair(cx, buf, f)))
    }

    #[pymethod]
    fn setstate(cx: &Thread, this: &IncrementalNewlineDecoder, state: Value) -> Res<()> {
        let d = IncrementalNewlineDecoder::decoder(cx, this)?;
        let Some(t) = state.downcast::<Tuple>() else {
            raise!(cx, TypeError, "state argument must be a tuple");
        };
        if t.len() != 2 || !taipan_vm::objects::int::is_int(t.get(1)) {
            raise!(cx, TypeError, "setstate(): illegal state argument");
        }
        let flag = int_to_i64(t.get(1)).unwrap_or(0);
        this.state.lock(cx, Value::from_ref(this))?.pending_cr = flag & 1 == 1;
        if !d.is_none() {
            let f = binary(cx, t.get(1), Value::small(1), BinOp::RShift)?;
            let inner = Value::from_ref(Tuple::pair(cx, t.get(0), f));
            call_method(cx, d, id!(cx, "setstate"), &[inner])?;
        }
        Ok(())
    }

    #[pymethod]
    fn reset(cx: &Thread, this: &IncrementalNewlineDecoder) -> Res<()> {
        let d = IncrementalNewlineDecoder::decoder(cx, this)?;
        {
            let mut g = this.state.lock(cx, Value::from_ref(this))?;
            g.seen = 0;
            g.pending_cr = false;
        }
        if !d.is_none() {
            call_method(cx, d, id!(cx, "reset"), &[])?;
        }
        Ok(())
    }

    #[getter]
    fn newlines(cx: &Thread, this: &IncrementalNewlineDecoder) -> Res {
        IncrementalNewlineDecoder::decoder(cx, this)?;
        Ok(this.state.lock(cx, Value::from_ref(this))?.value(cx))
    }
}
