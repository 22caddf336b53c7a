//! `frame.f_lineno = n`: a trace function makes its frame go on at another line.
//!
//! A place may be jumped to where every temporary that its code will read holds, at the place where
//! the frame is, what it would hold there: the same definition reaches both, or one of the same kind. So one cannot jump into
//! a loop, a `with` block or a handler, and can jump out of all of them. `Reaching` is that data flow;
//! a register whose definitions differ on two ways into an instruction is defined anew there.
//!
//! Invariant: what is live says `taipan_compiler::liveness`, as for the collector.

use super::Kind;
use crate::interp::frame::Regs;
use crate::objects::code::Code;
use crate::objects::frame::Frame;
use crate::prelude::*;
use std::collections::BTreeMap;
use taipan_compiler::Op;
use taipan_compiler::code::CodeUnit;
use taipan_compiler::liveness::Liveness;
use taipan_compiler::opcode::{Instr, Role, decode, effect};

/// What defined a register.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Def {
    /// Nothing yet.
    Nothing,
    /// The instruction at the word.
    Ins(u32),
    /// The exception that arrives at the handler there, or its place.
    Exception(u32),
    Place(u32),
    /// Several definitions that meet at the word.
    Joined(u32),
}

/// Which definition of each register reaches each instruction.
struct Reaching {
    ins: BTreeMap<u32, Instr>,
    at: BTreeMap<u32, Vec<Def>>,
}

impl Reaching {
    fn new(unit: &CodeUnit) -> Reaching {
        let mut ins = BTreeMap::new();
        let mut pc = 0;
        while let Some(i) = decode(&unit.code, pc as usize) {
            ins.insert(pc, i);
            pc += i.len;
        }
        let mut r = Reaching { ins, at: BTreeMap::new() };
        let mut work = vec![0];
        r.at.insert(0, vec![Def::Nothing; unit.nregs as usize]);
        while let Some(pc) = work.pop() {
            r.step(unit, pc, &mut work);
        }
        r
    }

    fn step(&mut self, unit: &CodeUnit, pc: u32, work: &mut Vec<u32>) {
        let Some(i) = self.ins.get(&pc).copied() else { return };
        let before = self.at[&pc].clone();
        if i.op.has(effect::RAISES)
            && let Some(e) = unit.except_table.iter().find(|e| e.start <= pc && pc < e.end)
        {
            let mut state = before.clone();
            set(&mut state, e.exc_reg.into(), Def::Exception(e.handler));
            if e.lasti {
                set(&mut state, u32::from(e.exc_reg) + 1, Def::Place(e.handler));
            }
            self.join(e.handler, state, work);
        }
        let mut after = before;
        i.for_each_write(|r, n| (r..r + n).for_each(|r| set(&mut after, r, Def::Ins(pc))));
        let next = pc + i.len;
        if let Some(distance) = i.jump() {
            let mut state = after.clone();
            if i.op.info().roles[0] == Role::conddst {
                set(&mut state, i.a.into(), Def::Ins(pc));
            }
            self.join((i64::from(next) + i64::from(distance)) as u32, state, work);
        }
        if !i.op.has(effect::TERM) {
            self.join(next, after, work);
        }
    }

    fn join(&mut self, to: u32, state: Vec<Def>, work: &mut Vec<u32>) {
        let Some(old) = self.at.get_mut(&to) else {
            self.at.insert(to, state);
            work.push(to);
            return;
        };
        let mut changed = false;
        for (old, new) in old.iter_mut().zip(state) {
            if *old != new && *old != Def::Joined(to) {
                *old = Def::Joined(to);
                changed = true;
            }
        }
        if changed {
            work.push(to);
        }
    }

    fn op(&self, pc: u32) -> Option<Op> {
        self.ins.get(&pc).map(|i| i.op)
    }
}

fn set(state: &mut [Def], r: u32, def: Def) {
    if let Some(slot) = state.get_mut(r as usize) {
        *slot = def;
    }
}

/// The frame's temporaries at a place, innermost last.
struct Analysis<'a> {
    reaching: Reaching,
    live: Liveness,
    code: &'a Code,
}

impl Analysis<'_> {
    /// Live temporaries before the instruction, with what defined them; `None`: it is never reached.
    fn temporaries(&self, pc: u32) -> Option<Vec<(u32, Def)>> {
        let state = self.reaching.at.get(&pc)?;
        let live = self.live.live_in(pc)?;
        let temps = live.iter().filter(|r| *r >= self.code.nlocals);
        Some(temps.filter_map(|r| Some((r, *state.get(r as usize)?))).collect())
    }

    fn is_constant(&self, def: Def) -> bool {
        let Def::Ins(pc) = def else { return false };
        matches!(
            self.reaching.op(pc),
            Some(
                Op::LOAD_CONST
                    | Op::LOAD_CONST_W
                    | Op::LOAD_INT
                    | Op::LOAD_NONE
                    | Op::LOAD_TRUE
                    | Op::LOAD_FALSE
            )
        )
    }

    /// May what one definition made stand for the other's? As on CPython's stack, where one `with`
    /// block's exit function is as good as another's.
    fn alike(&self, a: Def, b: Def) -> bool {
        match (a, b) {
            (Def::Ins(a), Def::Ins(b)) => self.reaching.op(a) == self.reaching.op(b),
            (Def::Exception(_), Def::Exception(_)) | (Def::Place(_), Def::Place(_)) => true,
            _ => a == b,
        }
    }

    /// How many blocks the place is in, if the frame may go there from where `from` is what it holds.
    fn fits(&self, from: &[(u32, Def)], at: u32, to: &[(u32, Def)]) -> Option<usize> {
        let state = self.reaching.at.get(&at)?;
        let mut depth = 0;
        for t in to {
            let same = |f: &(u32, Def)| f.0 == t.0 && self.alike(f.1, t.1);
            if self.is_constant(t.1) {
                // Loaded before the loop, in a register of its own.
                if state.get(t.0 as usize) != Some(&t.1) {
                    return None;
                }
            } else if from.iter().any(same) {
                depth += 1;
            } else {
                return None;
            }
        }
        Some(depth)
    }

    /// Why the frame may not go where `to` is needed.
    fn explain(&self, to: &[(u32, Def)]) -> &'static str {
        let inner = to.iter().rev().find(|t| !self.is_constant(t.1));
        match inner.map(|t| t.1) {
            Some(Def::Exception(_)) => "can't jump into an 'except' block as there's no exception",
            Some(Def::Place(_)) => "can't jump into a re-raising block as there's no location",
            Some(Def::Ins(pc)) => match self.reaching.op(pc) {
                Some(Op::PUSH_EXC) => "can't jump into an 'except' block as there's no exception",
                Some(Op::GET_ITER | Op::GET_AITER) => "can't jump into the body of a for loop",
                _ => "incompatible stacks",
            },
            _ => "incompatible stacks",
        }
    }
}

/// The words where the table of lines goes on to another line, with that line.
fn line_starts(code: &Code) -> Vec<(u32, i64)> {
    let lines = code.lines();
    let mut last = None;
    let mut out = Vec::new();
    for at in 0..code.unit().code.len() {
        let Some(line) = lines.line(at) else { continue };
        if last.replace(line) != Some(line) {
            out.push((at as u32, i64::from(line)));
        }
    }
    out
}

/// Chooses the word to go to.
fn choose(cx: &Thread, code: &Code, at: u32, wanted: i64) -> Res<(u32, Vec<u32>)> {
    let unit = code.unit();
    let starts = line_starts(code);
    let Some(line) = starts.iter().map(|s| s.1).filter(|l| *l >= wanted).min() else {
        raise!(cx, ValueError, "line {wanted} comes after the current code block");
    };
    let live = Liveness::new(&unit.code, &unit.except_table, unit.nregs);
    let all = Analysis { reaching: Reaching::new(unit), live, code };
    let Some(from) = all.temporaries(at) else {
        raise!(cx, ValueError, "can't jump from unreachable code");
    };
    let mut best: Option<(usize, u32)> = None;
    let mut why = "cannot find bytecode for specified line";
    for &(to, _) in starts.iter().filter(|s| s.1 == line) {
        // The test at the bottom of a loop: the statement starts at its top.
        if all.reaching.op(to) == Some(Op::FOR_NEXT) {
            continue;
        }
        let Some(needs) = all.temporaries(to) else {
            if best.is_none() {
                why = "can't jump into an exception handler, or code may be unreachable";
            }
            continue;
        };
        match all.fits(&from, at, &needs) {
            Some(depth) if best.is_none_or(|b| depth > b.0) => best = Some((depth, to)),
            Some(_) => {}
            None => why = all.explain(&needs),
        }
    }
    let Some((_, to)) = best else { raise!(cx, ValueError, "{why}") };
    // The handlers that are left, outermost first: each keeps what was handled before it.
    let stay = all.temporaries(to).unwrap_or_default();
    let is_saved = |d: Def| matches!(d, Def::Ins(pc) if all.reaching.op(pc) == Some(Op::PUSH_EXC));
    let left = from.iter().filter(|t| is_saved(t.1) && !stay.contains(t)).map(|t| t.0).collect();
    Ok((to, left))
}

/// Binds None to the variables without a value, which the code at the new place may read unchecked.
fn bind_unbound(cx: &Thread, regs: Regs, code: &Code) -> Res<()> {
    let first = code.local_base as usize;
    let unbound: Vec<usize> =
        (first..code.nlocals as usize).filter(|&i| regs.get(i).is_none()).collect();
    if unbound.is_empty() {
        return Ok(());
    }
    let s = if unbound.len() == 1 { "" } else { "s" };
    let text = format!("assigning None to {} unbound local{s}", unbound.len());
    crate::objects::warn(cx, exc::RuntimeWarning(), &text, 1)?;
    for i in unbound {
        regs.set_option(i, Some(none()));
    }
    Ok(())
}

/// `frame.f_lineno = v`.
pub fn set_line(cx: &Thread, f: &'static Frame, v: Option<Value>) -> Res<()> {
    let Some(v) = v else { raise!(cx, AttributeError, "cannot delete attribute") };
    if !v.ty().is(crate::objects::int::Int::type_object()) {
        raise!(cx, ValueError, "lineno must be an integer");
    }
    let Some((kind, event_frame)) = cx.interp.event.get() else {
        raise!(cx, ValueError, "f_lineno can only be set in a trace function");
    };
    match kind {
        Kind::Call => {
            raise!(cx, ValueError, "can't jump from the 'call' trace event of a new frame")
        }
        Kind::NativeCall | Kind::NativeReturn => {
            raise!(cx, ValueError, "can't jump during a call")
        }
        Kind::Return | Kind::Exception | Kind::Opcode => {
            raise!(cx, ValueError, "can only jump from a 'line' trace event")
        }
        Kind::Resume | Kind::Line | Kind::Yield => {}
    }
    if event_frame != Value::from_ref(f) {
        raise!(cx, ValueError, "can't jump during a call");
    }
    let Some(wanted) = int_to_i64(v).filter(|n| i32::try_from(*n).is_ok()) else {
        raise!(cx, ValueError, "lineno out of range");
    };
    let code = f.code();
    if wanted < i64::from(code.unit().firstlineno) {
        raise!(cx, ValueError, "line {wanted} comes before the current code block");
    }
    let at = f.lasti() as u32;
    let (to, left) = choose(cx, code, at, wanted)?;
    let regs = f.regs();
    bind_unbound(cx, regs, code)?;
    if let Some(&outermost) = left.first() {
        cx.interp.handled.set(regs.get(outermost as usize));
    }
    f.choose_place(kind == Kind::Yield, to as usize);
    Ok(())
}
