//! `cell`: what closures share a variable through.

use super::object::Object;
use crate::prelude::*;
use crate::types::alloc::fresh_head;

/// CPython's PyCellObject.
#[repr(C)]
pub struct Cell {
    pub head: Head,
    contents: Slot,
}

const _: () = assert!(std::mem::offset_of!(Cell, contents) == 32);

crate::pytype! { Cell, PyCell_Type, name: "cell", module: "builtins", base: Object,
doc: "cell([contents])\n--\n\nCreate a new cell object.\n\n  contents\n    What the cell holds; without it the cell is empty." }

impl Cell {
    pub fn new(cx: &Thread, v: Option<Value>) -> &'static Cell {
        let c = Cell { head: fresh_head(), contents: Slot::empty() };
        c.contents.init(v);
        cx.alloc(c)
    }

    #[inline(always)]
    pub fn get(&self) -> Option<Value> {
        self.contents.get()
    }

    #[inline(always)]
    pub fn set(&self, v: Value) {
        self.contents.set(self, v);
    }

    pub fn clear(&self) {
        self.contents.clear(self);
    }
}

/// Stores into `c` if it is a cell.
pub fn set_if_cell(c: Value, v: Value) -> bool {
    match c.downcast_exact::<Cell>() {
        Some(c) => {
            c.set(v);
            true
        }
        None => false,
    }
}

#[pymethods]
impl Cell {
    #[slot(sig = "(cls, contents=None, /)")]
    fn __new__(cx: &Thread, _cls: &Type, contents: Option<Value>) -> Res {
        Ok(Value::from_ref(Cell::new(cx, contents)))
    }

    #[slot]
    fn __repr__(cx: &Thread, this: &Cell) -> Res {
        let at = this as *const Cell as usize;
        let text = match this.get() {
            Some(v) => format!(
                "<cell at {at:#x}: {} object at {:#x}>",
                v.ty().name(),
                super::object::id_of(v)
            ),
            None => format!("<cell at {at:#x}: empty>"),
        };
        Ok(Value::from_ref(Str::new(cx, &text)))
    }

    #[slot]
    fn __richcmp__(cx: &Thread, this: &Cell, other: Value, op: CmpOp) -> Res {
        let Some(other) = other.downcast_exact::<Cell>() else { return Ok(not_implemented()) };
        // Empty cells come first.
        match (this.get(), other.get()) {
            (Some(a), Some(b)) => rich_compare(cx, a, b, op),
            (a, b) => Ok(py_bool(op.holds(a.is_some().cmp(&b.is_some())))),
        }
    }

    #[getter]
    fn cell_contents(cx: &Thread, this: &Cell) -> Res {
        match this.get() {
            Some(v) => Ok(v),
            None => raise!(cx, ValueError, "Cell is empty"),
        }
    }

    #[setter]
    fn set_cell_contents(_cx: &Thread, this: &Cell, v: Option<Value>) -> Res<()> {
        this.contents.set_option(this, v);
        Ok(())
    }
}
