//! Clean-up of a finished instruction sequence: unreachable code, needless checks for unbound locals, jumps.
//!
//! Line events are kept: an instruction that is alone on its line is not removed, so that tracing sees `pass`.

use crate::code::Const;
use crate::ir::{HandlerId, Ins, Label, Loc, Reg, Sequence};
use crate::opcode::{Ext, Op, Role, effect};
use std::collections::HashMap;

/// Runs all passes.
pub fn optimize(seq: &mut Sequence, nparams: usize, param_is_cell: &[bool]) {
    let nlocals = count_locals(seq);
    thread_jumps(seq);
    duplicate_returns(seq);
    remove_unreachable(seq);
    remove_checks(seq, nlocals.max(nparams), nparams, param_is_cell);
    rotate_continues(seq);
    duplicate_returns(seq);
    remove_nops(seq);
    remove_unreachable(seq);
    // The second time for what is jumped to by instructions that had no place.
    propagate_lines(seq);
    propagate_lines(seq);
}

fn count_locals(seq: &Sequence) -> usize {
    let mut n = 0;
    for ins in &seq.ins {
        for (role, r) in operands(ins) {
            if role.widens()
                && role != Role::count
                && let Some(i) = Reg(r).as_local()
            {
                n = n.max(i as usize + 1);
            }
        }
    }
    n
}

fn operands(ins: &Ins) -> [(Role, u32); 3] {
    let roles = ins.op.info().roles;
    [(roles[0], ins.a), (roles[1], ins.b), (roles[2], ins.c)]
}

fn target_of(seq: &Sequence, label: Label) -> usize {
    seq.labels[label.0 as usize] as usize
}

/// Jumps to jumps go to the end of the chain where no line event is lost.
fn thread_jumps(seq: &mut Sequence) {
    for i in 0..seq.ins.len() {
        let ins = seq.ins[i];
        if ins.target == Label::NONE || matches!(ins.op, Op::SEND | Op::FOR_NEXT) {
            continue;
        }
        let mut label = ins.target;
        for _ in 0..16 {
            let at = target_of(seq, label);
            let Some(next) = seq.ins.get(at) else { break };
            let quiet = next.loc.is_none() || next.loc.line == ins.loc.line;
            if next.op != Op::JUMP || !quiet || at == i || target_of(seq, next.target) == at {
                break;
            }
            // Backward jumps must poll.
            if target_of(seq, next.target) <= i {
                break;
            }
            label = next.target;
        }
        seq.ins[i].target = label;
    }
}

/// A jump to `return None` returns itself; conditional jumps from other lines get a return of their own line.
fn duplicate_returns(seq: &mut Sequence) {
    let count = seq.ins.len();
    for i in 0..count {
        let ins = seq.ins[i];
        if ins.target == Label::NONE {
            continue;
        }
        let at = target_of(seq, ins.target);
        let Some(ret) = seq.ins.get(at).copied() else { continue };
        let placed = !ins.loc.is_none() || ins.op == Op::JUMP;
        if placed && !matches!(ins.op, Op::SEND | Op::FOR_NEXT) && is_exit(seq, at) {
            let label = seq.new_label();
            seq.bind(label);
            for j in at.. {
                let copy = Ins { loc: ins.loc, ..seq.ins[j] };
                seq.ins.push(copy);
                if copy.op.has(effect::TERM) {
                    break;
                }
            }
            seq.ins[i].target = label;
            continue;
        }
        if !matches!(ret.op, Op::RETURN_NONE | Op::RETURN) {
            continue;
        }
        if ins.op == Op::JUMP {
            let loc = if ret.loc.is_none() { ins.loc } else { ret.loc };
            seq.ins[i] = Ins { loc, ..ret };
        } else if ret.loc.is_none() && !ins.loc.is_none() && ret.op == Op::RETURN_NONE {
            let label = seq.new_label();
            seq.bind(label);
            seq.ins.push(Ins { loc: ins.loc, ..ret });
            seq.ins[i].target = label;
        }
    }
}

/// A few instructions without a place up to a return: the end of a class body.
fn is_exit(seq: &Sequence, at: usize) -> bool {
    let end = seq.ins[at..].iter().take(12).position(|i| i.op.has(effect::TERM));
    end.is_some_and(|n| {
        n > 0
            && matches!(seq.ins[at + n].op, Op::RETURN | Op::RETURN_NONE)
            && seq.ins[at..=at + n].iter().all(|i| i.loc.is_none() && i.target == Label::NONE)
    })
}

fn remove_unreachable(seq: &mut Sequence) {
    let n = seq.ins.len();
    let mut reached = vec![false; n];
    let mut work = vec![0usize];
    let mut handler_seen = vec![false; seq.handlers.len()];
    while let Some(mut i) = work.pop() {
        while i < n && !reached[i] {
            reached[i] = true;
            let ins = &seq.ins[i];
            if ins.target != Label::NONE {
                work.push(target_of(seq, ins.target));
            }
            if ins.handler != HandlerId::NONE
                && ins.op.has(effect::RAISES)
                && !std::mem::replace(&mut handler_seen[ins.handler.0 as usize], true)
            {
                work.push(target_of(seq, seq.handlers[ins.handler.0 as usize].label));
            }
            if ins.op.has(effect::TERM) {
                break;
            }
            i += 1;
        }
    }
    // A jump to the next instruction that stays is no jump.
    for i in 0..n {
        if reached[i] && seq.ins[i].op == Op::JUMP {
            let to = target_of(seq, seq.ins[i].target);
            if to > i && (i + 1..to).all(|j| !reached[j]) {
                let ins = &mut seq.ins[i];
                ins.op = Op::NOP;
                ins.target = Label::NONE;
            }
        }
    }
    retain(seq, |i, _| reached[i]);
}

/// Keeps the instructions that `keep` wants and moves the labels.
fn retain(seq: &mut Sequence, mut keep: impl FnMut(usize, &Ins) -> bool) {
    let n = seq.ins.len();
    let mut moved = Vec::with_capacity(n + 1);
    let mut kept = Vec::with_capacity(n);
    for (i, ins) in seq.ins.iter().enumerate() {
        moved.push(kept.len() as u32);
        if keep(i, ins) {
            kept.push(*ins);
        }
    }
    moved.push(kept.len() as u32);
    for l in &mut seq.labels {
        if *l != u32::MAX {
            *l = moved[*l as usize];
        }
    }
    seq.ins = kept;
}

#[derive(Clone, PartialEq)]
struct Bits(Vec<u64>);

impl Bits {
    fn full(n: usize) -> Bits {
        Bits(vec![!0; n.div_ceil(64)])
    }
    fn get(&self, i: u32) -> bool {
        self.0[i as usize / 64] >> (i % 64) & 1 != 0
    }
    fn set(&mut self, i: u32, on: bool) {
        let bit = 1 << (i % 64);
        if on {
            self.0[i as usize / 64] |= bit;
        } else {
            self.0[i as usize / 64] &= !bit;
        }
    }
    /// Intersects; true if that changed something.
    fn meet(&mut self, other: &Bits) -> bool {
        let mut changed = false;
        for (a, b) in self.0.iter_mut().zip(&other.0) {
            changed |= *a & !b != 0;
            *a &= b;
        }
        changed
    }
}

/// Removes `CHECK_LOCAL`s of locals that are bound on every path: forward data flow to a fixed point.
fn remove_checks(seq: &mut Sequence, nlocals: usize, nparams: usize, param_is_cell: &[bool]) {
    if nlocals == 0 || !seq.ins.iter().any(|i| i.op == Op::CHECK_LOCAL) {
        return;
    }
    let mut at: Vec<Option<u32>> = vec![None; seq.ins.len() + 1];
    // Labels at one place share a state.
    for l in &seq.labels {
        if *l != u32::MAX {
            at[*l as usize] = Some(0);
        }
    }
    let mut states = Vec::new();
    for slot in at.iter_mut().flatten() {
        *slot = states.len() as u32;
        states.push(Bits::full(nlocals));
    }
    let mut entry = Bits(vec![0; nlocals.div_ceil(64)]);
    for (i, is_cell) in param_is_cell.iter().enumerate().take(nparams) {
        entry.set(i as u32, !is_cell);
    }
    let mut needless = vec![false; seq.ins.len()];
    loop {
        let mut changed = false;
        let mut cur = entry.clone();
        let mut alive = true;
        let mut merged_for = HandlerId::NONE;
        for (i, ins) in seq.ins.iter().enumerate() {
            if let Some(s) = at[i] {
                let state = &mut states[s as usize];
                if alive {
                    changed |= state.meet(&cur);
                }
                cur.clone_from(state);
                alive = true;
                merged_for = HandlerId::NONE;
            } else if !alive {
                continue;
            }
            if ins.handler != HandlerId::NONE && merged_for != ins.handler {
                let h = target_of(seq, seq.handlers[ins.handler.0 as usize].label);
                let s = at[h].expect("a handler's label is bound");
                changed |= states[s as usize].meet(&cur);
                merged_for = ins.handler;
            }
            if ins.op == Op::CHECK_LOCAL {
                let r = Reg(ins.a).as_local().expect("CHECK_LOCAL is of a local");
                needless[i] = cur.get(r);
                cur.set(r, true);
                continue;
            }
            let mut jump_def = None;
            for (role, r) in operands(ins) {
                let Some(local) = Reg(r).as_local() else { continue };
                match role {
                    Role::dst => {
                        let on = ins.op != Op::LOAD_EMPTY && !ins.maybe_empty;
                        if !on || !cur.get(local) {
                            merged_for = HandlerId::NONE;
                        }
                        cur.set(local, on);
                    }
                    Role::inout => {
                        cur.set(local, false);
                        merged_for = HandlerId::NONE;
                    }
                    Role::dstrun_c => {
                        for j in 0..ins.c {
                            cur.set(local + j, true);
                        }
                    }
                    Role::conddst => jump_def = Some(local),
                    _ => {}
                }
            }
            if ins.target != Label::NONE {
                let s = at[target_of(seq, ins.target)].expect("a target is a label");
                match jump_def {
                    Some(local) if !cur.get(local) => {
                        let mut there = cur.clone();
                        there.set(local, true);
                        changed |= states[s as usize].meet(&there);
                    }
                    _ => changed |= states[s as usize].meet(&cur),
                }
            }
            if ins.op.has(effect::TERM) {
                alive = false;
            }
        }
        if !changed {
            break;
        }
    }
    retain(seq, |i, _| !needless[i]);
}

/// A jump to a loop's back edge becomes a copy of that back edge: one instruction less on each turn.
fn rotate_continues(seq: &mut Sequence) {
    let mut inserts: Vec<(usize, Ins)> = Vec::new();
    for i in 0..seq.ins.len() {
        let ins = seq.ins[i];
        if ins.op != Op::JUMP {
            continue;
        }
        let at = target_of(seq, ins.target);
        let Some(back) = seq.ins.get(at).copied() else { continue };
        let is_loop =
            back.op.has(effect::POLLS) && back.op.has(effect::JUMPS) && back.target != Label::NONE;
        // The entry of a loop jumps to its bottom too: there the copy jumps over the exit to the loop's top.
        if !is_loop || at <= i {
            continue;
        }
        let top = target_of(seq, back.target);
        if top > i + 1 || (top == i + 1 && back.op == Op::JUMP_BACK) {
            continue;
        }
        if back.op == Op::JUMP_BACK {
            seq.ins[i] = back;
            continue;
        }
        let exit = seq.new_label();
        seq.labels[exit.0 as usize] = at as u32 + 1;
        seq.ins[i] = back;
        inserts.push((i + 1, Ins { op: Op::JUMP, target: exit, loc: back.loc, ..ins }));
    }
    if inserts.is_empty() {
        return;
    }
    let n = seq.ins.len();
    let mut moved = Vec::with_capacity(n + 1);
    let mut out = Vec::with_capacity(n + inserts.len());
    let mut pending = inserts.into_iter().peekable();
    for (i, ins) in seq.ins.iter().enumerate() {
        if let Some((_, extra)) = pending.next_if(|(at, _)| *at == i) {
            out.push(extra);
        }
        moved.push(out.len() as u32);
        out.push(*ins);
    }
    for (_, extra) in pending {
        out.push(extra);
    }
    moved.push(out.len() as u32);
    for l in &mut seq.labels {
        if *l != u32::MAX {
            *l = moved[*l as usize];
        }
    }
    seq.ins = out;
}

fn remove_nops(seq: &mut Sequence) {
    let lines: Vec<i32> = seq.ins.iter().map(|i| i.loc.line).collect();
    let mut is_target = vec![false; seq.ins.len() + 1];
    for l in &seq.labels {
        if *l != u32::MAX {
            is_target[*l as usize] = true;
        }
    }
    let ops: Vec<Op> = seq.ins.iter().map(|i| i.op).collect();
    // What follows and has no place takes that of the NOP.
    for i in 0..seq.ins.len().saturating_sub(1) {
        if ops[i] == Op::NOP && seq.ins[i + 1].loc.is_none() && !is_target[i + 1] {
            seq.ins[i + 1].loc = seq.ins[i].loc;
        }
    }
    let lines_now: Vec<i32> = seq.ins.iter().map(|i| i.loc.line).collect();
    let mut last_kept = None;
    retain(seq, |i, ins| {
        let before: Option<usize> = last_kept;
        if ins.op != Op::NOP {
            last_kept = Some(i);
            return true;
        }
        let line = ins.loc.line;
        let same_before =
            !is_target[i] && before.is_some_and(|b| lines[b] == line && !ops[b].has(effect::TERM));
        let same_after = lines_now.get(i + 1) == Some(&line);
        if line < 0 || same_before || same_after {
            return false;
        }
        last_kept = Some(i);
        true
    });
}

/// Instructions without a place of their own take that of the one before them; after a label, only
/// where all ways to it come from one line.
fn propagate_lines(seq: &mut Sequence) {
    let n = seq.ins.len();
    let mut from: Vec<Option<Loc>> = vec![None; n + 1];
    let mut handler_starts = vec![false; n + 1];
    for h in &seq.handlers {
        let at = seq.labels[h.label.0 as usize];
        if at != u32::MAX {
            handler_starts[at as usize] = true;
        }
    }
    for i in 0..n {
        let ins = seq.ins[i];
        if ins.target != Label::NONE {
            let at = target_of(seq, ins.target);
            from[at] = Some(from[at].map_or(ins.loc, |other| same_line(other, ins.loc)));
        }
    }
    let mut last = Loc::NONE;
    let mut falls = false;
    for (i, ins) in seq.ins.iter_mut().enumerate() {
        last = match from[i] {
            _ if handler_starts[i] => Loc::NONE,
            None => last,
            Some(loc) if falls => same_line(last, loc),
            Some(loc) => loc,
        };
        if ins.loc.is_none() {
            ins.loc = last;
        } else {
            last = ins.loc;
        }
        falls = !ins.op.has(effect::TERM);
    }
}

fn same_line(a: Loc, b: Loc) -> Loc {
    if a.line == b.line { a } else { Loc::NONE }
}

/// Unpacking into temporaries that are then moved to locals in a row unpacks into the locals themselves.
pub fn unpack_into_locals(seq: &mut Sequence, regs: &crate::assemble::RegisterMap) {
    let mut is_target = vec![false; seq.ins.len() + 1];
    for l in &seq.labels {
        if *l != u32::MAX {
            is_target[*l as usize] = true;
        }
    }
    let mut dead = vec![false; seq.ins.len()];
    for i in 0..seq.ins.len() {
        let ins = seq.ins[i];
        let n = ins.c as usize;
        if ins.op != Op::UNPACK_SEQUENCE
            || n < 3
            || i + n >= seq.ins.len()
            || Reg(ins.a).as_temp().is_none()
        {
            continue;
        }
        let moves = &seq.ins[i + 1..=i + n];
        let first = Reg(moves[0].a);
        let fits = moves.iter().enumerate().all(|(k, m)| {
            m.op == Op::MOVE
                && m.b == ins.a + k as u32
                && Reg(m.a).as_local().is_some()
                && regs.map(m.a) == regs.map(first.0) + k as u32
                && !is_target[i + 1 + k]
        });
        if fits {
            seq.ins[i].a = first.0;
            dead[i + 1..=i + n].fill(true);
        }
    }
    retain(seq, |i, _| !dead[i]);
}

/// Removes constants that no instruction uses, but for the first, which may be the docstring. Instructions that carry
/// their constant in themselves count as uses: Python code sees the same `co_consts` as on CPython.
pub fn drop_unused_consts(seq: &mut Sequence, consts: Vec<Const>) -> Vec<Const> {
    let mut used = vec![false; consts.len()];
    if let Some(first) = used.first_mut() {
        *first = true;
    }
    let index: HashMap<&Const, usize> = consts.iter().enumerate().map(|(i, c)| (c, i)).collect();
    let use_value = |used: &mut Vec<bool>, value: Const| {
        if let Some(i) = index.get(&value) {
            used[*i] = true;
        }
    };
    for ins in &seq.ins {
        match const_index(ins) {
            Some(k) => used[k as usize] = true,
            None => match ins.op {
                Op::LOAD_NONE | Op::RETURN_NONE => use_value(&mut used, Const::None),
                Op::LOAD_TRUE => use_value(&mut used, Const::True),
                Op::LOAD_FALSE => use_value(&mut used, Const::False),
                Op::LOAD_INT => use_value(&mut used, Const::Int(i64::from(ins.b as u16 as i16))),
                _ => {
                    for (role, v) in operands(ins) {
                        if role == Role::simm {
                            use_value(&mut used, Const::Int(i64::from(v as u8 as i8)));
                        }
                    }
                }
            },
        }
    }
    let mut moved = vec![0; consts.len()];
    let mut kept = Vec::with_capacity(consts.len());
    for (i, c) in consts.into_iter().enumerate() {
        moved[i] = kept.len() as u32;
        if used[i] {
            kept.push(c);
        }
    }
    for ins in &mut seq.ins {
        if let Some(k) = const_index(ins) {
            let new = moved[k as usize];
            if ins.op.info().ext == Ext::konst {
                ins.ext = new;
            } else {
                ins.b = new;
            }
        }
    }
    kept
}

fn const_index(ins: &Ins) -> Option<u32> {
    if ins.op.info().ext == Ext::konst {
        Some(ins.ext)
    } else if ins.op.info().roles[1] == Role::k16 {
        Some(ins.b)
    } else {
        None
    }
}
