//! Types: the layout, the slots, making types ready, looking attributes up, making instances.

pub mod alloc;
pub mod attr;
pub mod bases;
pub mod class;
pub mod layout;
pub mod lookup;
pub mod mro;
pub mod ready;
pub mod shape;
pub mod slot_dispatch;
pub mod slots;
pub mod wrap;

use crate::call::{GetSetRow, MethodRow};
use crate::prelude::*;
use layout::NativeType;
use slots::Slots;

/// A builtin type written in Rust whose instances start with the struct `Self`.
pub trait PyType: HeapObject + Sized + 'static {
    const NAME: &'static str;
    /// A `tp_flags` FAST_SUBCLASS bit, or 0.
    const FAST: u64;
    /// Exact instances are a cell of `KIND` with the struct `Self` and nothing else.
    const PLAIN: bool = false;
    /// The same with a pre-header.
    const PLAIN_PRE: bool = false;
    const KIND: Kind = Kind::Scan;

    fn type_object() -> &'static Type;

    fn native() -> &'static NativeType;

    /// `isinstance(v, Self)` by the mro.
    #[inline(always)]
    fn check(v: Value) -> bool {
        if Self::FAST != 0 {
            match v.head() {
                Some(_) => v.ty().has_feature(Self::FAST),
                None => false,
            }
        } else {
            v.is_ptr() && {
                let t = v.ty();
                t.is(Self::type_object()) || t.is_subtype(Self::type_object())
            }
        }
    }
}

/// What `#[pymethods]` emits for a type.
pub trait NativeMethods {
    const METHODS: &'static [MethodRow];
    const GETSET: &'static [GetSetRow];
    fn fill(slots: &Slots);
}

/// Type queries on values.
pub trait ValueExt: Copy {
    fn ty(self) -> &'static Type;
    fn is_none(self) -> bool;
    /// An int or float that is not a heap object.
    fn is_unboxed(self) -> bool;
    fn downcast<T: PyType>(self) -> Option<&'static T>;
    fn downcast_exact<T: PyType>(self) -> Option<&'static T>;
    fn as_type(self) -> Option<&'static Type>;
    fn as_type_unchecked(self) -> &'static Type;
}

impl ValueExt for Value {
    #[inline(always)]
    fn ty(self) -> &'static Type {
        match self.head() {
            // SAFETY: a published object's ob_type is a live Type.
            Some(h) => unsafe { &*(h.type_ptr() as *const Type) },
            None if self.is_small() => crate::objects::int::int_type(),
            None => crate::objects::float::float_type(),
        }
    }

    #[inline(always)]
    fn is_unboxed(self) -> bool {
        !self.is_ptr()
    }

    #[inline(always)]
    fn is_none(self) -> bool {
        self == none()
    }

    /// The struct behind an instance of T or of a subclass.
    #[inline(always)]
    fn downcast<T: PyType>(self) -> Option<&'static T> {
        if self.is_ptr() && T::check(self) {
            // SAFETY: an instance of T or of a subclass that is a pointer starts with the struct T.
            Some(unsafe { &*(self.bits() as *const T) })
        } else {
            None
        }
    }

    #[inline(always)]
    fn downcast_exact<T: PyType>(self) -> Option<&'static T> {
        match self.head() {
            Some(h) if std::ptr::eq(h.type_ptr() as *const Type, T::type_object()) => {
                // SAFETY: the object's type is exactly T.
                Some(unsafe { &*(self.bits() as *const T) })
            }
            _ => None,
        }
    }

    #[inline(always)]
    fn as_type(self) -> Option<&'static Type> {
        self.downcast::<Type>()
    }

    #[inline(always)]
    fn as_type_unchecked(self) -> &'static Type {
        debug_assert!(self.as_type().is_some());
        // SAFETY: callers read slots that only ever hold types (tp_base, mro items, bases items).
        unsafe { &*(self.bits() as *const Type) }
    }
}

/// Declares a builtin type: its static type object, `PyType` and `HeapObject`. The struct must be
/// `repr(C)` and start with `head: Head`; an impl block with `#[pymethods]` must exist.
///
/// ```ignore
/// pytype! { List, PyList_Type, name: "list", module: "builtins", base: Object,
///     flags: tpflags::BASETYPE, fast: LIST_SUBCLASS, doc: "..." }
/// ```
/// Optional keys, in this order: `flags`, `fast`, `kind` (Scan, the default, Leaf or Weak),
/// `itemsize`, `basicsize`, `dict: true` (instances have a `__dict__`), `weakref: true`, `doc`,
/// `unboxed` (the query on `Value` that unboxed instances answer).
#[macro_export]
macro_rules! pytype {
    ($ty:ident, $st:ident, name: $name:literal, module: $module:literal, base: $base:ty
     $(, flags: $flags:expr)? $(, fast: $fast:ident)? $(, kind: $kind:ident)?
     $(, itemsize: $isz:expr)? $(, basicsize: $bsz:expr)?
     $(, dict: $dict:literal)? $(, weakref: $weak:literal)? $(, doc: $doc:expr)?
     $(, unboxed: $unboxed:ident)? $(,)?) => {
        // SAFETY: the struct is repr(C) and starts with a Head (const-asserted below).
        unsafe impl $crate::prelude::HeapObject for $ty {}
        const _: () = assert!(std::mem::offset_of!($ty, head) == 0);

        /// The type object.
        #[allow(non_upper_case_globals)]
        // SAFETY: the symbol name is CPython's or starts with Py and names a type of ours only.
        #[unsafe(no_mangle)]
        pub static $st: $crate::prelude::Type = $crate::prelude::Type::new_static(
            match std::ffi::CStr::from_bytes_with_nul(concat!($name, "\0").as_bytes()) {
                Ok(s) => s,
                Err(_) => panic!("a type name holds no NUL"),
            },
            { let _b = size_of::<$ty>(); $(let _b = $bsz;)? _b },
            { let _i = 0; $(let _i = $isz;)? _i },
            0 $(| $flags)? $(| $crate::prelude::tpflags::$fast)?,
        );

        impl $crate::types::PyType for $ty {
            const NAME: &'static str = $name;
            const FAST: u64 = 0 $(| $crate::prelude::tpflags::$fast)?;
            const PLAIN: bool = {
                let _b = size_of::<$ty>();
                $(let _b = $bsz;)?
                let _w = false;
                $(let _w = _w || $dict;)?
                $(let _w = _w || $weak;)?
                _b == size_of::<$ty>() && !_w && $crate::types::is_object::<$base>()
            };
            const PLAIN_PRE: bool = {
                let _b = size_of::<$ty>();
                $(let _b = $bsz;)?
                let _w = false;
                $(let _w = _w || $dict;)?
                $(let _w = _w || $weak;)?
                _b == size_of::<$ty>() && _w && $crate::types::is_object::<$base>()
            };
            const KIND: $crate::prelude::Kind = {
                let _k = $crate::prelude::Kind::Scan;
                $(let _k = $crate::prelude::Kind::$kind;)?
                _k
            };

            $(
                // Unboxed values are instances too.
                #[inline(always)]
                fn check(v: $crate::prelude::Value) -> bool {
                    use $crate::types::ValueExt;
                    v.$unboxed()
                        || (v.is_ptr() && {
                            let t = v.ty();
                            t.is(Self::type_object())
                                || (Self::FAST != 0 && t.has_feature(Self::FAST))
                                || (Self::FAST == 0 && t.is_subtype(Self::type_object()))
                        })
                }
            )?

            #[inline(always)]
            fn type_object() -> &'static $crate::prelude::Type {
                &$st
            }

            fn native() -> &'static $crate::types::layout::NativeType {
                static NATIVE: $crate::types::layout::NativeType =
                    $crate::types::layout::NativeType {
                        name: $name,
                        module: $module,
                        doc: { let _d: Option<&'static str> = None; $(let _d = Some($doc);)? _d },
                        basicsize: { let _b = size_of::<$ty>(); $(let _b = $bsz;)? _b },
                        itemsize: { let _i = 0; $(let _i = $isz;)? _i },
                        flags: 0 $(| $flags)? $(| $crate::prelude::tpflags::$fast)?,
                        kind: { let _k = $crate::prelude::Kind::Scan; $(let _k = $crate::prelude::Kind::$kind;)? _k },
                        has_dict: { let _d = false; $(let _d = $dict;)? _d },
                        has_weakref: { let _w = false; $(let _w = $weak;)? _w },
                        base: <$base as $crate::types::PyType>::type_object,
                        methods: <$ty as $crate::types::NativeMethods>::METHODS,
                        getset: <$ty as $crate::types::NativeMethods>::GETSET,
                        fill: <$ty as $crate::types::NativeMethods>::fill,
                    };
                &NATIVE
            }
        }
    };
}

/// Whether `B` is `object`, the base that adds nothing to its instances.
pub const fn is_object<B: PyType>() -> bool {
    matches!(B::NAME.as_bytes(), b"object")
}

/// The cell kind of a type's instances.
#[inline(always)]
pub fn layout_kind(info: &layout::TypeInfo) -> Kind {
    match info.layout.kind.load(std::sync::atomic::Ordering::Relaxed) {
        0 => Kind::Scan,
        1 => Kind::Leaf,
        _ => Kind::Weak,
    }
}
