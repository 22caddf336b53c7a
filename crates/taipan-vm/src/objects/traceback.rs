//! `traceback`: one frame that an exception passed through. The line is worked out when asked for.

use super::frame::Frame;
use super::object::Object;
use crate::prelude::*;
use crate::types::alloc::fresh_head;
use std::sync::atomic::{AtomicI64, Ordering};

#[repr(C)]
pub struct Traceback {
    pub head: Head,
    next: Slot,
    frame: Slot,
    /// Byte offset of the instruction.
    lasti: AtomicI64,
    /// `UNKNOWN` until asked for; -1: it has none.
    lineno: AtomicI64,
}

const UNKNOWN: i64 = i64::MIN;

crate::pytype! { Traceback, PyTraceBack_Type, name: "traceback", module: "builtins", base: Object,
doc: "traceback(tb_next, tb_frame, tb_lasti, tb_lineno)\n--\n\nCreate a new traceback object." }

pub fn is_traceback(v: Value) -> bool {
    v.downcast_exact::<Traceback>().is_some()
}

impl Traceback {
    /// An entry for the frame at instruction word `at`.
    pub fn new(cx: &Thread, next: Option<Value>, frame: &Frame, at: usize) -> &'static Traceback {
        let t = Traceback {
            head: fresh_head(),
            next: Slot::empty(),
            frame: Slot::empty(),
            lasti: AtomicI64::new(4 * at as i64),
            lineno: AtomicI64::new(UNKNOWN),
        };
        t.next.init(next);
        t.frame.init(Some(Value::from_ref(frame)));
        cx.alloc(t)
    }

    pub fn next(&self) -> Option<&'static Traceback> {
        self.next.get().and_then(|n| n.downcast_exact::<Traceback>())
    }

    pub fn set_next(&self, next: Option<&'static Traceback>) {
        match next {
            Some(n) => self.next.set(self, Value::from_ref(n)),
            None => self.next.clear(self),
        }
    }

    pub fn frame(&self) -> &'static Frame {
        self.frame.value().downcast_exact::<Frame>().expect("tb_frame is a frame")
    }

    /// The line number, or -1.
    pub fn line(&self) -> i64 {
        let l = self.lineno.load(Ordering::Relaxed);
        if l != UNKNOWN {
            return l;
        }
        let word = self.lasti.load(Ordering::Relaxed) / 4;
        let l = usize::try_from(word).ok().and_then(|w| self.frame().code().line_of(w));
        let l = l.map_or(-1, i64::from);
        self.lineno.store(l, Ordering::Relaxed);
        l
    }
}

#[pymethods]
impl Traceback {
    #[slot(sig = "(cls, tb_next, tb_frame, tb_lasti, tb_lineno)")]
    fn __new__(
        cx: &Thread,
        _cls: &Type,
        tb_next: Value,
        tb_frame: &'static Frame,
        tb_lasti: i32,
        tb_lineno: i32,
    ) -> Res {
        if !tb_next.is_none() && !is_traceback(tb_next) {
            raise!(
                cx,
                TypeError,
                "expected traceback object or None, got '{}'",
                tb_next.ty().name()
            );
        }
        let next = Some(tb_next).filter(|n| !n.is_none());
        let t = Traceback::new(cx, next, tb_frame, 0);
        t.lasti.store(i64::from(tb_lasti), Ordering::Relaxed);
        t.lineno.store(i64::from(tb_lineno), Ordering::Relaxed);
        Ok(Value::from_ref(t))
    }

    #[getter]
    fn tb_next(_cx: &Thread, this: &Traceback) -> Value {
        this.next.get().unwrap_or(none())
    }

    #[setter]
    fn set_tb_next(cx: &Thread, this: &Traceback, v: Option<Value>) -> Res<()> {
        let Some(v) = v else { raise!(cx, TypeError, "can't delete tb_next attribute") };
        if v.is_none() {
            this.next.clear(this);
            return Ok(());
        }
        let Some(new) = v.downcast_exact::<Traceback>() else {
            raise!(cx, TypeError, "expected traceback object, got '{}'", v.ty().name())
        };
        let mut t = Some(new);
        while let Some(x) = t {
            if std::ptr::eq(x, this) {
                raise!(cx, ValueError, "traceback loop detected");
            }
            t = x.next();
        }
        this.next.set(this, v);
        Ok(())
    }

    #[getter]
    fn tb_frame(_cx: &Thread, this: &Traceback) -> Value {
        this.frame.value()
    }

    #[getter]
    fn tb_lasti(_cx: &Thread, this: &Traceback) -> i64 {
        this.lasti.load(Ordering::Relaxed)
    }

    #[getter]
    fn tb_lineno(_cx: &Thread, this: &Traceback) -> Value {
        match this.line() {
            -1 => none(),
            l => Value::small(l),
        }
    }

    #[pymethod]
    fn __dir__(cx: &Thread, _this: &Traceback) -> Res {
        let names = ["tb_frame", "tb_next", "tb_lasti", "tb_lineno"];
        let names: GcVec<Value> =
            names.iter().map(|n| Value::from_ref(super::str::intern(cx, n))).collect();
        Ok(Value::from_ref(List::from_slice(cx, &names)))
    }
}
