//! Native stacks: their bounds, spilling the callee-saved registers, wiping what lies below.
//!
//! A spilled register set lies in the frame of the caller of `spill`, which must not be inlined:
//! what its prologue pushed is then above the array and scanned with it.

use std::sync::atomic::{AtomicUsize, Ordering};

#[cfg(target_arch = "x86_64")]
pub const REGISTERS: usize = 6;
#[cfg(target_arch = "aarch64")]
pub const REGISTERS: usize = 12;

/// Stores the callee-saved registers.
#[inline(always)]
pub fn spill(regs: &mut [usize; REGISTERS]) {
    #[cfg(target_arch = "x86_64")]
    // SAFETY: writes exactly the six words of the array.
    unsafe {
        std::arch::asm!(
            "mov [{p}], rbx",
            "mov [{p} + 8], rbp",
            "mov [{p} + 16], r12",
            "mov [{p} + 24], r13",
            "mov [{p} + 32], r14",
            "mov [{p} + 40], r15",
            p = in(reg) regs.as_mut_ptr(),
            options(nostack, preserves_flags),
        );
    }
    #[cfg(target_arch = "aarch64")]
    // SAFETY: writes exactly the twelve words of the array.
    unsafe {
        std::arch::asm!(
            "stp x19, x20, [{p}]",
            "stp x21, x22, [{p}, #16]",
            "stp x23, x24, [{p}, #32]",
            "stp x25, x26, [{p}, #48]",
            "stp x27, x28, [{p}, #64]",
            "stp x29, x30, [{p}, #80]",
            p = in(reg) regs.as_mut_ptr(),
            options(nostack, preserves_flags),
        );
    }
}

/// A stack that a thread was switched to, which the system does not know: see `announce`.
static ANNOUNCED: (AtomicUsize, AtomicUsize) = (AtomicUsize::new(0), AtomicUsize::new(0));

/// Says that the calling thread runs on a stack of its own making, of `size` bytes, and that its frames
/// from here on hold all that the collector must see. Called before the thread is registered.
#[inline(never)]
pub fn announce(size: usize) {
    // The caller is near the stack's end, which is the end of a page.
    let high = approximate_sp().next_multiple_of(4096);
    ANNOUNCED.0.store(high - size + (16 << 10), Ordering::Relaxed);
    ANNOUNCED.1.store(high, Ordering::Relaxed);
}

/// Lowest and one-past-highest address of the calling thread's stack.
pub fn bounds() -> (usize, usize) {
    let (low, high) = (ANNOUNCED.0.load(Ordering::Relaxed), ANNOUNCED.1.load(Ordering::Relaxed));
    if (low..high).contains(&approximate_sp()) {
        return (low, high);
    }
    #[cfg(target_os = "linux")]
    // SAFETY: the attribute object is initialised by pthread_getattr_np before it is read.
    unsafe {
        let mut attr: libc::pthread_attr_t = std::mem::zeroed();
        if libc::pthread_getattr_np(libc::pthread_self(), &mut attr) == 0 {
            let (mut addr, mut size) = (std::ptr::null_mut(), 0);
            let rc = libc::pthread_attr_getstack(&attr, &mut addr, &mut size);
            libc::pthread_attr_destroy(&mut attr);
            if rc == 0 {
                return (addr as usize, addr as usize + size);
            }
        }
    }
    #[cfg(target_os = "macos")]
    // SAFETY: both calls only read the calling thread's descriptor.
    unsafe {
        let t = libc::pthread_self();
        let high = libc::pthread_get_stackaddr_np(t) as usize;
        return (high - libc::pthread_get_stacksize_np(t), high);
    }
    #[allow(unreachable_code)]
    {
        eprintln!("Fatal Python error: cannot find the bounds of a thread's stack");
        std::process::abort()
    }
}

/// The stack pointer: nothing of the caller's frame lies below.
#[inline(always)]
pub fn pointer() -> usize {
    let sp: usize;
    // SAFETY: reads a register.
    unsafe {
        #[cfg(target_arch = "x86_64")]
        std::arch::asm!("mov {}, rsp", out(reg) sp, options(nomem, nostack, preserves_flags));
        #[cfg(target_arch = "aarch64")]
        std::arch::asm!("mov {}, sp", out(reg) sp, options(nomem, nostack, preserves_flags));
    }
    sp
}

/// An address in the caller's frame.
#[inline(always)]
pub fn approximate_sp() -> usize {
    let mark = 0u8;
    std::hint::black_box(&mark) as *const u8 as usize
}

/// Overwrites dead stack below the caller, so that words left by calls that have returned keep
/// nothing alive. `low` is the lowest address the stack may reach.
#[inline(never)]
pub fn clear_dead(low: usize) {
    const SPAN: usize = 48 << 10;
    if approximate_sp() < low + 2 * SPAN {
        return;
    }
    let mut wiped = [0u64; SPAN / 8];
    std::hint::black_box(&mut wiped);
}

/// Overwrites `WORDS` words of dead stack below the caller: slots that the next frames there leave
/// unwritten then hold nothing of calls that have returned.
#[inline(never)]
pub fn clear_window<const WORDS: usize>() {
    let mut wiped = [0u64; WORDS];
    std::hint::black_box(&mut wiped);
}

/// Keeps `p`'s cell reachable up to this point, whatever the optimiser did to other copies of it.
#[inline(always)]
pub fn keep_alive<T>(p: *const T) {
    // SAFETY: an empty instruction sequence; it only uses the register.
    unsafe { std::arch::asm!("/* {0} */", in(reg) p, options(nostack, preserves_flags)) }
}
