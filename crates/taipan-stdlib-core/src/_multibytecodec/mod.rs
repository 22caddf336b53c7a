//! `_multibytecodec` and the modules that name its codecs (`_codecs_cn`, `_codecs_jp`, ...): Chinese, Japanese and Korean
//! encodings. Here is what Python sees; `engine.rs` encodes and decodes, `tables.rs` has the maps.

mod engine;
mod iso2022;
mod stream;
mod tables;

use engine::{Codec, Step};
use std::sync::atomic::{AtomicU64, Ordering};
use taipan_numtext::bigint::{self, ByteOrder};
use taipan_vm::buffer::ByteArg;
use taipan_vm::codecs::errors::{Decoder, Encoder, Replacement};
use taipan_vm::objects::int;
use taipan_vm::objects::object::Object;
use taipan_vm::prelude::*;
use taipan_vm::types::alloc::fresh_head;

/// The most that may wait for the rest of a sequence.
const MAX_PENDING: usize = 8;
const MAX_PENDING_CHARS: usize = 2;
/// Bytes or characters between two safepoints.
const PIECE: usize = 1 << 15;
/// No sequence has more bytes or characters.
const LONGEST_SEQUENCE: usize = 16;
const INCOMPLETE: &str = "incomplete multibyte sequence";
const ILLEGAL: &str = "illegal multibyte sequence";

#[repr(C)]
pub struct MultibyteCodec {
    head: Head,
    codec: Codec,
}

taipan_vm::pytype! { MultibyteCodec, PyTaipanMultibyteCodec_Type, name: "MultibyteCodec", module: "_multibytecodec",
base: Object, flags: tpflags::DISALLOW_INSTANTIATION, kind: Leaf, doc: "A codec of an encoding with sequences of bytes." }

/// Whether a step ended where its piece of the input does and goes on in the next piece, or might have ended
/// otherwise with the next piece in view.
fn cut_short(step: &Step, at: usize, end: usize, size: usize) -> bool {
    end < size
        && match step {
            Step::Done | Step::TooFew => true,
            Step::Illegal(_) => end - at < LONGEST_SEQUENCE,
        }
}

/// Text made of bytes, and how many of them were used. `last`: nothing follows.
fn decode(
    cx: &Thread,
    codec: &Codec,
    state: &mut u64,
    errors: Option<&'static Str>,
    data: &[u8],
    last: bool,
) -> Res<(&'static Str, usize)> {
    let mut d = Decoder::new(cx, codec.name, errors, data);
    let mut at = 0;
    while at < d.data.len() {
        let end = d.data.len().min(at + PIECE);
        let step = codec.decode(state, &d.data[..end], &mut at, &mut d.out);
        if cut_short(&step, at, end, d.data.len()) {
            cx.poll()?;
            continue;
        }
        match step {
            Step::Done => break,
            Step::TooFew if !last => break,
            Step::TooFew => {
                let end = d.data.len();
                at = d.error(at, end, INCOMPLETE)?;
            }
            Step::Illegal(n) => at = d.error(at, at + n, ILLEGAL)?,
        }
        cx.poll()?;
    }
    Ok((d.finish(), at))
}

/// The bytes of a text, and how many characters of it were used.
fn encode(
    cx: &Thread,
    codec: &Codec,
    state: &mut u64,
    errors: Option<&'static Str>,
    text: &'static Str,
    last: bool,
) -> Res<(Vec<u8>, usize)> {
    // SAFETY: the characters of an str, which the caller holds and nobody changes.
    let chars: Vec<u32> = unsafe { cx.mutator.plain(4 * text.len(), || text.chars().collect()) };
    let mut e = Encoder::new(cx, codec.name, errors, text);
    let (mut out, mut at) = (Vec::with_capacity(2 * chars.len()), 0);
    while at < chars.len() {
        let end = chars.len().min(at + PIECE);
        let step =
            codec.encode(state, &chars[..end], &mut at, last && end == chars.len(), &mut out);
        if cut_short(&step, at, end, chars.len()) {
            cx.poll()?;
            continue;
        }
        match step {
            Step::Done | Step::TooFew => break,
            Step::Illegal(n) => {
                let (replacement, next) = e.error(at, at + n, ILLEGAL)?;
                match replacement {
                    Replacement::Bytes(b) => out.extend(b),
                    Replacement::Text(t) => {
                        if !replace(codec, state, &t, &mut out) {
                            return Err(e.raise(at, at + n, ILLEGAL));
                        }
                    }
                }
                at = next;
            }
        }
        cx.poll()?;
    }
    if last {
        codec.finish(state, &mut out);
    }
    Ok((out, at))
}

/// Encodes what stands for a character; a lone "?" is written as it is where it has no code.
fn replace(codec: &Codec, state: &mut u64, text: &[u32], out: &mut Vec<u8>) -> bool {
    let mut at = 0;
    if codec.encode(state, text, &mut at, true, out) == Step::Done {
        return true;
    }
    let question = text == [b'?' as u32];
    if question {
        out.push(b'?');
    }
    question
}

fn errors_arg(cx: &Thread, v: Value) -> Res<Option<&'static Str>> {
    match v.downcast::<Str>() {
        Some(s) => Ok(Some(s)),
        None if v.is_none() => Ok(None),
        None => {
            let kind = v.ty().name();
            raise!(cx, TypeError, "argument 'errors' must be str or None, not {kind}")
        }
    }
}

fn counted(cx: &Thread, v: Value, n: usize) -> Res {
    Ok(Value::from_ref(Tuple::pair(cx, v, Value::small(n as i64))))
}

#[pymethods]
impl MultibyteCodec {
    /// The encoded form of a str, and its length.
    #[pymethod(sig = "(self, /, input, errors=None)")]
    fn encode(cx: &Thread, this: &MultibyteCodec, input: Value, errors: Value) -> Res {
        let errors = errors_arg(cx, errors)?;
        let text = text_of(cx, input)?;
        let mut state = this.codec.initial(true);
        let (out, at) = encode(cx, &this.codec, &mut state, errors, text, true)?;
        counted(cx, Value::from_ref(Bytes::new(cx, &out)), at)
    }

    /// The str that bytes stand for, and their number.
    #[pymethod(sig = "(self, /, input, errors=None)")]
    fn decode(cx: &Thread, this: &MultibyteCodec, input: Value, errors: Value) -> Res {
        let errors = errors_arg(cx, errors)?;
        let data = ByteArg::get(cx, input)?;
        let mut state = this.codec.initial(false);
        let (text, at) = decode(cx, &this.codec, &mut state, errors, &data, true)?;
        counted(cx, Value::from_ref(text), at)
    }
}

/// The str to encode; other objects give theirs.
fn text_of(cx: &Thread, v: Value) -> Res<&'static Str> {
    match v.downcast::<Str>() {
        Some(s) => Ok(s),
        None => to_str(cx, v),
    }
}

/// The codec that a class of incremental or stream codecs names, and the initial `errors`.
fn codec_of(cx: &Thread, cls: &Type) -> Res<&'static MultibyteCodec> {
    let cls = Value::from_ref(cls);
    match get_attr(cx, cls, id!(cx, "codec"))?.downcast::<MultibyteCodec>() {
        Some(c) => Ok(c),
        None => raise!(cx, TypeError, "codec is unexpected type"),
    }
}

/// What incremental and stream codecs have: the codec, its state, and the input that waits.
#[repr(C)]
pub struct Stateful {
    codec: Slot,
    errors: Slot,
    /// A str in encoders, bytes in decoders; empty where nothing waits.
    pending: Slot,
    stream: Slot,
    state: AtomicU64,
}

impl Stateful {
    fn new(
        codec: &'static MultibyteCodec,
        errors: Option<&'static Str>,
        encoding: bool,
    ) -> Stateful {
        let s = Stateful {
            codec: Slot::empty(),
            errors: Slot::empty(),
            pending: Slot::empty(),
            stream: Slot::empty(),
            state: AtomicU64::new(codec.codec.initial(encoding)),
        };
        s.codec.init(Some(Value::from_ref(codec)));
        s.errors.init(errors.map(Value::from_ref));
        s
    }

    fn codec(&self) -> Codec {
        let c = self.codec.get().and_then(|c| c.downcast::<MultibyteCodec>());
        c.expect("set when the object was made").codec
    }

    fn errors(&self) -> Option<&'static Str> {
        self.errors.get().and_then(|e| e.downcast::<Str>())
    }

    fn errors_text(&self, cx: &Thread) -> Value {
        Value::from_ref(self.errors().unwrap_or(id!(cx, "strict")))
    }

    fn set_errors<T: HeapObject>(&self, cx: &Thread, owner: &T, v: Option<Value>) -> Res<()> {
        match v {
            Some(v) if v.downcast::<Str>().is_some() => self.errors.set(owner, v),
            Some(_) => raise!(cx, TypeError, "errors must be a string"),
            None => raise!(cx, AttributeError, "cannot delete attribute"),
        }
        Ok(())
    }

    fn pending_bytes(&self) -> &'static [u8] {
        self.pending.get().and_then(|p| p.downcast::<Bytes>()).map_or(&[], |b| b.as_slice())
    }

    fn set_pending_bytes<T: HeapObject>(&self, cx: &Thread, owner: &T, b: &[u8]) {
        let v = (!b.is_empty()).then(|| Value::from_ref(Bytes::new(cx, b)));
        self.pending.set_option(owner, v);
    }

    /// Feeds an encoder.
    fn encode<T: HeapObject>(
        &self,
        cx: &Thread,
        owner: &T,
        input: Value,
        last: bool,
    ) -> Res<Vec<u8>> {
        let codec = self.codec();
        let mut text = text_of(cx, input)?;
        if let Some(p) = self.pending.get().and_then(|p| p.downcast::<Str>()) {
            let both: Vec<u8> = [p.to_wtf8(), text.to_wtf8()].concat();
            text = Str::from_wtf8(cx, &both);
        }
        let mut state = self.state.load(Ordering::Relaxed);
        let (out, at) = encode(cx, &codec, &mut state, self.errors(), text, last)?;
        self.state.store(state, Ordering::Relaxed);
        let rest = text.len() - at;
        if rest > MAX_PENDING_CHARS {
            let mut e = Encoder::new(cx, codec.name, None, text);
            return Err(e.raise(at, text.len(), "pending buffer overflow"));
        }
        let rest = (rest > 0).then(|| Value::from_ref(Str::substring(cx, text, at, text.len())));
        self.pending.set_option(owner, rest);
        Ok(out)
    }

    /// Feeds a decoder.
    fn decode<T: HeapObject>(
        &self,
        cx: &Thread,
        owner: &T,
        input: &[u8],
        last: bool,
    ) -> Res<&'static Str> {
        let codec = self.codec();
        let data = [self.pending_bytes(), input].concat();
        let mut state = self.state.load(Ordering::Relaxed);
        let r = decode(cx, &codec, &mut state, self.errors(), &data, last);
        self.state.store(state, Ordering::Relaxed);
        let (text, at) = r?;
        let rest = &data[at.min(data.len())..];
        if rest.len() > MAX_PENDING {
            let mut d = Decoder::new(cx, codec.name, None, &data);
            d.error(0, data.len(), "pending buffer overflow")?;
        }
        self.set_pending_bytes(cx, owner, rest);
        Ok(text)
    }

    fn reset_decoder<T: HeapObject>(&self, owner: &T) {
        let state = self.codec().reset_decoder(self.state.load(Ordering::Relaxed));
        self.state.store(state, Ordering::Relaxed);
        self.pending.set_option(owner, None);
    }
}

/// The bytes of a non-negative int, at most so many.
fn state_bytes(cx: &Thread, v: Value, most: usize) -> Res<Vec<u8>> {
    let Some(d) = int::digits(v)
        .map(|d| d.get().to_owned())
        .or_else(|| v.as_small().map(|n| bigint::Int::from_u64(n < 0, n.unsigned_abs())))
    else {
        raise!(cx, TypeError, "an integer is required");
    };
    match bigint::to_bytes(d.as_ref(), most, ByteOrder::Little, false) {
        Ok(b) => Ok(b),
        Err(_) if d.as_ref().negative => {
            raise!(cx, OverflowError, "can't convert negative int to unsigned")
        }
        Err(_) => raise!(cx, OverflowError, "int too big to convert"),
    }
}

fn state_int(cx: &Thread, bytes: &[u8]) -> Value {
    int::from_big(cx, &bigint::from_bytes(bytes, ByteOrder::Little, false))
}

#[repr(C)]
pub struct IncrementalEncoder {
    head: Head,
    s: Stateful,
}

taipan_vm::pytype! { IncrementalEncoder, PyTaipanMultibyteIncrementalEncoder_Type, name: "MultibyteIncrementalEncoder",
module: "_multibytecodec", base: Object, flags: tpflags::BASETYPE }

#[pymethods]
impl IncrementalEncoder {
    #[slot(sig = "(cls, /, errors='strict')")]
    fn __new__(cx: &Thread, cls: &Type, errors: Option<&'static Str>) -> Res {
        let codec = codec_of(cx, cls)?;
        let o = IncrementalEncoder { head: fresh_head(), s: Stateful::new(codec, errors, true) };
        Ok(Value::from_ref(cx.alloc_in(cls, o)))
    }

    #[slot]
    fn __init__(
        _cx: &Thread,
        _this: &IncrementalEncoder,
        _args: &[Value],
        _kw: KwNames<'_>,
    ) -> Res<()> {
        Ok(())
    }

    #[pymethod(sig = "(self, /, input, final=False)")]
    fn encode(cx: &Thread, this: &IncrementalEncoder, input: Value, r#final: bool) -> Res {
        let out = this.s.encode(cx, this, input, r#final)?;
        Ok(Value::from_ref(Bytes::new(cx, &out)))
    }

    #[pymethod]
    fn getstate(cx: &Thread, this: &IncrementalEncoder) -> Res {
        let mut bytes = vec![0];
        if let Some(p) = this.s.pending.get().and_then(|p| p.downcast::<Str>()) {
            let text = p.utf8(cx)?;
            bytes[0] = text.len() as u8;
            bytes.extend_from_slice(text.as_bytes());
        }
        bytes.extend_from_slice(&this.s.state.load(Ordering::Relaxed).to_le_bytes());
        Ok(state_int(cx, &bytes))
    }

    #[pymethod(sig = "(self, state, /)")]
    fn setstate(cx: &Thread, this: &IncrementalEncoder, state: Value) -> Res<()> {
        let bytes = state_bytes(cx, state, 1 + 4 * MAX_PENDING_CHARS + 8)?;
        let n = bytes[0] as usize;
        if n > 4 * MAX_PENDING_CHARS {
            raise!(cx, UnicodeError, "pending buffer too large");
        }
        let text = taipan_vm::codecs::utf8::decode(cx, &bytes[1..1 + n], None, true)?.0;
        this.s.pending.set_option(this, (n > 0).then(|| Value::from_ref(text)));
        let rest = bytes[1 + n..9 + n].try_into().expect("eight bytes follow");
        this.s.state.store(u64::from_le_bytes(rest), Ordering::Relaxed);
        Ok(())
    }

    #[pymethod]
    fn reset(_cx: &Thread, this: &IncrementalEncoder) {
        // What would end the text is not asked for.
        let mut state = this.s.state.load(Ordering::Relaxed);
        this.s.codec().finish(&mut state, &mut Vec::new());
        this.s.state.store(state, Ordering::Relaxed);
        this.s.pending.set_option(this, None);
    }

    #[getter]
    fn errors(cx: &Thread, this: &IncrementalEncoder) -> Value {
        this.s.errors_text(cx)
    }

    #[setter]
    fn set_errors(cx: &Thread, this: &IncrementalEncoder, v: Option<Value>) -> Res<()> {
        this.s.set_errors(cx, this, v)
    }
}

#[repr(C)]
pub struct IncrementalDecoder {
    head: Head,
    s: Stateful,
}

taipan_vm::pytype! { IncrementalDecoder, PyTaipanMultibyteIncrementalDecoder_Type, name: "MultibyteIncrementalDecoder",
module: "_multibytecodec", base: Object, flags: tpflags::BASETYPE }

#[pymethods]
impl IncrementalDecoder {
    #[slot(sig = "(cls, /, errors='strict')")]
    fn __new__(cx: &Thread, cls: &Type, errors: Option<&'static Str>) -> Res {
        let codec = codec_of(cx, cls)?;
        let o = IncrementalDecoder { head: fresh_head(), s: Stateful::new(codec, errors, false) };
        Ok(Value::from_ref(cx.alloc_in(cls, o)))
    }

    #[slot]
    fn __init__(
        _cx: &Thread,
        _this: &IncrementalDecoder,
        _args: &[Value],
        _kw: KwNames<'_>,
    ) -> Res<()> {
        Ok(())
    }

    #[pymethod(sig = "(self, /, input, final=False)")]
    fn decode(cx: &Thread, this: &IncrementalDecoder, input: Value, r#final: bool) -> Res {
        let data = ByteArg::get(cx, input)?;
        Ok(Value::from_ref(this.s.decode(cx, this, &data, r#final)?))
    }

    #[pymethod]
    fn getstate(cx: &Thread, this: &IncrementalDecoder) -> Res {
        let waiting = Value::from_ref(Bytes::new(cx, this.s.pending_bytes()));
        let state = int::from_u64(cx, this.s.state.load(Ordering::Relaxed));
        Ok(Value::from_ref(Tuple::pair(cx, waiting, state)))
    }

    #[pymethod(sig = "(self, state, /)")]
    fn setstate(cx: &Thread, this: &IncrementalDecoder, state: Value) -> Res<()> {
        let Some(t) = state.downcast::<Tuple>().filter(|t| t.len() == 2) else {
            raise!(cx, TypeError, "setstate(): illegal state argument");
        };
        let Some(waiting) = t.get(0).downcast::<Bytes>() else {
            raise!(cx, TypeError, "setstate(): illegal state argument");
        };
        if !int::is_int(t.get(1)) {
            raise!(cx, TypeError, "setstate(): illegal state argument");
        }
        let state = state_bytes(cx, t.get(1), 8)?;
        let b = waiting.as_slice();
        if b.len() > MAX_PENDING {
            let mut d = Decoder::new(cx, this.s.codec().name, None, b);
            d.error(0, b.len(), "pending buffer too large")?;
        }
        this.s.set_pending_bytes(cx, this, b);
        let state = state.try_into().expect("eight bytes were asked for");
        this.s.state.store(u64::from_le_bytes(state), Ordering::Relaxed);
        Ok(())
    }

    #[pymethod]
    fn reset(_cx: &Thread, this: &IncrementalDecoder) {
        this.s.reset_decoder(this);
    }

    #[getter]
    fn errors(cx: &Thread, this: &IncrementalDecoder) -> Value {
        this.s.errors_text(cx)
    }

    #[setter]
    fn set_errors(cx: &Thread, this: &IncrementalDecoder, v: Option<Value>) -> Res<()> {
        this.s.set_errors(cx, this, v)
    }
}

/// Makes a codec from a description in C; there is none here.
#[pyfunction(name = "__create_codec")]
fn create_codec(cx: &Thread, _arg: Value) -> Res {
    raise!(cx, ValueError, "argument type invalid")
}

fn exec(cx: &Thread, m: &Module) -> Res<()> {
    m.add_type::<IncrementalEncoder>(cx);
    m.add_type::<IncrementalDecoder>(cx);
    m.add_type::<stream::StreamReader>(cx);
    m.add_type::<stream::StreamWriter>(cx);
    Ok(())
}

pymodule! { "_multibytecodec", doc: "Codecs of encodings with sequences of several bytes.",
functions: [create_codec], exec: exec }

fn find(cx: &Thread, module: &str, name: Value) -> Res {
    let Some(name) = name.downcast::<Str>() else {
        raise!(cx, TypeError, "encoding name must be a string.");
    };
    match Codec::find(module, &name.to_str_lossy()) {
        Some(codec) => {
            // Its type is in no module.
            taipan_vm::types::ready::ready::<MultibyteCodec>(cx);
            Ok(Value::from_ref(cx.alloc(MultibyteCodec { head: fresh_head(), codec })))
        }
        None => raise!(cx, LookupError, "no such codec is supported."),
    }
}

macro_rules! codec_modules {
    ($($module:ident $name:literal)*) => {$(
        pub mod $module {
            use taipan_vm::prelude::*;

            /// The codec of that name.
            #[pyfunction(text = "($self, object, /)")]
            fn getcodec(cx: &Thread, encoding: Value) -> Res {
                super::find(cx, $name, encoding)
            }

            pymodule! { $name, doc: "Codecs for _multibytecodec.", functions: [getcodec] }
        }
    )*};
}

codec_modules! {
    cn "_codecs_cn"
    hk "_codecs_hk"
    iso "_codecs_iso2022"
    jp "_codecs_jp"
    kr "_codecs_kr"
    tw "_codecs_tw"
}
