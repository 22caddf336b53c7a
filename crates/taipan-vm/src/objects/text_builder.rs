//! `TextBuilder`: builds the text of a container's repr piece by piece; and the guard against
//! infinite recursion in reprs (`Py_ReprEnter`).

use crate::prelude::*;
use crate::thread::plain;

/// Collects WTF-8, so that a lone surrogate that a `__repr__` returns survives.
#[derive(Default)]
pub struct TextBuilder(Vec<u8>);

impl TextBuilder {
    pub fn new() -> TextBuilder {
        TextBuilder::default()
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn push_str(&mut self, s: &str) {
        plain(s.len(), || self.0.extend_from_slice(s.as_bytes()));
    }

    pub fn push(&mut self, s: &Str) {
        match s.as_ascii() {
            Some(a) => self.push_str(a),
            // SAFETY: the text never changes, and the caller holds it; the builder is memory of its frame.
            None => unsafe {
                taipan_heap::Mutator::here().plain(4 * s.len(), || self.push_wide(s));
            },
        }
    }

    fn push_wide(&mut self, s: &Str) {
        for c in s.chars() {
            match char::from_u32(c) {
                Some(c) => {
                    let mut b = [0; 4];
                    self.0.extend_from_slice(c.encode_utf8(&mut b).as_bytes());
                }
                None => self.0.extend_from_slice(&[
                    0xE0 | (c >> 12) as u8,
                    0x80 | (c >> 6 & 0x3F) as u8,
                    0x80 | (c & 0x3F) as u8,
                ]),
            }
        }
    }

    /// Appends `repr(v)`.
    pub fn push_repr(&mut self, cx: &Thread, v: Value) -> Res<()> {
        let r = repr(cx, v)?;
        self.push(r);
        Ok(())
    }

    pub fn finish(self, cx: &Thread) -> Value {
        match cx.plain(self.0.len(), || std::str::from_utf8(&self.0)) {
            Ok(s) => Value::from_ref(Str::new(cx, s)),
            Err(_) => Value::from_ref(Str::from_wtf8(cx, &self.0)),
        }
    }
}

/// Leaves the repr of an object when dropped.
pub struct ReprGuard<'a> {
    cx: &'a Thread,
    obj: Value,
}

/// Enters the repr of `obj`; `None`: this thread is inside it already.
pub fn enter_repr(cx: &Thread, obj: Value) -> Option<ReprGuard<'_>> {
    let list = match cx.repr_stack.get().and_then(|v| v.downcast_exact::<List>()) {
        Some(l) => l,
        None => {
            let l = List::new(cx);
            cx.repr_stack.set(Some(Value::from_ref(l)));
            l
        }
    };
    let mut i = 0;
    while let Some(v) = list.get(i) {
        if v == obj {
            return None;
        }
        i += 1;
        if i & 0xFFF == 0 {
            cx.mutator.poll();
        }
    }
    list.push(cx, obj);
    Some(ReprGuard { cx, obj })
}

impl Drop for ReprGuard<'_> {
    fn drop(&mut self) {
        if let Some(l) = self.cx.repr_stack.get().and_then(|v| v.downcast_exact::<List>()) {
            l.remove_last_of(self.obj);
        }
    }
}

/// `open + ", ".join(map(repr, items)) + close`.
pub fn repr_items(
    cx: &Thread,
    open: &str,
    close: &str,
    mut item: impl FnMut(usize) -> Option<Value>,
) -> Res {
    let mut b = TextBuilder::new();
    b.push_str(open);
    let mut i = 0;
    while let Some(v) = item(i) {
        if i > 0 {
            b.push_str(", ");
        }
        b.push_repr(cx, v)?;
        i += 1;
    }
    b.push_str(close);
    Ok(b.finish(cx))
}
