//! The object header: CPython 3.13t's `PyObject`, 32 bytes (design/cabi.md section 1).
//!
//! The VM never counts references: `ob_ref_local` holds the bias (2) that C's "am I the only
//! owner" tests must see, or `IMMORTAL` for statics. The 16 padding bits are the VM's flags; C
//! never touches them. Mark bits are not here but beside the blocks.

use std::sync::atomic::{
    AtomicIsize, AtomicPtr, AtomicU8, AtomicU16, AtomicU32, AtomicU64, Ordering,
};

#[repr(C)]
pub struct Head {
    /// `pthread_self` of the allocating thread; 0 for statics.
    pub ob_tid: AtomicU64,
    /// The VM's flags (`flag::*`); CPython's padding.
    pub flags: AtomicU16,
    /// PyMutex protocol: 0 free, 1 locked, 2/3 with waiters. It *is* the VM's lock of the object.
    pub ob_mutex: AtomicU8,
    pub ob_gc_bits: AtomicU8,
    pub ob_ref_local: AtomicU32,
    pub ob_ref_shared: AtomicIsize,
    pub ob_type: AtomicPtr<Head>,
}

const _: () = {
    assert!(size_of::<Head>() == 32);
    assert!(std::mem::offset_of!(Head, flags) == 8);
    assert!(std::mem::offset_of!(Head, ob_mutex) == 10);
    assert!(std::mem::offset_of!(Head, ob_gc_bits) == 11);
    assert!(std::mem::offset_of!(Head, ob_ref_local) == 12);
    assert!(std::mem::offset_of!(Head, ob_ref_shared) == 16);
    assert!(std::mem::offset_of!(Head, ob_type) == 24);
};

/// `ob_ref_local` of an object that lives for ever.
pub const IMMORTAL: u32 = u32::MAX;
/// `ob_ref_local` at birth of an object the VM allocates.
pub const BIAS: u32 = 2;
/// `ob_gc_bits`: CPython's TRACKED and FINALIZED, then ours.
pub const GC_TRACKED: u8 = 1;
pub const GC_FINALIZED: u8 = 2;
pub const GC_VM_HELD: u8 = 64;

/// Bits of `Head::flags`.
pub mod flag {
    /// The object has a pre-header, whose first word is its shape.
    pub const HAS_SHAPE: u16 = 1;
    /// Slots own C counts (reserved for the C layer).
    pub const COUNTED: u16 = 2;
    /// C may hold the address of the slots (reserved for the C layer).
    pub const EXPOSED: u16 = 4;
    /// The object has a `__del__` or native finaliser that has not run.
    pub const FINALIZER: u16 = 32;
    /// `gc.freeze`d.
    pub const FROZEN: u16 = 64;
    /// `gc.is_tracked` says no although the cell is scanned.
    pub const UNTRACKED: u16 = 128;
    /// Free for the type of the object to use.
    pub const TYPE_BIT_0: u16 = 1 << 8;
    pub const TYPE_BIT_1: u16 = 1 << 9;
    pub const TYPE_BIT_2: u16 = 1 << 10;
    pub const TYPE_BIT_3: u16 = 1 << 11;
}

impl Head {
    /// The header of a static object of the given type.
    pub const fn new_static(ob_type: *mut Head) -> Head {
        Head {
            ob_tid: AtomicU64::new(0),
            flags: AtomicU16::new(0),
            ob_mutex: AtomicU8::new(0),
            ob_gc_bits: AtomicU8::new(GC_VM_HELD),
            ob_ref_local: AtomicU32::new(IMMORTAL),
            ob_ref_shared: AtomicIsize::new(0),
            ob_type: AtomicPtr::new(ob_type),
        }
    }

    /// The address of the object's type.
    #[inline(always)]
    pub fn type_ptr(&self) -> *mut Head {
        self.ob_type.load(Ordering::Acquire)
    }

    #[inline(always)]
    pub fn has_flag(&self, bit: u16) -> bool {
        self.flags.load(Ordering::Relaxed) & bit != 0
    }

    #[inline]
    pub fn set_flag(&self, bit: u16) {
        self.flags.fetch_or(bit, Ordering::AcqRel);
    }

    #[inline]
    pub fn clear_flag(&self, bit: u16) {
        self.flags.fetch_and(!bit, Ordering::AcqRel);
    }

    /// Writes the header of a fresh, still private, zeroed cell and publishes its type last.
    #[inline(always)]
    pub fn init(&self, tid: u64, flags: u16, ob_type: *mut Head) {
        self.ob_tid.store(tid, Ordering::Relaxed);
        // One word: flags, mutex, gc bits, local count (little-endian, as const-asserted above).
        let word =
            flags as u64 | (GC_VM_HELD as u64 | GC_TRACKED as u64) << 24 | (BIAS as u64) << 32;
        // SAFETY: bytes 8..16 of the header are these four atomics and the cell is still private.
        unsafe {
            let p = (self as *const Head as *const u8).add(8) as *const AtomicU64;
            (*p).store(word, Ordering::Relaxed);
        }
        self.ob_ref_shared.store(0, Ordering::Relaxed);
        self.ob_type.store(ob_type, Ordering::Release);
    }
}
