//! The interpreter's part of a thread's state: the VM stack, the running frame, the exception in
//! flight and the one being handled, the dispatch table in use.

use super::dispatch::{self, Table};
use super::frame::{FULL_HEADER, GEN, Pc, Regs};
use crate::prelude::*;
use crate::types::lookup::MethodCache;
use std::cell::{Cell, UnsafeCell};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Words of the first chunk; memory is committed only where it is touched.
const FIRST_CHUNK: usize = 64 << 10;
/// Words kept free at a chunk's end, so that shifting arguments by a few places needs no check.
const SLACK: usize = 512;

/// Maps memory at an address below the heap's, in the wide unused middle of the address space.
fn map_below_heap(bytes: usize) -> Option<*mut u64> {
    /// Where the next chunk is wished for; addresses are not used twice soon.
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    let heap = taipan_heap::region_base();
    for _ in 0..64 {
        let mut hint = NEXT.load(Ordering::Relaxed);
        if hint < heap / 4 {
            hint = heap / 2 & !0xffff;
        }
        hint -= bytes.next_multiple_of(1 << 16);
        NEXT.store(hint, Ordering::Relaxed);
        // SAFETY: an anonymous private mapping; the hint is only a wish.
        let p = unsafe {
            libc::mmap(
                hint as *mut libc::c_void,
                bytes,
                libc::PROT_READ | libc::PROT_WRITE,
                libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE,
                -1,
                0,
            )
        };
        if p == libc::MAP_FAILED {
            return None;
        }
        if (p as usize) < heap {
            return Some(p as *mut u64);
        }
        // SAFETY: just mapped, and nobody knows it.
        unsafe { libc::munmap(p, bytes) };
    }
    None
}

/// One stretch of the VM stack.
struct Chunk {
    base: *mut u64,
    words: usize,
}

// SAFETY: memory that the chunk owns, whatever thread drops it.
unsafe impl Send for Chunk {}

/// First chunks of threads that have ended, for the next ones: unmapping interrupts every core that runs a thread
/// of the process. A chunk's old words look like those of frames that have returned. Nobody waits for the lock, which
/// another thread may hold where the process forks.
static SPARE: Mutex<Vec<Chunk>> = Mutex::new(Vec::new());
const MAX_SPARE: usize = 4;

impl Chunk {
    fn map(words: usize) -> Option<Chunk> {
        if words == FIRST_CHUNK
            && let Some(c) = SPARE.try_lock().ok().and_then(|mut spare| spare.pop())
        {
            return Some(c);
        }
        map_below_heap(words * 8).map(|base| Chunk { base, words })
    }
}

impl Drop for Chunk {
    fn drop(&mut self) {
        if self.words == FIRST_CHUNK
            && let Ok(mut spare) = SPARE.try_lock()
            && spare.len() < MAX_SPARE
        {
            return spare.push(Chunk { base: self.base, words: self.words });
        }
        // SAFETY: base and words are what mmap gave and was asked for.
        unsafe { libc::munmap(self.base.cast(), self.words * 8) };
    }
}

pub struct InterpState {
    /// Register 0 of the running frame; null where no Python code runs.
    pub regs: Cell<Regs>,
    /// Frames may not reach beyond this word. The chunks lie below the heap, so that a generator's
    /// frame, which lies there, is always beyond it.
    pub limit: Cell<*mut u64>,
    /// The newest chunk's first word.
    low: Cell<*mut u64>,
    /// Python frames on this thread.
    pub depth: Cell<u32>,
    /// The exception in flight between a failed instruction and its handler.
    pub pending: Cell<Option<Value>>,
    /// The exception handled by the running generator or, outside of one, by the thread's frames.
    pub handled: Cell<Option<Value>>,
    /// What was being handled where the running generator was resumed.
    pub inherited: Cell<Option<Value>>,
    pub table: Cell<&'static Table>,
    /// Where the portable loop goes on (builds without tail calls).
    pub goes_on: Cell<(Pc, Regs)>,
    /// The exception in flight gets no traceback entry for the frame that raises it.
    pub silent: Cell<bool>,
    /// Where a frame says it is, once a RERAISE that names the place has left it.
    pub raised_at: Cell<Option<u32>>,
    /// An ENTRY frame of a generator was left by a yield.
    pub yielded: Cell<bool>,
    /// The left operand of the operator that is asked next has said NotImplemented.
    pub refused: Cell<bool>,
    /// A native iterator that has just ended with a value other than None, and the value: `next`
    /// slots only say that there is no item.
    pub returned: Cell<Option<(Value, Value)>>,
    /// `sys.settrace` and `sys.setprofile` functions.
    pub trace: Cell<Option<Value>>,
    pub profile: Cell<Option<Value>>,
    /// Calls of builtins are events.
    pub watches_calls: Cell<bool>,
    /// Above zero while a trace function runs: events are off.
    pub tracing: Cell<u32>,
    /// While tracing: what a loop's generator has just returned, unless None.
    pub loop_ended: Cell<Option<Value>>,
    /// What the trace function that runs was called for, and its frame.
    pub event: Cell<Option<(super::trace::Kind, Value)>>,
    /// The method cache of `types::lookup`.
    pub methods: MethodCache,
    chunks: UnsafeCell<Vec<Chunk>>,
}

impl InterpState {
    pub fn new() -> InterpState {
        InterpState {
            regs: Cell::new(Regs::NULL),
            limit: Cell::new(std::ptr::null_mut()),
            low: Cell::new(std::ptr::null_mut()),
            depth: Cell::new(0),
            pending: Cell::new(None),
            handled: Cell::new(None),
            inherited: Cell::new(None),
            table: Cell::new(match super::trace::monitoring::is_active() {
                true => dispatch::tracing_table(),
                false => dispatch::plain_table(),
            }),
            goes_on: Cell::new((Pc(std::ptr::null()), Regs::NULL)),
            silent: Cell::new(false),
            raised_at: Cell::new(None),
            yielded: Cell::new(false),
            refused: Cell::new(false),
            returned: Cell::new(None),
            trace: Cell::new(None),
            profile: Cell::new(None),
            watches_calls: Cell::new(super::trace::monitoring::watches_calls()),
            tracing: Cell::new(0),
            loop_ended: Cell::new(None),
            event: Cell::new(None),
            methods: MethodCache::new(),
            chunks: UnsafeCell::new(Vec::new()),
        }
    }

    /// The exception being handled (`sys.exception()`).
    #[inline]
    pub fn current_exception(&self) -> Option<Value> {
        self.handled.get().or(self.inherited.get())
    }

    /// Register 0 for a frame of `nregs` words above all frames, its header words below it. `None`:
    /// the chunk is full.
    #[inline]
    pub fn room(&self, nregs: usize) -> Option<Regs> {
        let cur = self.regs.get();
        let new = if cur.is_null() {
            self.chunk_base()?.add(FULL_HEADER)
        } else if cur.flags() & GEN != 0 {
            // Its word was set when the generator was resumed, in the chunk that was the newest then
            // and is again.
            self.in_current_chunk(cur.base())?
        } else {
            // A frame of the chunk before may be the current one while the limit is the new chunk's.
            self.in_current_chunk(cur.add(cur.code().nregs as usize + FULL_HEADER))?
        };
        if new.add(nregs).0 > self.limit.get() { None } else { Some(new) }
    }

    #[inline]
    fn in_current_chunk(&self, new: Regs) -> Option<Regs> {
        // What begins in the slack is in the chunk, and has no room there.
        if new.0 > self.low.get() && new.0 < self.limit.get().wrapping_add(SLACK) {
            return Some(new);
        }
        self.chunk_base().map(|b| b.add(FULL_HEADER))
    }

    fn chunk_base(&self) -> Option<Regs> {
        Some(Regs(self.low.get())).filter(|r| !r.is_null())
    }

    /// Adds a chunk with room for a frame of `nregs` words; false: no memory.
    #[cold]
    pub fn push_chunk(&self, nregs: usize) -> bool {
        // SAFETY: no reference into the vector outlives the calls that take one.
        let chunks = unsafe { &mut *self.chunks.get() };
        let last = chunks.last().map_or(FIRST_CHUNK / 2, |c| c.words);
        let words = (last * 2).min(1 << 24).max((nregs + 2 * SLACK).next_power_of_two());
        let Some(chunk) = Chunk::map(words) else { return false };
        self.low.set(chunk.base);
        self.limit.set(chunk.base.wrapping_add(words - SLACK));
        chunks.push(chunk);
        true
    }

    /// Drops the newest chunk, unless it is the only one.
    pub fn pop_chunk(&self) {
        // SAFETY: as in `push_chunk`.
        let chunks = unsafe { &mut *self.chunks.get() };
        if chunks.len() > 1 {
            chunks.pop();
        }
        if let Some(c) = chunks.last() {
            self.low.set(c.base);
            self.limit.set(c.base.wrapping_add(c.words - SLACK));
        }
    }

    /// Whether a first chunk is there.
    pub fn has_stack(&self) -> bool {
        !self.limit.get().is_null()
    }

    /// Overwrites the part of the newest chunk that no frame uses.
    pub fn clear_above(&self) {
        let cur = self.regs.get();
        // SAFETY: as in `push_chunk`.
        let Some(c) = (unsafe { &*self.chunks.get() }).last() else { return };
        let (lo, hi) = (c.base as usize, c.base as usize + c.words * 8);
        let top = if cur.is_null() {
            lo
        } else if cur.flags() & GEN != 0 {
            cur.base().0 as usize
        } else {
            cur.add(cur.code().nregs as usize).0 as usize
        };
        let from = if top >= lo && top < hi { top } else { lo };
        // Only what was touched is committed: a bounded stretch is enough.
        let words = ((hi - from) / 8).min(4096);
        // SAFETY: these words lie in the chunk and belong to no frame.
        unsafe { std::ptr::write_bytes(from as *mut u64, 0, words) };
    }

    /// The frames of this thread, innermost first.
    pub fn frames(&self) -> Frames {
        Frames(self.regs.get())
    }
}

/// An iterator over a thread's frames.
pub struct Frames(Regs);

impl Iterator for Frames {
    type Item = Regs;
    fn next(&mut self) -> Option<Regs> {
        let r = self.0;
        if r.is_null() {
            return None;
        }
        self.0 = r.prev();
        Some(r)
    }
}

impl Default for InterpState {
    fn default() -> Self {
        InterpState::new()
    }
}
