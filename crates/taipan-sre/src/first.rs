//! Which characters may come first: the analysis behind quick rejection of alternatives, repetitions and search positions.
//!
//! It works on the finished operations and is always on the safe side: too many characters cost time, too few would be
//! wrong. No answer (`None`) means that the empty text may match from there, or that the pattern is too involved.

use crate::chars::{self, HIGH_ANY};
use crate::program::{FirstTable, Op, Pc, Program, Single};

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct First {
    pub low: [u64; 4],
    /// Classes of the characters above 255.
    pub high: u8,
}

impl First {
    const NONE: First = First { low: [0; 4], high: 0 };
    const ALL: First = First { low: [u64::MAX; 4], high: HIGH_ANY };

    fn of_char(code: u32) -> First {
        let mut first = First::NONE;
        if code < 256 {
            first.low[(code >> 6) as usize] |= 1 << (code & 63);
        } else {
            first.high = chars::high_class(code);
        }
        first
    }

    fn without(code: u32) -> First {
        let mut first = First::ALL;
        if code < 256 {
            first.low[(code >> 6) as usize] &= !(1 << (code & 63));
        }
        first
    }

    fn union(self, other: First) -> First {
        let mut low = self.low;
        for (mine, others) in low.iter_mut().zip(other.low) {
            *mine |= others;
        }
        First { low, high: self.high | other.high }
    }

    pub fn is_disjoint(&self, other: &First) -> bool {
        self.high & other.high == 0 && self.low.iter().zip(other.low).all(|(a, b)| a & b == 0)
    }

    pub fn contains_low(&self, ch: u8) -> bool {
        self.low[(ch >> 6) as usize] >> (ch & 63) & 1 != 0
    }

    /// The characters below 256.
    pub fn bytes(&self) -> impl Iterator<Item = u8> + '_ {
        (0..=255).filter(|&ch| self.contains_low(ch))
    }

    /// Its only character, if that is below 256.
    pub fn only(&self) -> Option<u32> {
        let mut bytes = self.bytes();
        match (self.high, bytes.next(), bytes.next()) {
            (0, Some(ch), None) => Some(ch as u32),
            _ => None,
        }
    }

    pub fn is_all(&self) -> bool {
        *self == First::ALL
    }

    pub fn table(&self) -> FirstTable {
        let mut low = [false; 256];
        for ch in self.bytes() {
            low[ch as usize] = true;
        }
        FirstTable { low, high: self.high != 0 }
    }
}

pub(crate) fn of_single(program: &Program, single: Single) -> First {
    match single {
        Single::Any => First::without('\n' as u32),
        Single::AnyAll | Single::LocaleSet(_) => First::ALL,
        Single::Char(code) => First::of_char(code),
        Single::NotChar(code) => First::without(code),
        Single::Set(index) => {
            let set = &program.sets[index as usize];
            let mut first = First { low: [0; 4], high: set.high_classes() };
            for (ch, _) in set.low().iter().enumerate().filter(|&(_, &held)| held) {
                first.low[ch >> 6] |= 1 << (ch & 63);
            }
            first
        }
    }
}

/// Steps after which an analysis gives up.
const FUEL: u32 = 500;
const DEPTH: u32 = 24;

/// What a match from `pc` on begins with.
pub(crate) fn at(program: &Program, pc: Pc) -> Option<First> {
    let mut fuel = FUEL;
    walk(program, pc, DEPTH, &mut fuel)
}

fn walk(program: &Program, mut pc: Pc, depth: u32, fuel: &mut u32) -> Option<First> {
    let depth = depth.checked_sub(1)?;
    loop {
        *fuel = fuel.checked_sub(1)?;
        match program.ops[pc as usize] {
            Op::Char(code) => return Some(First::of_char(code)),
            Op::NotChar(code) => return Some(First::without(code)),
            Op::Literal { start, .. } => {
                return Some(First::of_char(program.literals[start as usize]));
            }
            Op::Any => return Some(First::without('\n' as u32)),
            Op::AnyAll | Op::LocaleSet(_) => return Some(First::ALL),
            Op::Set(index) => return Some(of_single(program, Single::Set(index))),
            Op::Mark(_) | Op::LoggedMark(_) | Op::At(_) => pc += 1,
            Op::Jump(target) => pc = target,
            Op::Assert { end, .. } | Op::AssertNot { end, .. } => pc = end,
            Op::Branch(index) => {
                let mut all = First::NONE;
                for &target in &program.branches[index as usize].targets {
                    all = all.union(walk(program, target, depth, fuel)?);
                }
                return Some(all);
            }
            Op::RepeatOne(index) | Op::LazyOne(index) | Op::PossessiveOne(index) => {
                let one = &program.ones[index as usize];
                if one.max == 0 {
                    pc = one.tail_pc;
                    continue;
                }
                let first = of_single(program, one.single);
                if one.min > 0 {
                    return Some(first);
                }
                return Some(first.union(walk(program, one.tail_pc, depth, fuel)?));
            }
            Op::Repeat(index) => {
                let repeat = &program.repeats[index as usize];
                if repeat.max == 0 {
                    pc = repeat.until + 1;
                    continue;
                }
                let first = walk(program, repeat.body, depth, fuel)?;
                if repeat.min > 0 {
                    return Some(first);
                }
                return Some(first.union(walk(program, repeat.until + 1, depth, fuel)?));
            }
            Op::MaxUntil(index) | Op::MinUntil(index) => {
                // One more turn, or what comes after; a body that may be empty comes back here until the depth is spent.
                let again = walk(program, program.repeats[index as usize].body, depth, fuel)?;
                return Some(again.union(walk(program, pc + 1, depth, fuel)?));
            }
            Op::PossessiveRepeat(index) => {
                let repeat = &program.repeats[index as usize];
                if repeat.max == 0 {
                    pc = repeat.tail;
                    continue;
                }
                let first = walk(program, repeat.body, depth, fuel)?;
                if repeat.min > 0 {
                    return Some(first);
                }
                return Some(first.union(walk(program, repeat.tail, depth, fuel)?));
            }
            Op::Atomic { .. } => pc += 1,
            Op::IfGroup { otherwise, .. } => {
                let then = walk(program, pc + 1, depth, fuel)?;
                return Some(then.union(walk(program, otherwise, depth, fuel)?));
            }
            Op::GroupRef { .. } | Op::Success => return None,
            Op::Fail | Op::Abort | Op::Lost => return Some(First::NONE),
        }
    }
}
