//! The heap's address space: one reserved region cut into blocks, and the table that describes them.
//!
//! Reserved without access, so that neither strict overcommit nor (by taking less) `ulimit -v`
//! refuses it; committed in chunks from the low end. The block table is a parallel reservation
//! indexed by block number, so any word is classified by a subtraction, a shift and one lookup.
//! The pool hands out runs of blocks; what happens inside a block is the mutator's and marker's.

use crate::apart::Apart;
use crate::size_class::{BLOCK, BLOCK_SHIFT, CELL_KIND_CLASSES, MIN_CELL, SIZES, kind, reciprocal};
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::atomic::{
    AtomicBool, AtomicPtr, AtomicU8, AtomicU32, AtomicU64, AtomicUsize, Ordering::Relaxed,
    Ordering::Release,
};
use std::sync::{Mutex, MutexGuard, OnceLock};

const WANTED: usize = 64 << 30;
const SMALLEST: usize = 16 << 20;
/// Blocks committed at a time.
const COMMIT: u32 = 64;
const BITMAP_WORDS: usize = BLOCK / MIN_CELL / 64;

/// One word of the two bitmaps of a block, side by side because the marker reads both.
pub struct Bits {
    /// The cell is allocated: it survived the last mark or was handed out since. Exact only while
    /// the cursors are retired.
    pub live: AtomicU64,
    /// The cell was reached in the current mark. Between collections: it lived through the last
    /// one, it is old.
    pub mark: AtomicU64,
}

/// What is known about a block; all zero (kind FREE, clean) before its first use.
#[repr(C, align(64))]
pub struct BlockMeta {
    pub kind: AtomicU8,
    pub class: AtomicU8,
    /// Its memory may hold something else than zeros.
    pub dirty: AtomicU8,
    /// Bytes of a cell; 0 for a large cell, so that the index arithmetic gives the block's start.
    pub cell_size: AtomicU32,
    pub recip: AtomicU32,
    /// 0 for free blocks and the later blocks of large cells.
    pub cells: AtomicU32,
    /// Of a block of a large cell: the first block's number.
    pub large_first: AtomicU32,
    /// Of a large cell's first block.
    pub large_blocks: AtomicU32,
    pub large_bytes: AtomicUsize,
    /// Cells that lived through the last collection.
    pub old_cells: AtomicU32,
    /// Cells were handed out since the last collection: the block is in `Pool::fresh`.
    pub fresh: AtomicU8,
    /// A large cell that is written without barriers while a native frame holds it.
    pub unbarriered: AtomicU8,
    /// The number of the last full trace after which the block was swept, or that it is younger than.
    pub swept: AtomicU32,
    /// The cursor that allocates here now, or null.
    pub cursor: AtomicPtr<crate::mutator::Cursor>,
    pub bits: [Bits; BITMAP_WORDS],
    /// What the full trace under way (`cycle`) has reached, a part of the marks; zero otherwise.
    pub full: [AtomicU64; BITMAP_WORDS],
}

impl BlockMeta {
    #[inline(always)]
    pub fn is_live(&self, cell: usize) -> bool {
        self.bits[cell >> 6].live.load(Relaxed) >> (cell & 63) & 1 != 0
    }

    #[inline(always)]
    pub fn is_marked(&self, cell: usize) -> bool {
        self.bits[cell >> 6].mark.load(Relaxed) >> (cell & 63) & 1 != 0
    }

    /// Nobody in the block is known to be dead and still there.
    #[inline(always)]
    pub fn is_swept(&self) -> bool {
        self.swept.load(Relaxed) == SWEEPS.load(Relaxed)
    }

    /// The cell lived through the last collection, and through the last full trace.
    #[inline]
    pub fn is_old(&self, cell: usize) -> bool {
        self.is_marked(cell) && (self.is_swept() || self.is_reached(cell))
    }

    /// Whether the full trace under way has reached the cell.
    #[inline(always)]
    pub fn is_reached(&self, cell: usize) -> bool {
        self.full[cell >> 6].load(Relaxed) >> (cell & 63) & 1 != 0
    }

    /// Notes that the full trace has reached the cell; false: it had. For the thread that holds the
    /// cycle's lock.
    #[inline(always)]
    pub fn reach(&self, cell: usize) -> bool {
        let (word, bit) = (&self.full[cell >> 6], 1 << (cell & 63));
        let was = word.load(Relaxed);
        word.store(was | bit, Relaxed);
        was & bit == 0
    }

    /// Marks cells `from..to` allocated. Only the cursor's owner or a stopped world may call it.
    pub fn set_live_range(&self, from: usize, to: usize) {
        let mut i = from;
        while i < to {
            let (word, bit) = (i >> 6, i & 63);
            let n = (64 - bit).min(to - i);
            let ones = if n == 64 { !0 } else { ((1u64 << n) - 1) << bit };
            let w = &self.bits[word].live;
            w.store(w.load(Relaxed) | ones, Relaxed);
            i += n;
        }
    }

    /// The first run of free cells at or after `from`.
    pub fn next_free_run(&self, from: usize) -> Option<(usize, usize)> {
        let cells = self.cells.load(Relaxed) as usize;
        let start = self.seek(from, cells, 0)?;
        let end = self.seek(start, cells, !0).unwrap_or(cells);
        Some((start, end))
    }

    /// The first cell at or after `from` whose live bit differs from that of `unwanted`'s words:
    /// `flip` 0 looks for a clear bit, `!0` for a set one.
    fn seek(&self, from: usize, cells: usize, flip: u64) -> Option<usize> {
        if from >= cells {
            return None;
        }
        let mut word = from >> 6;
        let mut bits = !(self.bits[word].live.load(Relaxed) ^ flip) & (!0 << (from & 63));
        loop {
            if bits != 0 {
                let i = (word << 6) + bits.trailing_zeros() as usize;
                return (i < cells).then_some(i);
            }
            word += 1;
            if word << 6 >= cells {
                return None;
            }
            bits = !(self.bits[word].live.load(Relaxed) ^ flip);
        }
    }

    /// Bitmap words that this block's cells use.
    #[inline]
    pub fn words(&self) -> usize {
        (self.cells.load(Relaxed) as usize).div_ceil(64)
    }
}

/// The reservation. Fixed once made.
pub struct Region {
    pub base: usize,
    pub blocks: u32,
    pub metas: *const BlockMeta,
    /// Blocks below this number have a readable table entry.
    pub committed: AtomicU32,
}

// SAFETY: `metas` points to a table of atomics that lives for ever.
unsafe impl Send for Region {}
// SAFETY: as above.
unsafe impl Sync for Region {}

static REGION: OnceLock<Region> = OnceLock::new();

/// The address where the heap starts. Nothing of the heap lies below.
pub fn region_base() -> usize {
    region().base
}

/// The region, reserved at first use.
#[inline]
pub fn region() -> &'static Region {
    REGION.get_or_init(Region::reserve)
}

/// A cell found by address.
#[derive(Clone, Copy)]
pub struct CellRef {
    pub meta: &'static BlockMeta,
    pub kind: u8,
    pub index: usize,
    pub start: usize,
}

impl CellRef {
    pub fn size(&self) -> usize {
        match self.meta.cell_size.load(Relaxed) {
            0 => self.meta.large_bytes.load(Relaxed),
            n => n as usize,
        }
    }
}

impl Region {
    fn reserve() -> Region {
        let mut want = WANTED;
        if let Some(room) = address_space_left() {
            // The rest is for stacks, libraries and Rust's own heap.
            want = want.min(room / 4 * 3);
            share_malloc_arenas();
        }
        loop {
            want = want.max(SMALLEST) & !(BLOCK - 1);
            let blocks = want >> BLOCK_SHIFT;
            if let Some(base) = reserve(want + BLOCK) {
                if let Some(metas) = reserve(blocks * size_of::<BlockMeta>() + 4096) {
                    let aligned = (base + BLOCK - 1) & !(BLOCK - 1);
                    return Region {
                        base: aligned,
                        blocks: blocks as u32,
                        metas: metas as *const BlockMeta,
                        committed: AtomicU32::new(0),
                    };
                }
                // SAFETY: just reserved, nothing uses it.
                unsafe { libc::munmap(base as *mut _, want + BLOCK) };
            }
            if want == SMALLEST {
                eprintln!("Fatal Python error: cannot reserve address space for the heap");
                std::process::abort();
            }
            want = want / 4 * 3;
        }
    }

    #[inline(always)]
    pub fn meta(&self, block: u32) -> &'static BlockMeta {
        debug_assert!(block < self.committed.load(Relaxed));
        // SAFETY: callers pass numbers of committed blocks, whose entries are mapped and zero-initialised.
        unsafe { &*self.metas.add(block as usize) }
    }

    #[inline(always)]
    pub fn block_addr(&self, block: u32) -> usize {
        self.base + ((block as usize) << BLOCK_SHIFT)
    }

    #[inline(always)]
    pub fn contains(&self, word: usize) -> bool {
        word.wrapping_sub(self.base) < (self.committed.load(Relaxed) as usize) << BLOCK_SHIFT
    }

    /// The cell that `word` points to or into, allocated or not.
    #[inline]
    pub fn cell(&self, word: usize) -> Option<CellRef> {
        if !self.contains(word) {
            return None;
        }
        let off = word - self.base;
        let mut block = (off >> BLOCK_SHIFT) as u32;
        let mut meta = self.meta(block);
        let mut kind = meta.kind.load(Relaxed);
        let mut inner = off & (BLOCK - 1);
        if kind == kind::LARGE_REST {
            block = meta.large_first.load(Relaxed);
            meta = self.meta(block);
            kind = meta.kind.load(Relaxed);
            inner = 0;
        }
        let index = ((inner as u64 * meta.recip.load(Relaxed) as u64) >> 32) as usize;
        if index >= meta.cells.load(Relaxed) as usize {
            return None;
        }
        let start = self.block_addr(block) + index * meta.cell_size.load(Relaxed) as usize;
        Some(CellRef { meta, kind, index, start })
    }

    /// Makes blocks below `upto` usable.
    fn commit(&self, upto: u32) -> bool {
        let have = self.committed.load(Relaxed);
        if upto <= have {
            return true;
        }
        if upto > self.blocks - self.kept_back() {
            return false;
        }
        let generous = (upto.div_ceil(COMMIT) * COMMIT).min(self.blocks);
        [generous, upto].into_iter().any(|to| self.commit_range(have, to))
    }

    /// Blocks for those who deal with the exhaustion of all others.
    fn kept_back(&self) -> u32 {
        if RESERVE_OPEN.load(Relaxed) { 0 } else { (self.blocks / 16).min(256) }
    }

    fn commit_range(&self, from: u32, to: u32) -> bool {
        let meta_from = (from as usize * size_of::<BlockMeta>()) & !4095;
        let meta_to = (to as usize * size_of::<BlockMeta>()).next_multiple_of(4096);
        let rw = libc::PROT_READ | libc::PROT_WRITE;
        // SAFETY: both ranges lie inside our reservations.
        let ok = unsafe {
            libc::mprotect((self.metas as usize + meta_from) as *mut _, meta_to - meta_from, rw)
                == 0
                && libc::mprotect(
                    self.block_addr(from) as *mut _,
                    ((to - from) as usize) << BLOCK_SHIFT,
                    rw,
                ) == 0
        };
        if ok {
            self.committed.store(to, Relaxed);
        }
        ok
    }
}

/// The last blocks may be used: memory ran out, and MemoryError with its traceback wants some.
static RESERVE_OPEN: AtomicBool = AtomicBool::new(false);

pub fn open_reserve() {
    RESERVE_OPEN.store(true, Relaxed);
}

fn reserve(bytes: usize) -> Option<usize> {
    // Not NORESERVE: memory is charged when committed, so an absurd request fails instead of
    // killing the process later.
    let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS;
    // SAFETY: a fresh anonymous mapping touches nothing that exists.
    let p = unsafe { libc::mmap(std::ptr::null_mut(), bytes, libc::PROT_NONE, flags, -1, 0) };
    (p != libc::MAP_FAILED).then_some(p as usize)
}

/// What `ulimit -v` leaves, or `None` without a limit.
fn address_space_left() -> Option<usize> {
    // SAFETY: getrlimit fills the struct it is given.
    let limit = unsafe {
        let mut r: libc::rlimit = std::mem::zeroed();
        if libc::getrlimit(libc::RLIMIT_AS, &mut r) != 0 || r.rlim_cur == libc::RLIM_INFINITY {
            return None;
        }
        r.rlim_cur as usize
    };
    let used = std::fs::read_to_string("/proc/self/statm")
        .ok()
        .and_then(|s| s.split(' ').next()?.parse::<usize>().ok())
        .map_or(64 << 20, |pages| pages * 4096);
    Some(limit.saturating_sub(used))
}

/// glibc reserves 64 MiB of addresses for each thread's arena of `malloc`: where `ulimit -v` is
/// set, a dozen threads would use up what is left beside the heap. Two arenas serve them all.
fn share_malloc_arenas() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    // SAFETY: sets one word of malloc's; the VM reserves the region before it starts a thread.
    unsafe {
        libc::mallopt(libc::M_ARENA_MAX, 2);
    }
}

/// Free runs of blocks, and blocks with free cells by kind and class. One leaf lock guards both;
/// it is taken once per block, not per cell.
pub struct Pool {
    /// Start to length; neighbours are merged.
    free: BTreeMap<u32, u32>,
    /// Blocks at or above this number were never used.
    pub frontier: u32,
    pub partial: Vec<Vec<u32>>,
    /// Blocks in which cells were handed out since the last collection.
    pub fresh: Vec<u32>,
    /// Some of them are in `partial` again.
    pub returned: bool,
    /// Free blocks whose memory may hold something; all lie below `clean_from`.
    dirty: usize,
    clean_from: u32,
}

static POOL: Apart<Mutex<Pool>> = Apart(Mutex::new(Pool {
    free: BTreeMap::new(),
    frontier: 0,
    partial: Vec::new(),
    fresh: Vec::new(),
    returned: false,
    dirty: 0,
    clean_from: 0,
}));

pub fn pool() -> MutexGuard<'static, Pool> {
    let mut p = POOL.lock().unwrap_or_else(|e| e.into_inner());
    if p.partial.is_empty() {
        p.partial.resize_with(CELL_KIND_CLASSES, Vec::new);
    }
    p
}

fn count_dirty(start: u32, n: u32) -> usize {
    (start..start + n).filter(|&b| region().meta(b).dirty.load(Relaxed) != 0).count()
}

impl Pool {
    /// Would taking `n` blocks break into those that are kept back? Once all blocks have been in use the free ones count.
    fn runs_short(&self, n: u32) -> bool {
        let wanted = n.saturating_add(region().kept_back());
        let mut left = region().blocks - self.frontier;
        if left >= wanted || wanted == n {
            return false;
        }
        !self.free.values().any(|len| {
            left += len;
            left >= wanted
        })
    }

    /// `n` adjacent blocks, lowest address first; `None` when the region or memory is exhausted.
    pub fn take(&mut self, n: u32) -> Option<u32> {
        if self.runs_short(n) {
            return None;
        }
        if let Some((&start, &len)) = self.free.iter().find(|&(_, &len)| len >= n) {
            self.free.remove(&start);
            if len > n {
                self.free.insert(start + n, len - n);
            }
            self.forget_dirty(start, n);
            return Some(start);
        }
        // A free run that touches the frontier is extended.
        let start = match self.free.last_key_value() {
            Some((&s, &l)) if s + l == self.frontier => s,
            _ => self.frontier,
        };
        let end = start.checked_add(n)?;
        if !region().commit(end) {
            return None;
        }
        if let Some(len) = self.free.remove(&start) {
            self.forget_dirty(start, len);
        }
        self.frontier = end;
        Some(start)
    }

    /// The blocks are not free any more.
    fn forget_dirty(&mut self, start: u32, n: u32) {
        self.dirty = self.dirty.saturating_sub(count_dirty(start, n));
    }

    /// Notes that cells of the block are handed out.
    pub fn note_fresh(&mut self, block: u32) {
        if region().meta(block).fresh.swap(1, Relaxed) == 0 {
            self.fresh.push(block);
        }
    }

    /// Gives back blocks whose table entries have been reset by `reset_meta`.
    pub fn give(&mut self, start: u32, n: u32) {
        let (mut start, mut n) = (start, n);
        let dirty = count_dirty(start, n);
        if dirty > 0 {
            self.dirty += dirty;
            self.clean_from = self.clean_from.max(start + n);
        }
        if let Some((&s, &l)) = self.free.range(..start).next_back()
            && s + l == start
        {
            self.free.remove(&s);
            start = s;
            n += l;
        }
        if let Some(l) = self.free.remove(&(start + n)) {
            n += l;
        }
        self.free.insert(start, n);
    }

    /// Takes up to `most` adjacent free blocks that hold something, from the high end.
    fn take_dirty(&mut self, most: u32) -> Option<Range<u32>> {
        let is_dirty = |b: &u32| region().meta(*b).dirty.load(Relaxed) != 0;
        let below = self.clean_from;
        let found = self.free.range(..below).rev().find_map(|(&start, &len)| {
            let last = (start..(start + len).min(below)).rev().find(is_dirty)?;
            let first = last
                - (start..last).rev().take(most as usize - 1).take_while(is_dirty).count() as u32;
            Some((start, len, first..last + 1))
        });
        let Some((start, len, run)) = found else {
            (self.dirty, self.clean_from) = (0, 0);
            return None;
        };
        self.free.remove(&start);
        if run.start > start {
            self.free.insert(start, run.start - start);
        }
        if run.end < start + len {
            self.free.insert(run.end, start + len - run.end);
        }
        self.dirty = self.dirty.saturating_sub(run.len());
        self.clean_from = run.end;
        Some(run)
    }
}

/// Returns the memory of at most `most` free blocks to the system, those at the high end, while more than
/// `keep` hold something. Nobody waits for this. The reserve is closed again where there is room.
pub fn release(keep: usize, mut most: usize) {
    let r = region();
    if RESERVE_OPEN.load(Relaxed) {
        let p = pool();
        if p.free.values().sum::<u32>() + r.blocks - p.frontier > 512 {
            RESERVE_OPEN.store(false, Relaxed);
        }
    }
    while most > 0 {
        let mut p = pool();
        let many = p.dirty.saturating_sub(keep).min(most).min(64);
        if many == 0 {
            return;
        }
        let Some(run) = p.take_dirty(many as u32) else { return };
        drop(p);
        most -= run.len();
        let (at, bytes) = (r.block_addr(run.start), run.len() << BLOCK_SHIFT);
        // DONTNEED makes private anonymous memory read as zeros.
        // SAFETY: free blocks hold nothing, and these are in nobody's hands but ours.
        let done = unsafe { libc::madvise(at as *mut _, bytes, libc::MADV_DONTNEED) } == 0;
        if done {
            run.clone().for_each(|b| r.meta(b).dirty.store(0, Relaxed));
        }
        pool().give(run.start, run.len() as u32);
        if !done {
            return;
        }
    }
}

/// How many full traces have ended. A block that `swept` says less of may hold cells that are marked
/// but were not reached by the last one.
pub static SWEEPS: AtomicU32 = AtomicU32::new(0);

/// Makes a block a block of small cells, none allocated.
pub fn init_small(block: u32, cell_kind: u8, class: usize) -> &'static BlockMeta {
    let m = region().meta(block);
    let size = SIZES[class];
    for b in &m.bits {
        b.live.store(0, Relaxed);
        b.mark.store(0, Relaxed);
    }
    m.old_cells.store(0, Relaxed);
    m.swept.store(SWEEPS.load(Relaxed), Relaxed);
    m.class.store(class as u8, Relaxed);
    m.cell_size.store(size, Relaxed);
    m.recip.store(reciprocal(size), Relaxed);
    m.cells.store(BLOCK as u32 / size, Relaxed);
    m.kind.store(cell_kind, Release);
    m
}

/// Makes `n` blocks one large cell of `bytes`, allocated.
pub fn init_large(start: u32, n: u32, cell_kind: u8, bytes: usize) {
    let r = region();
    for b in start + 1..start + n {
        let m = r.meta(b);
        m.cells.store(0, Relaxed);
        m.large_first.store(start, Relaxed);
        m.kind.store(kind::LARGE_REST, Release);
    }
    let m = r.meta(start);
    m.cell_size.store(0, Relaxed);
    m.recip.store(0, Relaxed);
    m.large_first.store(start, Relaxed);
    m.large_blocks.store(n, Relaxed);
    m.large_bytes.store(bytes, Relaxed);
    m.old_cells.store(0, Relaxed);
    m.swept.store(SWEEPS.load(Relaxed), Relaxed);
    m.unbarriered.store(0, Relaxed);
    m.bits[0].live.store(1, Relaxed);
    m.bits[0].mark.store(0, Relaxed);
    m.cells.store(1, Relaxed);
    m.kind.store(cell_kind, Release);
}

/// The cell is written without barriers for as long as a native frame points to it.
pub fn note_unbarriered(p: std::ptr::NonNull<u8>) {
    let r = region();
    let b = (p.as_ptr() as usize - r.base) >> BLOCK_SHIFT;
    r.meta(b as u32).unbarriered.store(1, Relaxed);
}

/// Marks blocks free in the table; `Pool::give` does the rest.
pub fn reset_meta(start: u32, n: u32) {
    for b in start..start + n {
        let m = region().meta(b);
        m.kind.store(kind::FREE, Relaxed);
        m.cells.store(0, Relaxed);
        m.cell_size.store(0, Relaxed);
        m.recip.store(0, Relaxed);
    }
}
