//! The translated pattern: a list of small operations, and tables for what does not fit in them.

use crate::set::{Fold, Set};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum At {
    Beginning,
    BeginningLine,
    End,
    EndLine,
    EndString,
    Boundary,
    NonBoundary,
    LocaleBoundary,
    LocaleNonBoundary,
    UnicodeBoundary,
    UnicodeNonBoundary,
}

/// A position in `Program::ops`.
pub(crate) type Pc = u32;

/// Every program begins with these three operations, so that failure is a place to go to like any other.
pub(crate) const FAIL: Pc = 0;
pub(crate) const ABORT: Pc = 1;
pub(crate) const LOST: Pc = 2;
/// Where the pattern begins.
pub(crate) const ENTRY: Pc = 3;

#[derive(Clone, Copy, Debug)]
pub(crate) enum Op {
    Char(u32),
    NotChar(u32),
    /// A run of `Program::literals`.
    Literal {
        start: u32,
        len: u32,
    },
    Any,
    AnyAll,
    Set(u32),
    /// A set whose answer depends on the locale.
    LocaleSet(u32),
    Mark(u32),
    /// A mark inside a repetition, which may have an earlier value to come back to.
    LoggedMark(u32),
    At(At),
    Jump(Pc),
    Branch(u32),
    /// These three index `Program::ones`.
    RepeatOne(u32),
    LazyOne(u32),
    PossessiveOne(u32),
    /// These three index `Program::repeats`.
    Repeat(u32),
    MaxUntil(u32),
    MinUntil(u32),
    PossessiveRepeat(u32),
    /// The body follows, ended by `Success`; then it goes on at `end`.
    Atomic {
        end: Pc,
    },
    Assert {
        back: u32,
        end: Pc,
    },
    AssertNot {
        back: u32,
        end: Pc,
    },
    GroupRef {
        group: u32,
        fold: Fold,
    },
    IfGroup {
        group: u32,
        otherwise: Pc,
    },
    Success,
    Fail,
    /// There is an error to return.
    Abort,
    /// All choices are used up.
    Lost,
}

/// What a one-character repetition repeats.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Single {
    Any,
    AnyAll,
    Char(u32),
    NotChar(u32),
    Set(u32),
    LocaleSet(u32),
}

/// What must follow a one-character repetition.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Tail {
    /// Nothing is known.
    Unknown,
    /// The repetition ends the (sub)pattern.
    Success,
    Char(u32),
    /// A character of this table of `Program::firsts`.
    First(u32),
}

pub(crate) struct One {
    pub single: Single,
    pub min: usize,
    pub max: usize,
    pub tail_pc: Pc,
    pub tail: Tail,
    /// What follows cannot begin with what is repeated: giving characters back is of no use.
    pub keeps_all: bool,
}

pub(crate) struct Repeat {
    pub min: usize,
    pub max: usize,
    pub body: Pc,
    /// Of possessive ones: where to go on. The others have an `Until` at the end of the body.
    pub tail: Pc,
    /// The position of the `Until`.
    pub until: Pc,
    /// The table of what the body begins with, if it cannot be empty.
    pub first: Option<u32>,
}

/// Up to 64 alternatives; more are chained through the last one.
pub(crate) struct Branch {
    pub targets: Vec<Pc>,
    /// By the character at hand, a bit for each alternative that may begin with it.
    pub by_char: Box<[u64; 256]>,
    pub by_high: u64,
    pub at_end: u64,
}

/// Which characters may come first.
pub(crate) struct FirstTable {
    pub low: [bool; 256],
    /// A character above 255 may.
    pub high: bool,
}

impl FirstTable {
    #[inline(always)]
    pub fn may_begin(&self, ch: u32) -> bool {
        if ch < 256 { self.low[ch as usize] } else { self.high }
    }
}

/// How to find where a search may succeed.
pub(crate) struct Start {
    /// No shorter text matches.
    pub min_width: usize,
    /// Every match begins with these characters.
    pub prefix: Vec<u32>,
    /// The prefix for texts of bytes, if it can occur in them.
    pub finder: Option<memchr::memmem::Finder<'static>>,
    /// The prefix is the whole pattern.
    pub is_literal: bool,
    /// Where to go on, and how many characters are known to match, after the prefix was found.
    pub after_prefix: (Pc, usize),
    /// The table of what a match begins with.
    pub first: Option<u32>,
    /// The set that a match begins with, if it does with a set: more exact than the table for characters above 255.
    pub set: Option<u32>,
    /// All bytes of that table, if they are one to three.
    pub needles: Vec<u8>,
    /// A match begins with an unbounded repetition of this, and nothing asks for groups. Where such a match fails, so does
    /// one that begins later in the same run of repeated characters: it would come to a part of the same places.
    pub run: Option<Single>,
    /// It can match at the beginning of the text only.
    pub anchored: bool,
}

/// A pattern, ready to match.
pub struct Program {
    pub(crate) ops: Vec<Op>,
    pub(crate) literals: Vec<u32>,
    pub(crate) sets: Vec<Set>,
    pub(crate) ones: Vec<One>,
    pub(crate) repeats: Vec<Repeat>,
    pub(crate) branches: Vec<Branch>,
    pub(crate) firsts: Vec<FirstTable>,
    pub(crate) start: Start,
    pub(crate) marks: usize,
    /// `(?(1)...)` stands inside group 1, where it may see a mark that CPython's matcher forgot to restore.
    pub(crate) asks_open_group: bool,
}

impl Program {
    /// The number of groups it was made for.
    pub fn groups(&self) -> usize {
        self.marks / 2
    }
}
