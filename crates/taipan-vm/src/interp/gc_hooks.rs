//! The interpreter's and the VM's roots as the collector sees them.
//!
//! Frames are scanned whole, register by register, from their header to the end of the code's `nregs`
//! words, which covers call areas that are being filled, or to a frame called in place. Before an explicit collection the
//! registers that the code will not read again are emptied (hazard 16).

use super::frame::{Regs, TWO_WORDS, WIDE};
use crate::objects::weakref;
use crate::prelude::*;
use crate::vm::VM;
use std::ptr::NonNull;
use std::sync::atomic::Ordering;
use taipan_compiler::liveness::Liveness;
use taipan_heap::{Hooks, Mutator, POLL_FINALIZERS, Visitor};

struct VmHooks;

/// Tells the collector about the VM. Called once.
pub fn install_hooks() {
    taipan_heap::set_hooks(Box::new(VmHooks));
    taipan_heap::set_describe(|h| Value::from_ref(h).ty().name().to_string());
}

impl Hooks for VmHooks {
    fn scan_mutator(&self, m: &Mutator, v: &mut Visitor) {
        scan_thread(m, v);
    }

    fn scan_roots(&self, v: &mut Visitor) {
        VM.visit_roots(|w| v.visit_word(w));
        weakref::visit_dead(|w| v.visit_word(w));
    }

    fn weak_dead(&self, weak: NonNull<Head>) {
        weakref::note_dead(weak);
    }

    fn after_world_restart(&self, m: &Mutator, automatic: bool) {
        let told = automatic && crate::modules::gc::note_automatic();
        if told || weakref::DEAD.load(Ordering::Acquire) != 0 {
            m.poll.fetch_or(POLL_FINALIZERS, Ordering::Relaxed);
        }
    }

    fn is_container(&self, obj: NonNull<Head>) -> bool {
        crate::modules::gc::is_container(Value::from_head(obj))
    }
}

/// Visits a stopped thread's frames and state.
fn scan_thread(m: &Mutator, v: &mut Visitor) {
    let t = m.user.get() as *const Thread;
    // SAFETY: `user` is null or the thread's own state, which outlives its registration.
    let Some(t) = (unsafe { t.as_ref() }) else { return };
    let mut above = None;
    for r in t.interp.frames() {
        let from = r.sub(r.header_words());
        let words = (own_end(r, above) as usize - from.0 as usize) / 8;
        // SAFETY: a pushed frame owns these words of the stack.
        unsafe { v.visit_range(from.0, words) };
        above = Some(r);
    }
    // SAFETY: the thread's state is plain words; a stopped thread does not change them.
    unsafe { v.visit_range(std::ptr::from_ref(t) as *const u64, size_of_val(t) / 8) };
}

/// Where the registers of `r` end that are its own: a frame that it called in place lies in them from its
/// header on, and what is above that one's own registers is nobody's.
fn own_end(r: Regs, above: Option<Regs>) -> *const u64 {
    let end = r.add(r.code().nregs as usize).0;
    let called = above.map(|a| a.sub(a.header_words()).0);
    called.filter(|a| (r.0..=end).contains(a)).unwrap_or(end)
}

/// Empties the temporaries of the running frames that their code will not read again. What the
/// running instruction itself reads stays: native code may work on it in place. A frame called in
/// place lies in its caller's registers, which end there.
pub fn clear_dead_in_frames(cx: &Thread) {
    let mut above: Option<Regs> = None;
    for r in cx.interp.frames() {
        let code = r.code();
        let unit = code.unit();
        let mut at = r.lasti() as u32;
        // A saved pc may be the second word of its instruction, or come after a prefix.
        if r.saved_pc() & TWO_WORDS != 0 {
            at -= 1;
        }
        if r.saved_pc() & WIDE != 0 {
            at -= 1;
        }
        let (first, end) = (r.add(code.nlocals as usize).0, r.add(code.nregs as usize).0);
        let in_place =
            above.map(|a| a.sub(a.header_words())).filter(|a| a.0 >= first && a.0 <= end);
        let end = in_place.map_or(end, |a| a.0);
        above = Some(r);
        let live = Liveness::new(&unit.code, &unit.except_table, unit.nregs);
        let (Some(before), Some(across)) = (live.live_in(at), live.live_across(at)) else {
            continue;
        };
        for i in code.nlocals..code.nregs {
            let dead = !before.contains(i) && !across.contains(i);
            if dead && r.add(i as usize).0.cast_const() < end {
                r.set_bits(i as usize, 0);
            }
        }
    }
}
