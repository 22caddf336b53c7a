//! Writing JSON.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU8, Ordering};
use taipan_vm::objects::str::{Data, StrBuilder};
use taipan_vm::objects::{float, int};
use taipan_vm::prelude::*;
use taipan_vm::pytype;
use taipan_vm::types::alloc::fresh_head;

/// The module's own string encoders: known by identity, they are not called as functions.
static ASCII: OnceLock<Root<Value>> = OnceLock::new();
static UNICODE: OnceLock<Root<Value>> = OnceLock::new();

pub fn remember(ascii: Value, unicode: Value) {
    ASCII.get_or_init(|| Root::new(ascii));
    UNICODE.get_or_init(|| Root::new(unicode));
}

fn escape(b: &mut StrBuilder, c: u32) {
    match c {
        0x5C => b.push_latin1(b"\\\\"),
        0x22 => b.push_latin1(b"\\\""),
        8 => b.push_latin1(b"\\b"),
        12 => b.push_latin1(b"\\f"),
        10 => b.push_latin1(b"\\n"),
        13 => b.push_latin1(b"\\r"),
        9 => b.push_latin1(b"\\t"),
        0x10000.. => {
            let v = c - 0x10000;
            let (hi, lo) = (0xD800 + (v >> 10), 0xDC00 + (v & 0x3FF));
            b.push_str(&format!("\\u{hi:04x}\\u{lo:04x}"));
        }
        _ => b.push_str(&format!("\\u{c:04x}")),
    }
}

/// A safepoint now and then in a loop over characters.
#[inline(always)]
fn breathe(i: usize) {
    if i & 0x7FFF == 0x7FFF {
        taipan_heap::Mutator::here().poll();
    }
}

fn all_of(d: &[u8], f: impl Fn(u8) -> bool + Sync) -> bool {
    taipan_vm::thread::plain(d.len(), || d.iter().all(|c| f(*c)))
}

pub fn push_ascii(b: &mut StrBuilder, s: &Str) {
    b.push(0x22);
    let plain = |c: u8| (0x20..=0x7E).contains(&c) && c != b'\\' && c != b'"';
    if let Data::Ascii(d) = s.data() {
        if all_of(d, plain) {
            b.push_latin1(d);
            b.push(0x22);
            return;
        }
    }
    for (i, c) in s.chars().enumerate() {
        breathe(i);
        if c < 0x7F && plain(c as u8) { b.push(c) } else { escape(b, c) }
    }
    b.push(0x22);
}

pub fn push_unicode(b: &mut StrBuilder, s: &Str) {
    b.push(0x22);
    let needs = |c: u32| c < 0x20 || c == 0x22 || c == 0x5C;
    if !s.chars().any(needs) {
        b.push_obj(s);
    } else {
        for (i, c) in s.chars().enumerate() {
            breathe(i);
            if needs(c) { escape(b, c) } else { b.push(c) }
        }
    }
    b.push(0x22);
}

/// The options of a JSONEncoder.
#[repr(C)]
pub struct Encoder {
    head: Head,
    markers: Slot,
    default: Slot,
    encoder: Slot,
    indent: Slot,
    key_separator: Slot,
    item_separator: Slot,
    sort_keys: AtomicU8,
    skipkeys: AtomicU8,
    allow_nan: AtomicU8,
}

pytype! { Encoder, PyTaipanJsonEncoder_Type, name: "Encoder", module: "_json",
base: taipan_vm::objects::object::Object, flags: tpflags::BASETYPE,
doc: "Encoder(markers, default, encoder, indent, key_separator, item_separator, sort_keys, skipkeys, allow_nan)" }

/// One run of an encoder.
struct Run<'a> {
    cx: &'a Thread,
    markers: Option<&'static Dict>,
    default: Value,
    encoder: Value,
    fast: Option<fn(&mut StrBuilder, &Str)>,
    indent: Option<&'static Str>,
    key_separator: &'static Str,
    item_separator: &'static Str,
    sort_keys: bool,
    skipkeys: bool,
    allow_nan: bool,
    out: StrBuilder,
}

impl Run<'_> {
    fn string(&mut self, s: &'static Str) -> Res<()> {
        if let Some(f) = self.fast {
            f(&mut self.out, s);
            return Ok(());
        }
        let r = call(self.cx, self.encoder, &[Value::from_ref(s)])?;
        match r.downcast::<Str>() {
            Some(t) => {
                self.out.push_obj(t);
                Ok(())
            }
            None => {
                raise!(self.cx, TypeError, "encoder() must return a string, not {}", r.ty().name())
            }
        }
    }

    fn float_text(&self, v: Value, x: f64) -> Res<String> {
        if x.is_finite() {
            return Ok(float::repr_text(x));
        }
        if !self.allow_nan {
            let r = repr(self.cx, v)?;
            raise!(self.cx, ValueError, "Out of range float values are not JSON compliant: {r}");
        }
        Ok(if x.is_nan() {
            "NaN"
        } else if x > 0.0 {
            "Infinity"
        } else {
            "-Infinity"
        }
        .to_string())
    }

    /// Notes that an object is being written; its key in the markers.
    fn enter(&self, v: Value) -> Res<Option<Value>> {
        let Some(m) = self.markers else { return Ok(None) };
        let key = int_from_i128(self.cx, v.bits() as i128);
        if m.contains(self.cx, key)? {
            raise!(self.cx, ValueError, "Circular reference detected");
        }
        m.set(self.cx, key, v)?;
        Ok(Some(key))
    }

    fn leave(&self, key: Option<Value>) -> Res<()> {
        if let (Some(m), Some(k)) = (self.markers, key) {
            m.del(self.cx, k)?;
        }
        Ok(())
    }

    fn newline(&mut self, level: usize) {
        if let Some(i) = self.indent {
            self.out.push(10);
            for _ in 0..level {
                self.out.push_obj(i);
            }
        }
    }

    fn value(&mut self, v: Value, level: usize) -> Res<()> {
        let cx = self.cx;
        if v.is_none() {
            self.out.push_latin1(b"null");
        } else if v == py_bool(true) {
            self.out.push_latin1(b"true");
        } else if v == py_bool(false) {
            self.out.push_latin1(b"false");
        } else if let Some(s) = v.downcast::<Str>() {
            self.string(s)?;
        } else if let Some(i) = v.as_small() {
            self.out.push_latin1(i.to_string().as_bytes());
        } else if int::is_int(v) {
            let r = repr(cx, int::exact(cx, v))?;
            self.out.push_obj(r);
        } else if let Some(x) = float_value(v) {
            let t = self.float_text(v, x)?;
            self.out.push_latin1(t.as_bytes());
        } else if v.downcast::<List>().is_some() || v.downcast::<Tuple>().is_some() {
            let _depth = cx.enter_recursive(" while encoding a JSON object")?;
            self.list(v, level)?;
        } else if let Some(d) = v.downcast::<Dict>() {
            let _depth = cx.enter_recursive(" while encoding a JSON object")?;
            self.dict(v, d, level)?;
        } else {
            let mark = self.enter(v)?;
            let w = call(cx, self.default, &[v])?;
            let _depth = cx.enter_recursive(" while encoding a JSON object")?;
            self.value(w, level)?;
            self.leave(mark)?;
        }
        Ok(())
    }

    fn list(&mut self, v: Value, level: usize) -> Res<()> {
        let cx = self.cx;
        let list = v.downcast::<List>();
        let tuple = v.downcast::<Tuple>();
        let item = |i: usize| match (list, tuple) {
            (Some(l), _) => l.get(i),
            (_, Some(t)) if i < t.len() => Some(t.get(i)),
            _ => None,
        };
        if item(0).is_none() {
            self.out.push_latin1(b"[]");
            return Ok(());
        }
        let mark = self.enter(v)?;
        self.out.push(0x5B);
        self.newline(level + 1);
        let mut i = 0;
        while let Some(x) = item(i) {
            cx.poll()?;
            if i > 0 {
                let sep = self.item_separator;
                self.out.push_obj(sep);
                self.newline(level + 1);
            }
            self.value(x, level + 1)?;
            i += 1;
        }
        self.leave(mark)?;
        self.newline(level);
        self.out.push(0x5D);
        Ok(())
    }

    fn pair(&mut self, first: &mut bool, key: Value, v: Value, level: usize) -> Res<()> {
        let cx = self.cx;
        let text: &'static Str = if let Some(s) = key.downcast::<Str>() {
            s
        } else if let Some(x) = float_value(key) {
            Str::new(cx, &self.float_text(key, x)?)
        } else if key.is_none() {
            Str::new(cx, "null")
        } else if key == py_bool(true) {
            Str::new(cx, "true")
        } else if key == py_bool(false) {
            Str::new(cx, "false")
        } else if int::is_int(key) {
            repr(cx, int::exact(cx, key))?
        } else if self.skipkeys {
            return Ok(());
        } else {
            raise!(
                cx,
                TypeError,
                "keys must be str, int, float, bool or None, not {}",
                key.ty().name()
            );
        };
        if !*first {
            let sep = self.item_separator;
            self.out.push_obj(sep);
        }
        *first = false;
        self.newline(level + 1);
        self.string(text)?;
        let sep = self.key_separator;
        self.out.push_obj(sep);
        self.value(v, level + 1)
    }

    fn dict(&mut self, v: Value, d: &'static Dict, level: usize) -> Res<()> {
        let cx = self.cx;
        if d.is_empty() {
            self.out.push_latin1(b"{}");
            return Ok(());
        }
        let mark = self.enter(v)?;
        self.out.push(0x7B);
        let mut first = true;
        if self.sort_keys || v.downcast_exact::<Dict>().is_none() {
            let items = call_method(cx, v, id!(cx, "items"), &[])?;
            let all = collect(cx, items)?;
            let items = List::from_slice(cx, &all);
            if self.sort_keys {
                call_method(cx, Value::from_ref(items), id!(cx, "sort"), &[])?;
            }
            let mut i = 0;
            while let Some(x) = items.get(i) {
                cx.poll()?;
                let Some(t) = x.downcast::<Tuple>().filter(|t| t.len() == 2) else {
                    raise!(cx, ValueError, "items must return 2-tuples");
                };
                self.pair(&mut first, t.get(0), t.get(1), level)?;
                i += 1;
            }
        } else {
            let mut pos = 0;
            while let Some((k, x, next)) = d.next_entry(pos) {
                cx.poll()?;
                pos = next;
                self.pair(&mut first, k, x, level)?;
            }
        }
        self.leave(mark)?;
        if !first {
            self.newline(level);
        }
        self.out.push(0x7D);
        Ok(())
    }
}

#[pymethods]
impl Encoder {
    #[slot(
        sig = "(cls, markers, default, encoder, indent, key_separator, item_separator, sort_keys, skipkeys, allow_nan)"
    )]
    fn __new__(
        cx: &Thread,
        cls: &Type,
        markers: Value,
        default: Value,
        encoder: Value,
        indent: Value,
        key_separator: &'static Str,
        item_separator: &'static Str,
        sort_keys: bool,
        skipkeys: bool,
        allow_nan: bool,
    ) -> Res {
        if !markers.is_none() && markers.downcast::<Dict>().is_none() {
            raise!(
                cx,
                TypeError,
                "make_encoder() argument 1 must be dict or None, not {}",
                taipan_vm::bind::type_or_none(markers)
            );
        }
        let e = Encoder {
            head: fresh_head(),
            markers: Slot::empty(),
            default: Slot::empty(),
            encoder: Slot::empty(),
            indent: Slot::empty(),
            key_separator: Slot::empty(),
            item_separator: Slot::empty(),
            sort_keys: AtomicU8::new(sort_keys as u8),
            skipkeys: AtomicU8::new(skipkeys as u8),
            allow_nan: AtomicU8::new(allow_nan as u8),
        };
        e.markers.init(Some(markers));
        e.default.init(Some(default));
        e.encoder.init(Some(encoder));
        e.indent.init(Some(indent));
        e.key_separator.init(Some(Value::from_ref(key_separator)));
        e.item_separator.init(Some(Value::from_ref(item_separator)));
        Ok(Value::from_ref(cx.alloc_in(cls, e)))
    }

    #[slot(sig = "(self, obj, _current_indent_level)")]
    fn __call__(cx: &Thread, this: &Encoder, obj: Value, level: isize) -> Res {
        let encoder = this.encoder.value();
        let same = |c: &OnceLock<Root<Value>>| c.get().is_some_and(|r| r.get() == encoder);
        let fast: Option<fn(&mut StrBuilder, &Str)> = if same(&ASCII) {
            Some(push_ascii)
        } else if same(&UNICODE) {
            Some(push_unicode)
        } else {
            None
        };
        let text = |s: &Slot| s.value().downcast::<Str>().expect("checked by the constructor");
        let indent = this.indent.value();
        let indent = if indent.is_none() {
            None
        } else {
            match indent.downcast::<Str>() {
                Some(s) => Some(s),
                None => raise!(cx, TypeError, "make_encoder() indent must be str or None"),
            }
        };
        let mut run = Run {
            cx,
            markers: this.markers.value().downcast::<Dict>(),
            default: this.default.value(),
            encoder,
            fast,
            indent,
            key_separator: text(&this.key_separator),
            item_separator: text(&this.item_separator),
            sort_keys: this.sort_keys.load(Ordering::Relaxed) != 0,
            skipkeys: this.skipkeys.load(Ordering::Relaxed) != 0,
            allow_nan: this.allow_nan.load(Ordering::Relaxed) != 0,
            out: StrBuilder::with_capacity(64),
        };
        run.value(obj, level.max(0) as usize)?;
        let s = run.out.value(cx);
        Ok(Value::from_ref(Tuple::from_slice(cx, &[s])))
    }

    #[getter]
    fn markers(_cx: &Thread, this: &Encoder) -> Value {
        this.markers.value()
    }

    #[getter]
    fn default(_cx: &Thread, this: &Encoder) -> Value {
        this.default.value()
    }

    #[getter]
    fn encoder(_cx: &Thread, this: &Encoder) -> Value {
        this.encoder.value()
    }

    #[getter]
    fn indent(_cx: &Thread, this: &Encoder) -> Value {
        this.indent.value()
    }

    #[getter]
    fn key_separator(_cx: &Thread, this: &Encoder) -> Value {
        this.key_separator.value()
    }

    #[getter]
    fn item_separator(_cx: &Thread, this: &Encoder) -> Value {
        this.item_separator.value()
    }

    #[getter]
    fn sort_keys(_cx: &Thread, this: &Encoder) -> bool {
        this.sort_keys.load(Ordering::Relaxed) != 0
    }

    #[getter]
    fn skipkeys(_cx: &Thread, this: &Encoder) -> bool {
        this.skipkeys.load(Ordering::Relaxed) != 0
    }
}
