//! The matcher: runs a program from one position, backtracking over an explicit stack.
//!
//! A frame of the stack is either a *choice* (what to try when the present path fails) or a *barrier* (where a lookaround,
//! an atomic group or a turn of a possessive repetition began: reaching `Success` inside drops all choices above it).
//! Marks and repetition counts are restored by the frame that is resumed: the highest mark and the last closed group are
//! saved in it; marks set inside repetitions are logged, unless they were already logged since the newest frame; loop
//! records are not changed while an older frame may come back to them, but replaced.

use crate::chars::{self, Locale};
use crate::program::{ABORT, At, FAIL, LOST, Op, Pc, Program, Single, Tail};
use crate::set::Fold;
use crate::state::{Blocking, MatchError, Scratch, UNSET};
use crate::text::Unit;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Kind {
    /// The alternatives of branch `arg` in the mask `aux` are left.
    Branch,
    /// Repetition `arg` may give characters back, down to position `aux`.
    One,
    /// Repetition `arg` may take `aux` more.
    LazyOne,
    /// The loop whose `Until` is at `arg` goes on without another turn.
    LeaveLoop,
    /// The loop `arg` takes another turn; `aux` is 1 inside of another loop.
    EnterLoop,
    /// Barriers. `arg` is the position after the construct.
    Assert,
    AssertNot,
    Atomic,
    /// A turn of repetition `arg` that must match, after `aux` turns.
    NeededTurn,
    /// A turn that may fail.
    ExtraTurn,
}

#[derive(Clone, Copy)]
pub(crate) struct Frame {
    kind: Kind,
    arg: u32,
    ptr: usize,
    aux: usize,
    last_mark: i32,
    last_index: i32,
    log_len: u32,
    current: u32,
    loops_len: u32,
    /// Of a barrier: the barrier around it.
    barrier: u32,
}

impl Frame {
    fn in_loop(&self) -> bool {
        match self.kind {
            Kind::LeaveLoop | Kind::ExtraTurn => true,
            // The loop that may be entered is not around the choice yet.
            Kind::EnterLoop => self.aux != 0,
            _ => self.current != NONE,
        }
    }
}

/// A mark's value before it was overwritten.
#[derive(Clone, Copy)]
pub(crate) struct Logged {
    mark: u32,
    value: usize,
    stamp: usize,
}

/// A loop that is under way.
#[derive(Clone, Copy)]
pub(crate) struct Loop {
    /// The loop around it.
    outer: u32,
    /// Turns begun.
    count: usize,
    /// Where the last turn began that was not needed for the minimum: an empty turn ends the loop.
    last: usize,
}

const NONE: u32 = u32::MAX;
const POLL_STEPS: u32 = 8192;
/// Units that are scanned between polls.
pub(crate) const SCAN: usize = 1 << 16;

pub(crate) type Poll<'p> = &'p mut dyn FnMut() -> Result<(), MatchError>;

pub(crate) struct Exec<'a, T> {
    pub program: &'a Program,
    /// Ends where the range to match in ends.
    pub text: &'a [T],
    /// The text beyond that: a position behind the end still has a character before it.
    pub whole: &'a [T],
    pub locale: &'a Locale,
    pub scratch: &'a mut Scratch,
    pub poll: Poll<'a>,
    pub match_all: bool,
    pub must_advance: bool,
    pub budget: u32,
    pub current: u32,
    pub barrier: u32,
    /// Why the program went to `ABORT`.
    error: Option<MatchError>,
}

/// Where to go on: an operation and a position. `FAIL` and its like are operations too, so that this fits two registers.
type Next = (Pc, usize);

const FAILED: Next = (FAIL, 0);

/// Takes the value, or leaves the match with the error.
macro_rules! attempt {
    ($self:ident, $result:expr) => {
        match $result {
            Ok(value) => value,
            Err(error) => {
                $self.error = Some(error);
                return (ABORT, 0);
            }
        }
    };
}

impl<'a, T: Unit> Exec<'a, T> {
    pub fn new(
        program: &'a Program,
        whole: &'a [T],
        end: usize,
        locale: &'a Locale,
        scratch: &'a mut Scratch,
        poll: Poll<'a>,
    ) -> Exec<'a, T> {
        let wanted = program.marks + 2;
        if scratch.marks.len() < wanted {
            scratch.marks.resize(wanted, UNSET);
            scratch.stamps.resize(wanted, 0);
        }
        Exec {
            program,
            text: &whole[..end],
            whole,
            locale,
            scratch,
            poll,
            match_all: false,
            must_advance: false,
            budget: POLL_STEPS,
            current: NONE,
            barrier: NONE,
            error: None,
        }
    }

    #[inline]
    pub fn tick(&mut self) -> Result<(), MatchError> {
        self.budget -= 1;
        if self.budget == 0 { self.ask() } else { Ok(()) }
    }

    #[cold]
    pub fn ask(&mut self) -> Result<(), MatchError> {
        self.budget = POLL_STEPS;
        (self.poll)()
    }

    /// Forgets what the last attempt left.
    fn reset(&mut self, start: usize) {
        let scratch = &mut *self.scratch;
        scratch.last_mark = -1;
        scratch.last_index = -1;
        scratch.frames.clear();
        if !scratch.log.is_empty() {
            scratch.log.clear();
            scratch.stamps.fill(0);
        }
        scratch.loops.clear();
        scratch.start = start;
        self.current = NONE;
        self.barrier = NONE;
    }

    #[inline]
    fn push(&mut self, kind: Kind, arg: u32, ptr: usize, aux: usize) -> Result<(), MatchError> {
        let scratch = &mut *self.scratch;
        if scratch.frames.len() == scratch.frames.capacity() {
            grow(&mut scratch.frames, scratch.blocking)?;
        }
        scratch.frames.push(Frame {
            kind,
            arg,
            ptr,
            aux,
            last_mark: scratch.last_mark,
            last_index: scratch.last_index,
            log_len: scratch.log.len() as u32,
            current: self.current,
            loops_len: scratch.loops.len() as u32,
            barrier: self.barrier,
        });
        Ok(())
    }

    #[inline]
    fn push_barrier(
        &mut self,
        kind: Kind,
        arg: u32,
        ptr: usize,
        aux: usize,
    ) -> Result<(), MatchError> {
        self.push(kind, arg, ptr, aux)?;
        self.barrier = self.scratch.frames.len() as u32 - 1;
        Ok(())
    }

    #[inline]
    fn restore(&mut self, frame: &Frame) {
        let scratch = &mut *self.scratch;
        scratch.last_mark = frame.last_mark;
        scratch.last_index = frame.last_index;
        // CPython does not restore marks at choices outside of repetitions. That can be seen only by asking for a group
        // inside itself; otherwise restoring them is the same, and keeps the log short.
        let restores = frame.in_loop() || !self.program.asks_open_group;
        while restores && scratch.log.len() > frame.log_len as usize {
            if let Some(logged) = scratch.log.pop() {
                scratch.marks[logged.mark as usize] = logged.value;
                scratch.stamps[logged.mark as usize] = logged.stamp;
            }
        }
        self.current = frame.current;
        scratch.loops.truncate(frame.loops_len as usize);
    }

    #[inline]
    fn mark(&mut self, mark: u32, ptr: usize) {
        let scratch = &mut *self.scratch;
        if mark & 1 == 1 {
            scratch.last_index = (mark / 2 + 1) as i32;
        }
        if mark as i32 > scratch.last_mark {
            for between in (scratch.last_mark + 1) as usize..mark as usize {
                scratch.marks[between] = UNSET;
            }
            scratch.last_mark = mark as i32;
        }
        scratch.marks[mark as usize] = ptr;
    }

    fn logged_mark(&mut self, mark: u32, ptr: usize) -> Result<(), MatchError> {
        let scratch = &mut *self.scratch;
        let at = mark as usize;
        // A mark above the highest is hidden by restoring that; without a frame nothing is restored.
        if mark as i32 <= scratch.last_mark
            && let Some(newest) = scratch.frames.last()
            && scratch.stamps[at] <= newest.log_len as usize
        {
            if scratch.log.len() == scratch.log.capacity() {
                grow(&mut scratch.log, scratch.blocking)?;
            }
            scratch.log.push(Logged { mark, value: scratch.marks[at], stamp: scratch.stamps[at] });
            scratch.stamps[at] = scratch.log.len();
        }
        self.mark(mark, ptr);
        Ok(())
    }

    /// Replaces the current loop's record: in place, unless a frame may come back to it.
    #[inline]
    fn turn(&mut self, record: Loop) -> Result<(), MatchError> {
        let scratch = &mut *self.scratch;
        let kept = scratch.frames.last().map_or(0, |frame| frame.loops_len);
        if self.current >= kept
            && let Some(place) = scratch.loops.get_mut(self.current as usize)
        {
            *place = record;
            return Ok(());
        }
        self.new_loop(record)
    }

    fn new_loop(&mut self, record: Loop) -> Result<(), MatchError> {
        let scratch = &mut *self.scratch;
        if scratch.loops.len() == scratch.loops.capacity() {
            grow(&mut scratch.loops, scratch.blocking)?;
        }
        self.current = scratch.loops.len() as u32;
        scratch.loops.push(record);
        Ok(())
    }

    #[inline(always)]
    fn char_at(&self, ptr: usize) -> Option<u32> {
        self.text.get(ptr).map(|unit| unit.code())
    }

    #[inline(always)]
    fn matches_single(&self, single: Single, ptr: usize) -> bool {
        let Some(&unit) = self.text.get(ptr) else { return false };
        match single {
            Single::Any => unit.code() != '\n' as u32,
            Single::AnyAll => true,
            Single::Char(code) => unit.code() == code,
            Single::NotChar(code) => unit.code() != code,
            Single::Set(index) => self.program.sets[index as usize].contains(unit),
            Single::LocaleSet(index) => {
                self.program.sets[index as usize].ask(unit.code(), self.locale)
            }
        }
    }

    /// How many units at the beginning of `text` match.
    #[inline]
    fn span(&self, single: Single, text: &[T]) -> usize {
        let end = match single {
            Single::Any => T::from_code('\n' as u32).and_then(|unit| T::find(text, unit)),
            Single::AnyAll => None,
            Single::Char(code) => text.iter().position(|unit| unit.code() != code),
            Single::NotChar(code) => T::from_code(code).and_then(|unit| T::find(text, unit)),
            Single::Set(index) => {
                let set = &self.program.sets[index as usize];
                text.iter().position(|&unit| !set.contains(unit))
            }
            Single::LocaleSet(index) => {
                let set = &self.program.sets[index as usize];
                text.iter().position(|unit| !set.ask(unit.code(), self.locale))
            }
        };
        end.unwrap_or(text.len())
    }

    /// How many units match from `ptr` on, up to `limit`.
    #[inline]
    pub fn count(&mut self, single: Single, ptr: usize, limit: usize) -> Result<usize, MatchError> {
        let end = ptr + limit;
        if limit <= SCAN {
            return Ok(self.span(single, &self.text[ptr..end]));
        }
        let mut at = ptr;
        while at < end {
            let piece = SCAN.min(end - at);
            let found = self.span(single, &self.text[at..at + piece]);
            at += found;
            if found < piece {
                break;
            }
            self.ask()?;
        }
        Ok(at - ptr)
    }

    fn is_at(&self, place: At, ptr: usize) -> bool {
        let len = self.text.len();
        let is_newline =
            |at: usize| self.whole.get(at).is_some_and(|unit| unit.code() == '\n' as u32);
        match place {
            At::Beginning => ptr == 0,
            At::BeginningLine => ptr == 0 || is_newline(ptr - 1),
            At::End => ptr == len || (ptr + 1 == len && is_newline(ptr)),
            At::EndLine => ptr == len || (ptr < len && is_newline(ptr)),
            At::EndString => ptr == len,
            At::Boundary => self.is_boundary(ptr, chars::ascii_is_word) == Some(true),
            At::NonBoundary => self.is_boundary(ptr, chars::ascii_is_word) == Some(false),
            At::LocaleBoundary => self.is_boundary(ptr, |ch| self.locale.is_word(ch)) == Some(true),
            At::LocaleNonBoundary => {
                self.is_boundary(ptr, |ch| self.locale.is_word(ch)) == Some(false)
            }
            At::UnicodeBoundary => self.is_boundary(ptr, chars::unicode_is_word) == Some(true),
            At::UnicodeNonBoundary => self.is_boundary(ptr, chars::unicode_is_word) == Some(false),
        }
    }

    /// No answer in an empty text, which has neither boundaries nor the opposite.
    #[inline]
    fn is_boundary(&self, ptr: usize, is_word: impl Fn(u32) -> bool) -> Option<bool> {
        if self.text.is_empty() {
            return None;
        }
        let before = ptr
            .checked_sub(1)
            .and_then(|at| self.whole.get(at))
            .is_some_and(|unit| is_word(unit.code()));
        let after = self.char_at(ptr).is_some_and(is_word);
        Some(before != after)
    }

    /// Whether the range of a group is known, and which it is.
    fn group_range(&self, group: u32) -> Option<(usize, usize)> {
        let open = 2 * group as usize;
        if open as i64 >= self.scratch.last_mark as i64 {
            return None;
        }
        let (start, end) = (self.scratch.marks[open], self.scratch.marks[open + 1]);
        (start != UNSET && end != UNSET && start <= end).then_some((start, end))
    }

    /// Where a repeat of the group's text at `ptr` ends.
    fn group_ref(&self, group: u32, fold: Fold, ptr: usize) -> Option<usize> {
        let (start, end) = self.group_range(group)?;
        let len = end - start;
        if len == 0 {
            return Some(ptr);
        }
        let (wanted, here) = (self.text.get(start..end)?, self.text.get(ptr..)?.get(..len)?);
        let equal = match fold {
            Fold::None => wanted == here,
            _ => wanted.iter().zip(here).all(|(a, b)| {
                let lower = |ch| match fold {
                    Fold::Ascii => chars::ascii_lower(ch),
                    Fold::Unicode => chars::unicode_lower(ch),
                    _ => self.locale.to_lower(ch),
                };
                lower(a.code()) == lower(b.code())
            }),
        };
        equal.then_some(ptr + len)
    }

    /// Whether a `Success` outside of all barriers counts at `ptr`.
    #[inline]
    fn may_end(&self, ptr: usize) -> bool {
        !(self.match_all && ptr != self.text.len()
            || self.must_advance && ptr == self.scratch.start)
    }

    /// Whether reaching the end of the (sub)pattern at `ptr` succeeds.
    #[inline]
    fn may_finish(&self, ptr: usize) -> bool {
        self.barrier != NONE || self.may_end(ptr)
    }

    /// The last position from `from` down to `lowest` where what follows the repetition may begin.
    #[inline]
    fn viable_below(&self, tail: Tail, from: usize, lowest: usize) -> Option<usize> {
        match tail {
            Tail::Unknown | Tail::Success => Some(from),
            Tail::Char(code) => {
                let unit = T::from_code(code)?;
                let end = (from + 1).min(self.text.len());
                if self.text.get(from) == Some(&unit) {
                    return Some(from);
                }
                T::find_last(self.text.get(lowest..end)?, unit).map(|at| lowest + at)
            }
            Tail::First(index) => {
                let table = &self.program.firsts[index as usize];
                let end = (from + 1).min(self.text.len());
                self.text
                    .get(lowest..end)?
                    .iter()
                    .rposition(|unit| table.may_begin(unit.code()))
                    .map(|at| lowest + at)
            }
        }
    }

    #[inline(always)]
    fn tail_may_begin(&self, tail: Tail, ptr: usize) -> bool {
        match tail {
            Tail::Unknown | Tail::Success => true,
            Tail::Char(code) => self.char_at(ptr) == Some(code),
            Tail::First(index) => self
                .char_at(ptr)
                .is_some_and(|ch| self.program.firsts[index as usize].may_begin(ch)),
        }
    }

    fn repeat_one(&mut self, index: u32, ptr: usize) -> Next {
        let one = &self.program.ones[index as usize];
        let Some(left) = self.text.len().checked_sub(ptr) else { return FAILED };
        if left < one.min {
            return FAILED;
        }
        let count = attempt!(self, self.count(one.single, ptr, left.min(one.max)));
        if count < one.min {
            return FAILED;
        }
        let (highest, lowest) = (ptr + count, ptr + one.min);
        if highest == lowest || one.keeps_all {
            return if self.tail_may_begin(one.tail, highest) {
                (one.tail_pc, highest)
            } else {
                FAILED
            };
        }
        if matches!(one.tail, Tail::Success) && self.may_finish(highest) {
            return (one.tail_pc, highest);
        }
        match self.viable_below(one.tail, highest, lowest) {
            None => FAILED,
            Some(at) => {
                if at > lowest {
                    attempt!(self, self.push(Kind::One, index, at, lowest));
                }
                (one.tail_pc, at)
            }
        }
    }

    fn lazy_one(&mut self, index: u32, ptr: usize) -> Next {
        let one = &self.program.ones[index as usize];
        let Some(left) = self.text.len().checked_sub(ptr) else { return FAILED };
        if left < one.min || attempt!(self, self.count(one.single, ptr, one.min)) < one.min {
            return FAILED;
        }
        let ptr = ptr + one.min;
        if matches!(one.tail, Tail::Success) && self.may_finish(ptr) {
            return (one.tail_pc, ptr);
        }
        let spare = one.max - one.min;
        if self.tail_may_begin(one.tail, ptr) {
            if spare > 0 {
                attempt!(self, self.push(Kind::LazyOne, index, ptr, spare));
            }
            return (one.tail_pc, ptr);
        }
        match attempt!(self, self.take_more(index, ptr, spare)) {
            None => FAILED,
            Some((at, spare)) => {
                if spare > 0 {
                    attempt!(self, self.push(Kind::LazyOne, index, at, spare));
                }
                (one.tail_pc, at)
            }
        }
    }

    /// The next position at which a lazy repetition may stop, and how many it could take from there.
    fn take_more(
        &mut self,
        index: u32,
        ptr: usize,
        spare: usize,
    ) -> Result<Option<(usize, usize)>, MatchError> {
        // Short pieces: what stops the repetition is often near, what follows it may be far.
        const PIECE: usize = 64;
        let one = &self.program.ones[index as usize];
        let text = self.text;
        if matches!(one.tail, Tail::Unknown | Tail::Success) {
            let more = spare > 0 && self.matches_single(one.single, ptr);
            return Ok(more.then(|| (ptr + 1, spare - 1)));
        }
        let (mut at, mut spare) = (ptr, spare);
        while at < text.len() && spare > 0 {
            let size = PIECE.min(spare).min(text.len() - at);
            let taken = self.span(one.single, &text[at..at + size]);
            let stops = &text[at + 1..(at + taken + 1).min(text.len()).max(at + 1)];
            let stop = match one.tail {
                Tail::Char(code) => T::from_code(code).and_then(|unit| T::find(stops, unit)),
                Tail::First(index) => {
                    let table = &self.program.firsts[index as usize];
                    stops.iter().position(|unit| table.may_begin(unit.code()))
                }
                Tail::Unknown | Tail::Success => Some(0),
            };
            if let Some(stop) = stop {
                return Ok(Some((at + stop + 1, spare - stop - 1)));
            }
            if taken < size {
                break;
            }
            at += size;
            spare -= size;
            self.tick()?;
        }
        Ok(None)
    }

    fn possessive_one(&mut self, index: u32, ptr: usize) -> Next {
        let one = &self.program.ones[index as usize];
        let Some(left) = self.text.len().checked_sub(ptr) else { return FAILED };
        if left < one.min {
            return FAILED;
        }
        let count = attempt!(self, self.count(one.single, ptr, left.min(one.max)));
        if count < one.min { FAILED } else { (one.tail_pc, ptr + count) }
    }

    #[inline]
    fn body_may_begin(&self, first: Option<u32>, ptr: usize) -> bool {
        match first {
            None => true,
            Some(table) => self
                .char_at(ptr)
                .is_some_and(|ch| self.program.firsts[table as usize].may_begin(ch)),
        }
    }

    fn max_until(&mut self, pc: Pc, index: u32, ptr: usize) -> Next {
        let repeat = &self.program.repeats[index as usize];
        let record = self.scratch.loops[self.current as usize];
        if record.count < repeat.min {
            attempt!(self, self.turn(Loop { count: record.count + 1, ..record }));
            return (repeat.body, ptr);
        }
        if record.count < repeat.max && ptr != record.last && self.body_may_begin(repeat.first, ptr)
        {
            attempt!(self, self.push(Kind::LeaveLoop, pc, ptr, 0));
            attempt!(self, self.turn(Loop { count: record.count + 1, last: ptr, ..record }));
            return (repeat.body, ptr);
        }
        self.current = record.outer;
        (pc + 1, ptr)
    }

    fn min_until(&mut self, pc: Pc, index: u32, ptr: usize) -> Next {
        let repeat = &self.program.repeats[index as usize];
        let record = self.scratch.loops[self.current as usize];
        if record.count < repeat.min {
            attempt!(self, self.turn(Loop { count: record.count + 1, ..record }));
            return (repeat.body, ptr);
        }
        if record.count < repeat.max && ptr != record.last && self.body_may_begin(repeat.first, ptr)
        {
            attempt!(self, self.push(Kind::EnterLoop, index, ptr, (record.outer != NONE) as usize));
        }
        self.current = record.outer;
        (pc + 1, ptr)
    }

    /// Goes on with a possessive repetition after `count` turns; the last began at `began`.
    fn next_turn(&mut self, index: u32, ptr: usize, count: usize, began: usize) -> Next {
        let repeat = &self.program.repeats[index as usize];
        if count < repeat.min {
            attempt!(self, self.push_barrier(Kind::NeededTurn, index, ptr, count));
            return (repeat.body, ptr);
        }
        if count < repeat.max && ptr != began {
            attempt!(self, self.push_barrier(Kind::ExtraTurn, index, ptr, count));
            return (repeat.body, ptr);
        }
        self.current = self.scratch.loops[self.current as usize].outer;
        (repeat.tail, ptr)
    }

    /// `Success` inside a barrier.
    fn close_barrier(&mut self, ptr: usize) -> Next {
        let at = self.barrier as usize;
        let frame = self.scratch.frames[at];
        self.scratch.frames.truncate(at);
        self.barrier = frame.barrier;
        self.current = frame.current;
        self.scratch.loops.truncate(frame.loops_len as usize);
        match frame.kind {
            Kind::Assert => (frame.arg, frame.ptr),
            Kind::Atomic => (frame.arg, ptr),
            Kind::NeededTurn => {
                // After the last needed turn one more is tried even if that was empty.
                self.next_turn(frame.arg, ptr, frame.aux + 1, UNSET)
            }
            Kind::ExtraTurn => self.next_turn(frame.arg, ptr, frame.aux + 1, frame.ptr),
            _ => FAILED,
        }
    }

    /// Resumes the newest choice; `LOST` means that there is none.
    fn backtrack(&mut self) -> Next {
        loop {
            attempt!(self, self.tick());
            let Some(&frame) = self.scratch.frames.last() else { return (LOST, 0) };
            let top = self.scratch.frames.len() - 1;
            match frame.kind {
                Kind::Branch => {
                    self.restore(&frame);
                    let branch = &self.program.branches[frame.arg as usize];
                    let mask = frame.aux as u64;
                    let rest = mask & (mask - 1);
                    if rest == 0 {
                        self.scratch.frames.pop();
                    } else {
                        self.scratch.frames[top].aux = rest as usize;
                    }
                    return (branch.targets[mask.trailing_zeros() as usize], frame.ptr);
                }
                Kind::One => {
                    let one = &self.program.ones[frame.arg as usize];
                    match self.viable_below(one.tail, frame.ptr - 1, frame.aux) {
                        None => {
                            self.scratch.frames.pop();
                        }
                        Some(at) => {
                            self.restore(&frame);
                            if at == frame.aux {
                                self.scratch.frames.pop();
                            } else {
                                self.scratch.frames[top].ptr = at;
                            }
                            return (one.tail_pc, at);
                        }
                    }
                }
                Kind::LazyOne => {
                    match attempt!(self, self.take_more(frame.arg, frame.ptr, frame.aux)) {
                        None => {
                            self.scratch.frames.pop();
                        }
                        Some((at, spare)) => {
                            self.restore(&frame);
                            if spare == 0 {
                                self.scratch.frames.pop();
                            } else {
                                let frame = &mut self.scratch.frames[top];
                                (frame.ptr, frame.aux) = (at, spare);
                            }
                            return (self.program.ones[frame.arg as usize].tail_pc, at);
                        }
                    }
                }
                Kind::LeaveLoop => {
                    self.scratch.frames.pop();
                    self.restore(&frame);
                    self.current = self.scratch.loops[frame.current as usize].outer;
                    return (frame.arg + 1, frame.ptr);
                }
                Kind::EnterLoop => {
                    self.scratch.frames.pop();
                    self.restore(&frame);
                    let record = self.scratch.loops[frame.current as usize];
                    attempt!(
                        self,
                        self.turn(Loop { count: record.count + 1, last: frame.ptr, ..record })
                    );
                    return (self.program.repeats[frame.arg as usize].body, frame.ptr);
                }
                Kind::Assert | Kind::Atomic | Kind::NeededTurn => {
                    self.scratch.frames.pop();
                    self.barrier = frame.barrier;
                }
                Kind::AssertNot => {
                    self.scratch.frames.pop();
                    self.barrier = frame.barrier;
                    self.restore(&frame);
                    return (frame.arg, frame.ptr);
                }
                Kind::ExtraTurn => {
                    self.scratch.frames.pop();
                    self.barrier = frame.barrier;
                    self.restore(&frame);
                    self.current = self.scratch.loops[frame.current as usize].outer;
                    return (self.program.repeats[frame.arg as usize].tail, frame.ptr);
                }
            }
        }
    }

    /// Matches from `pc` at `ptr`, for a match that begins at `start`. On success `scratch.end` is set.
    pub fn run(&mut self, mut pc: Pc, start: usize, mut ptr: usize) -> Result<bool, MatchError> {
        self.reset(start);
        let program = self.program;
        let text = self.text;
        let ops = program.ops.as_slice();
        'run: loop {
            // An arm that does not match falls out of this block, to the backtracking below.
            'fails: {
                match ops[pc as usize] {
                    Op::Char(code) => match text.get(ptr) {
                        Some(unit) if unit.code() == code => ptr += 1,
                        _ => break 'fails,
                    },
                    Op::NotChar(code) => match text.get(ptr) {
                        Some(unit) if unit.code() != code => ptr += 1,
                        _ => break 'fails,
                    },
                    Op::Literal { start, len } => {
                        let literal =
                            &program.literals[start as usize..start as usize + len as usize];
                        match text.get(ptr..ptr + literal.len()) {
                            Some(here)
                                if here
                                    .iter()
                                    .zip(literal)
                                    .all(|(unit, &code)| unit.code() == code) =>
                            {
                                ptr += literal.len();
                            }
                            _ => break 'fails,
                        }
                    }
                    Op::Any => match text.get(ptr) {
                        Some(unit) if unit.code() != '\n' as u32 => ptr += 1,
                        _ => break 'fails,
                    },
                    Op::AnyAll => {
                        if ptr >= text.len() {
                            break 'fails;
                        }
                        ptr += 1;
                    }
                    Op::Set(index) => match text.get(ptr) {
                        Some(&unit) if program.sets[index as usize].contains(unit) => ptr += 1,
                        _ => break 'fails,
                    },
                    Op::LocaleSet(index) => {
                        if !self.matches_single(Single::LocaleSet(index), ptr) {
                            break 'fails;
                        }
                        ptr += 1;
                    }
                    Op::Mark(mark) => self.mark(mark, ptr),
                    Op::LoggedMark(mark) => self.logged_mark(mark, ptr)?,
                    Op::At(place) => {
                        if !self.is_at(place, ptr) {
                            break 'fails;
                        }
                    }
                    Op::Jump(target) => {
                        pc = target;
                        continue 'run;
                    }
                    Op::Branch(index) => {
                        let branch = &program.branches[index as usize];
                        let mask = match text.get(ptr).map(|unit| unit.code()) {
                            Some(ch) if ch < 256 => branch.by_char[ch as usize],
                            Some(_) => branch.by_high,
                            None => branch.at_end,
                        };
                        if mask == 0 {
                            break 'fails;
                        }
                        let rest = mask & (mask - 1);
                        if rest != 0 {
                            self.push(Kind::Branch, index, ptr, rest as usize)?;
                        }
                        pc = branch.targets[mask.trailing_zeros() as usize];
                        continue 'run;
                    }
                    Op::RepeatOne(index) => {
                        (pc, ptr) = self.repeat_one(index, ptr);
                        continue 'run;
                    }
                    Op::LazyOne(index) => {
                        (pc, ptr) = self.lazy_one(index, ptr);
                        continue 'run;
                    }
                    Op::PossessiveOne(index) => {
                        (pc, ptr) = self.possessive_one(index, ptr);
                        continue 'run;
                    }
                    Op::Repeat(index) => {
                        self.new_loop(Loop { outer: self.current, count: 0, last: UNSET })?;
                        pc = program.repeats[index as usize].until;
                        continue 'run;
                    }
                    Op::MaxUntil(index) => {
                        self.tick()?;
                        (pc, ptr) = self.max_until(pc, index, ptr);
                        continue 'run;
                    }
                    Op::MinUntil(index) => {
                        self.tick()?;
                        (pc, ptr) = self.min_until(pc, index, ptr);
                        continue 'run;
                    }
                    Op::PossessiveRepeat(index) => {
                        // The record only says that this is inside of a repetition.
                        self.new_loop(Loop { outer: self.current, count: 0, last: UNSET })?;
                        (pc, ptr) = self.next_turn(index, ptr, 0, UNSET);
                        continue 'run;
                    }
                    Op::Atomic { end } => self.push_barrier(Kind::Atomic, end, ptr, 0)?,
                    Op::Assert { back, end } => {
                        let Some(from) = ptr.checked_sub(back as usize) else { break 'fails };
                        self.push_barrier(Kind::Assert, end, ptr, 0)?;
                        ptr = from;
                    }
                    Op::AssertNot { back, end } => match ptr.checked_sub(back as usize) {
                        None => {
                            pc = end;
                            continue 'run;
                        }
                        Some(from) => {
                            self.push_barrier(Kind::AssertNot, end, ptr, 0)?;
                            ptr = from;
                        }
                    },
                    Op::GroupRef { group, fold } => match self.group_ref(group, fold, ptr) {
                        Some(end) => ptr = end,
                        None => break 'fails,
                    },
                    Op::IfGroup { group, otherwise } => {
                        if self.group_range(group).is_none() {
                            pc = otherwise;
                            continue 'run;
                        }
                    }
                    Op::Success => {
                        if self.barrier != NONE {
                            self.tick()?;
                            (pc, ptr) = self.close_barrier(ptr);
                            continue 'run;
                        }
                        if !self.may_end(ptr) {
                            break 'fails;
                        }
                        self.scratch.end = ptr;
                        return Ok(true);
                    }
                    Op::Fail => break 'fails,
                    Op::Lost => return Ok(false),
                    Op::Abort => return Err(self.error.take().unwrap_or(MatchError::Interrupted)),
                }
                pc += 1;
                continue 'run;
            }
            if self.scratch.frames.is_empty() {
                return Ok(false);
            }
            (pc, ptr) = self.backtrack();
        }
    }
}

#[cold]
fn grow<E>(stack: &mut Vec<E>, blocking: Blocking) -> Result<(), MatchError> {
    // Positions in these stacks are kept as 32-bit numbers.
    if stack.len() >= u32::MAX as usize / 2 {
        return Err(MatchError::NoMemory);
    }
    let mut done = Ok(());
    blocking(size_of_val(stack.as_slice()), &mut || done = stack.try_reserve(stack.len().max(64)));
    done.map_err(|_| MatchError::NoMemory)
}
