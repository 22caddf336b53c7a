//! Which temporaries of a frame hold values that the code will still read: computed backwards from the opcode roles.
//!
//! The collector asks about frames that are suspended in an instruction. Named locals do not take part: they live
//! until they are deleted or the function returns, whatever reads them (so Python code observes it).

use crate::code::ExceptEntry;
use crate::opcode::{Instr, Role, decode, effect};

/// Registers as bits.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RegSet(Vec<u64>);

impl RegSet {
    fn new(n: u32) -> RegSet {
        RegSet(vec![0; n.div_ceil(64) as usize])
    }

    pub fn contains(&self, r: u32) -> bool {
        self.0.get(r as usize / 64).is_some_and(|w| w >> (r % 64) & 1 != 0)
    }

    pub fn iter(&self) -> impl Iterator<Item = u32> + '_ {
        (0..self.0.len() as u32 * 64).filter(|r| self.contains(*r))
    }

    fn set(&mut self, r: u32, on: bool) {
        if let Some(w) = self.0.get_mut(r as usize / 64) {
            if on {
                *w |= 1 << (r % 64);
            } else {
                *w &= !(1 << (r % 64));
            }
        }
    }

    fn join(&mut self, other: &RegSet) -> bool {
        let mut changed = false;
        for (a, b) in self.0.iter_mut().zip(&other.0) {
            changed |= *b & !*a != 0;
            *a |= b;
        }
        changed
    }
}

/// The liveness of one code unit.
pub struct Liveness {
    ins: Vec<(u32, Instr)>,
    /// Live before the instruction, at the starts of blocks only.
    block_in: Vec<Option<RegSet>>,
    table: Vec<ExceptEntry>,
    nregs: u32,
}

impl Liveness {
    /// Analyses damaged code up to the damage.
    pub fn new(code: &[u32], table: &[ExceptEntry], nregs: u32) -> Liveness {
        let mut ins = Vec::new();
        let mut pc = 0;
        while let Some(i) = decode(code, pc) {
            ins.push((pc as u32, i));
            pc += i.len as usize;
        }
        let mut live =
            Liveness { block_in: vec![None; ins.len()], ins, table: table.to_vec(), nregs };
        live.mark_blocks();
        live.solve();
        live
    }

    fn index_of(&self, pc: u32) -> Option<usize> {
        self.ins.binary_search_by_key(&pc, |(p, _)| *p).ok()
    }

    fn target(&self, i: usize) -> Option<usize> {
        let (pc, ins) = &self.ins[i];
        let distance = ins.jump()?;
        self.index_of((i64::from(*pc) + i64::from(ins.len) + i64::from(distance)) as u32)
    }

    fn mark_blocks(&mut self) {
        let mut starts: Vec<usize> = vec![0];
        for i in 0..self.ins.len() {
            if let Some(t) = self.target(i) {
                starts.push(t);
                starts.push(i + 1);
            }
        }
        let handlers: Vec<u32> = self.table.iter().map(|e| e.handler).collect();
        starts.extend(handlers.into_iter().filter_map(|h| self.index_of(h)));
        for s in starts {
            if let Some(slot) = self.block_in.get_mut(s) {
                *slot = Some(RegSet::new(self.nregs));
            }
        }
    }

    fn handler_of(&self, pc: u32) -> Option<&ExceptEntry> {
        let at = self.table.partition_point(|e| e.end <= pc);
        self.table.get(at).filter(|e| e.start <= pc)
    }

    /// What is live after instruction `i` on the ways it can go on, given what is live before the one after it.
    fn live_out(&self, i: usize, next: &RegSet) -> RegSet {
        let op = self.ins[i].1.op;
        let mut out = if op.has(effect::TERM) { RegSet::new(self.nregs) } else { next.clone() };
        if let Some(set) = self.target(i).and_then(|t| self.block_in[t].as_ref()) {
            let mut set = set.clone();
            // The value of FOR_NEXT is written on the jump only.
            if op.info().roles[0] == Role::conddst {
                set.set(u32::from(self.ins[i].1.a), false);
            }
            out.join(&set);
        }
        out
    }

    fn across(&self, i: usize, next: &RegSet) -> RegSet {
        let (pc, ins) = &self.ins[i];
        let mut live = self.live_out(i, next);
        ins.for_each_write(|r, n| (r..r + n).for_each(|r| live.set(r, false)));
        if ins.op.has(effect::RAISES)
            && let Some(e) = self.handler_of(*pc)
            && let Some(set) = self.index_of(e.handler).and_then(|h| self.block_in[h].as_ref())
        {
            let mut set = set.clone();
            set.set(u32::from(e.exc_reg), false);
            if e.lasti {
                set.set(u32::from(e.exc_reg) + 1, false);
            }
            live.join(&set);
        }
        live
    }

    fn before(&self, i: usize, next: &RegSet) -> RegSet {
        let mut live = self.across(i, next);
        self.ins[i].1.for_each_read(|r, n| (r..r + n).for_each(|r| live.set(r, true)));
        live
    }

    fn solve(&mut self) {
        loop {
            let mut changed = false;
            let mut next = RegSet::new(self.nregs);
            for i in (0..self.ins.len()).rev() {
                let live = self.before(i, &next);
                if let Some(set) = &mut self.block_in[i] {
                    changed |= set.join(&live);
                    next = set.clone();
                } else {
                    next = live;
                }
            }
            if !changed {
                return;
            }
        }
    }

    /// Live before the instruction at `pc`.
    pub fn live_in(&self, pc: u32) -> Option<RegSet> {
        let i = self.index_of(pc)?;
        self.walk(i, false)
    }

    /// Live in a frame that is suspended in the instruction at `pc`, a call for one: what it has read and what it will
    /// write is not.
    pub fn live_across(&self, pc: u32) -> Option<RegSet> {
        let i = self.index_of(pc)?;
        self.walk(i, true)
    }

    fn walk(&self, i: usize, across: bool) -> Option<RegSet> {
        let end =
            (i + 1..self.ins.len()).find(|j| self.block_in[*j].is_some()).unwrap_or(self.ins.len());
        let mut next = self
            .block_in
            .get(end)
            .and_then(Clone::clone)
            .unwrap_or_else(|| RegSet::new(self.nregs));
        for j in (i + 1..end).rev() {
            next = self.before(j, &next);
        }
        Some(if across { self.across(i, &next) } else { self.before(i, &next) })
    }

    /// A register from `first_temp` on that some path reads before anything has written it: a compiler bug.
    pub fn unwritten_read(&self, first_temp: u32) -> Option<u32> {
        let entry = self.live_in(0)?;
        entry.iter().find(|r| *r >= first_temp)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::opcode::Op;

    fn word(op: Op, a: u32, b: u32, c: u32) -> u32 {
        op as u32 | a << 8 | b << 16 | c << 24
    }

    #[test]
    fn a_register_that_nothing_wrote_is_found() {
        let live = Liveness::new(&[word(Op::RETURN, 1, 0, 0)], &[], 2);
        assert_eq!(live.unwritten_read(0), Some(1));
        assert_eq!(live.unwritten_read(2), None);
    }

    #[test]
    fn arguments_are_dead_during_the_call_and_operands_above_it_live() {
        let code = [
            word(Op::LOAD_NONE, 0, 0, 0),
            word(Op::LOAD_NONE, 4, 0, 0),
            word(Op::LOAD_NONE, 5, 0, 0),
            word(Op::CALL, 1, 1, 1),
            word(Op::ADD, 0, 0, 1),
            word(Op::RETURN, 0, 0, 0),
        ];
        let live = Liveness::new(&code, &[], 6);
        assert_eq!(live.unwritten_read(0), None);
        assert_eq!(live.live_in(3).expect("an instruction").iter().collect::<Vec<_>>(), [0, 4, 5]);
        assert_eq!(live.live_across(3).expect("an instruction").iter().collect::<Vec<_>>(), [0]);
    }

    #[test]
    fn a_handler_keeps_what_it_reads_alive_but_gets_its_exception() {
        let code = [
            word(Op::LOAD_NONE, 0, 0, 0),
            word(Op::LOAD_ASSERTION_ERROR, 1, 0, 0),
            word(Op::RAISE, 1, 0, 0),
            word(Op::PUSH_EXC, 1, 2, 0),
            word(Op::RETURN, 0, 0, 0),
        ];
        let table = [ExceptEntry { start: 2, end: 3, handler: 3, exc_reg: 2, lasti: false }];
        let live = Liveness::new(&code, &table, 3);
        assert_eq!(live.unwritten_read(0), None);
        assert_eq!(live.live_across(2).expect("an instruction").iter().collect::<Vec<_>>(), [0]);
    }
}
