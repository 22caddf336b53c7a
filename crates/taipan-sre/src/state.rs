//! What a caller hands in to match a pattern, and the reusable memory in which the result comes back.

use crate::chars::Locale;
use crate::exec::{Frame, Logged, Loop};

/// A text, by the width of its units. Bytes are of width one.
#[derive(Clone, Copy)]
pub enum Text<'t> {
    One(&'t [u8]),
    Two(&'t [u16]),
    Four(&'t [u32]),
}

impl Text<'_> {
    pub fn len(&self) -> usize {
        match self {
            Text::One(text) => text.len(),
            Text::Two(text) => text.len(),
            Text::Four(text) => text.len(),
        }
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// At the start of the range.
    Match,
    /// At the start, and to the end of the range.
    FullMatch,
    /// Wherever it first matches.
    Search,
}

/// One question: where to match, and how. Positions beyond the text count as its end.
pub struct Request<'t> {
    pub text: Text<'t>,
    pub start: usize,
    pub end: usize,
    pub mode: Mode,
    /// An empty match at `start` does not count: what the scanner, `sub` and `split` ask after an empty match.
    pub must_advance: bool,
    pub locale: &'t Locale,
}

impl<'t> Request<'t> {
    pub fn new(text: Text<'t>, mode: Mode) -> Request<'t> {
        Request { text, start: 0, end: usize::MAX, mode, must_advance: false, locale: &Locale::C }
    }
}

/// Why there is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MatchError {
    /// `poll` said stop.
    Interrupted,
    NoMemory,
}

pub(crate) const UNSET: usize = usize::MAX;

/// Runs a closure that moves so many bytes, in whatever way the caller does such work.
pub type Blocking = fn(usize, &mut dyn FnMut());

fn at_once(_: usize, work: &mut dyn FnMut()) {
    work();
}

/// The memory of a match. One may be used for any number of matches and programs; results stay until the next.
pub struct Scratch {
    pub(crate) marks: Vec<usize>,
    /// Beside `marks`: one more than the place in `log` where it was last logged; 0: never.
    pub(crate) stamps: Vec<usize>,
    pub(crate) frames: Vec<Frame>,
    pub(crate) log: Vec<Logged>,
    pub(crate) loops: Vec<Loop>,
    pub(crate) last_mark: i32,
    pub(crate) last_index: i32,
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) blocking: Blocking,
}

/// Frees an empty stack that is larger than what is kept. Whole: to cut off its end would take as long, and a program's
/// allocator may know better when to give large blocks back.
fn give_back<E>(stack: &mut Vec<E>, kept: usize) {
    if stack.capacity() > kept {
        *stack = Vec::new();
    }
}

impl Default for Scratch {
    fn default() -> Scratch {
        Scratch::with_blocking(at_once)
    }
}

impl Scratch {
    pub fn new() -> Scratch {
        Scratch::default()
    }

    /// `blocking` is given the growth of the stacks, which move as a whole.
    pub fn with_blocking(blocking: Blocking) -> Scratch {
        Scratch {
            marks: Vec::new(),
            stamps: Vec::new(),
            frames: Vec::new(),
            log: Vec::new(),
            loops: Vec::new(),
            last_mark: 0,
            last_index: 0,
            start: 0,
            end: 0,
            blocking,
        }
    }

    /// Start and end of the match.
    pub fn span(&self) -> (usize, usize) {
        (self.start, self.end)
    }

    /// Start and end of group `group`, counted from 1, if it took part in the match.
    pub fn group(&self, group: usize) -> Option<(usize, usize)> {
        let close = (group * 2).checked_sub(1)?;
        if close as i64 > self.last_mark as i64 {
            return None;
        }
        let (start, end) = (self.marks[close - 1], self.marks[close]);
        (start != UNSET && end != UNSET).then_some((start, end))
    }

    /// `Match.lastindex`
    pub fn last_index(&self) -> Option<usize> {
        usize::try_from(self.last_index).ok()
    }

    /// Gives memory back that an unusually deep match took.
    pub fn shrink(&mut self) {
        const KEPT: usize = 1024;
        self.frames.clear();
        self.log.clear();
        self.loops.clear();
        self.stamps.fill(0);
        give_back(&mut self.frames, KEPT);
        give_back(&mut self.log, KEPT);
        give_back(&mut self.loops, KEPT);
    }
}
