//! `TAIPAN_GC_VERIFY=1`: after the marking of a minor collection a full trace from the same roots
//! looks for cells that it reaches and the minor collection did not: somebody stored a reference
//! into an old cell without a barrier. Says who, and aborts.

use crate::head::Head;
use crate::mark::{Mode, Visitor};
use crate::region::{CellRef, region};
use crate::size_class::kind;
use std::sync::atomic::{AtomicPtr, Ordering::Relaxed};

/// How the VM names the object whose `Head` is given.
pub type Describe = fn(&Head) -> String;

static DESCRIBE: AtomicPtr<()> = AtomicPtr::new(std::ptr::null_mut());

/// Sets how objects are named in reports.
pub fn set_describe(f: Describe) {
    DESCRIBE.store(f as *mut (), Relaxed);
}

fn for_each_word(frontier: u32, mut f: impl FnMut(u32, usize)) {
    for b in 0..frontier {
        (0..region().meta(b).words()).for_each(|w| f(b, w));
    }
}

/// Compares the marks, or what a full trace beside the program has reached, with what a full trace
/// from the same roots reaches now, and leaves them as they are.
pub(crate) fn compare(frontier: u32, full: bool, roots: impl Fn(&mut Visitor)) {
    let mut minor = Vec::new();
    for_each_word(frontier, |b, w| minor.push(region().meta(b).bits[w].mark.swap(0, Relaxed)));
    let mut v = Visitor::new(Mode::Plain);
    roots(&mut v);
    v.drain();
    let (mut missed, mut at) = (Vec::new(), 0);
    for_each_word(frontier, |b, w| {
        let m = region().meta(b);
        let known = if full { m.full[w].load(Relaxed) } else { minor[at] };
        let mut lost = m.bits[w].mark.load(Relaxed) & !known;
        while lost != 0 {
            let index = (w << 6) + lost.trailing_zeros() as usize;
            lost &= lost - 1;
            let start = region().block_addr(b) + index * m.cell_size.load(Relaxed) as usize;
            missed.push(start);
        }
        at += 1;
    });
    if !missed.is_empty() {
        report(frontier, &missed, &minor);
        std::process::abort();
    }
    let mut at = 0;
    for_each_word(frontier, |b, w| {
        region().meta(b).bits[w].mark.store(minor[at], Relaxed);
        at += 1;
    });
}

/// Names the old cells that point to missed ones.
fn report(frontier: u32, missed: &[usize], minor: &[u64]) {
    eprintln!("gc: verify: {} live cells were not marked", missed.len());
    let (mut shown, mut at) = (0, 0);
    for_each_word(frontier, |b, w| {
        let m = region().meta(b);
        let mut old = minor[at];
        at += 1;
        while old != 0 {
            let index = (w << 6) + old.trailing_zeros() as usize;
            old &= old - 1;
            let start = region().block_addr(b) + index * m.cell_size.load(Relaxed) as usize;
            let Some(c) = region().cell(start) else { continue };
            if kind::is_leaf(c.kind) {
                continue;
            }
            for i in 0..c.size() / 8 {
                // SAFETY: a word of an allocated cell; the world is stopped.
                let word = unsafe { (start as *const usize).add(i).read_volatile() };
                let Some(to) = region().cell(word) else { continue };
                if missed.binary_search(&to.start).is_ok() && shown < 20 {
                    shown += 1;
                    eprintln!("  word {i} of {} -> {}", name(&c), name(&to));
                    if !kind::is_object(c.kind) {
                        describe_words(&c);
                    }
                }
            }
        }
    });
    if shown == 0 {
        missed.iter().take(20).for_each(|&p| {
            if let Some(c) = region().cell(p) {
                eprintln!("  from a root or another such cell: {}", name(&c));
            }
        });
    }
}

/// What a storage cell holds tells what it is.
fn describe_words(c: &CellRef) {
    for i in 0..(c.size() / 8).min(16) {
        // SAFETY: a word of an allocated cell; the world is stopped.
        let word = unsafe { (c.start as *const usize).add(i).read_volatile() };
        match region().cell(word) {
            Some(to) => eprintln!("    {i}: {word:#x} in {}", name(&to)),
            None => eprintln!("    {i}: {word:#x}"),
        }
    }
}

fn name(c: &CellRef) -> String {
    let (size, at) = (c.size(), c.start);
    let raw = format!("cell {at:#x} of {size} bytes, kind {}", c.kind);
    if !kind::is_object(c.kind) {
        return raw;
    }
    // SAFETY: an object cell starts zeroed and then holds a Head.
    let head = unsafe { &*((c.start + kind::pre(c.kind)) as *const Head) };
    let f = DESCRIBE.load(Relaxed);
    if head.type_ptr().is_null() || f.is_null() {
        return raw;
    }
    // SAFETY: only `set_describe` stores here, functions of this type.
    let f = unsafe { std::mem::transmute::<*mut (), Describe>(f) };
    format!("{} ({raw})", f(head))
}
