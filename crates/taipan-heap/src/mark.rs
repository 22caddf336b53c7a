//! Marking: what a collection reaches. Conservative over stacks and over every word of a Scan cell;
//! interior pointers count. One marker, world stopped.
//!
//! A minor collection keeps the marks of the last one, which say who is old, and starts beside the
//! roots from `visit_dirty` (what was stored into old cells) and `visit_held` (old cells that a
//! native frame was perhaps still filling in).
//!
//! A word is tested by one subtraction and compare, which floats, ints and foreign pointers fail.
//! Only cells with their live bit set are marked, so stale words never revive a freed cell.

use crate::head::Head;
use crate::region::{BlockMeta, CellRef, region};
use crate::size_class::{BLOCK, BLOCK_SHIFT, kind};
use crate::sweep::Swept;
use crate::{cards, cycle};
use std::mem::offset_of;
use std::ptr::NonNull;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};

/// Words of an array scanned before the rest goes back on the stack.
const STRIDE: usize = 4096;

/// Spans whose memory is being fetched while others are scanned.
const AHEAD: usize = 16;

/// Cells larger than this are looked at again for being held by a native frame only once.
const HELD_MAX: usize = 1 << 20;

/// A part of a cell, to be scanned.
#[derive(Default)]
pub(crate) struct Span {
    pub(crate) start: usize,
    pub(crate) words: usize,
}

/// What a visitor does with cells that are marked already.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Nothing.
    Plain,
    /// A full trace runs beside the program: notes for it those that it has not reached.
    Shading,
    /// A full trace has come to its end: follows those that it has not reached.
    Reviving,
}

/// A cell on the path of `mark_in_order`: the address that a `Head` in it has, and the words to go.
struct Walk {
    head: usize,
    next: usize,
    end: usize,
}

/// Collects what is reachable; handed to the hooks.
pub struct Visitor {
    base: usize,
    len: usize,
    metas: *const BlockMeta,
    stack: Vec<Span>,
    /// The stack could not grow: some marked cells were not scanned.
    overflowed: bool,
    /// Heads of the weak cells reached.
    pub(crate) weak: Vec<usize>,
    /// Starts of the cells that native stacks point to.
    held: Vec<usize>,
    pub(crate) mode: Mode,
    /// What was swept on the way.
    pub(crate) early: Swept,
    /// For the full trace: what it has to look at, and the weak cells among it.
    pub(crate) gray: Vec<Span>,
    pub(crate) gray_weak: Vec<usize>,
}

impl Visitor {
    pub(crate) fn new(mode: Mode) -> Visitor {
        let r = region();
        Visitor {
            base: r.base,
            len: (r.committed.load(Relaxed) as usize) << BLOCK_SHIFT,
            metas: r.metas,
            stack: Vec::with_capacity(1024),
            overflowed: false,
            weak: Vec::new(),
            held: Vec::new(),
            mode,
            early: Swept::default(),
            gray: Vec::new(),
            gray_weak: Vec::new(),
        }
    }

    /// A word that may be a value, a pointer to or into a cell, or anything else.
    #[inline(always)]
    pub fn visit_word(&mut self, word: u64) {
        let off = (word as usize).wrapping_sub(self.base);
        if off < self.len {
            self.found::<false>(off);
        }
    }

    /// A native stack: what it points to may be cells that are being filled in, without barriers.
    ///
    /// # Safety
    /// As for `visit_range`.
    pub(crate) unsafe fn visit_native_stack(&mut self, start: *const u64, words: usize) {
        for i in 0..words {
            // SAFETY: the caller's promise; stack words may be anything.
            let w = unsafe { start.add(i).read_volatile() };
            let off = (w as usize).wrapping_sub(self.base);
            if off < self.len {
                self.found::<true>(off);
            }
        }
    }

    /// `words` consecutive words, each as in `visit_word`.
    ///
    /// # Safety
    /// The range is readable and 8-byte aligned.
    #[inline]
    pub unsafe fn visit_range(&mut self, start: *const u64, words: usize) {
        for i in 0..words {
            // SAFETY: the caller's promise; the world is stopped, and stack words may be anything.
            let w = unsafe { start.add(i).read_volatile() };
            self.visit_word(w);
        }
    }

    /// With `HELD`, remembers the cell for the next minor collection.
    #[inline(always)]
    fn found<const HELD: bool>(&mut self, off: usize) {
        // SAFETY: off lies below the committed end, so the block has a table entry.
        let mut meta = unsafe { &*self.metas.add(off >> BLOCK_SHIFT) };
        let mut start = self.base + (off & !(BLOCK - 1));
        let mut index =
            (((off & (BLOCK - 1)) as u64 * meta.recip.load(Relaxed) as u64) >> 32) as usize;
        if index >= meta.cells.load(Relaxed) as usize {
            if meta.kind.load(Relaxed) != kind::LARGE_REST {
                return;
            }
            let first = meta.large_first.load(Relaxed) as usize;
            // SAFETY: the first block of a large cell precedes this one.
            meta = unsafe { &*self.metas.add(first) };
            start = self.base + (first << BLOCK_SHIFT);
            index = 0;
        }
        let bits = &meta.bits[index >> 6];
        let bit = 1u64 << (index & 63);
        let (marked, live) = (bits.mark.load(Relaxed), bits.live.load(Relaxed));
        let size = meta.cell_size.load(Relaxed) as usize;
        if HELD && live & bit != 0 {
            let again = size != 0
                || meta.large_bytes.load(Relaxed) <= HELD_MAX
                || marked & bit == 0
                || meta.unbarriered.load(Relaxed) != 0;
            if again && !kind::is_leaf(meta.kind.load(Relaxed)) {
                self.held.push(start + index * size);
            }
        }
        if marked & bit != 0 || live & bit == 0 {
            if marked & bit != 0 && self.mode != Mode::Plain {
                self.found_marked(meta, index, start + index * size);
            }
            return;
        }
        bits.mark.store(marked | bit, Relaxed);
        if self.mode != Mode::Plain {
            meta.reach(index);
        }
        start += index * size;
        match meta.kind.load(Relaxed) {
            kind::OBJECT_LEAF | kind::RAW_LEAF => {}
            k @ (kind::OBJECT_WEAK | kind::OBJECT_WEAK_PRE) => self.push_weak(start, size, k),
            _ if size != 0 => self.push(start, size / 8),
            _ => self.push(start, meta.large_bytes.load(Relaxed) / 8),
        }
    }

    /// An old cell, while there is a full trace.
    #[cold]
    #[inline(never)]
    fn found_marked(&mut self, meta: &'static BlockMeta, index: usize, start: usize) {
        if !meta.reach(index) {
            return;
        }
        if self.mode == Mode::Shading {
            cycle::push_spans(meta, start, &mut self.gray, &mut self.gray_weak);
        } else {
            cycle::push_spans(meta, start, &mut self.stack, &mut self.weak);
        }
    }

    /// Scans the old cells in `held`, whole.
    pub(crate) fn visit_held(&mut self, held: &[usize]) {
        for c in held.iter().filter_map(|&start| region().cell(start)) {
            if c.meta.is_old(c.index) && !kind::is_leaf(c.kind) {
                self.scan_again(&c, c.start, c.start + c.size());
            }
        }
    }

    /// The cells that native stacks point to, each once.
    pub(crate) fn take_held(&mut self) -> Vec<usize> {
        self.held.sort_unstable();
        self.held.dedup();
        std::mem::take(&mut self.held)
    }

    /// Scans those parts of old cells that were stored into, and cleans all cards.
    pub(crate) fn visit_dirty(&mut self, frontier: u32) {
        let r = region();
        let shared = (frontier as usize) << BLOCK_SHIFT > cards::SPAN;
        for b in 0..frontier {
            // Most blocks were not stored into.
            if !cards::is_block_dirty(r.block_addr(b)) {
                continue;
            }
            // What a full trace has found dead is not to be looked at.
            crate::sweep::sweep_if_traced(b, &mut self.early);
            let words = cards::of_block(r.block_addr(b));
            self.visit_block_cards(b, words);
            if !shared {
                cards::clean_block(r.block_addr(b));
            }
        }
        if shared {
            cards::clean_all();
        }
    }

    /// The old cells of a block some of whose cards are dirty.
    fn visit_block_cards(&mut self, b: u32, words: &[AtomicU64]) {
        let r = region();
        let mut m = r.meta(b);
        if m.kind.load(Relaxed) == kind::LARGE_REST {
            m = r.meta(m.large_first.load(Relaxed));
        }
        let k = m.kind.load(Relaxed);
        let old = m.old_cells.load(Relaxed) as usize;
        if k == kind::FREE || kind::is_leaf(k) || old == 0 {
            return;
        }
        let base = r.block_addr(b);
        let size = m.cell_size.load(Relaxed) as usize;
        // Where new cells are filled in among a few old ones most cards are dirty, for nothing.
        let dirty_cards: usize = words.iter().map(|w| w.load(Relaxed).count_ones() as usize).sum();
        if size != 0 && old + old * size / cards::CARD <= dirty_cards {
            self.visit_few_old(m, base, words);
            return;
        }
        for (i, word) in words.iter().enumerate() {
            let mut dirty = word.load(Relaxed);
            while dirty != 0 {
                let n = dirty.trailing_zeros() as usize / 8;
                dirty &= !(0xFF << (n * 8));
                self.visit_card(m, base, base + (i * 8 + n) * cards::CARD);
            }
        }
    }

    /// Goes by old cells, not by cards.
    fn visit_few_old(&mut self, m: &'static BlockMeta, base: usize, words: &[AtomicU64]) {
        let k = m.kind.load(Relaxed);
        let size = m.cell_size.load(Relaxed) as usize;
        let is_dirty = |card: usize| words[card / 8].load(Relaxed) >> (card % 8 * 8) & 0xFF != 0;
        for (i, bits) in m.bits[..m.words()].iter().enumerate() {
            let mut marks = bits.mark.load(Relaxed);
            while marks != 0 {
                let index = i * 64 + marks.trailing_zeros() as usize;
                marks &= marks - 1;
                let offset = index * size;
                let mut at = offset / cards::CARD;
                while at * cards::CARD < offset + size {
                    if is_dirty(at) {
                        let start = base + offset;
                        let c = CellRef { meta: m, kind: k, index, start };
                        let card = base + at * cards::CARD;
                        self.scan_again(
                            &c,
                            start.max(card),
                            (card + cards::CARD).min(start + size),
                        );
                    }
                    at += 1;
                }
            }
        }
    }

    /// `m` describes the block at `base` that the card lies in, or the large cell.
    fn visit_card(&mut self, m: &'static BlockMeta, base: usize, card: usize) {
        let end = card + cards::CARD;
        let k = m.kind.load(Relaxed);
        let size = m.cell_size.load(Relaxed) as usize;
        if size == 0 {
            if m.is_marked(0) {
                let start = region().block_addr(m.large_first.load(Relaxed));
                let c = CellRef { meta: m, kind: k, index: 0, start };
                self.scan_again(&c, start.max(card), end.min(start + c.size()));
            }
            return;
        }
        let cell = |at: usize| (((at - base) as u64 * m.recip.load(Relaxed) as u64) >> 32) as usize;
        let after = (cell(end - 1) + 1).min(m.cells.load(Relaxed) as usize);
        let mut index = cell(card);
        while index < after {
            // The marks from `index` on, in the low bits.
            let marks = m.bits[index >> 6].mark.load(Relaxed) >> (index & 63);
            if marks == 0 {
                index = (index | 63) + 1;
                continue;
            }
            index += marks.trailing_zeros() as usize;
            if index < after {
                let start = base + index * size;
                let c = CellRef { meta: m, kind: k, index, start };
                self.scan_again(&c, start.max(card), end.min(start + size));
            }
            index += 1;
        }
    }

    /// Scans a part of an old cell, or all of a weak one.
    fn scan_again(&mut self, c: &CellRef, from: usize, to: usize) {
        if matches!(c.kind, kind::OBJECT_WEAK | kind::OBJECT_WEAK_PRE) {
            self.push_weak(c.start, c.size(), c.kind);
        } else if from < to {
            // SAFETY: part of an allocated cell.
            unsafe { self.visit_range(from as *const u64, (to - from) / 8) };
        }
    }

    #[inline(always)]
    fn push(&mut self, start: usize, words: usize) {
        debug_assert!(words < 1 << 40);
        if self.stack.len() == self.stack.capacity() && self.stack.try_reserve(1024).is_err() {
            self.overflowed = true;
            return;
        }
        self.stack.push(Span { start, words });
    }

    #[cold]
    fn push_weak(&mut self, start: usize, size: usize, k: u8) {
        let head = start + kind::pre(k);
        self.weak.push(head);
        // The words at 32 (referent), 56 and 64 (list links) are skipped.
        self.push(start, (head + 32 - start) / 8);
        self.push(head + 40, 2);
        let rest = (start + size).saturating_sub(head + 72) / 8;
        if rest > 0 {
            self.push(head + 72, rest);
        }
    }

    /// Marks all that the pushed cells reach.
    pub(crate) fn drain(&mut self) {
        loop {
            self.drain_stack();
            if !std::mem::take(&mut self.overflowed) {
                return;
            }
            self.rescan_all();
        }
    }

    /// Spans pass through a short queue between being popped and scanned, so that their memory is
    /// fetched meanwhile.
    fn drain_stack(&mut self) {
        let mut queue = [const { Span { start: 0, words: 0 } }; AHEAD];
        let mut at = 0;
        loop {
            while let Some(span) = self.stack.pop() {
                prefetch(span.start);
                if span.words > 8 {
                    prefetch(span.start + 64);
                }
                let due = std::mem::replace(&mut queue[at], span);
                at = (at + 1) % AHEAD;
                self.scan(due);
            }
            let mut found = false;
            for _ in 0..AHEAD {
                let due = std::mem::replace(&mut queue[at], Span { start: 0, words: 0 });
                at = (at + 1) % AHEAD;
                found |= due.words != 0;
                self.scan(due);
                if !self.stack.is_empty() {
                    break;
                }
            }
            if !found && self.stack.is_empty() {
                return;
            }
        }
    }

    #[inline(always)]
    fn scan(&mut self, Span { start, words }: Span) {
        let now = words.min(STRIDE);
        if words > now {
            self.push(start + now * 8, words - now);
        }
        // SAFETY: spans are parts of allocated cells (or empty); no mutator runs.
        unsafe { self.visit_range(start as *const u64, now) };
    }

    /// Scans every marked cell again, for those whose push failed.
    #[cold]
    fn rescan_all(&mut self) {
        let r = region();
        let frontier = (self.len >> BLOCK_SHIFT) as u32;
        for b in 0..frontier {
            let m = r.meta(b);
            let k = m.kind.load(Relaxed);
            if matches!(k, kind::FREE | kind::LARGE_REST | kind::OBJECT_LEAF | kind::RAW_LEAF) {
                continue;
            }
            for index in 0..m.cells.load(Relaxed) as usize {
                if !m.is_marked(index) {
                    continue;
                }
                let start = r.block_addr(b) + index * m.cell_size.load(Relaxed) as usize;
                let cell = CellRef { meta: m, kind: k, index, start };
                let size = cell.size();
                if matches!(k, kind::OBJECT_WEAK | kind::OBJECT_WEAK_PRE) {
                    self.push_weak(start, size, k);
                } else {
                    // SAFETY: an allocated cell.
                    unsafe { self.visit_range(start as *const u64, size / 8) };
                }
                while let Some(Span { start, words }) = self.stack.pop() {
                    // SAFETY: spans are parts of allocated cells.
                    unsafe { self.visit_range(start as *const u64, words) };
                }
            }
        }
        self.weak.sort_unstable();
        self.weak.dedup();
    }

    /// Marks what the objects `due` reach; gives them in the order in which their finalisers run: one
    /// that reaches another comes first, as where references are counted, and otherwise they stay in
    /// the order given. Depth first: the order is that of leaving the cells, backwards.
    pub(crate) fn mark_in_order(&mut self, due: Vec<usize>) -> Vec<usize> {
        if due.len() < 2 {
            due.iter().for_each(|&p| self.visit_word(p as u64));
            self.drain();
            return due;
        }
        let mut known = due.clone();
        known.sort_unstable();
        let mut left: Vec<usize> = Vec::with_capacity(due.len());
        let mut path: Vec<Walk> = Vec::new();
        for &obj in due.iter().rev() {
            self.enter(obj as u64, &mut path);
            while let Some(at) = path.last_mut() {
                if at.next < at.end {
                    // SAFETY: a word of a marked cell; no mutator runs.
                    let word = unsafe { (at.next as *const u64).read_volatile() };
                    at.next += 8;
                    self.enter(word, &mut path);
                } else {
                    if known.binary_search(&at.head).is_ok() {
                        left.push(at.head);
                    }
                    path.pop();
                }
            }
        }
        // What the path did not take in.
        self.drain();
        left.reverse();
        if left.len() < due.len() {
            left.extend(due.iter().filter(|&p| !left.contains(p)).copied().collect::<Vec<_>>());
        }
        left
    }

    /// Marks the cell that the word points to, if it is not marked, and puts it at the end of the path.
    fn enter(&mut self, word: u64, path: &mut Vec<Walk>) {
        let Some(c) = region().cell(word as usize) else { return };
        let known = match self.mode {
            Mode::Reviving => c.meta.is_reached(c.index),
            _ => c.meta.is_marked(c.index),
        };
        if known && self.mode == Mode::Shading {
            self.found_marked(c.meta, c.index, c.start);
        }
        if known || !c.meta.is_live(c.index) {
            return;
        }
        if path.try_reserve(1).is_err() {
            // Without an order, then.
            return self.visit_word(word);
        }
        c.meta.bits[c.index >> 6].mark.fetch_or(1 << (c.index & 63), Relaxed);
        if self.mode != Mode::Plain {
            c.meta.reach(c.index);
        }
        let (mut next, mut end) = (c.start, c.start + c.size());
        if matches!(c.kind, kind::OBJECT_WEAK | kind::OBJECT_WEAK_PRE) {
            self.push_weak(c.start, c.size(), c.kind);
            next = end;
        } else if kind::is_leaf(c.kind) {
            next = end;
        } else {
            end = next + (end - next) / 8 * 8;
        }
        path.push(Walk { head: c.start + kind::pre(c.kind), next, end });
    }
}

#[inline(always)]
pub(crate) fn prefetch(addr: usize) {
    #[cfg(target_arch = "x86_64")]
    // SAFETY: a prefetch cannot fault.
    unsafe {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        _mm_prefetch::<_MM_HINT_T0>(addr as *const i8);
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = addr;
}

/// At the end of a full trace that ran beside the program: those live that it has reached.
pub(crate) static END_OF_CYCLE: AtomicBool = AtomicBool::new(false);

/// Whether the cell holding `p` is reached in this collection, or old in a minor one; things outside
/// the heap always are.
pub(crate) fn is_marked(p: usize) -> bool {
    match region().cell(p) {
        Some(c) if END_OF_CYCLE.load(Relaxed) => c.meta.is_reached(c.index),
        Some(c) => c.meta.is_marked(c.index),
        None => true,
    }
}

/// The referent word of a weak cell.
pub(crate) fn referent(weak: usize) -> &'static AtomicU64 {
    // SAFETY: weak cells are at least 40 bytes from their Head on, and live while the caller looks.
    unsafe { &*((weak + 32) as *const AtomicU64) }
}

/// Of a weak cell: is its callback slot filled?
pub(crate) fn has_callback(weak: usize) -> bool {
    // SAFETY: as for `referent`; the callback is the next word.
    unsafe { &*((weak + 40) as *const AtomicU64) }.load(Relaxed) != 0
}

/// A weak cell without a type is no weak reference but a record of what was once found, such as an
/// inline cache: it keeps nothing alive, and is void once something that it names is dead. Its
/// words at 32, 56 and 64 are addresses or zero; void, these and the word at 16 are zero.
/// Gives whether the cell is such a record.
pub(crate) fn void_if_dead(weak: usize) -> bool {
    // SAFETY: `weak` is the start of a weak cell, of 72 bytes at least, or 40 if it has a type.
    let word = |at: usize| unsafe { &*((weak + at) as *const AtomicU64) };
    if word(offset_of!(Head, ob_type)).load(Relaxed) != 0 {
        return false;
    }
    if RECORD_WORDS.iter().any(|&at| !is_marked(word(at).load(Relaxed) as usize)) {
        RECORD_WORDS.iter().for_each(|&at| word(at).store(0, Relaxed));
        word(16).store(0, Relaxed);
    }
    true
}

/// The words of a record that are not followed.
const RECORD_WORDS: [usize; 3] = [32, 56, 64];

pub(crate) fn head_at(addr: usize) -> NonNull<Head> {
    NonNull::new(addr as *mut Head).expect("cells do not lie at address 0")
}
