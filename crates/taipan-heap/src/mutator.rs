//! `Mutator`: a thread as the heap sees it. Allocation lives here; stopping and detaching in
//! `world`, collecting in `collect`.
//!
//! Allocation bumps a pointer through a free run of cells. A cursor (one for each kind and class)
//! owns one block at a time; runs come from the block's live bits, and are zeroed a few KiB ahead
//! of the bump pointer, so every small cell is handed out zeroed and warm in the cache. Live bits
//! of handed-out cells are set when a run is used up or the cursor is retired: before each mark.
//!
//! A fresh object cell has `ob_type == 0`; storing the type (`Head::init` does it last, Release)
//! publishes it. Until then `is_object` does not know it, but tracing keeps it alive.

use crate::head::Head;
use crate::region::{self, BlockMeta, region};
use crate::size_class::{
    BLOCK, BLOCK_SHIFT, CELL_KIND_CLASSES, CLASSES, MAX_SMALL, SIZES, class_of, kind,
};
use crate::{collect, traced};
use std::cell::{Cell, UnsafeCell};
use std::marker::PhantomData;
use std::ptr::NonNull;
use std::sync::atomic::{AtomicPtr, AtomicU8, AtomicU32, AtomicUsize, Ordering, Ordering::Relaxed};

/// How the words of a cell are treated.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// Every word that looks like a pointer is followed.
    Scan,
    /// Nothing is followed, not even `ob_type`: only for storage and for objects of static types.
    Leaf,
    /// As `Scan`, but the words at `Head` + 32, + 56 and + 64 are not followed, and the first of
    /// them is cleared when what it points to dies. Without a type: see `mark::void_if_dead`.
    Weak,
}

/// Panic payload of an exhausted heap; the VM's entry turns it into MemoryError.
#[derive(Debug)]
pub struct OutOfMemory;

/// Unwinds to who can raise MemoryError; panic hooks are not told.
#[cold]
pub(crate) fn out_of_memory() -> ! {
    std::panic::resume_unwind(Box::new(OutOfMemory))
}

/// Bit of `Mutator::poll` that asks the thread to stop.
pub const POLL_STOP: u32 = 1;
/// Bit that says `take_finalizable` or queued weak callbacks want draining.
pub const POLL_FINALIZERS: u32 = 2;
/// Large blocks of memory want freeing.
pub(crate) const POLL_FREE: u32 = 4;
/// Bit that asks the thread to let another one run (`gil`).
pub const POLL_GIL: u32 = 8;
/// The VM may use this bit and all above.
pub const POLL_USER: u32 = 1 << 8;

/// Zeroed ahead of the bump pointer at a time.
const PIECE: usize = 4096;
/// What is zero of cells whose other bytes may hold anything.
const HEADER: usize = 64;
/// Bytes a thread allocates between two updates of the shared counter.
const FLUSH: usize = 32 << 10;
const NO_BLOCK: u32 = u32::MAX;

pub struct Cursor {
    /// Next cell.
    pub(crate) ptr: AtomicUsize,
    /// End of the zeroed part of the run.
    limit: AtomicUsize,
    end: Cell<usize>,
    run_start: AtomicUsize,
    block: Cell<u32>,
    /// The block's memory is known to be zero.
    clean: Cell<bool>,
}

impl Cursor {
    fn new() -> Cursor {
        Cursor {
            ptr: AtomicUsize::new(0),
            limit: AtomicUsize::new(0),
            end: Cell::new(0),
            run_start: AtomicUsize::new(0),
            block: Cell::new(NO_BLOCK),
            clean: Cell::new(false),
        }
    }

    /// Whether `cell` was handed out from the current run.
    pub(crate) fn handed_out(&self, cell: usize) -> bool {
        cell >= self.run_start.load(Relaxed) && cell < self.ptr.load(Relaxed)
    }

    fn meta(&self) -> &'static BlockMeta {
        region().meta(self.block.get())
    }

    /// Records what was handed out of the run in the live bits.
    fn settle(&self) {
        let (start, ptr) = (self.run_start.load(Relaxed), self.ptr.load(Relaxed));
        if ptr > start {
            let base = region().block_addr(self.block.get());
            let size = self.meta().cell_size.load(Relaxed) as usize;
            self.meta().set_live_range((start - base) / size, (ptr - base) / size);
        }
        self.run_start.store(ptr, Relaxed);
    }

    /// Gives up the block; says which it was.
    fn drop_block(&self) -> Option<u32> {
        let block = self.block.get();
        if block == NO_BLOCK {
            return None;
        }
        self.settle();
        self.meta().cursor.store(std::ptr::null_mut(), Relaxed);
        self.block.set(NO_BLOCK);
        self.limit.store(0, Relaxed);
        self.ptr.store(0, Relaxed);
        self.end.set(0);
        self.run_start.store(0, Relaxed);
        Some(block)
    }
}

pub(crate) mod state {
    /// May touch the heap; has to be asked to stop.
    pub const ATTACHED: u8 = 1;
    /// Touches no heap; `sp` is published.
    pub const DETACHED: u8 = 2;
}

/// A thread attached to the heap. Its address never changes, and its memory is reused for later
/// threads, never freed. Only its own thread uses it, except for `poll`; two of them share no cache line.
#[repr(C, align(128))]
pub struct Mutator {
    /// Not zero: call `poll_slow` and look at the other bits.
    pub poll: AtomicU32,
    pub(crate) state: AtomicU8,
    /// The VM's thread state.
    pub user: Cell<*mut ()>,
    /// `pthread_self`, as `Head::ob_tid` wants it.
    tid: Cell<u64>,
    pub(crate) sp: AtomicUsize,
    pub(crate) stack_low: Cell<usize>,
    pub(crate) stack_high: Cell<usize>,
    /// This thread has the world stopped, so many times over.
    pub(crate) stopping: Cell<u32>,
    unflushed: Cell<usize>,
    /// The stretch since the last safepoint, where `gap` measures.
    pub(crate) gap: crate::gap::Gap,
    pub(crate) big_frees: crate::big_free::BigFrees,
    pub(crate) finalizable: UnsafeCell<Vec<NonNull<Head>>>,
    pub(crate) droppable: UnsafeCell<Vec<collect::NativeDrop>>,
    /// Object locks held, for the debug build's checks.
    pub(crate) locks_held: Cell<u32>,
    cursors: [Cursor; CELL_KIND_CLASSES],
    _not_send: PhantomData<*const ()>,
}

/// Names a thread from other threads; valid for ever, though the thread may be gone.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct MutatorRef(pub(crate) NonNull<Mutator>);

// SAFETY: gives access to `poll` only, an atomic in memory that is never freed.
unsafe impl Send for MutatorRef {}
// SAFETY: as above.
unsafe impl Sync for MutatorRef {}

impl MutatorRef {
    /// Sets bits of the thread's poll word.
    pub fn request(self, bits: u32) {
        // SAFETY: the memory of mutators is never freed.
        unsafe { self.0.as_ref() }.poll.fetch_or(bits, Ordering::SeqCst);
    }

    pub fn as_ptr(self) -> *const Mutator {
        self.0.as_ptr()
    }
}

thread_local! {
    static CURRENT: Cell<Option<&'static Mutator>> = const { Cell::new(None) };
    /// Apart from `CURRENT`, whose access is cheaper without a destructor.
    static AT_EXIT: AtExit = const { AtExit };
}

/// A thread that ends, even by a panic, without unregistering would stop every collection.
struct AtExit;

impl Drop for AtExit {
    fn drop(&mut self) {
        if let Some(m) = Mutator::current() {
            m.unregister();
        }
    }
}

impl Mutator {
    pub(crate) fn new() -> Mutator {
        Mutator {
            poll: AtomicU32::new(0),
            state: AtomicU8::new(state::DETACHED),
            user: Cell::new(std::ptr::null_mut()),
            tid: Cell::new(0),
            sp: AtomicUsize::new(0),
            stack_low: Cell::new(0),
            stack_high: Cell::new(0),
            stopping: Cell::new(0),
            unflushed: Cell::new(0),
            gap: Default::default(),
            big_frees: crate::big_free::BigFrees::new(),
            finalizable: UnsafeCell::new(Vec::new()),
            droppable: UnsafeCell::new(Vec::new()),
            locks_held: Cell::new(0),
            cursors: std::array::from_fn(|_| Cursor::new()),
            _not_send: PhantomData,
        }
    }

    /// The calling thread's mutator.
    #[inline(always)]
    pub fn current() -> Option<&'static Mutator> {
        CURRENT.get()
    }

    /// The calling thread's mutator, which the caller knows to exist.
    #[inline(always)]
    #[track_caller]
    pub fn here() -> &'static Mutator {
        CURRENT.get().expect("the thread is registered with the heap")
    }

    pub(crate) fn set_current(m: &'static Mutator) {
        AT_EXIT.with(|_| ());
        CURRENT.set(Some(m));
    }

    pub(crate) fn forget_current() {
        CURRENT.set(None);
    }

    pub(crate) fn reset_for_thread(&self) {
        let (low, high) = crate::stack::bounds();
        self.stack_low.set(low);
        self.stack_high.set(high);
        self.user.set(std::ptr::null_mut());
        self.poll.store(crate::gap::idle_bits(), Relaxed);
        self.gap.forget();
        self.locks_held.set(0);
        self.stopping.set(0);
        // SAFETY: pthread_self has no preconditions.
        self.tid.set(unsafe { libc::pthread_self() } as u64);
    }

    /// `pthread_self` of this thread.
    #[inline(always)]
    pub fn tid(&self) -> u64 {
        self.tid.get()
    }

    /// A name for this thread that other threads may use.
    pub fn handle(&self) -> MutatorRef {
        MutatorRef(NonNull::from(self))
    }

    /// Lowest and one-past-highest address of the native stack, for the VM's recursion check.
    pub fn stack_bounds(&self) -> (usize, usize) {
        (self.stack_low.get(), self.stack_high.get())
    }

    /// Stops here if asked to. Every loop that is not short calls it.
    #[inline(always)]
    pub fn poll(&self) {
        if self.poll.load(Relaxed) & (POLL_STOP | POLL_FREE | POLL_GIL) != 0 {
            self.poll_slow();
        }
    }

    /// A zeroed cell of storage (`Scan`, `Leaf`) or a weak object.
    #[inline(always)]
    pub fn alloc(&self, size: usize, k: Kind) -> NonNull<u8> {
        match k {
            Kind::Scan => self.cell(size, kind::RAW_SCAN),
            Kind::Leaf => self.cell(size, kind::RAW_LEAF),
            Kind::Weak => self.cell(size, kind::OBJECT_WEAK),
        }
    }

    /// A zeroed object cell of `pre + size` bytes, `pre` 0 or 32; the result is the `Head`'s
    /// address. The caller fills the cell and stores `ob_type` last (`Head::init`).
    #[inline(always)]
    pub fn alloc_object(&self, size: usize, pre: usize, k: Kind) -> NonNull<Head> {
        debug_assert!(size >= size_of::<Head>());
        let bk = object_kind(pre, k);
        let cell = self.cell(size + pre, bk);
        // SAFETY: the cell has at least `pre` + 32 bytes.
        unsafe { cell.add(pre).cast() }
    }

    /// As `alloc_object`, for sizes the program chooses: `None` when memory is exhausted.
    #[inline]
    pub fn try_alloc_object(&self, size: usize, pre: usize, k: Kind) -> Option<NonNull<Head>> {
        let cell = self.try_cell(size.checked_add(pre)?, object_kind(pre, k), true)?;
        // SAFETY: the cell has at least `pre` + 32 bytes.
        Some(unsafe { cell.add(pre).cast() })
    }

    /// As `try_alloc_object` without a pre-header for a Leaf object, whose bytes after the first
    /// 64 may hold anything.
    pub fn try_alloc_leaf_uninit(&self, size: usize) -> Option<NonNull<Head>> {
        self.try_cell(size, kind::OBJECT_LEAF, false).map(NonNull::cast)
    }

    /// Zeroed storage for a heap object: `size` bytes, of which the first 16 are {capacity, barrier
    /// bits}, and one spare byte at the end, so that one-past-the-end pointers keep it alive.
    #[inline(always)]
    pub fn alloc_raw(&self, size: usize, k: Kind) -> NonNull<u8> {
        self.alloc(size + 1, k)
    }

    /// As `alloc_raw`, for sizes the program chooses.
    #[inline]
    pub fn try_alloc_raw(&self, size: usize, k: Kind) -> Option<NonNull<u8>> {
        let bk = if k == Kind::Leaf { kind::RAW_LEAF } else { kind::RAW_SCAN };
        self.try_cell(size.checked_add(1)?, bk, true)
    }

    /// As `try_alloc_raw` for Leaf storage whose bytes after the first 64 may hold anything.
    pub fn try_alloc_raw_leaf_uninit(&self, size: usize) -> Option<NonNull<u8>> {
        self.try_cell(size.checked_add(1)?, kind::RAW_LEAF, false)
    }

    #[inline(always)]
    fn cell(&self, size: usize, bk: u8) -> NonNull<u8> {
        if size <= MAX_SMALL {
            self.small(bk, class_of(size), size)
        } else {
            self.large(size, bk, true).unwrap_or_else(|| out_of_memory())
        }
    }

    #[inline]
    fn try_cell(&self, size: usize, bk: u8, zeroed: bool) -> Option<NonNull<u8>> {
        if size > MAX_SMALL {
            return self.large(size, bk, zeroed);
        }
        let class = class_of(size);
        // Cells larger than a piece are cleared one by one, so that those that need not be are not.
        if !zeroed && SIZES[class] as usize > PIECE {
            return Some(self.refill((bk as usize - 1) * CLASSES + class, HEADER, size));
        }
        Some(self.small(bk, class, size))
    }

    #[inline(always)]
    fn small(&self, bk: u8, class: usize, asked: usize) -> NonNull<u8> {
        let which = (bk as usize - 1) * CLASSES + class;
        let c = &self.cursors[which];
        let p = c.ptr.load(Relaxed);
        let next = p + SIZES[class] as usize;
        if next <= c.limit.load(Relaxed) {
            c.ptr.store(next, Relaxed);
            // SAFETY: limit is 0 until a run, which never lies at address 0, is set up.
            unsafe { NonNull::new_unchecked(p as *mut u8) }
        } else {
            self.refill(which, usize::MAX, asked)
        }
    }

    /// The next cell when the zeroed part of a run is used up; at most its first `clear` bytes have to
    /// be zero. Of the cell, `asked` bytes are wanted. A safepoint.
    #[cold]
    #[inline(never)]
    fn refill(&self, which: usize, clear: usize, asked: usize) -> NonNull<u8> {
        debug_assert!(self.state.load(Relaxed) == state::ATTACHED, "allocation while detached");
        self.poll();
        let one_by_one = collect::stress_tick(self) | traced::hook().is_some();
        let size = SIZES[which % CLASSES] as usize;
        let c = &self.cursors[which];
        loop {
            let p = c.ptr.load(Relaxed);
            if p + size <= c.end.get() {
                let piece = if one_by_one { size } else { size.max(PIECE / size * size) };
                let limit = (p + piece).min(c.end.get());
                if !c.clean.get() {
                    // SAFETY: the run is free cells of a block that this cursor owns.
                    unsafe { std::ptr::write_bytes(p as *mut u8, 0, clear.min(limit - p)) };
                }
                c.limit.store(limit, Relaxed);
                c.ptr.store(p + size, Relaxed);
                // Piece by piece: many blocks are hardly used when a program is small.
                self.account(limit - p);
                if let Some(h) = traced::hook() {
                    (h.made)(self, p, asked);
                }
                // SAFETY: p lies in a block.
                return unsafe { NonNull::new_unchecked(p as *mut u8) };
            }
            if c.block.get() == NO_BLOCK {
                if !collect::maybe_collect(self) {
                    self.acquire_block(which, c);
                }
            } else if !self.next_run(c, size) {
                c.drop_block();
            }
        }
    }

    /// Moves the cursor to the next free run of its block.
    fn next_run(&self, c: &Cursor, size: usize) -> bool {
        c.settle();
        let base = region().block_addr(c.block.get());
        let from = (c.ptr.load(Relaxed) - base) / size;
        let Some((start, end)) = c.meta().next_free_run(from) else { return false };
        let (start, end) = (base + start * size, base + end * size);
        c.limit.store(start, Relaxed);
        c.ptr.store(start, Relaxed);
        c.run_start.store(start, Relaxed);
        c.end.set(end);
        true
    }

    fn account(&self, bytes: usize) {
        let n = self.unflushed.get() + bytes;
        if n >= FLUSH {
            collect::ALLOCATED.fetch_add(n, Relaxed);
            self.unflushed.set(0);
        } else {
            self.unflushed.set(n);
        }
    }

    fn acquire_block(&self, which: usize, c: &Cursor) {
        let mut tries = 0;
        let (block, clean) = loop {
            let mut pool = region::pool();
            if let Some(b) = pool.partial[which].pop() {
                pool.note_fresh(b);
                break (b, false);
            }
            if let Some(b) = pool.take(1) {
                pool.note_fresh(b);
                drop(pool);
                let m = region::init_small(b, (which / CLASSES) as u8 + 1, which % CLASSES);
                let clean = m.dirty.swap(1, Relaxed) == 0;
                break (b, clean);
            }
            drop(pool);
            if tries == 2 {
                region::open_reserve();
                out_of_memory();
            }
            tries += 1;
            collect::collect(self, collect::Reason::Exhausted);
        };
        c.block.set(block);
        c.clean.set(clean);
        let base = region().block_addr(block);
        c.ptr.store(base, Relaxed);
        c.limit.store(base, Relaxed);
        c.run_start.store(base, Relaxed);
        c.end.set(base);
        region().meta(block).cursor.store(c as *const Cursor as *mut Cursor, Relaxed);
    }

    #[cold]
    #[inline(never)]
    fn large(&self, size: usize, bk: u8, zeroed: bool) -> Option<NonNull<u8>> {
        self.poll();
        collect::stress_tick(self);
        let bytes = size.checked_next_multiple_of(16)?;
        let blocks = u32::try_from(bytes.div_ceil(BLOCK)).ok()?;
        if blocks > region().blocks {
            return None;
        }
        // Counted first: an array of a gigabyte is a reason to collect before it is made.
        self.account(bytes);
        collect::maybe_collect(self);
        let mut start = region::pool().take(blocks);
        if start.is_none() {
            collect::collect(self, collect::Reason::Exhausted);
            start = region::pool().take(blocks);
        }
        let start = start?;
        // Until `init_large` the blocks are neither free nor in use: no collection looks at them.
        let r = region();
        let base = r.block_addr(start);
        for b in 0..blocks {
            let dirty = r.meta(start + b).dirty.swap(1, Relaxed) != 0;
            let at = (b as usize) << BLOCK_SHIFT;
            let n = if zeroed {
                BLOCK.min(bytes - at)
            } else if b == 0 {
                64
            } else {
                0
            };
            if dirty && n > 0 {
                // SAFETY: the blocks are ours alone.
                unsafe { std::ptr::write_bytes((base + at) as *mut u8, 0, n) };
                if b % 8 == 7 {
                    self.poll();
                }
            }
        }
        region::pool().note_fresh(start);
        region::init_large(start, blocks, bk, bytes);
        if let Some(h) = traced::hook() {
            (h.made)(self, base, size);
        }
        NonNull::new(base as *mut u8)
    }

    /// Settles and gives up all cursors. The world is stopped, or this is the thread itself.
    pub(crate) fn retire(&self, keep_partial: bool) {
        for (which, c) in self.cursors.iter().enumerate() {
            if let Some(b) = c.drop_block()
                && keep_partial
            {
                let mut pool = region::pool();
                pool.partial[which].push(b);
                pool.returned = true;
            }
        }
        collect::ALLOCATED.fetch_add(self.unflushed.replace(0), Relaxed);
    }
}

#[inline(always)]
fn object_kind(pre: usize, k: Kind) -> u8 {
    debug_assert!(pre == 0 || pre == 32);
    match (k, pre != 0) {
        (Kind::Scan, false) => kind::OBJECT_SCAN,
        // A pre-header holds references.
        (Kind::Scan | Kind::Leaf, true) => kind::OBJECT_SCAN_PRE,
        (Kind::Leaf, false) => kind::OBJECT_LEAF,
        (Kind::Weak, false) => kind::OBJECT_WEAK,
        (Kind::Weak, true) => kind::OBJECT_WEAK_PRE,
    }
}

/// The cell's bytes; `p` points to or into an allocated cell. 0 outside the heap.
pub fn size_of_cell<T>(p: NonNull<T>) -> usize {
    region().cell(p.as_ptr() as usize).map_or(0, |c| c.size())
}

/// Whether the address lies in the collected heap, as opposed to statics, stacks and malloc's.
#[inline(always)]
pub fn in_heap(word: u64) -> bool {
    region().contains(word as usize)
}

/// The published object whose `Head` lies at `word`. Exact for the calling thread's own objects and
/// while the world is stopped; a racing thread's newest objects may be missed.
pub fn is_object(word: u64) -> Option<NonNull<Head>> {
    let c = region().cell(word as usize)?;
    if !kind::is_object(c.kind) || c.start + kind::pre(c.kind) != word as usize {
        return None;
    }
    if !c.meta.is_live(c.index) {
        let cursor: &AtomicPtr<Cursor> = &c.meta.cursor;
        let p = NonNull::new(cursor.load(Ordering::Acquire))?;
        // SAFETY: cursors lie in mutators, whose memory is never freed.
        if !unsafe { p.as_ref() }.handed_out(c.start) {
            return None;
        }
    }
    let head = NonNull::new(word as *mut Head)?;
    // SAFETY: an allocated object cell starts zeroed and then holds a Head.
    (!unsafe { head.as_ref() }.type_ptr().is_null()).then_some(head)
}
