//! Writers that nobody closed. A tracing collector does not close a file when its last reference
//! goes, so every buffered writer over a regular file is on a weak list here; what they hold is
//! written before a file is opened or looked at, before a process starts, and at exit.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use taipan_vm::objects::weakref;
use taipan_vm::prelude::*;

static WRITERS: OnceLock<Root<Value>> = OnceLock::new();
/// No writer holds unwritten bytes; some may; from `FLUSHING` on: a thread is writing them out, and the
/// number is its own, so that it cannot take for its own round another's that began after more was written.
const CLEAN: u64 = 0;
const DIRTY: u64 = 1;
const FLUSHING: u64 = 2;

static STATE: AtomicU64 = AtomicU64::new(CLEAN);
static ROUND: AtomicU64 = AtomicU64::new(FLUSHING);

fn list(cx: &Thread) -> &'static List {
    let root = WRITERS.get_or_init(|| Root::new(Value::from_ref(List::new(cx))));
    root.get().downcast::<List>().expect("the root holds a list")
}

/// Puts a writer on the list; dead entries go when the list has doubled.
pub fn register(cx: &Thread, writer: Value) {
    let l = list(cx);
    let n = l.len();
    if n >= 64 && n.is_power_of_two() {
        // Where memory is short they stay.
        let _ = l.retain(cx, |r| weakref::target(r).is_some());
    }
    l.push(cx, weakref::new_plain_ref(cx, writer));
}

/// A writer has unwritten bytes; said once it has them.
#[inline(always)]
pub fn mark() {
    if STATE.load(Ordering::Relaxed) != DIRTY {
        STATE.store(DIRTY, Ordering::Release);
    }
}

/// Writes out what writers over regular files hold. Errors belong to the writers' owners, who
/// meet them again at their own flush or close.
#[inline(always)]
pub fn flush_all(cx: &Thread) -> Res<()> {
    if STATE.load(Ordering::Acquire) != CLEAN { flush_slow(cx) } else { Ok(()) }
}

#[cold]
fn flush_slow(cx: &Thread) -> Res<()> {
    // Who asks meanwhile must not go on before all is written, and so writes itself.
    let round = ROUND.fetch_add(1, Ordering::Relaxed);
    // A swap, not a store: it sees what was written before each `mark` that it replaces.
    STATE.swap(round, Ordering::AcqRel);
    for r in list(cx).to_vec().iter() {
        if let Some(w) = weakref::target(*r) {
            super::buffered::flush_quietly(cx, w);
            super::textio::flush_quietly(cx, w);
        }
    }
    let _ = STATE.compare_exchange(round, CLEAN, Ordering::AcqRel, Ordering::Relaxed);
    Ok(())
}

/// At exit: everything that is still open and dirty, text layers first.
pub fn flush_at_exit(cx: &Thread) {
    let _ = flush_slow(cx);
}

/// Descriptors have run out: a collection may close forgotten files.
pub fn collect_for_descriptors(cx: &Thread) {
    taipan_heap::collect(cx.mutator, taipan_heap::Reason::Explicit);
    let _ = cx.poll_slow();
}
