//! `slice`: the object, and how a slice meets a sequence (`PySlice_Unpack`,
//! `PySlice_AdjustIndices`). Layout is CPython's: start, stop, step at 32, 40, 48.

use crate::prelude::*;
use crate::types::alloc::fresh_head;

#[repr(C)]
pub struct Slice {
    pub head: Head,
    pub start: Slot,
    pub stop: Slot,
    pub step: Slot,
}

const _: () = assert!(size_of::<Slice>() == 56);

crate::pytype! { Slice, PySlice_Type, name: "slice", module: "builtins", base: crate::objects::object::Object,
doc: "slice(stop)\nslice(start, stop[, step])\n\nA slice object, as extended slicing makes it (a[0:10:2])." }

/// A slice applied to a length: `len` items at `start`, `start + step`, ...
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Range {
    pub start: isize,
    pub stop: isize,
    pub step: isize,
    pub len: usize,
}

impl Range {
    /// The indices, in slice order.
    pub fn indices(self) -> impl DoubleEndedIterator<Item = usize> + ExactSizeIterator {
        (0..self.len).map(move |i| (self.start + i as isize * self.step) as usize)
    }
}

impl Slice {
    pub fn new(cx: &Thread, start: Value, stop: Value, step: Value) -> &'static Slice {
        let s = Slice {
            head: fresh_head(),
            start: Slot::empty(),
            stop: Slot::empty(),
            step: Slot::empty(),
        };
        s.start.init(Some(start));
        s.stop.init(Some(stop));
        s.step.init(Some(step));
        cx.alloc(s)
    }

    /// start, stop and step as machine words, clipped (`PySlice_Unpack`). Runs `__index__`.
    pub fn unpack(&self, cx: &Thread) -> Res<(isize, isize, isize)> {
        let step = match self.step.value() {
            v if v.is_none() => 1,
            v => {
                let s = slice_index(cx, v)?;
                if s == 0 {
                    raise!(cx, ValueError, "slice step cannot be zero");
                }
                s.max(-isize::MAX)
            }
        };
        let start = match self.start.value() {
            v if v.is_none() => {
                if step < 0 {
                    isize::MAX
                } else {
                    0
                }
            }
            v => slice_index(cx, v)?,
        };
        let stop = match self.stop.value() {
            v if v.is_none() => {
                if step < 0 {
                    isize::MIN
                } else {
                    isize::MAX
                }
            }
            v => slice_index(cx, v)?,
        };
        Ok((start, stop, step))
    }

    /// The slice over a sequence of `len` items. `len` must be asked after `__index__` has run;
    /// so callers that can change use `unpack` and `adjust`.
    pub fn over(&self, cx: &Thread, len: usize) -> Res<Range> {
        let (start, stop, step) = self.unpack(cx)?;
        Ok(adjust(start, stop, step, len))
    }
}

/// The same indices in ascending order.
pub fn ascending(r: Range) -> Range {
    if r.step > 0 {
        return r;
    }
    let start = r.start + r.step * (r.len as isize - 1);
    Range { start, stop: r.start + 1, step: -r.step, len: r.len }
}

/// Clips unpacked values to a length (`PySlice_AdjustIndices`).
pub fn adjust(start: isize, stop: isize, step: isize, len: usize) -> Range {
    let n = len as isize;
    let clip = |x: isize| {
        if x < 0 {
            let x = x.saturating_add(n);
            if x < 0 { if step < 0 { -1 } else { 0 } } else { x }
        } else if x >= n {
            if step < 0 { n - 1 } else { n }
        } else {
            x
        }
    };
    let (start, stop) = (clip(start), clip(stop));
    let len = if step < 0 {
        if stop < start { ((start - stop - 1) / -step + 1) as usize } else { 0 }
    } else if start < stop {
        ((stop - start - 1) / step + 1) as usize
    } else {
        0
    };
    Range { start, stop, step, len }
}

/// A slice bound: an int or something with `__index__`, clipped (`_PyEval_SliceIndex`).
pub fn slice_index(cx: &Thread, v: Value) -> Res<isize> {
    if let Some(i) = v.as_small() {
        return Ok(i as isize);
    }
    if v.ty().slots().index.get().is_none() {
        raise!(cx, TypeError, "slice indices must be integers or None or have an __index__ method");
    }
    index_clip(cx, v)
}

#[path = "slice_methods.rs"]
mod methods;
