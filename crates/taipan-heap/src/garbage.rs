//! Which of the dead a program is told of: `gc.collect()` answers with the number of unreachable
//! objects, as an implementation that counts references would. Those are the dead objects in cycles
//! and what only these refer to; the others would have gone at once, when the last reference to them
//! went. So the dead that no dead cell refers to are taken away, again and again, and what is left is
//! counted. Asked for by explicit collections only, in their pause, since the dead are gone after it.
//!
//! Does not follow the living: its time is that of the dead.

use crate::head::Head;
use crate::mark::head_at;
use crate::region::{BlockMeta, CellRef, region};
use crate::size_class::kind;
use std::ptr::NonNull;
use std::sync::atomic::Ordering::Relaxed;

/// Where so much is dead nobody reads the number closely, and all containers are counted.
const MOST: usize = 2 << 20;

/// The dead cells, each with a number: `rank` finds it.
struct Dead {
    /// For each block the place of its first bitmap word in `before`.
    first: Vec<u32>,
    /// How many dead cells come before those of a bitmap word.
    before: Vec<u32>,
    starts: Vec<usize>,
}

fn dead_bits(m: &BlockMeta, word: usize) -> u64 {
    m.bits[word].live.load(Relaxed) & !m.bits[word].mark.load(Relaxed)
}

impl Dead {
    fn list(frontier: u32) -> Dead {
        let mut d = Dead { first: Vec::new(), before: Vec::new(), starts: Vec::new() };
        for b in 0..frontier {
            let m = region().meta(b);
            d.first.push(d.before.len() as u32);
            let k = m.kind.load(Relaxed);
            if k == kind::FREE || k == kind::LARGE_REST {
                continue;
            }
            let (base, size) = (region().block_addr(b), m.cell_size.load(Relaxed) as usize);
            for w in 0..m.words() {
                d.before.push(d.starts.len() as u32);
                let mut bits = dead_bits(m, w);
                while bits != 0 {
                    let index = (w << 6) + bits.trailing_zeros() as usize;
                    bits &= bits - 1;
                    d.starts.push(base + index * size);
                }
            }
        }
        d
    }

    /// The number of the dead cell that the word points to or into.
    fn rank(&self, word: u64) -> Option<usize> {
        let c = region().cell(word as usize)?;
        let (w, bit) = (c.index >> 6, c.index & 63);
        let bits = dead_bits(c.meta, w);
        if bits >> bit & 1 == 0 {
            return None;
        }
        let block = (c.start - region().base) >> crate::size_class::BLOCK_SHIFT;
        let before = self.before[self.first[block] as usize + w] as usize;
        Some(before + (bits & ((1 << bit) - 1)).count_ones() as usize)
    }

    fn cell(&self, n: usize) -> CellRef {
        region().cell(self.starts[n]).expect("a dead cell's start lies in the region")
    }

    /// Calls `f` with the number of each dead cell that the `n`th refers to, as often as it does.
    fn each_referent(&self, n: usize, mut f: impl FnMut(usize)) {
        let c = self.cell(n);
        if kind::is_leaf(c.kind) {
            return;
        }
        let weak = matches!(c.kind, kind::OBJECT_WEAK | kind::OBJECT_WEAK_PRE);
        let head = c.start + kind::pre(c.kind);
        // In the pre-header, the list of weak references: an object's own, and nobody else sees it.
        let list = if head > c.start { head - 16 } else { 0 };
        for at in (c.start..c.start + c.size() / 8 * 8).step_by(8) {
            if at == list || weak && [32, 56, 64].contains(&at.wrapping_sub(head)) {
                continue;
            }
            // SAFETY: a word of an allocated cell, and no mutator runs.
            let word = unsafe { (at as *const u64).read_volatile() };
            if let Some(to) = self.rank(word) {
                f(to);
            }
        }
    }
}

/// The dead objects of which `is_container` that stand in cycles or are reached from such. In a pause, when
/// all that lives is marked and nothing is swept.
pub(crate) fn unreachable(
    frontier: u32,
    is_container: impl Fn(NonNull<Head>) -> bool,
) -> Vec<usize> {
    let dead = Dead::list(frontier);
    let count = dead.starts.len();
    let mut referrers = vec![0u32; count];
    if count <= MOST {
        (0..count).for_each(|n| dead.each_referent(n, |to| referrers[to] += 1));
        let mut free: Vec<u32> =
            (0..count as u32).filter(|&n| referrers[n as usize] == 0).collect();
        while let Some(n) = free.pop() {
            dead.each_referent(n as usize, |to| {
                referrers[to] -= 1;
                if referrers[to] == 0 {
                    free.push(to as u32);
                }
            });
        }
    } else {
        referrers.fill(1);
    }
    let left = (0..count).filter(|&n| referrers[n] != 0).map(|n| dead.cell(n));
    let heads = left.filter(|c| kind::is_object(c.kind)).map(|c| c.start + kind::pre(c.kind));
    heads.filter(|&p| is_published(p) && is_container(head_at(p))).collect()
}

/// The object was finished: its type is stored last.
fn is_published(head: usize) -> bool {
    // SAFETY: an allocated object cell starts zeroed and then holds a `Head`.
    !unsafe { head_at(head).as_ref() }.type_ptr().is_null()
}
