//! Sweeping: mark bits become live bits, blocks with room are listed, empty ones are given back.
//!
//! In a pause (`sweep`) a full collection goes over all blocks, a minor one over those in which cells
//! were handed out since the last. After a full trace beside the program (`cycle`) the other blocks
//! follow one by one while the program runs (`sweep_blocks`): nobody allocates in them before.

use crate::collect::POISON_BYTE;
use crate::region::{self, BlockMeta, SWEEPS, region};
use crate::size_class::{BLOCK, BLOCK_SHIFT, CLASSES, kind};
use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering::Acquire, Ordering::Relaxed};

/// Which blocks, and who is dead.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scope {
    Young,
    Everything,
    /// A full trace beside the program ends: the blocks with young cells now, the others later.
    EndOfCycle,
}

/// What a sweep found. Old cells that died are counted in `lost_*`.
#[derive(Default)]
pub(crate) struct Swept {
    pub(crate) live_bytes: usize,
    pub(crate) live_objects: usize,
    /// Of the live bytes those in large cells without a reference: buffers, which take no time to trace.
    pub(crate) live_buffers: usize,
    pub(crate) freed_bytes: usize,
    pub(crate) freed_objects: usize,
    pub(crate) lost_bytes: usize,
    pub(crate) lost_objects: usize,
    pub(crate) lost_buffers: usize,
}

/// Freed cells are overwritten.
pub(crate) static POISON: AtomicBool = AtomicBool::new(false);

/// Turns mark bits into live bits, lists the blocks with room, frees empty blocks. Where nothing
/// was handed out since the last collection, a minor one has nothing to do. `total` starts with what
/// was live before, or with nothing where everything is counted anew.
pub(crate) fn sweep(scope: Scope, mut total: Swept) -> Swept {
    let mut pool = region::pool();
    let mut fresh = std::mem::take(&mut pool.fresh);
    if scope != Scope::Young {
        // What has been swept is listed anew.
        SWEEPS.fetch_add(1, Relaxed);
        pool.partial.iter_mut().for_each(Vec::clear);
    }
    // From the high end, so that the lists, which pop from their end, give low addresses first.
    if scope == Scope::Everything {
        (0..pool.frontier).rev().for_each(|b| sweep_block(b, &mut pool, &mut total, false));
    } else {
        if std::mem::take(&mut pool.returned) {
            let stays = |b: &u32| region().meta(*b).fresh.load(Relaxed) == 0;
            pool.partial.iter_mut().for_each(|l| l.retain(stays));
        }
        // The emptiest end up last and are used first: where new cells lie beside old ones, storing
        // into them makes the collector look at the old ones.
        fresh.sort_unstable_by_key(|&b| {
            std::cmp::Reverse((region().meta(b).old_cells.load(Relaxed), b))
        });
        let traced = scope == Scope::EndOfCycle;
        fresh.iter().for_each(|&b| sweep_block(b, &mut pool, &mut total, traced));
    }
    fresh.clear();
    pool.fresh = fresh;
    pool.returned = false;
    total.live_bytes -= total.lost_bytes;
    total.live_objects -= total.lost_objects;
    total.live_buffers -= total.lost_buffers;
    total
}

/// Blocks that no cell was handed out of since the trace ended.
pub(crate) fn sweep_blocks(blocks: Range<u32>, pool: &mut region::Pool) -> Swept {
    let mut gone = Swept::default();
    for b in blocks.rev() {
        let m = region().meta(b);
        let k = m.kind.load(Acquire);
        if k != kind::FREE && k != kind::LARGE_REST && !m.is_swept() {
            sweep_block(b, pool, &mut gone, true);
        }
    }
    gone
}

/// The same for one block in a pause, while the others wait.
pub(crate) fn sweep_if_traced(b: u32, gone: &mut Swept) {
    let mut m = region().meta(b);
    let mut first = b;
    if m.kind.load(Relaxed) == kind::LARGE_REST {
        first = m.large_first.load(Relaxed);
        m = region().meta(first);
    }
    if !m.is_swept() && m.kind.load(Relaxed) != kind::FREE {
        sweep_block(first, &mut region::pool(), gone, true);
    }
}

/// `traced`: of the old cells those live that a full trace beside the program has reached.
fn sweep_block(b: u32, pool: &mut region::Pool, total: &mut Swept, traced: bool) {
    let r = region();
    let m = r.meta(b);
    m.fresh.store(0, Relaxed);
    m.swept.store(SWEEPS.load(Relaxed), Relaxed);
    let k = m.kind.load(Relaxed);
    if k == kind::FREE || k == kind::LARGE_REST {
        return;
    }
    let large = m.cell_size.load(Relaxed) == 0;
    let size = if large { m.large_bytes.load(Relaxed) } else { m.cell_size.load(Relaxed) as usize };
    let old = m.old_cells.load(Relaxed) as usize;
    if traced {
        keep_reached(m);
    }
    let (live, dead) = flip(m, r.block_addr(b), size);
    m.old_cells.store(live as u32, Relaxed);
    // Everything old was counted before.
    let lost = old.saturating_sub(live);
    let gained = live.saturating_sub(old);
    total.live_bytes += gained * size;
    total.lost_bytes += lost * size;
    total.freed_bytes += dead * size;
    if large && kind::is_leaf(k) {
        total.live_buffers += gained * size;
        total.lost_buffers += lost * size;
    }
    if kind::is_object(k) {
        total.live_objects += gained;
        total.lost_objects += lost;
        total.freed_objects += dead;
    }
    let cells = m.cells.load(Relaxed) as usize;
    if live == 0 {
        let n = if large { m.large_blocks.load(Relaxed) } else { 1 };
        region::reset_meta(b, n);
        pool.give(b, n);
    } else if !large && (cells - live) * 4 >= cells {
        let which = (k as usize - 1) * CLASSES + m.class.load(Relaxed) as usize;
        pool.partial[which].push(b);
    }
}

/// What the trace has not reached loses its mark.
fn keep_reached(m: &BlockMeta) {
    for (bits, full) in m.bits.iter().zip(&m.full).take(m.words()) {
        bits.mark.store(bits.mark.load(Relaxed) & full.load(Relaxed), Relaxed);
        full.store(0, Relaxed);
    }
}

/// Live bits become what is marked; counts live and freed cells.
#[inline]
fn flip(m: &BlockMeta, base: usize, size: usize) -> (usize, usize) {
    let (mut live, mut dead) = (0, 0);
    let poison = POISON.load(Relaxed);
    for (i, b) in m.bits[..m.words()].iter().enumerate() {
        let (was, now) = (b.live.load(Relaxed), b.mark.load(Relaxed));
        live += now.count_ones() as usize;
        dead += (was & !now).count_ones() as usize;
        b.live.store(now, Relaxed);
        if poison {
            let mut gone = was & !now;
            while gone != 0 {
                let cell = (i << 6) + gone.trailing_zeros() as usize;
                gone &= gone - 1;
                // SAFETY: a dead cell of this block; nothing reads it any more.
                unsafe {
                    std::ptr::write_bytes((base + cell * size) as *mut u8, POISON_BYTE, size)
                };
            }
        }
    }
    (live, dead)
}

const _: () = assert!(BLOCK == 1 << BLOCK_SHIFT);
