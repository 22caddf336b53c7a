//! Finds where to run the matcher: at one place, or at each that can begin a match.

use crate::exec::{Exec, Poll, SCAN};
use crate::program::{ENTRY, Program};
use crate::state::{MatchError, Mode, Request, Scratch, Text};
use crate::text::Unit;

impl Program {
    /// Answers a request; what matched is then in `scratch`. `poll` is called every few thousand steps, and ends the
    /// match with its error.
    pub fn run(
        &self,
        scratch: &mut Scratch,
        request: &Request<'_>,
        poll: &mut dyn FnMut() -> Result<(), MatchError>,
    ) -> Result<bool, MatchError> {
        match request.text {
            Text::One(text) => self.run_on(text, scratch, request, poll),
            Text::Two(text) => self.run_on(text, scratch, request, poll),
            Text::Four(text) => self.run_on(text, scratch, request, poll),
        }
    }

    fn run_on<T: Unit>(
        &self,
        text: &[T],
        scratch: &mut Scratch,
        request: &Request<'_>,
        poll: Poll<'_>,
    ) -> Result<bool, MatchError> {
        let start = request.start.min(text.len());
        let end = request.end.min(text.len());
        let mut exec = Exec::new(self, text, end, request.locale, scratch, poll);
        exec.must_advance = request.must_advance;
        if request.mode == Mode::Search {
            return exec.search(start);
        }
        exec.match_all = request.mode == Mode::FullMatch;
        let min_width = self.start.min_width;
        // A start behind the end is as good as the end for patterns that may be empty, as in CPython.
        if min_width > 0 && end.saturating_sub(start) < min_width {
            return Ok(false);
        }
        exec.run(ENTRY, start, start)
    }
}

impl<T: Unit> Exec<'_, T> {
    fn search(&mut self, from: usize) -> Result<bool, MatchError> {
        let start = &self.program.start;
        let Some(left) = self.text.len().checked_sub(from) else { return Ok(false) };
        if left < start.min_width {
            return Ok(false);
        }
        if start.anchored {
            return self.run(ENTRY, from, from);
        }
        if !start.prefix.is_empty() {
            return self.search_prefix(from);
        }
        if start.first.is_some() {
            return self.search_first(from);
        }
        let last = self.text.len() - start.min_width.saturating_sub(1).min(left);
        let mut at = from;
        loop {
            if self.run(ENTRY, at, at)? {
                return Ok(true);
            }
            self.must_advance = false;
            self.tick()?;
            at = self.after_failure(at)?;
            if at > last {
                return Ok(false);
            }
        }
    }

    /// The next place to try after `at`.
    fn after_failure(&mut self, at: usize) -> Result<usize, MatchError> {
        Ok(match self.program.start.run {
            None => at + 1,
            Some(single) => at + self.count(single, at, self.text.len() - at)? + 1,
        })
    }

    /// The next place from `at` on where `find` finds something, polling between pieces of the text. Each piece overlaps
    /// the next by `overlap` units.
    fn find_by(
        &mut self,
        mut at: usize,
        overlap: usize,
        find: impl Fn(&[T]) -> Option<usize>,
    ) -> Result<Option<usize>, MatchError> {
        let len = self.text.len();
        loop {
            let end = (at + SCAN + overlap).min(len);
            if let Some(found) = find(&self.text[at..end]) {
                return Ok(Some(at + found));
            }
            if end == len {
                return Ok(None);
            }
            at = end - overlap;
            self.ask()?;
        }
    }

    fn search_prefix(&mut self, mut at: usize) -> Result<bool, MatchError> {
        let program = self.program;
        let start = &program.start;
        let prefix = start.prefix.as_slice();
        // A character that the text's units cannot hold does not occur in it.
        if !prefix.iter().all(|&code| T::from_code(code).is_some()) {
            return Ok(false);
        }
        self.must_advance = false;
        let overlap = prefix.len() - 1;
        loop {
            let found = match &start.finder {
                Some(finder) if T::bytes(&[]).is_some() && overlap > 0 => {
                    self.find_by(at, overlap, |piece| finder.find(T::bytes(piece)?))?
                }
                _ => self.find_by(at, overlap, |piece| find_run(piece, prefix))?,
            };
            let Some(found) = found else { return Ok(false) };
            if start.is_literal {
                let scratch = &mut *self.scratch;
                (scratch.start, scratch.end) = (found, found + prefix.len());
                (scratch.last_mark, scratch.last_index) = (-1, -1);
                return Ok(true);
            }
            let (pc, known) = start.after_prefix;
            if self.run(pc, found, found + known)? {
                return Ok(true);
            }
            self.tick()?;
            at = found + 1;
        }
    }

    fn search_first(&mut self, mut at: usize) -> Result<bool, MatchError> {
        let program = self.program;
        let Some(table) = program.start.first.map(|index| &program.firsts[index as usize]) else {
            return Ok(false);
        };
        let needles = program.start.needles.as_slice();
        let set = program.start.set.map(|index| &program.sets[index as usize]);
        while at < self.text.len() {
            // Candidates often stand side by side; then a search costs more than a look.
            let here = self.text[at];
            let is_candidate = match set {
                Some(set) => set.contains(here),
                None => table.may_begin(here.code()),
            };
            let found = if is_candidate {
                Some(at)
            } else {
                self.find_by(at, 0, |piece| match (T::bytes(piece), needles) {
                    (Some(bytes), &[a]) => memchr::memchr(a, bytes),
                    (Some(bytes), &[a, b]) => memchr::memchr2(a, b, bytes),
                    (Some(bytes), &[a, b, c]) => memchr::memchr3(a, b, c, bytes),
                    _ if let Some(set) = set => piece.iter().position(|&unit| set.contains(unit)),
                    _ => piece.iter().position(|unit| table.may_begin(unit.code())),
                })?
            };
            let Some(found) = found else { return Ok(false) };
            if self.run(ENTRY, found, found)? {
                return Ok(true);
            }
            self.must_advance = false;
            self.tick()?;
            at = self.after_failure(found)?;
        }
        Ok(false)
    }
}

/// Where `run`, which is not empty, first occurs.
fn find_run<T: Unit>(text: &[T], run: &[u32]) -> Option<usize> {
    let last = text.len().checked_sub(run.len())?;
    let first = T::from_code(run[0])?;
    let mut at = 0;
    while at <= last {
        at += T::find(&text[at..=last], first)?;
        if text[at..at + run.len()].iter().zip(run).all(|(unit, &code)| unit.code() == code) {
            return Some(at);
        }
        at += 1;
    }
    None
}
