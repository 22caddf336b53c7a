//! Checks code words and translates them to a [`Program`].
//!
//! The rules are those of CPython's `_validate` (Modules/_sre/sre.c): skips stay inside their construct, sets and
//! information blocks are well-formed, groups exist. One is stricter: what a one-character repetition repeats must be
//! one operation that matches one character, as the compiler in `re` guarantees. The second half fills in what needs the
//! finished operations: what may follow a repetition, and which alternatives a character selects.

use std::fmt;

use crate::chars::Category;
use crate::first;
use crate::program::{
    At, Branch, ENTRY, FirstTable, One, Op, Pc, Program, Repeat, Single, Start, Tail,
};
use crate::set::{Fold, Item, Set};
use crate::{MAX_GROUPS, MAX_REPEAT};

/// The code words are no program: `RuntimeError("invalid SRE code")`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidCode;

impl fmt::Display for InvalidCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("invalid SRE code")
    }
}

impl std::error::Error for InvalidCode {}

type Checked<T> = Result<T, InvalidCode>;

/// The numbers of the operations in the code, from `re._constants`.
mod opcode {
    pub const FAILURE: u32 = 0;
    pub const SUCCESS: u32 = 1;
    pub const ANY: u32 = 2;
    pub const ANY_ALL: u32 = 3;
    pub const ASSERT: u32 = 4;
    pub const ASSERT_NOT: u32 = 5;
    pub const AT: u32 = 6;
    pub const BRANCH: u32 = 7;
    pub const CATEGORY: u32 = 8;
    pub const CHARSET: u32 = 9;
    pub const BIGCHARSET: u32 = 10;
    pub const GROUPREF: u32 = 11;
    pub const GROUPREF_EXISTS: u32 = 12;
    pub const IN: u32 = 13;
    pub const INFO: u32 = 14;
    pub const JUMP: u32 = 15;
    pub const LITERAL: u32 = 16;
    pub const MARK: u32 = 17;
    pub const MAX_UNTIL: u32 = 18;
    pub const MIN_UNTIL: u32 = 19;
    pub const NOT_LITERAL: u32 = 20;
    pub const NEGATE: u32 = 21;
    pub const RANGE: u32 = 22;
    pub const REPEAT: u32 = 23;
    pub const REPEAT_ONE: u32 = 24;
    pub const MIN_REPEAT_ONE: u32 = 26;
    pub const ATOMIC_GROUP: u32 = 27;
    pub const POSSESSIVE_REPEAT: u32 = 28;
    pub const POSSESSIVE_REPEAT_ONE: u32 = 29;
    pub const GROUPREF_IGNORE: u32 = 30;
    pub const IN_IGNORE: u32 = 31;
    pub const LITERAL_IGNORE: u32 = 32;
    pub const NOT_LITERAL_IGNORE: u32 = 33;
    pub const GROUPREF_LOC_IGNORE: u32 = 34;
    pub const IN_LOC_IGNORE: u32 = 35;
    pub const LITERAL_LOC_IGNORE: u32 = 36;
    pub const NOT_LITERAL_LOC_IGNORE: u32 = 37;
    pub const GROUPREF_UNI_IGNORE: u32 = 38;
    pub const IN_UNI_IGNORE: u32 = 39;
    pub const LITERAL_UNI_IGNORE: u32 = 40;
    pub const NOT_LITERAL_UNI_IGNORE: u32 = 41;
    pub const RANGE_UNI_IGNORE: u32 = 42;
}
use opcode as op;

const INFO_PREFIX: u32 = 1;
const INFO_LITERAL: u32 = 2;
const INFO_CHARSET: u32 = 4;

/// Constructs inside each other; the parser in `re` recurses deeper than this translation does.
const MAX_DEPTH: u32 = 2000;
const BRANCH_WIDTH: usize = 64;
const PENDING: Pc = Pc::MAX;

struct Translator<'c> {
    code: &'c [u32],
    groups: usize,
    program: Program,
    /// Groups that have begun and not ended where the translation stands.
    open: Vec<u32>,
    /// Some group is asked for inside itself: then even marks outside of repetitions have to be restored.
    asks_open_group: bool,
}

/// How a block of code ended.
#[derive(PartialEq, Eq)]
enum End {
    Plain,
    /// With a jump, which the construct around it has to understand.
    Jump,
}

/// The information block that a pattern begins with.
#[derive(Default)]
struct Info {
    len: usize,
    min_width: usize,
    prefix: Vec<u32>,
    prefix_skip: usize,
    is_literal: bool,
}

impl Program {
    /// Checks and translates the code words of a pattern with `groups` groups.
    pub fn new(code: &[u32], groups: usize) -> Result<Program, InvalidCode> {
        if groups > MAX_GROUPS || code.last() != Some(&op::SUCCESS) {
            return Err(InvalidCode);
        }
        let program = Program {
            ops: vec![Op::Fail, Op::Abort, Op::Lost],
            literals: Vec::new(),
            sets: Vec::new(),
            ones: Vec::new(),
            repeats: Vec::new(),
            branches: Vec::new(),
            firsts: Vec::new(),
            start: Start {
                min_width: 0,
                prefix: Vec::new(),
                finder: None,
                is_literal: false,
                after_prefix: (ENTRY, 0),
                first: None,
                set: None,
                needles: Vec::new(),
                run: None,
                anchored: false,
            },
            marks: 2 * groups,
            asks_open_group: false,
        };
        let mut translator =
            Translator { code, groups, program, open: Vec::new(), asks_open_group: false };
        let info = translator.leading_info()?;
        let mut at = info.len;
        let skip = info.prefix_skip;
        if skip > 0
            && translator.begins_with_literals(
                at,
                &info.prefix[..skip.min(info.prefix.len())],
                skip,
            )
        {
            translator.literals(at, skip);
            at += 2 * skip;
            translator.program.start.after_prefix = (translator.pc(), skip);
        }
        if translator.block(at, code.len() - 1, false, MAX_DEPTH)? == End::Jump {
            return Err(InvalidCode);
        }
        translator.emit(Op::Success);
        let mut program = translator.program;
        program.asks_open_group = translator.asks_open_group;
        if program.asks_open_group {
            for op in &mut program.ops {
                if let Op::Mark(mark) = *op {
                    *op = Op::LoggedMark(mark);
                }
            }
        }
        program.start.min_width = info.min_width;
        program.start.prefix = info.prefix;
        program.start.is_literal = info.is_literal;
        analyse(&mut program);
        Ok(program)
    }
}

impl Translator<'_> {
    fn pc(&self) -> Pc {
        self.program.ops.len() as Pc
    }

    fn emit(&mut self, op: Op) -> usize {
        self.program.ops.push(op);
        self.program.ops.len() - 1
    }

    /// The word at `at`, which must lie before `end`.
    fn word(&self, at: usize, end: usize) -> Checked<u32> {
        if at < end { Ok(self.code[at]) } else { Err(InvalidCode) }
    }

    /// Where the skip word at `at` leads; it must not lead past `end`.
    fn skip(&self, at: usize, end: usize) -> Checked<usize> {
        let target = at + self.word(at, end)? as usize;
        if target <= end { Ok(target) } else { Err(InvalidCode) }
    }

    fn begins_with_literals(&self, at: usize, prefix: &[u32], count: usize) -> bool {
        prefix.len() == count
            && at + 2 * count < self.code.len()
            && prefix
                .iter()
                .enumerate()
                .all(|(i, &ch)| self.code[at + 2 * i..at + 2 * i + 2] == [op::LITERAL, ch])
    }

    /// Emits `count` literals that stand at `at`.
    fn literals(&mut self, at: usize, count: usize) {
        if count == 1 {
            self.emit(Op::Char(self.code[at + 1]));
            return;
        }
        let start = self.program.literals.len() as u32;
        for i in 0..count {
            self.program.literals.push(self.code[at + 2 * i + 1]);
        }
        self.emit(Op::Literal { start, len: count as u32 });
    }

    fn leading_info(&self) -> Checked<Info> {
        if self.code[0] != op::INFO {
            return Ok(Info::default());
        }
        self.info(0, self.code.len() - 1)
    }

    /// An information block; its length counts the operation word.
    fn info(&self, at: usize, end: usize) -> Checked<Info> {
        let after = self.skip(at + 1, end)?;
        let flags = self.word(at + 2, after)?;
        let min_width = self.word(at + 3, after)? as usize;
        self.word(at + 4, after)?;
        let is_literal = flags & INFO_LITERAL != 0;
        let has_prefix = flags & INFO_PREFIX != 0;
        let has_set = flags & INFO_CHARSET != 0;
        if flags & !7 != 0 || (has_prefix && has_set) || (is_literal && !has_prefix) {
            return Err(InvalidCode);
        }
        let mut info = Info { len: after - at, min_width, is_literal, ..Info::default() };
        let mut next = at + 5;
        if has_prefix {
            let len = self.word(next, after)? as usize;
            info.prefix_skip = self.word(next + 1, after)? as usize;
            next += 2;
            if len > (after - next) / 2 {
                return Err(InvalidCode);
            }
            info.prefix = self.code[next..next + len].to_vec();
            next += len;
            if self.code[next..next + len].iter().any(|&overlap| overlap as usize >= len) {
                return Err(InvalidCode);
            }
            next += len;
        }
        if has_set {
            if after == next || self.code[after - 1] != op::FAILURE {
                return Err(InvalidCode);
            }
            self.items(next, after - 1)?;
            next = after;
        }
        if next == after { Ok(info) } else { Err(InvalidCode) }
    }

    /// The items of a set.
    fn items(&self, mut at: usize, end: usize) -> Checked<Vec<Item>> {
        let mut items = Vec::new();
        while at < end {
            let code = self.code[at];
            at += 1;
            match code {
                op::NEGATE => items.push(Item::Negate),
                op::LITERAL => {
                    items.push(Item::Literal(self.word(at, end)?));
                    at += 1;
                }
                op::RANGE | op::RANGE_UNI_IGNORE => {
                    let (low, high) = (self.word(at, end)?, self.word(at + 1, end)?);
                    items.push(if code == op::RANGE {
                        Item::Range(low, high)
                    } else {
                        Item::RangeIgnore(low, high)
                    });
                    at += 2;
                }
                op::CATEGORY => {
                    items.push(Item::Category(
                        Category::from_code(self.word(at, end)?).ok_or(InvalidCode)?,
                    ));
                    at += 1;
                }
                op::CHARSET => {
                    items.push(Item::Bitmap(self.bitmap(at, end)?));
                    at += 8;
                }
                op::BIGCHARSET => {
                    let count = self.word(at, end)?;
                    at += 1;
                    let words = self.code[..end].get(at..at + 64).ok_or(InvalidCode)?;
                    let mut numbers = Box::new([0; 256]);
                    for (bytes, word) in numbers.chunks_exact_mut(4).zip(words) {
                        bytes.copy_from_slice(&word.to_ne_bytes());
                    }
                    if numbers.iter().any(|&number| u32::from(number) >= count) {
                        return Err(InvalidCode);
                    }
                    at += 64;
                    if count as usize > (end - at) / 8 {
                        return Err(InvalidCode);
                    }
                    let blocks: Checked<Vec<_>> =
                        (0..count as usize).map(|i| self.bitmap(at + 8 * i, end)).collect();
                    items.push(Item::Blocks(numbers, blocks?.into()));
                    at += 8 * count as usize;
                }
                _ => return Err(InvalidCode),
            }
        }
        Ok(items)
    }

    fn bitmap(&self, at: usize, end: usize) -> Checked<[u32; 8]> {
        let words = self.code[..end].get(at..at + 8).ok_or(InvalidCode)?;
        words.try_into().map_err(|_| InvalidCode)
    }

    fn set(&mut self, fold: Fold, items: Vec<Item>) -> Single {
        let set = Set::new(fold, items);
        let index = self.program.sets.len() as u32;
        let single = if set.uses_locale() { Single::LocaleSet(index) } else { Single::Set(index) };
        self.program.sets.push(set);
        single
    }

    /// An operation that matches one character, and where the next one begins.
    fn single(&mut self, at: usize, end: usize) -> Checked<Option<(Single, usize)>> {
        let code = self.word(at, end)?;
        let (single, next) = match code {
            op::ANY => (Single::Any, at + 1),
            op::ANY_ALL => (Single::AnyAll, at + 1),
            op::LITERAL => (Single::Char(self.word(at + 1, end)?), at + 2),
            op::NOT_LITERAL => (Single::NotChar(self.word(at + 1, end)?), at + 2),
            op::LITERAL_IGNORE
            | op::NOT_LITERAL_IGNORE
            | op::LITERAL_UNI_IGNORE
            | op::NOT_LITERAL_UNI_IGNORE
            | op::LITERAL_LOC_IGNORE
            | op::NOT_LITERAL_LOC_IGNORE => {
                let literal = Item::Literal(self.word(at + 1, end)?);
                let (fold, negated) = match code {
                    op::LITERAL_IGNORE => (Fold::Ascii, false),
                    op::NOT_LITERAL_IGNORE => (Fold::Ascii, true),
                    op::LITERAL_UNI_IGNORE => (Fold::Unicode, false),
                    op::NOT_LITERAL_UNI_IGNORE => (Fold::Unicode, true),
                    op::LITERAL_LOC_IGNORE => (Fold::LocaleLiteral, false),
                    _ => (Fold::LocaleLiteral, true),
                };
                let items = if negated { vec![Item::Negate, literal] } else { vec![literal] };
                (self.set(fold, items), at + 2)
            }
            op::CATEGORY => {
                let category = Category::from_code(self.word(at + 1, end)?).ok_or(InvalidCode)?;
                (self.set(Fold::None, vec![Item::Category(category)]), at + 2)
            }
            op::IN | op::IN_IGNORE | op::IN_UNI_IGNORE | op::IN_LOC_IGNORE => {
                let after = self.skip(at + 1, end)?;
                if after < at + 3 || self.code[after - 1] != op::FAILURE {
                    return Err(InvalidCode);
                }
                let items = self.items(at + 2, after - 1)?;
                let fold = match code {
                    op::IN => Fold::None,
                    op::IN_IGNORE => Fold::Ascii,
                    op::IN_UNI_IGNORE => Fold::Unicode,
                    _ => Fold::Locale,
                };
                (self.set(fold, items), after)
            }
            _ => return Ok(None),
        };
        Ok(Some((single, next)))
    }

    fn emit_single(&mut self, single: Single) {
        self.emit(match single {
            Single::Any => Op::Any,
            Single::AnyAll => Op::AnyAll,
            Single::Char(code) => Op::Char(code),
            Single::NotChar(code) => Op::NotChar(code),
            Single::Set(index) => Op::Set(index),
            Single::LocaleSet(index) => Op::LocaleSet(index),
        });
    }

    /// The code words from `at` to `end`. Inside repetitions marks are logged.
    fn block(&mut self, mut at: usize, end: usize, repeated: bool, depth: u32) -> Checked<End> {
        let depth = depth.checked_sub(1).ok_or(InvalidCode)?;
        if at > end {
            return Err(InvalidCode);
        }
        while at < end {
            let code = self.code[at];
            if code == op::LITERAL {
                let mut count = 0;
                while at + 2 * count + 1 < end && self.code[at + 2 * count] == op::LITERAL {
                    count += 1;
                }
                if count == 0 {
                    return Err(InvalidCode);
                }
                self.literals(at, count);
                at += 2 * count;
                continue;
            }
            if let Some((single, next)) = self.single(at, end)? {
                self.emit_single(single);
                at = next;
                continue;
            }
            at = match code {
                op::MARK => {
                    let mark = self.word(at + 1, end)?;
                    if mark as usize > 2 * self.groups + 1 {
                        return Err(InvalidCode);
                    }
                    if mark & 1 == 0 {
                        self.open.push(mark / 2);
                    } else {
                        self.open.retain(|&group| group != mark / 2);
                    }
                    self.emit(if repeated { Op::LoggedMark(mark) } else { Op::Mark(mark) });
                    at + 2
                }
                op::SUCCESS => {
                    self.emit(Op::Success);
                    at + 1
                }
                op::FAILURE => {
                    self.emit(Op::Fail);
                    at + 1
                }
                op::AT => {
                    let place = self.word(at + 1, end)?;
                    self.emit(Op::At(place_of(place)?));
                    at + 2
                }
                op::INFO => at + self.info(at, end)?.len,
                op::BRANCH => self.branch(at, end, repeated, depth)?,
                op::REPEAT_ONE | op::MIN_REPEAT_ONE | op::POSSESSIVE_REPEAT_ONE => {
                    self.repeat_one(at, end)?
                }
                op::REPEAT => self.repeat(at, end, depth)?,
                op::POSSESSIVE_REPEAT => self.possessive_repeat(at, end, depth)?,
                op::ATOMIC_GROUP => {
                    let after = self.skip(at + 1, end)?;
                    let head = self.emit(Op::Atomic { end: PENDING });
                    self.subpattern(at + 2, after, repeated, depth)?;
                    self.program.ops[head] = Op::Atomic { end: self.pc() };
                    after
                }
                op::ASSERT | op::ASSERT_NOT => {
                    let after = self.skip(at + 1, end)?;
                    let back = self.word(at + 2, end)?;
                    let head = self.emit(Op::Fail);
                    self.subpattern(at + 3, after, repeated, depth)?;
                    let end = self.pc();
                    self.program.ops[head] = if code == op::ASSERT {
                        Op::Assert { back, end }
                    } else {
                        Op::AssertNot { back, end }
                    };
                    after
                }
                op::GROUPREF
                | op::GROUPREF_IGNORE
                | op::GROUPREF_UNI_IGNORE
                | op::GROUPREF_LOC_IGNORE => {
                    let group = self.group(at + 1, end)?;
                    let fold = match code {
                        op::GROUPREF => Fold::None,
                        op::GROUPREF_IGNORE => Fold::Ascii,
                        op::GROUPREF_UNI_IGNORE => Fold::Unicode,
                        _ => Fold::Locale,
                    };
                    self.emit(Op::GroupRef { group, fold });
                    at + 2
                }
                op::GROUPREF_EXISTS => self.if_group(at, end, repeated, depth)?,
                op::JUMP => {
                    if at + 2 != end {
                        return Err(InvalidCode);
                    }
                    return Ok(End::Jump);
                }
                _ => return Err(InvalidCode),
            };
        }
        Ok(End::Plain)
    }

    fn group(&mut self, at: usize, end: usize) -> Checked<u32> {
        let group = self.word(at, end)?;
        self.asks_open_group |= self.open.contains(&group);
        if (group as usize) < self.groups { Ok(group) } else { Err(InvalidCode) }
    }

    /// A block that ends with `SUCCESS`.
    fn subpattern(&mut self, at: usize, after: usize, repeated: bool, depth: u32) -> Checked<()> {
        if after <= at
            || self.code[after - 1] != op::SUCCESS
            || self.block(at, after - 1, repeated, depth)? != End::Plain
        {
            return Err(InvalidCode);
        }
        self.emit(Op::Success);
        Ok(())
    }

    fn branch(&mut self, at: usize, end: usize, repeated: bool, depth: u32) -> Checked<usize> {
        let mut next = at + 1;
        let mut common = None;
        let mut jumps = Vec::new();
        let mut index = self.new_branch();
        loop {
            let after = self.skip(next, end)?;
            if after == next {
                break;
            }
            if self.program.branches[index].targets.len() == BRANCH_WIDTH - 1
                && self.word(after, end)? != 0
            {
                let target = self.pc();
                self.program.branches[index].targets.push(target);
                index = self.new_branch();
            }
            let target = self.pc();
            self.program.branches[index].targets.push(target);
            if after < next + 3 || self.code[after - 2] != op::JUMP {
                return Err(InvalidCode);
            }
            if self.block(next + 1, after - 2, repeated, depth)? != End::Plain {
                return Err(InvalidCode);
            }
            let target = self.skip(after - 1, end)?;
            if *common.get_or_insert(target) != target {
                return Err(InvalidCode);
            }
            jumps.push(self.emit(Op::Jump(PENDING)));
            next = after;
        }
        // The zero that ends the list stands just before the common target.
        if common != Some(next + 1) {
            return Err(InvalidCode);
        }
        let here = self.pc();
        for jump in jumps {
            self.program.ops[jump] = Op::Jump(here);
        }
        Ok(next + 1)
    }

    fn new_branch(&mut self) -> usize {
        let index = self.program.branches.len();
        self.program.branches.push(Branch {
            targets: Vec::new(),
            by_char: Box::new([0; 256]),
            by_high: 0,
            at_end: 0,
        });
        self.emit(Op::Branch(index as u32));
        index
    }

    /// The skip, minimum and maximum that follow a repetition's operation.
    fn bounds(&self, at: usize, end: usize) -> Checked<(usize, usize, usize)> {
        let after = self.skip(at + 1, end)?;
        let (min, max) = (self.word(at + 2, end)?, self.word(at + 3, end)?);
        if min > max {
            return Err(InvalidCode);
        }
        let max = if max == MAX_REPEAT { usize::MAX } else { max as usize };
        Ok((after, min as usize, max))
    }

    fn repeat_one(&mut self, at: usize, end: usize) -> Checked<usize> {
        let (after, min, max) = self.bounds(at, end)?;
        let (single, next) = self.single(at + 4, after)?.ok_or(InvalidCode)?;
        if next + 1 != after || self.code[next] != op::SUCCESS {
            return Err(InvalidCode);
        }
        let index = self.program.ones.len() as u32;
        self.emit(match self.code[at] {
            op::REPEAT_ONE => Op::RepeatOne(index),
            op::MIN_REPEAT_ONE => Op::LazyOne(index),
            _ => Op::PossessiveOne(index),
        });
        let tail_pc = self.pc();
        self.program.ones.push(One {
            single,
            min,
            max,
            tail_pc,
            tail: Tail::Unknown,
            keeps_all: false,
        });
        Ok(after)
    }

    fn repeat(&mut self, at: usize, end: usize, depth: u32) -> Checked<usize> {
        let (after, min, max) = self.bounds(at, end)?;
        let until = self.word(after, end)?;
        let index = self.program.repeats.len();
        self.emit(Op::Repeat(index as u32));
        let body = self.pc();
        self.program.repeats.push(Repeat {
            min,
            max,
            body,
            tail: PENDING,
            until: PENDING,
            first: None,
        });
        if self.block(at + 4, after, true, depth)? != End::Plain {
            return Err(InvalidCode);
        }
        self.program.repeats[index].until = self.pc();
        self.program.repeats[index].tail = self.pc() + 1;
        self.emit(match until {
            op::MAX_UNTIL => Op::MaxUntil(index as u32),
            op::MIN_UNTIL => Op::MinUntil(index as u32),
            _ => return Err(InvalidCode),
        });
        Ok(after + 1)
    }

    fn possessive_repeat(&mut self, at: usize, end: usize, depth: u32) -> Checked<usize> {
        let (after, min, max) = self.bounds(at, end)?;
        if self.word(after, end)? != op::SUCCESS {
            return Err(InvalidCode);
        }
        let index = self.program.repeats.len();
        self.emit(Op::PossessiveRepeat(index as u32));
        let body = self.pc();
        self.program.repeats.push(Repeat {
            min,
            max,
            body,
            tail: PENDING,
            until: PENDING,
            first: None,
        });
        if self.block(at + 4, after, true, depth)? != End::Plain {
            return Err(InvalidCode);
        }
        self.emit(Op::Success);
        self.program.repeats[index].tail = self.pc();
        Ok(after + 1)
    }

    fn if_group(&mut self, at: usize, end: usize, repeated: bool, depth: u32) -> Checked<usize> {
        let group = self.group(at + 1, end)?;
        // This skip counts from the group's word.
        let otherwise = self.word(at + 2, end)? as usize + at + 1;
        if otherwise > end || otherwise < at + 3 {
            return Err(InvalidCode);
        }
        let head = self.emit(Op::Fail);
        if self.block(at + 3, otherwise, repeated, depth)? == End::Plain {
            self.program.ops[head] = Op::IfGroup { group, otherwise: self.pc() };
            return Ok(otherwise);
        }
        let after = self.skip(otherwise - 1, end)?;
        let jump = self.emit(Op::Jump(PENDING));
        self.program.ops[head] = Op::IfGroup { group, otherwise: self.pc() };
        if self.block(otherwise, after, repeated, depth)? != End::Plain {
            return Err(InvalidCode);
        }
        self.program.ops[jump] = Op::Jump(self.pc());
        Ok(after)
    }
}

fn place_of(code: u32) -> Checked<At> {
    Ok(match code {
        0 | 2 => At::Beginning,
        1 => At::BeginningLine,
        3 => At::Boundary,
        4 => At::NonBoundary,
        5 => At::End,
        6 => At::EndLine,
        7 => At::EndString,
        8 => At::LocaleBoundary,
        9 => At::LocaleNonBoundary,
        10 => At::UnicodeBoundary,
        11 => At::UnicodeNonBoundary,
        _ => return Err(InvalidCode),
    })
}

fn analyse(program: &mut Program) {
    let mut tables = Vec::new();
    let mut new_table = |table: FirstTable| {
        tables.push(table);
        tables.len() as u32 - 1
    };
    for index in 0..program.ones.len() {
        let (tail_pc, single) = (program.ones[index].tail_pc, program.ones[index].single);
        let mut tail = Tail::Unknown;
        let mut keeps_all = false;
        if matches!(program.ops[tail_pc as usize], Op::Success) {
            tail = Tail::Success;
        } else if let Some(first) = first::at(program, tail_pc) {
            keeps_all = first.is_disjoint(&first::of_single(program, single));
            tail = match first.only() {
                Some(code) => Tail::Char(code),
                None if first.is_all() => Tail::Unknown,
                None => Tail::First(new_table(first.table())),
            };
        }
        program.ones[index].tail = tail;
        program.ones[index].keeps_all = keeps_all;
    }
    for index in 0..program.repeats.len() {
        program.repeats[index].first =
            first::at(program, program.repeats[index].body).map(|first| new_table(first.table()));
    }
    for index in 0..program.branches.len() {
        for alternative in 0..program.branches[index].targets.len() {
            let bit = 1 << alternative;
            let first = first::at(program, program.branches[index].targets[alternative]);
            let branch = &mut program.branches[index];
            match first {
                None => {
                    branch.by_char.iter_mut().for_each(|mask| *mask |= bit);
                    branch.by_high |= bit;
                    branch.at_end |= bit;
                }
                Some(first) => {
                    first.bytes().for_each(|ch| branch.by_char[ch as usize] |= bit);
                    if first.high != 0 {
                        branch.by_high |= bit;
                    }
                }
            }
        }
    }
    let first = first::at(program, ENTRY);
    let start = &mut program.start;
    if let Some(first) = first {
        if !first.is_all() {
            start.first = Some(new_table(first.table()));
        }
        let bytes: Vec<u8> = first.bytes().take(4).collect();
        if (1..=3).contains(&bytes.len()) {
            start.needles = bytes;
        }
    }
    let mut pc = ENTRY as usize;
    while matches!(program.ops[pc], Op::Mark(_)) {
        pc += 1;
    }
    start.set = match program.ops[pc] {
        Op::Set(index) => Some(index),
        Op::RepeatOne(one) | Op::LazyOne(one) | Op::PossessiveOne(one) => {
            match &program.ones[one as usize] {
                One { single: Single::Set(index), min: 1.., .. } => Some(*index),
                _ => None,
            }
        }
        _ => None,
    };
    let asks_groups =
        program.ops.iter().any(|op| matches!(op, Op::GroupRef { .. } | Op::IfGroup { .. }));
    start.run = match program.ops[pc] {
        Op::RepeatOne(one) | Op::LazyOne(one) if !asks_groups => {
            match &program.ones[one as usize] {
                One { single, max: usize::MAX, .. } => Some(*single),
                _ => None,
            }
        }
        _ => None,
    };
    start.anchored = matches!(program.ops[ENTRY as usize], Op::At(At::Beginning));
    if !start.prefix.is_empty() {
        let bytes: Result<Vec<u8>, _> =
            start.prefix.iter().map(|&code| u8::try_from(code)).collect();
        start.finder = bytes.ok().map(|bytes| memchr::memmem::Finder::new(&bytes).into_owned());
    }
    program.firsts = tables;
}
