//! Writers that nobody closed. A tracing collector does not close a file when its last reference
//! goes, so every buffered writer over a regular file is on a weak list here; what they hold is
//! written before a file is opened or looked at, before a process starts, and at exit.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};
use taipan_vm::objects::weakref;
use taipan_vm::prelude::*;

static WRITERS: OnceLock<Root<Value>> = OnceLock::new();
/// Some writer may hold unwritten bytes.
static DIRTY: AtomicBool = AtomicBool::new(false);

fn list(cx: &Thread) -> &'static List {
    let root = WRITERS.get_or_init(|| Root::new(Value::from_ref(List::new(cx))));
    root.get().downcast::<List>().expect("the root holds a list")
}

/// Puts a writer on the list; dead entries go when the list has doubled.
pub fn register(cx: &Thread, writer: Value) {
    let l = list(cx);
    let n = l.len();
    if n >= 64 && n.is_power_of_two() {
        let alive: GcVec<Value> =
            l.to_vec().iter().copied().filter(|r| weakref::target(*r).is_some()).collect();
        if alive.len() < n {
            l.replace_all(cx, &alive);
        }
    }
    l.push(cx, weakref::new_plain_ref(cx, writer));
}

/// A writer has unwritten bytes.
#[inline(always)]
pub fn mark() {
    if !DIRTY.load(Ordering::Relaxed) {
        DIRTY.store(true, Ordering::Relaxed);
    }
}

/// Writes out what writers over regular files hold. Errors belong to the writers' owners, who
/// meet them again at their own flush or close.
#[inline(always)]
pub fn flush_all(cx: &Thread) -> Res<()> {
    if DIRTY.load(Ordering::Relaxed) { flush_slow(cx) } else { Ok(()) }
}

#[cold]
fn flush_slow(cx: &Thread) -> Res<()> {
    DIRTY.store(false, Ordering::Relaxed);
    for r in list(cx).to_vec().iter() {
        if let Some(w) = weakref::target(*r) {
            super::buffered::flush_quietly(cx, w);
            super::textio::flush_quietly(cx, w);
        }
    }
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
