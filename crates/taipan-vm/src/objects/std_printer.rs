//! `stderrprinter`: standard error until the real stream stands, for what start-up itself has to say
//! (`python -v`). It writes to the descriptor, without a buffer and without an encoding of its own.

use super::object::Object;
use crate::prelude::*;
use crate::types::alloc::fresh_head;

#[repr(C)]
pub struct StdPrinter {
    pub head: Head,
    fd: i32,
}

crate::pytype! { StdPrinter, PyStdPrinter_Type, name: "stderrprinter", module: "builtins",
base: Object }

impl StdPrinter {
    pub fn new(cx: &Thread, fd: i32) -> &'static StdPrinter {
        cx.alloc(StdPrinter { head: fresh_head(), fd })
    }
}

#[pymethods]
impl StdPrinter {
    #[pymethod(sig = "(self, text, /)")]
    fn write(cx: &Thread, this: &StdPrinter, text: &'static Str) -> Res<i64> {
        let (fd, bytes) = (this.fd, text.to_str_lossy().into_owned().into_bytes());
        // SAFETY: the bytes are as many as said.
        let n = cx.detach(|| unsafe { libc::write(fd, bytes.as_ptr().cast(), bytes.len()) });
        Ok(n as i64)
    }

    #[pymethod]
    fn fileno(_cx: &Thread, this: &StdPrinter) -> i64 {
        i64::from(this.fd)
    }

    #[pymethod]
    fn isatty(_cx: &Thread, this: &StdPrinter) -> bool {
        // SAFETY: any number is allowed.
        unsafe { libc::isatty(this.fd) == 1 }
    }

    #[pymethod]
    fn flush(_cx: &Thread, _this: &StdPrinter) {}

    #[pymethod]
    fn close(_cx: &Thread, _this: &StdPrinter) {}

    #[getter]
    fn closed(_cx: &Thread, _this: &StdPrinter) -> bool {
        false
    }

    #[getter]
    fn encoding(_cx: &Thread, _this: &StdPrinter) -> Value {
        none()
    }

    #[getter]
    fn mode(cx: &Thread, _this: &StdPrinter) -> Value {
        Value::from_ref(id!(cx, "w"))
    }
}
