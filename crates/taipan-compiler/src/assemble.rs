//! From symbolic instructions to a `CodeUnit`: register numbers, words, exception table, location table.

use crate::code::ExceptEntry;
use crate::error::{CompileError, Result};
use crate::ir::{HandlerId, Label, Loc, Reg, Sequence};
use crate::opcode::{Ext, Op, Role, effect};

/// Where each class of symbolic registers starts.
pub struct RegisterMap {
    /// Register of each local.
    pub locals: Vec<u32>,
    /// Register of each cell and free variable.
    pub cells: Vec<u32>,
    pub konsts: u32,
    pub temps: u32,
}

impl RegisterMap {
    pub fn map(&self, r: u32) -> u32 {
        let r = Reg(r);
        if r == Reg::NAMESPACE {
            0
        } else if let Some(i) = r.as_local() {
            self.locals[i as usize]
        } else if let Some(i) = r.as_cell() {
            self.cells[i as usize]
        } else if let Some(i) = r.as_konst() {
            self.konsts + i
        } else {
            self.temps + r.as_temp().expect("a register has a class")
        }
    }
}

/// Words, exception table and location table.
pub struct Assembled {
    pub code: Vec<u32>,
    pub except_table: Vec<ExceptEntry>,
    pub linetable: Vec<u8>,
}

/// Assembles the sequence.
pub fn assemble(seq: &Sequence, regs: &RegisterMap, firstlineno: u32) -> Result<Assembled> {
    let n = seq.ins.len();
    let mut operands = Vec::with_capacity(n);
    let mut starts = Vec::with_capacity(n + 1);
    let mut pc = 0u32;
    for ins in &seq.ins {
        let roles = ins.op.info().roles;
        let value =
            |role: Role, v: u32| if role.widens() && role != Role::count { regs.map(v) } else { v };
        let ops = [value(roles[0], ins.a), value(roles[1], ins.b), value(roles[2], ins.c)];
        if (0..3).any(|i| roles[i].widens() && ops[i] > 0xffff) {
            return Err(CompileError::system("too many registers"));
        }
        let wide = (0..3).any(|i| roles[i].widens() && ops[i] > 0xff);
        starts.push(pc);
        pc += u32::from(wide) + ins.op.len() as u32;
        operands.push((ops, wide));
    }
    starts.push(pc);
    let mut code = Vec::with_capacity(pc as usize);
    for (i, ins) in seq.ins.iter().enumerate() {
        let (ops, wide) = operands[i];
        let distance = if ins.target == Label::NONE {
            0
        } else {
            starts[seq.labels[ins.target.0 as usize] as usize] as i32 - starts[i + 1] as i32
        };
        if wide {
            let roles = ins.op.info().roles;
            let hi = |k: usize| if roles[k].widens() { ops[k] >> 8 & 0xff } else { 0 };
            code.push(Op::EXT as u32 | hi(0) << 8 | hi(1) << 16 | hi(2) << 24);
        }
        let op = ins.op as u32;
        code.push(match ins.op.info().roles {
            [Role::j24, ..] => {
                if !(-(1 << 23)..1 << 23).contains(&distance) {
                    return Err(CompileError::system("code too large"));
                }
                op | (distance as u32) << 8
            }
            [_, Role::i16 | Role::k16, _] => op | (ops[0] & 0xff) << 8 | (ops[1] & 0xffff) << 16,
            _ => op | (ops[0] & 0xff) << 8 | (ops[1] & 0xff) << 16 | (ops[2] & 0xff) << 24,
        });
        match ins.op.info().ext {
            Ext::none => {}
            Ext::jump => code.push(distance as u32),
            _ => code.push(ins.ext),
        }
    }
    Ok(Assembled {
        code,
        except_table: except_table(seq, regs, &starts),
        linetable: linetable(seq, &starts, firstlineno),
    })
}

fn except_table(seq: &Sequence, regs: &RegisterMap, starts: &[u32]) -> Vec<ExceptEntry> {
    let mut table: Vec<ExceptEntry> = Vec::new();
    let mut open = HandlerId::NONE;
    for (i, ins) in seq.ins.iter().enumerate() {
        // Instructions that cannot raise join whichever range is open.
        if ins.handler == HandlerId::NONE || (ins.handler != open && !ins.op.has(effect::RAISES)) {
            open = HandlerId::NONE;
            continue;
        }
        let end = starts[i + 1];
        if ins.handler == open
            && let Some(last) = table.last_mut()
        {
            last.end = end;
            continue;
        }
        open = ins.handler;
        let h = &seq.handlers[ins.handler.0 as usize];
        table.push(ExceptEntry {
            start: starts[i],
            end,
            handler: starts[seq.labels[h.label.0 as usize] as usize],
            exc_reg: regs.map(h.exc_reg.0) as u16,
            lasti: h.lasti,
        });
    }
    table
}

fn varint(out: &mut Vec<u8>, mut v: u32) {
    while v >= 64 {
        out.push(0x40 | (v & 0x3f) as u8);
        v >>= 6;
    }
    out.push(v as u8);
}

fn signed_varint(out: &mut Vec<u8>, v: i32) {
    let u = if v < 0 { (0u32.wrapping_sub(v as u32)) << 1 | 1 } else { (v as u32) << 1 };
    varint(out, u);
}

/// CPython's location table (Objects/locations.md), with code words as the unit.
fn linetable(seq: &Sequence, starts: &[u32], firstlineno: u32) -> Vec<u8> {
    let mut out = Vec::new();
    let mut line = firstlineno as i32;
    let mut i = 0;
    while i < seq.ins.len() {
        let loc = seq.ins[i].loc;
        let from = starts[i];
        while i < seq.ins.len() && seq.ins[i].loc == loc {
            i += 1;
        }
        let mut words = starts[i] - from;
        while words > 0 {
            let n = words.min(8);
            entry(&mut out, loc, n, &mut line);
            words -= n;
        }
    }
    out
}

fn entry(out: &mut Vec<u8>, loc: Loc, words: u32, line: &mut i32) {
    let first = |code: u32| (0x80 | code << 3 | (words - 1)) as u8;
    if loc.is_none() {
        out.push(first(15));
        return;
    }
    let delta = loc.line - *line;
    *line = loc.line;
    if loc.col < 0 || loc.end_col < 0 {
        out.push(first(13));
        signed_varint(out, delta);
        return;
    }
    if loc.end_line == loc.line {
        let (col, end) = (loc.col as u32, loc.end_col as u32);
        if delta == 0 && col < 80 && end >= col && end - col < 16 {
            out.push(first(col / 8));
            out.push(((col % 8) << 4 | (end - col)) as u8);
            return;
        }
        if (0..3).contains(&delta) && col < 128 && end < 128 {
            out.push(first(10 + delta as u32));
            out.push(col as u8);
            out.push(end as u8);
            return;
        }
    }
    out.push(first(14));
    signed_varint(out, delta);
    varint(out, (loc.end_line - loc.line).max(0) as u32);
    varint(out, loc.col as u32 + 1);
    varint(out, loc.end_col as u32 + 1);
}
