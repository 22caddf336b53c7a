//! What the hash types share: their data arguments, and a macro for those with a fixed length.
//!
//! The state of a hash is plain data inside its object, behind a mutex that is held without Python
//! code or a safepoint in between; long data is hashed with the thread detached, on a state of its own.

use taipan_vm::buffer::{self, ByteArg};
use taipan_vm::objects::bytes_ops;
use taipan_vm::prelude::*;

/// Data of this length and more is hashed detached.
pub const DETACH_FROM: usize = 1 << 14;

/// The bytes to hash of an argument.
pub fn data(cx: &Thread, v: Value) -> Res<ByteArg> {
    if v.downcast::<Str>().is_some() {
        raise!(cx, TypeError, "Strings must be encoded before hashing");
    }
    if !buffer::has_buffer(v) {
        raise!(cx, TypeError, "object supporting the buffer API required");
    }
    if v.downcast_exact::<Bytes>().is_none() {
        let b = buffer::get(cx, v, buffer::bufflag::SIMPLE)?;
        let many = b.shape.len() > 1;
        b.release(cx)?;
        if many {
            raise!(cx, BufferError, "Buffer must be single dimension");
        }
    }
    ByteArg::get(cx, v)
}

/// The data of a constructor: `data` or its older name `string`, not both.
pub fn initial(cx: &Thread, data: Option<Value>, string: Option<Value>) -> Res<Option<Value>> {
    match (data, string) {
        (Some(_), Some(_)) => raise!(
            cx,
            TypeError,
            "'data' and 'string' are mutually exclusive and support for 'string' keyword parameter is slated for removal in a future version."
        ),
        (a, b) => Ok(a.or(b)),
    }
}

/// Runs `f` over the data, detached where that takes long.
pub fn absorb<S: Send>(
    cx: &Thread,
    state: &mut S,
    data: &[u8],
    f: impl FnOnce(&mut S, &[u8]) + Send,
) {
    if data.len() < DETACH_FROM { f(state, data) } else { cx.detach(|| f(state, data)) }
}

/// A digest as lower-case hexadecimal text.
pub fn hex(cx: &Thread, digest: &[u8]) -> Value {
    Value::from_ref(bytes_ops::hex(cx, digest, None, 1).expect("there is no separator to check"))
}

/// A hash type of fixed length and the function that makes its objects.
#[macro_export]
macro_rules! fixed_digest {
    ($ty:ident, $st:ident, $tyname:literal, $module:literal, $func:ident, $name:literal, $algo:ty, $block:literal) => {
        #[repr(C)]
        pub struct $ty {
            head: Head,
            state: std::sync::Mutex<$algo>,
        }
        taipan_vm::pytype! { $ty, $st, name: $tyname, module: $module,
        base: taipan_vm::objects::object::Object, flags: tpflags::DISALLOW_INSTANTIATION, kind: Leaf }

        impl $ty {
            fn make(cx: &Thread, state: $algo) -> Value {
                let state = std::sync::Mutex::new(state);
                Value::from_ref(cx.alloc($ty { head: taipan_vm::types::alloc::fresh_head(), state }))
            }

            fn snapshot(&self) -> $algo {
                self.state.lock().unwrap_or_else(|e| e.into_inner()).clone()
            }
        }

        #[pymethods]
        impl $ty {
            /// Adds data to what is hashed.
            #[pymethod]
            fn update(cx: &Thread, this: &$ty, obj: Value) -> Res<()> {
                let data = $crate::digest_type::data(cx, obj)?;
                if data.len() < $crate::digest_type::DETACH_FROM {
                    let mut s = this.state.lock().unwrap_or_else(|e| e.into_inner());
                    digest::Digest::update(&mut *s, &*data);
                    return Ok(());
                }
                let (bytes, state): (&[u8], _) = (&data, &this.state);
                cx.detach(|| {
                    let mut s = state.lock().unwrap_or_else(|e| e.into_inner());
                    digest::Digest::update(&mut *s, bytes);
                });
                Ok(())
            }

            /// The digest of the data so far, as bytes.
            #[pymethod]
            fn digest(cx: &Thread, this: &$ty) -> Value {
                Value::from_ref(Bytes::new(cx, &digest::Digest::finalize(this.snapshot())))
            }

            /// The digest of the data so far, as hexadecimal text.
            #[pymethod]
            fn hexdigest(cx: &Thread, this: &$ty) -> Value {
                $crate::digest_type::hex(cx, &digest::Digest::finalize(this.snapshot()))
            }

            /// A hash object with the same state.
            #[pymethod]
            fn copy(cx: &Thread, this: &$ty) -> Value {
                $ty::make(cx, this.snapshot())
            }

            #[getter]
            fn name(_cx: &Thread, _this: &$ty) -> &'static str {
                $name
            }

            #[getter]
            fn digest_size(_cx: &Thread, _this: &$ty) -> usize {
                <$algo as digest::Digest>::output_size()
            }

            #[getter]
            fn block_size(_cx: &Thread, _this: &$ty) -> usize {
                $block
            }
        }

        /// A new hash object, with optional first data.
        #[pyfunction(sig = "(data=b'', *, usedforsecurity=True, string=None)")]
        fn $func(
            cx: &Thread,
            data: Option<Value>,
            usedforsecurity: Value,
            string: Option<Value>,
        ) -> Res {
            let _ = usedforsecurity;
            let mut state = <$algo as digest::Digest>::new();
            if let Some(v) = $crate::digest_type::initial(cx, data, string)? {
                let data = $crate::digest_type::data(cx, v)?;
                $crate::digest_type::absorb(cx, &mut state, &data, |s, d| digest::Digest::update(s, d));
            }
            Ok($ty::make(cx, state))
        }
    };
}
