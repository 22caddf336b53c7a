//! Instructions before they have addresses: symbolic registers, labels, handlers, source locations.
//!
//! Registers are symbolic because how many locals, cells and hoisted constants a code unit has is known only after
//! its last statement. `assemble` turns a `Sequence` into words.

use crate::opcode::Op;
use taipan_syntax::ast::Span;

/// A symbolic register: a class in the top bits and a number in the others.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Reg(pub u32);

const CLASS: u32 = 0xF000_0000;

impl Reg {
    /// The namespace of code that is not optimised.
    pub const NAMESPACE: Reg = Reg(0xF000_0000);

    pub const fn local(i: u32) -> Reg {
        Reg(i)
    }
    /// Cell variables first, then free variables.
    pub const fn cell(i: u32) -> Reg {
        Reg(0x1000_0000 | i)
    }
    /// A constant that the prologue loads.
    pub const fn konst(i: u32) -> Reg {
        Reg(0x2000_0000 | i)
    }
    pub const fn temp(i: u32) -> Reg {
        Reg(0x3000_0000 | i)
    }

    pub fn as_local(self) -> Option<u32> {
        (self.0 & CLASS == 0).then_some(self.0)
    }
    pub fn as_cell(self) -> Option<u32> {
        (self.0 & CLASS == 0x1000_0000).then_some(self.0 & !CLASS)
    }
    pub fn as_konst(self) -> Option<u32> {
        (self.0 & CLASS == 0x2000_0000).then_some(self.0 & !CLASS)
    }
    pub fn as_temp(self) -> Option<u32> {
        (self.0 & CLASS == 0x3000_0000).then_some(self.0 & !CLASS)
    }
    /// The register `n` further on: meaningful for temporaries and for runs of cells.
    pub fn plus(self, n: u32) -> Reg {
        Reg(self.0 + n)
    }
}

/// A place in the code, to be bound once.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Label(pub u32);

impl Label {
    pub const NONE: Label = Label(u32::MAX);
}

/// An exception handler.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct HandlerId(pub u32);

impl HandlerId {
    pub const NONE: HandlerId = HandlerId(u32::MAX);
}

#[derive(Clone, Copy, Debug)]
pub struct Handler {
    pub label: Label,
    pub exc_reg: Reg,
    pub lasti: bool,
}

/// A source range; `line < 0` is no location.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Loc {
    pub line: i32,
    pub end_line: i32,
    pub col: i32,
    pub end_col: i32,
}

impl Loc {
    pub const NONE: Loc = Loc { line: -1, end_line: -1, col: -1, end_col: -1 };

    pub fn is_none(self) -> bool {
        self.line < 0
    }

    /// The range as the tree has it.
    pub fn span(self) -> Span {
        Span {
            lineno: self.line as u32,
            col_offset: self.col as u32,
            end_lineno: self.end_line as u32,
            end_col_offset: self.end_col as u32,
        }
    }
}

impl From<Span> for Loc {
    fn from(s: Span) -> Loc {
        Loc {
            line: s.lineno as i32,
            end_line: s.end_lineno as i32,
            col: s.col_offset as i32,
            end_col: s.end_col_offset as i32,
        }
    }
}

/// One instruction. Operands are `Reg` bits where the opcode's role says register, plain numbers elsewhere.
#[derive(Clone, Copy, Debug)]
pub struct Ins {
    pub op: Op,
    pub a: u32,
    pub b: u32,
    pub c: u32,
    pub ext: u32,
    pub target: Label,
    pub handler: HandlerId,
    pub loc: Loc,
    /// The value written may be empty although the opcode writes a value (restoring a saved local).
    pub maybe_empty: bool,
}

/// A code unit's instructions in order.
#[derive(Default)]
pub struct Sequence {
    pub ins: Vec<Ins>,
    /// Index of the instruction that a label stands before.
    pub labels: Vec<u32>,
    pub handlers: Vec<Handler>,
}

impl Sequence {
    pub fn new_label(&mut self) -> Label {
        self.labels.push(u32::MAX);
        Label(self.labels.len() as u32 - 1)
    }

    pub fn bind(&mut self, label: Label) {
        self.labels[label.0 as usize] = self.ins.len() as u32;
    }

    pub fn is_bound(&self, label: Label) -> bool {
        self.labels[label.0 as usize] != u32::MAX
    }

    pub fn new_handler(&mut self, label: Label, exc_reg: Reg, lasti: bool) -> HandlerId {
        self.handlers.push(Handler { label, exc_reg, lasti });
        HandlerId(self.handlers.len() as u32 - 1)
    }
}
