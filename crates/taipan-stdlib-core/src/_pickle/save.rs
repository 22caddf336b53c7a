//! `Saver`: one run of pickling. This file has the output with its frames, the memo's opcodes, and `save`,
//! which finds the way to write an object; the ways themselves are in `scalars`, `containers`, `globals`
//! and `reduce`.

use super::memo::Memo;
use super::{op, pickling_error, state, table};
use taipan_vm::objects::bytearray::ByteArray;
use taipan_vm::objects::function::Function;
use taipan_vm::objects::set::{FrozenSet, Set};
use taipan_vm::objects::{float, int};
use taipan_vm::prelude::*;

/// Bytes of a frame below which it gets no header, and above which it ends.
const FRAME_MIN: usize = 4;
pub const FRAME_TARGET: usize = 64 << 10;
const FRAME_HEADER: usize = 9;

/// No frame is open.
const NO_FRAME: usize = usize::MAX;

pub struct Saver<'a> {
    pub cx: &'a Thread,
    pub proto: u8,
    pub bin: bool,
    pub fix_imports: bool,
    /// Nothing is put into the memo.
    pub fast: bool,
    pub fast_nesting: usize,
    pub fast_memo: Option<&'static Dict>,
    pub memo: &'static Memo,
    pub persistent_id: Option<Value>,
    pub reducer_override: Option<Value>,
    pub dispatch_table: Option<Value>,
    pub buffer_callback: Option<Value>,
    /// The stream's method; none where bytes are asked for.
    pub write: Option<Value>,
    out: Vec<u8>,
    framing: bool,
    frame: usize,
}

impl<'a> Saver<'a> {
    pub fn new(cx: &'a Thread, proto: u8, fix_imports: bool, memo: &'static Memo) -> Saver<'a> {
        Saver {
            cx,
            proto,
            bin: proto > 0,
            fix_imports: fix_imports && proto < 3,
            fast: false,
            fast_nesting: 0,
            fast_memo: None,
            memo,
            persistent_id: None,
            reducer_override: None,
            dispatch_table: None,
            buffer_callback: None,
            write: None,
            out: Vec::with_capacity(1000),
            framing: false,
            frame: NO_FRAME,
        }
    }

    /// Writes a whole pickle; the output then waits for `flush` or `take_bytes`.
    pub fn dump(&mut self, obj: Value) -> Res<()> {
        if self.proto >= 2 {
            self.put(&[op::PROTO, self.proto])?;
            self.framing = self.proto >= 4;
        }
        self.save(obj)?;
        self.put(&[op::STOP])?;
        self.end_frame();
        self.framing = false;
        Ok(())
    }

    /// The output as bytes.
    pub fn take_bytes(&mut self) -> Res {
        self.end_frame();
        let b = Bytes::try_new_in(self.cx, Bytes::type_object(), &self.out)?;
        self.out.clear();
        Ok(Value::from_ref(b))
    }

    /// Hands the output to the stream.
    pub fn flush(&mut self) -> Res<()> {
        let write = self.write.expect("only with a stream");
        let b = self.take_bytes()?;
        call(self.cx, write, &[b])?;
        Ok(())
    }

    #[inline(always)]
    pub fn put(&mut self, data: &[u8]) -> Res<()> {
        if self.framing && self.frame == NO_FRAME {
            self.begin_frame()?;
        }
        if self.out.capacity() - self.out.len() < data.len() {
            self.reserve(data.len())?;
        }
        self.out.extend_from_slice(data);
        Ok(())
    }

    #[cold]
    fn reserve(&mut self, more: usize) -> Res<()> {
        match self.out.try_reserve(more) {
            Ok(()) => Ok(()),
            Err(_) => Err(self.cx.no_memory()),
        }
    }

    /// As `put` of what may be long.
    fn put_long(&mut self, data: &[u8]) -> Res<()> {
        self.put(&[])?;
        // With room for what ends the pickle, or that would copy all of it once more.
        self.reserve(data.len() + 64)?;
        let out = &mut self.out;
        self.cx.plain(data.len(), || out.extend_from_slice(data));
        Ok(())
    }

    #[cold]
    fn begin_frame(&mut self) -> Res<()> {
        self.frame = self.out.len();
        self.reserve(FRAME_HEADER)?;
        self.out.extend_from_slice(&[0; FRAME_HEADER]);
        Ok(())
    }

    /// Completes the header of an open frame; a tiny one loses it.
    fn end_frame(&mut self) {
        if self.frame == NO_FRAME {
            return;
        }
        let at = std::mem::replace(&mut self.frame, NO_FRAME);
        let n = self.out.len() - at - FRAME_HEADER;
        if n >= FRAME_MIN {
            self.out[at] = op::FRAME;
            self.out[at + 1..at + FRAME_HEADER].copy_from_slice(&(n as u64).to_le_bytes());
        } else {
            self.out.drain(at..at + FRAME_HEADER);
        }
    }

    /// Between two objects: ends a frame that is large enough.
    #[inline(always)]
    fn boundary(&mut self) -> Res<()> {
        if self.frame != NO_FRAME && self.out.len() - self.frame >= FRAME_TARGET + FRAME_HEADER {
            return self.next_frame();
        }
        Ok(())
    }

    #[cold]
    fn next_frame(&mut self) -> Res<()> {
        self.end_frame();
        if self.write.is_some() { self.flush() } else { Ok(()) }
    }

    /// An opcode with the bytes it is about. Many bytes stand outside of frames and go straight into
    /// the stream; `payload`: the bytes object they are of.
    pub fn put_payload(&mut self, header: &[u8], data: &[u8], payload: Option<Value>) -> Res<()> {
        if data.len() < FRAME_TARGET {
            self.put(header)?;
            return self.put(data);
        }
        self.end_frame();
        let framing = std::mem::replace(&mut self.framing, false);
        let r = self.put_outside(header, data, payload);
        self.framing = framing;
        r
    }

    fn put_outside(&mut self, header: &[u8], data: &[u8], payload: Option<Value>) -> Res<()> {
        self.put(header)?;
        let Some(write) = self.write else { return self.put_long(data) };
        self.flush()?;
        let payload = match payload {
            Some(p) => p,
            None => Value::from_ref(Bytes::try_new_in(self.cx, Bytes::type_object(), data)?),
        };
        call(self.cx, write, &[payload])?;
        Ok(())
    }

    /// Refers to what is in the memo.
    #[inline(always)]
    pub fn get(&mut self, number: usize) -> Res<()> {
        if !self.bin {
            return self.put_line(op::GET, number);
        }
        self.put_number(op::BINGET, op::LONG_BINGET, number, "LONG_BINGET")
    }

    /// Puts the object that was written last into the memo.
    #[inline(always)]
    pub fn memoize(&mut self, obj: Value) -> Res<()> {
        if self.fast {
            return Ok(());
        }
        let number = self.memo.add(self.cx, obj);
        if self.proto >= 4 {
            return self.put(&[op::MEMOIZE]);
        }
        if !self.bin {
            return self.put_line(op::PUT, number);
        }
        self.put_number(op::BINPUT, op::LONG_BINPUT, number, "LONG_BINPUT")
    }

    fn put_line(&mut self, op: u8, number: usize) -> Res<()> {
        self.put(&[op])?;
        self.put(number.to_string().as_bytes())?;
        self.put(b"\n")
    }

    #[inline(always)]
    fn put_number(&mut self, short: u8, long: u8, number: usize, name: &str) -> Res<()> {
        if number < 256 {
            return self.put(&[short, number as u8]);
        }
        let Ok(n) = u32::try_from(number) else {
            return Err(pickling_error!(self.cx, "memo id too large for {name}"));
        };
        let [a, b, c, d] = n.to_le_bytes();
        self.put(&[long, a, b, c, d])
    }

    /// Writes an object.
    #[inline]
    pub fn save(&mut self, obj: Value) -> Res<()> {
        self.boundary()?;
        if let Some(f) = self.persistent_id
            && self.save_persistent(f, obj)?
        {
            return Ok(());
        }
        self.save_itself(obj)
    }

    /// As `save`, without asking whether the object has a persistent id.
    #[inline(always)]
    fn save_itself(&mut self, obj: Value) -> Res<()> {
        if let Some(i) = obj.as_small() {
            return self.save_small(i);
        }
        if let Some(x) = obj.as_unboxed_f64() {
            return self.save_float(x);
        }
        if let Some(s) = obj.downcast_exact::<Str>() {
            return match self.memo.get(obj) {
                Some(n) => self.get(n),
                None => self.save_str(s),
            };
        }
        self.save_object(obj)
    }

    /// Of what is in the heap and no str.
    fn save_object(&mut self, obj: Value) -> Res<()> {
        if obj.is_none() {
            return self.put(&[op::NONE]);
        }
        let ty = obj.ty();
        if ty.is(taipan_vm::objects::bool::Bool::type_object()) {
            return self.save_bool(obj == py_bool(true));
        }
        if ty.is(int::int_type()) {
            return self.save_long(obj);
        }
        if ty.is(float::float_type()) {
            return self.save_float(float::boxed_value(obj).expect("a float object"));
        }
        if let Some(n) = self.memo.get(obj) {
            return self.get(n);
        }
        if let Some(b) = obj.downcast_exact::<Bytes>() {
            return self.save_bytes(b);
        }
        let _depth = self.cx.enter_recursive(" while pickling an object")?;
        self.cx.poll()?;
        if let Some(d) = obj.downcast_exact::<Dict>() {
            return self.save_dict(d);
        }
        if let Some(l) = obj.downcast_exact::<List>() {
            return self.save_list(l);
        }
        if let Some(t) = obj.downcast_exact::<Tuple>() {
            return self.save_tuple(t);
        }
        if ty.is(Set::type_object()) {
            return self.save_set(obj);
        }
        if ty.is(FrozenSet::type_object()) {
            return self.save_frozenset(obj);
        }
        if let Some(b) = obj.downcast_exact::<ByteArray>() {
            return self.save_bytearray(b);
        }
        if ty.is(super::PickleBuffer::type_object()) {
            return self.save_buffer(obj);
        }
        self.save_by_reduction(obj, ty)
    }

    /// What has no opcode of its own.
    #[inline(never)]
    fn save_by_reduction(&mut self, obj: Value, ty: &'static Type) -> Res<()> {
        let cx = self.cx;
        if let Some(f) = self.reducer_override {
            let r = call(cx, f, &[obj])?;
            if r != not_implemented() {
                return self.save_reduction(r, obj);
            }
        }
        if ty.is(Type::type_object()) {
            return self.save_class(obj);
        }
        if ty.is(Function::type_object()) {
            return self.save_global(obj, None);
        }
        let class = Value::from_ref(ty);
        let reduce = match self.dispatch_table {
            None => table(&state().dispatch_table).get(cx, class)?,
            Some(t) => optional_item(cx, t, class)?,
        };
        if let Some(f) = reduce {
            let r = call(cx, f, &[obj])?;
            return self.save_reduction(r, obj);
        }
        if ty.is_subtype(Type::type_object()) {
            return self.save_global(obj, None);
        }
        let proto = Value::small(self.proto as i64);
        let r = match optional_method(cx, obj, id!(cx, "__reduce_ex__"))? {
            Some((f, Some(this))) => call(cx, f, &[this, proto])?,
            Some((f, None)) => call(cx, f, &[proto])?,
            None => match get_attr_opt(cx, obj, id!(cx, "__reduce__"))? {
                Some(f) => call(cx, f, &[])?,
                None => {
                    let shown = repr(cx, obj)?;
                    return Err(pickling_error!(
                        cx,
                        "can't pickle '{}' object: {shown}",
                        ty.name()
                    ));
                }
            },
        };
        self.save_reduction(r, obj)
    }

    /// What a reduction function gave: the name of a global, or the parts of an object.
    fn save_reduction(&mut self, r: Value, obj: Value) -> Res<()> {
        if r.downcast::<Str>().is_some() {
            return self.save_global(obj, Some(r));
        }
        match r.downcast::<Tuple>() {
            Some(t) => self.save_reduced(t, Some(obj)),
            None => Err(pickling_error!(self.cx, "__reduce__ must return a string or tuple")),
        }
    }

    /// Writes an object's persistent id, if it has one.
    #[inline(never)]
    fn save_persistent(&mut self, f: Value, obj: Value) -> Res<bool> {
        let cx = self.cx;
        let pid = call(cx, f, &[obj])?;
        if pid.is_none() {
            return Ok(false);
        }
        if self.bin {
            self.boundary()?;
            self.save_itself(pid)?;
            self.put(&[op::BINPERSID])?;
            return Ok(true);
        }
        let text = to_str(cx, pid)?;
        let Some(t) = text.as_ascii() else {
            return Err(pickling_error!(cx, "persistent IDs in protocol 0 must be ASCII strings"));
        };
        self.put(&[op::PERSID])?;
        self.put(t.as_bytes())?;
        self.put(b"\n")?;
        Ok(true)
    }
}

/// `mapping[key]` where a KeyError means that there is none.
fn optional_item(cx: &Thread, mapping: Value, key: Value) -> Res<Option<Value>> {
    if let Some(d) = mapping.downcast_exact::<Dict>() {
        return d.get(cx, key);
    }
    match get_item(cx, mapping, key) {
        Ok(v) => Ok(Some(v)),
        Err(e) if e.is(exc::KeyError()) => Ok(None),
        Err(e) => Err(e),
    }
}

/// A method ready to call, as `get_method` gives it, or none where there is no such attribute.
fn optional_method(cx: &Thread, obj: Value, name: &Str) -> Res<Option<(Value, Option<Value>)>> {
    match get_method(cx, obj, name) {
        Ok(m) => Ok(Some(m)),
        Err(e) if e.is(exc::AttributeError()) => Ok(None),
        Err(e) => Err(e),
    }
}
