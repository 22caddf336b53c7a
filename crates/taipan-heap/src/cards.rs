//! The write barrier and its card table: which parts of the heap were stored into since the last
//! collection. A minor collection follows, of the old cells, only those words.
//!
//! A byte stands for 128 bytes of address space. It is found from the address of the place stored
//! into, without knowing the object or whether it lies in the heap: the table wraps around, so that
//! a store into a static or the stack marks the card of some heap address too, and heaps of more
//! than 2 GiB share cards. That costs a look and is otherwise harmless. Being `.bss` the table needs
//! no base address in the barrier, and only what is touched is ever backed by memory.

use crate::size_class::BLOCK;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering::Relaxed};

const SHIFT: u32 = 7;
pub(crate) const CARD: usize = 1 << SHIFT;
/// The address space after which the table wraps around.
pub(crate) const SPAN: usize = 2 << 30;
const CARDS: usize = SPAN >> SHIFT;
/// Words of the table that a block has.
pub(crate) const WORDS: usize = BLOCK / CARD / 8;

#[repr(C, align(64))]
struct Table([AtomicU64; CARDS / 8]);

static TABLE: Table = Table([const { AtomicU64::new(0) }; CARDS / 8]);

/// A byte for each block: some card of it is dirty.
static BLOCKS: [AtomicU8; SPAN / BLOCK] = [const { AtomicU8::new(0) }; SPAN / BLOCK];

/// The write barrier: a reference is stored, or was just stored, at `place`. Needed for every store
/// into a cell that may have lived through a collection, whatever is stored. There is no safepoint
/// between the store and this.
#[inline(always)]
pub fn barrier<T: ?Sized>(place: *const T) {
    card(place as *const u8 as usize);
}

#[inline(always)]
fn card_byte(addr: usize) -> &'static AtomicU8 {
    // SAFETY: the index is below the number of cards, and bytes are part of atomic words.
    unsafe { &*(TABLE.0.as_ptr() as *const AtomicU8).add((addr >> SHIFT) & (CARDS - 1)) }
}

#[inline(always)]
fn card(addr: usize) {
    let c = card_byte(addr);
    // Not stored twice: threads that write to neighbouring objects would fight over the line.
    if c.load(Relaxed) == 0 {
        c.store(1, Relaxed);
        let b = &BLOCKS[addr / BLOCK % (SPAN / BLOCK)];
        if b.load(Relaxed) == 0 {
            b.store(1, Relaxed);
        }
    }
}

/// As `barrier` without a branch, for stores whose cards are as often clean as dirty. The calling
/// thread runs alone, so that nobody fights over the line.
#[inline(always)]
pub fn barrier_alone<T: ?Sized>(place: *const T) {
    let addr = place as *const u8 as usize;
    card_byte(addr).store(1, Relaxed);
    BLOCKS[addr / BLOCK % (SPAN / BLOCK)].store(1, Relaxed);
}

/// As `barrier` for `bytes` bytes from `start` on.
#[inline]
pub fn barrier_range<T>(start: *const T, bytes: usize) {
    let (start, end) = (start as usize, start as usize + bytes);
    let mut at = start;
    while at < end {
        card(at);
        at = (at & !(CARD - 1)) + CARD;
    }
}

/// No store was seen.
pub(crate) fn clean_all() {
    for (i, b) in BLOCKS.iter().enumerate() {
        if b.load(Relaxed) != 0 {
            clean_block(i * BLOCK);
        }
    }
}

/// Whether some card of the block may be dirty.
#[inline(always)]
pub(crate) fn is_block_dirty(base: usize) -> bool {
    BLOCKS[base / BLOCK % (SPAN / BLOCK)].load(Relaxed) != 0
}

pub(crate) fn clean_block(base: usize) {
    of_block(base).iter().for_each(|w| w.store(0, Relaxed));
    BLOCKS[base / BLOCK % (SPAN / BLOCK)].store(0, Relaxed);
}

/// The cards of a block, eight to a word, the lowest address in the low byte.
#[inline]
pub(crate) fn of_block(base: usize) -> &'static [AtomicU64] {
    let first = ((base >> SHIFT) & (CARDS - 1)) / 8;
    &TABLE.0[first..first + WORDS]
}
