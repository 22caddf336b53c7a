//! `Type`: CPython 3.13's `PyTypeObject` layout, and `TypeInfo`, the VM's own data of a type.
//!
//! The C words (`tp_dealloc` ...) stay zero until the C layer fills them; the VM works with
//! `TypeInfo`, which hangs off `tp_cache` (unused in 3.13, design/cabi.md section 1).
//! Invariant: `tp_cache` is set before a type is published to Python code and never changes.

use super::slots::Slots;
use crate::prelude::*;
use std::ffi::CStr;
use std::mem::offset_of;
use std::sync::atomic::*;

/// `tp_flags` bits, with CPython's values.
pub mod tpflags {
    pub const MANAGED_WEAKREF: u64 = 1 << 3;
    pub const MANAGED_DICT: u64 = 1 << 4;
    pub const SEQUENCE: u64 = 1 << 5;
    pub const MAPPING: u64 = 1 << 6;
    pub const DISALLOW_INSTANTIATION: u64 = 1 << 7;
    pub const IMMUTABLETYPE: u64 = 1 << 8;
    pub const HEAPTYPE: u64 = 1 << 9;
    pub const BASETYPE: u64 = 1 << 10;
    pub const HAVE_VECTORCALL: u64 = 1 << 11;
    pub const READY: u64 = 1 << 12;
    pub const HAVE_GC: u64 = 1 << 14;
    pub const METHOD_DESCRIPTOR: u64 = 1 << 17;
    pub const IS_ABSTRACT: u64 = 1 << 20;
    pub const MATCH_SELF: u64 = 1 << 22;
    pub const LONG_SUBCLASS: u64 = 1 << 24;
    pub const LIST_SUBCLASS: u64 = 1 << 25;
    pub const TUPLE_SUBCLASS: u64 = 1 << 26;
    pub const BYTES_SUBCLASS: u64 = 1 << 27;
    pub const UNICODE_SUBCLASS: u64 = 1 << 28;
    pub const DICT_SUBCLASS: u64 = 1 << 29;
    pub const BASE_EXC_SUBCLASS: u64 = 1 << 30;
    pub const TYPE_SUBCLASS: u64 = 1 << 31;
    /// The bits a subclass takes over from its base.
    pub const INHERITED: u64 = SEQUENCE | MAPPING | MATCH_SELF | (0xFF << 24);
}

/// CPython's `PyTypeObject` (432 bytes), prefix of the heap type struct (944 bytes).
#[repr(C, align(16))]
pub struct Type {
    pub head: Head,
    pub ob_size: AtomicIsize,
    pub tp_name: AtomicPtr<std::ffi::c_char>,
    pub tp_basicsize: AtomicIsize,
    pub tp_itemsize: AtomicIsize,
    /// `tp_dealloc` .. `tp_as_buffer`, for the C layer.
    pub c_words_a: [AtomicUsize; 15],
    pub tp_flags: AtomicU64,
    pub tp_doc: AtomicPtr<std::ffi::c_char>,
    pub c_words_b: [AtomicUsize; 3],
    pub tp_weaklistoffset: AtomicIsize,
    pub c_words_c: [AtomicUsize; 5],
    pub tp_base: Slot,
    pub tp_dict: Slot,
    pub c_words_d: [AtomicUsize; 2],
    pub tp_dictoffset: AtomicIsize,
    pub c_words_e: [AtomicUsize; 5],
    pub tp_bases: Slot,
    pub tp_mro: Slot,
    /// The VM's data: `*TypeInfo`.
    pub tp_cache: AtomicPtr<TypeInfo>,
    pub tp_subclasses: AtomicUsize,
    pub tp_weaklist: Slot,
    pub tp_del: AtomicUsize,
    /// 0: no valid version; caches must not be filled (hazard 6).
    pub tp_version_tag: AtomicU32,
    pub tp_finalize: AtomicUsize,
    pub tp_vectorcall: AtomicUsize,
    pub tp_watched: AtomicU8,
    pub tp_versions_used: AtomicU16,
}

/// Bytes of CPython's `PyHeapTypeObject`: what `type.__basicsize__` says.
pub const HEAP_TYPE_SIZE: usize = 944;

const _: () = {
    assert!(size_of::<Type>() == 432);
    assert!(offset_of!(Type, tp_flags) == 184);
    assert!(offset_of!(Type, tp_doc) == 192);
    assert!(offset_of!(Type, tp_weaklistoffset) == 224);
    assert!(offset_of!(Type, tp_base) == 272);
    assert!(offset_of!(Type, tp_dict) == 280);
    assert!(offset_of!(Type, tp_dictoffset) == 304);
    assert!(offset_of!(Type, tp_bases) == 352);
    assert!(offset_of!(Type, tp_mro) == 360);
    assert!(offset_of!(Type, tp_cache) == 368);
    assert!(offset_of!(Type, tp_version_tag) == 400);
    assert!(offset_of!(Type, tp_watched) == 424);
};

// SAFETY: every field is an atomic; a static type is shared by all threads.
unsafe impl Sync for Type {}

/// The VM's data of one type: a GC cell (raw, scanned) that `tp_cache` points to.
#[repr(C)]
pub struct TypeInfo {
    /// Storage-cell header: every raw cell starts with 16 bytes {capacity, barrier bits}.
    pub cell: [AtomicU64; 2],
    /// The owner.
    pub ty: Slot,
    /// `__name__` and `__qualname__`, as Str objects.
    pub name: Slot,
    pub qualname: Slot,
    /// The type's namespace (a Dict); `__dict__` is a mappingproxy over it.
    pub dict: Slot,
    pub mro: Slot,
    pub bases: Slot,
    /// `__slots__`-made member names, in order (Tuple) or empty.
    pub slot_names: Slot,
    /// Direct subclasses: a list of weak references kept by `types::ready`.
    pub subclasses: Slot,
    /// Weak references to a static type, which has no pre-header: a List, or empty.
    pub weakrefs: Slot,
    /// The root of the shape tree of this type's instances (raw cell address) or 0.
    pub root_shape: AtomicUsize,
    /// How many attribute slots a new instance carries inline.
    pub inline_slots: AtomicU32,
    /// Bytes of one instance without its inline attribute slots, without the pre-header.
    pub basicsize: AtomicU32,
    /// How instances are made: see `types::alloc`.
    pub layout: Layout,
    /// The static description for types written in Rust.
    pub native: Option<&'static NativeType>,
    /// The nearest native type whose struct the instances start with.
    pub solid: Slot,
    pub slots: Slots,
}

/// Facts about the instances of a type that allocation and attribute access test.
#[repr(C)]
pub struct Layout {
    /// Instances have the 32-byte pre-header {shape, overflow, weak references, dict}.
    pub pre_header: AtomicBool,
    /// Instances have a `__dict__` (through shapes) .
    pub has_dict: AtomicBool,
    /// Instances accept weak references.
    pub has_weakref: AtomicBool,
    /// Instances have a `__del__` or native finaliser.
    pub has_finalizer: AtomicBool,
    /// The cell kind of instances (`Kind` as u8).
    pub kind: AtomicU8,
    /// `__getattribute__`, `__getattr__`, `__setattr__` are all the generic ones.
    pub generic_getattr: AtomicBool,
    /// The version of the type when `__class__` of its instances was seen to be `type(obj)`.
    pub plain_class: AtomicU32,
    pub generic_setattr: AtomicBool,
}

/// The static description of a type written in Rust: made by `pytype!` and `#[pymethods]`.
pub struct NativeType {
    pub name: &'static str,
    /// `__module__` ("builtins" where it is one).
    pub module: &'static str,
    pub doc: Option<&'static str>,
    pub basicsize: usize,
    pub itemsize: usize,
    pub flags: u64,
    pub kind: taipan_heap::Kind,
    /// Instances of this very type have the pre-header (a `__dict__` or weak references).
    pub has_dict: bool,
    pub has_weakref: bool,
    pub base: fn() -> &'static Type,
    pub methods: &'static [crate::call::MethodRow],
    pub getset: &'static [crate::call::GetSetRow],
    /// Fills the slots that this type defines itself.
    pub fill: fn(&Slots),
}

impl Type {
    /// A static type: completed by `types::ready` at start-up.
    pub const fn new_static(
        name: &'static CStr,
        basicsize: usize,
        itemsize: usize,
        flags: u64,
    ) -> Type {
        Type {
            head: Head::new_static(std::ptr::null_mut()),
            ob_size: AtomicIsize::new(0),
            tp_name: AtomicPtr::new(name.as_ptr() as *mut _),
            tp_basicsize: AtomicIsize::new(basicsize as isize),
            tp_itemsize: AtomicIsize::new(itemsize as isize),
            c_words_a: [const { AtomicUsize::new(0) }; 15],
            tp_flags: AtomicU64::new(flags),
            tp_doc: AtomicPtr::new(std::ptr::null_mut()),
            c_words_b: [const { AtomicUsize::new(0) }; 3],
            tp_weaklistoffset: AtomicIsize::new(0),
            c_words_c: [const { AtomicUsize::new(0) }; 5],
            tp_base: Slot::empty(),
            tp_dict: Slot::empty(),
            c_words_d: [const { AtomicUsize::new(0) }; 2],
            tp_dictoffset: AtomicIsize::new(0),
            c_words_e: [const { AtomicUsize::new(0) }; 5],
            tp_bases: Slot::empty(),
            tp_mro: Slot::empty(),
            tp_cache: AtomicPtr::new(std::ptr::null_mut()),
            tp_subclasses: AtomicUsize::new(0),
            tp_weaklist: Slot::empty(),
            tp_del: AtomicUsize::new(0),
            tp_version_tag: AtomicU32::new(0),
            tp_finalize: AtomicUsize::new(0),
            tp_vectorcall: AtomicUsize::new(0),
            tp_watched: AtomicU8::new(0),
            tp_versions_used: AtomicU16::new(0),
        }
    }

    #[inline(always)]
    pub fn info(&self) -> &'static TypeInfo {
        // SAFETY: tp_cache is set before a type is reachable and lives as long as the type.
        unsafe { &*self.tp_cache.load(Ordering::Acquire) }
    }

    #[inline(always)]
    pub fn slots(&self) -> &'static Slots {
        &self.info().slots
    }

    #[inline(always)]
    pub fn flags(&self) -> u64 {
        self.tp_flags.load(Ordering::Relaxed)
    }

    #[inline(always)]
    pub fn has_feature(&self, bit: u64) -> bool {
        self.flags() & bit != 0
    }

    /// The version that caches are keyed by; 0 while the type is being changed.
    #[inline(always)]
    pub fn version(&self) -> u32 {
        self.tp_version_tag.load(Ordering::Acquire)
    }

    /// `tp_name`, as messages show it: with the module for native types outside `builtins`.
    pub fn name(&self) -> std::borrow::Cow<'static, str> {
        match self.info().native {
            Some(n) if n.module != "builtins" && !self.is_heap() => {
                format!("{}.{}", n.module, n.name).into()
            }
            _ => self.short_name(),
        }
    }

    /// `type.__name__`: the last component for static types (`_PyType_Name`).
    pub fn short_name(&self) -> std::borrow::Cow<'static, str> {
        match self.info().name.get().and_then(|v| v.downcast::<Str>()) {
            Some(s) => s.to_str_lossy(),
            None => "?".into(),
        }
    }

    pub fn base(&self) -> Option<&'static Type> {
        self.tp_base.get().map(|v| v.as_type_unchecked())
    }

    pub fn mro(&self) -> &'static Tuple {
        match self.info().mro.get().and_then(|m| m.downcast_exact::<Tuple>()) {
            Some(m) => m,
            // A class whose metaclass's `mro` still runs.
            None => Tuple::empty(Thread::current().expect("types are used by attached threads")),
        }
    }

    pub fn bases(&self) -> &'static Tuple {
        self.info().bases.value().downcast::<Tuple>().expect("a ready type has bases")
    }

    pub fn dict(&self) -> &'static Dict {
        self.info().dict.value().downcast::<Dict>().expect("a ready type has a dict")
    }

    pub fn is_heap(&self) -> bool {
        self.has_feature(tpflags::HEAPTYPE)
    }

    #[inline(always)]
    pub fn is(&self, other: &Type) -> bool {
        std::ptr::eq(self, other)
    }

    /// True where `other` stands in this type's mro (no `__subclasscheck__`).
    #[inline]
    pub fn is_subtype(&self, other: &Type) -> bool {
        if self.is(other) {
            return true;
        }
        match self.info().mro.get().and_then(|v| v.downcast_exact::<Tuple>()) {
            Some(mro) => {
                let want = Value::from_ref(other);
                mro.as_slice().contains(&want)
            }
            // A type that is still being made knows only its bases.
            None => self.base().is_some_and(|b| b.is_subtype(other)),
        }
    }
}
