//! Exporting: views as exporters themselves, and Python classes with `__buffer__`.

use super::MemoryView;
use crate::buffer::{Buffer, bufflag};
use crate::prelude::*;
use crate::types::alloc::fresh_head;
use smallvec::smallvec;
use std::sync::atomic::Ordering;

/// Stands for a Python exporter while its buffer is held: remembers the view that `__buffer__`
/// gave, to hand it to `__release_buffer__`.
#[repr(C)]
pub struct BufferWrapper {
    pub head: Head,
    pub(super) object: Slot,
    view: Slot,
}

crate::pytype! { BufferWrapper, _PyBufferWrapper_Type, name: "_buffer_wrapper", module: "builtins",
base: crate::objects::object::Object }

#[pymethods]
impl BufferWrapper {
    #[slot]
    fn __release_buffer__(cx: &Thread, this: &BufferWrapper, _buffer: &Buffer) -> Res<()> {
        let (object, view) = (this.object.value(), this.view.value());
        if let Some(f) = object.ty().lookup(cx, id!(cx, "__release_buffer__")) {
            call(cx, f, &[object, view])?;
        }
        if let Some(m) = view.downcast::<MemoryView>() {
            m.exports.fetch_sub(1, Ordering::AcqRel);
            m.release_view(cx)?;
        }
        Ok(())
    }
}

/// The buffer of an object whose class has a Python `__buffer__`.
pub fn buffer_from_python(cx: &Thread, v: Value, flags: u32) -> Res<Buffer> {
    let r = call_special(cx, v, id!(cx, "__buffer__"), &[int_from_i128(cx, flags as i128)])?;
    let Some(r) = r else {
        raise!(cx, TypeError, "a bytes-like object is required, not '{}'", v.ty().name());
    };
    let Some(m) = r.downcast::<MemoryView>() else {
        raise!(cx, TypeError, "__buffer__ returned non-memoryview object");
    };
    let mut b = checked_export(cx, m, flags)?;
    m.exports.fetch_add(1, Ordering::AcqRel);
    let w = BufferWrapper { head: fresh_head(), object: Slot::empty(), view: Slot::empty() };
    w.object.init(Some(v));
    w.view.init(Some(r));
    b.owner = Value::from_ref(cx.alloc(w));
    Ok(b)
}

/// The buffer of a view under the requirements of `flags` (`memory_getbuf`).
pub(super) fn checked_export(cx: &Thread, m: &MemoryView, flags: u32) -> Res<Buffer> {
    let mut b = m.as_buffer(cx)?;
    let has = |f: u32| flags & f == f;
    if has(bufflag::WRITABLE) && b.readonly {
        raise!(cx, BufferError, "memoryview: underlying buffer is not writable");
    }
    let c = b.is_c_contiguous();
    if has(bufflag::C_CONTIGUOUS) && !c {
        raise!(cx, BufferError, "memoryview: underlying buffer is not C-contiguous");
    }
    if has(bufflag::F_CONTIGUOUS) && !b.is_f_contiguous() {
        raise!(cx, BufferError, "memoryview: underlying buffer is not Fortran contiguous");
    }
    if has(bufflag::ANY_CONTIGUOUS) && !c && !b.is_f_contiguous() {
        raise!(cx, BufferError, "memoryview: underlying buffer is not contiguous");
    }
    if !has(bufflag::STRIDES) && !c {
        raise!(cx, BufferError, "memoryview: underlying buffer is not C-contiguous");
    }
    if !has(bufflag::ND) {
        if has(bufflag::FORMAT) {
            raise!(
                cx,
                BufferError,
                "memoryview: cannot cast to unsigned bytes if the format flag is present"
            );
        }
        b.shape = smallvec![b.len as isize / b.itemsize.max(1) as isize];
        b.strides = smallvec![b.itemsize as isize];
    }
    Ok(b)
}
