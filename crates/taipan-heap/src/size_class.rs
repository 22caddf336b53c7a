//! Size classes of small cells and the kinds of blocks: tables and their lookups, nothing else.
//!
//! Every size is a multiple of 16 and at most half a block; larger requests get blocks of their own.

/// Bytes in a block; the unit of the block table.
pub const BLOCK_SHIFT: u32 = 16;
pub const BLOCK: usize = 1 << BLOCK_SHIFT;
/// Largest cell that shares its block with others.
pub const MAX_SMALL: usize = 32768;
/// Smallest cell; fixes the size of the bitmaps.
pub const MIN_CELL: usize = 32;

/// Cell sizes. Above 4 KiB they are chosen so that a whole number nearly fills a block.
pub const SIZES: [u32; 39] = [
    32, 48, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 240, 256, 288, 320, 384, 448, 512, 640,
    768, 896, 1024, 1280, 1536, 1792, 2048, 2560, 3072, 3584, 4096, 5120, 6544, 8192, 10912, 13104,
    16384, 21840, 32768,
];
pub const CLASSES: usize = SIZES.len();

const fn class_at_least(size: usize) -> u8 {
    let mut i = 0;
    while (SIZES[i] as usize) < size {
        i += 1;
    }
    i as u8
}

const FINE: [u8; 65] = {
    let mut t = [0; 65];
    let mut i = 0;
    while i < 65 {
        t[i] = class_at_least(i * 16);
        i += 1;
    }
    t
};

const COARSE: [u8; 129] = {
    let mut t = [0; 129];
    let mut i = 0;
    while i < 129 {
        t[i] = class_at_least(i * 256);
        i += 1;
    }
    t
};

/// The class whose cells hold `size` bytes; `size` is at most `MAX_SMALL`.
#[inline(always)]
pub const fn class_of(size: usize) -> usize {
    if size <= 1024 { FINE[(size + 15) >> 4] as usize } else { COARSE[(size + 255) >> 8] as usize }
}

/// How much a storage cell of `size` bytes (`Mutator::alloc_raw`) holds if it is asked for all
/// its cell has room for.
#[inline]
pub fn raw_room(size: usize) -> usize {
    match size.saturating_add(1) {
        n @ 0..=MAX_SMALL => SIZES[class_of(n)] as usize - 1,
        _ => size,
    }
}

/// `ceil(2^32 / size)`: `(offset * reciprocal) >> 32` is the cell index, exact for offsets below
/// 2^16 because the error term `offset * size` stays below 2^32.
pub const fn reciprocal(size: u32) -> u32 {
    ((1u64 << 32).div_ceil(size as u64)) as u32
}

/// Pairs of cell kind and class: the number of cursors a thread has.
pub const CELL_KIND_CLASSES: usize = kind::CELL_KINDS * CLASSES;

/// What the cells of a block are: this decides how they are traced and where their `Head` lies.
pub mod kind {
    pub const FREE: u8 = 0;
    /// Objects whose every word is traced.
    pub const OBJECT_SCAN: u8 = 1;
    /// The same with a 32-byte pre-header before the `Head`.
    pub const OBJECT_SCAN_PRE: u8 = 2;
    /// Objects without references, of static types.
    pub const OBJECT_LEAF: u8 = 3;
    /// Weak references: some words are not followed.
    pub const OBJECT_WEAK: u8 = 4;
    pub const OBJECT_WEAK_PRE: u8 = 5;
    /// Storage without a `Head`.
    pub const RAW_SCAN: u8 = 6;
    pub const RAW_LEAF: u8 = 7;
    /// Number of kinds that cells can have; the cursors of a thread are laid out by kind - 1.
    pub const CELL_KINDS: usize = 7;
    /// A block inside a large cell, after the first.
    pub const LARGE_REST: u8 = 8;

    #[inline(always)]
    pub const fn is_object(kind: u8) -> bool {
        kind >= OBJECT_SCAN && kind <= OBJECT_WEAK_PRE
    }

    #[inline(always)]
    pub const fn is_leaf(kind: u8) -> bool {
        kind == OBJECT_LEAF || kind == RAW_LEAF
    }

    /// Distance from the cell's start to its `Head`.
    #[inline(always)]
    pub const fn pre(kind: u8) -> usize {
        if kind == OBJECT_SCAN_PRE || kind == OBJECT_WEAK_PRE { 32 } else { 0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_size_gets_the_smallest_class_that_holds_it() {
        for size in 1..=MAX_SMALL {
            let c = class_of(size);
            assert!(SIZES[c] as usize >= size);
            // The coarse table may give one class more than needed where sizes fall between its steps.
            assert!(c < 2 || (SIZES[c - 2] as usize) < size);
        }
    }

    #[test]
    fn reciprocals_divide_exactly() {
        for s in SIZES {
            let r = reciprocal(s) as u64;
            for off in 0..BLOCK as u64 {
                assert_eq!((off * r) >> 32, off / s as u64);
            }
        }
    }
}
