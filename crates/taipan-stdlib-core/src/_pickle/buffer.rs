//! `PickleBuffer`: a buffer that may be pickled out of band (PEP 574).

use taipan_vm::buffer::{self, Buffer, bufflag};
use taipan_vm::objects::memoryview;
use taipan_vm::prelude::*;
use taipan_vm::pytype;
use taipan_vm::types::alloc::fresh_head;

/// A buffer to be pickled out of band. `view` holds the export; empty once released.
#[repr(C)]
pub struct PickleBuffer {
    head: Head,
    object: Slot,
    view: Slot,
}

pytype! { PickleBuffer, PyPickleBuffer_Type, name: "PickleBuffer", module: "pickle",
base: taipan_vm::objects::object::Object, weakref: true,
doc: "Wrapper for potentially out-of-band buffers" }

impl PickleBuffer {
    fn object(&self, cx: &Thread) -> Res {
        match (self.view.get(), self.object.get()) {
            (Some(_), Some(v)) => Ok(v),
            _ => raise!(cx, ValueError, "operation forbidden on released PickleBuffer object"),
        }
    }

    /// Whether the memory is contiguous, in either order, and whether it is read-only.
    pub fn layout(&self, cx: &Thread) -> Res<(bool, bool)> {
        let b = buffer::get(cx, self.object(cx)?, bufflag::FULL_RO)?;
        let layout = (b.is_c_contiguous() || b.is_f_contiguous(), b.readonly);
        b.release(cx)?;
        Ok(layout)
    }

    /// The memory of a contiguous buffer as it lies.
    pub fn copied(&self, cx: &Thread) -> Res<Vec<u8>> {
        let b = buffer::get(cx, self.object(cx)?, bufflag::FULL_RO)?;
        let data = b.gather(!b.is_c_contiguous());
        b.release(cx)?;
        Ok(data)
    }
}

#[pymethods]
impl PickleBuffer {
    #[slot(sig = "(cls, object, /)")]
    fn __new__(cx: &Thread, cls: &Type, object: Value) -> Res {
        let view = memoryview::from_object_flags(cx, object, bufflag::FULL_RO)?;
        let p = PickleBuffer { head: fresh_head(), object: Slot::empty(), view: Slot::empty() };
        p.object.init(Some(object));
        p.view.init(Some(view));
        Ok(Value::from_ref(cx.alloc_in(cls, p)))
    }

    #[slot]
    fn __buffer__(cx: &Thread, this: &PickleBuffer, flags: u32) -> Res<Buffer> {
        let v = this.object(cx)?;
        buffer::get(cx, v, flags)
    }

    /// A view of the raw memory: one dimension of bytes.
    #[pymethod(sig = "(self, /)")]
    fn raw(cx: &Thread, this: &PickleBuffer) -> Res {
        let v = this.object(cx)?;
        let b = buffer::get(cx, v, bufflag::FULL_RO)?;
        if !b.is_c_contiguous() && !b.is_f_contiguous() {
            b.release(cx)?;
            raise!(cx, BufferError, "cannot extract raw buffer from non-contiguous buffer");
        }
        Ok(memoryview::from_buffer(cx, &Buffer::bytes(b.owner, b.ptr, b.len, b.readonly)))
    }

    /// Releases the underlying buffer.
    #[pymethod(sig = "(self, /)")]
    fn release(cx: &Thread, this: &PickleBuffer) -> Res<()> {
        if let Some(view) = this.view.swap(this, None) {
            call_method(cx, view, id!(cx, "release"), &[])?;
        }
        this.object.clear(this);
        Ok(())
    }
}
