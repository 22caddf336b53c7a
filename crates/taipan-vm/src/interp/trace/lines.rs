//! Where the lines of a code object start, for tracing: as CPython's `initialize_lines` has it.

use taipan_compiler::Op;
use taipan_compiler::code::CodeUnit;
use taipan_compiler::opcode::decode;

/// The line of each word of a code object, and which words start one.
pub struct Lines {
    lines: Vec<i32>,
    starts: Vec<bool>,
}

impl Lines {
    /// `lines` has the line of each word, -1 where there is none.
    pub fn new(unit: &CodeUnit, lines: Vec<i32>) -> Lines {
        let mut starts = vec![false; lines.len()];
        let mut current = -1;
        let mut started = false;
        let mut at = 0;
        while let Some(i) = decode(&unit.code, at) {
            // What comes before the first RESUME is not traced.
            started |= i.op == Op::RESUME;
            if started && !matches!(i.op, Op::RESUME | Op::END_ASYNC_FOR) {
                starts[at] |= lines[at] != current && lines[at] >= 0;
                current = lines[at];
            }
            if let Some(distance) = i.jump() {
                let to = at as i64 + i64::from(i.len) + i64::from(distance);
                if let Some(start) = usize::try_from(to).ok().and_then(|to| starts.get_mut(to)) {
                    *start = true;
                }
            }
            at += i.len as usize;
        }
        for e in &unit.except_table {
            let at = e.handler as usize;
            if decode(&unit.code, at).is_some_and(|i| i.op != Op::END_ASYNC_FOR) {
                starts[at] = true;
            }
        }
        Lines { lines, starts }
    }

    /// The line of a word.
    pub fn line(&self, word: usize) -> Option<u32> {
        self.lines.get(word).and_then(|l| u32::try_from(*l).ok())
    }

    /// May a line event come before the instruction at this word?
    pub fn starts(&self, word: usize) -> bool {
        self.starts.get(word).copied().unwrap_or(false)
    }
}
