//! `_sha3`: SHA-3 and the SHAKE functions, whose types are their own constructors.

use crate::digest_type::{self, hex};
use sha3::digest::{ExtendableOutput, FixedOutput, Update, XofReader};
use std::sync::Mutex;
use taipan_vm::prelude::*;
use taipan_vm::pytype;
use taipan_vm::types::alloc::fresh_head;

macro_rules! sha3_type {
    ($ty:ident, $st:ident, $name:literal, $algo:ty, $rate:literal, $size:literal, $suffix:literal,
     sig: $sig:literal, ($($len:ident)?), $finish:expr) => {
        #[repr(C)]
        pub struct $ty {
            head: Head,
            state: Mutex<$algo>,
        }
        pytype! { $ty, $st, name: $name, module: "_sha3", base: taipan_vm::objects::object::Object, kind: Leaf,
        doc: "A SHA-3 hash object." }

        impl $ty {
            fn make(cx: &Thread, cls: &Type, state: $algo) -> Value {
                Value::from_ref(cx.alloc_in(cls, $ty { head: fresh_head(), state: Mutex::new(state) }))
            }

            fn snapshot(&self) -> $algo {
                self.state.lock().unwrap_or_else(|e| e.into_inner()).clone()
            }
        }

        #[pymethods]
        impl $ty {
            #[slot(sig = "(cls, data=b'', *, usedforsecurity=True, string=None)")]
            fn __new__(
                cx: &Thread,
                cls: &Type,
                data: Option<Value>,
                usedforsecurity: Value,
                string: Option<Value>,
            ) -> Res {
                let _ = usedforsecurity;
                let mut state = <$algo>::default();
                if let Some(v) = digest_type::initial(cx, data, string)? {
                    let data = digest_type::data(cx, v)?;
                    digest_type::absorb(cx, &mut state, &data, |s, d| Update::update(s, d));
                }
                Ok($ty::make(cx, cls, state))
            }

            /// Adds data to what is hashed.
            #[pymethod]
            fn update(cx: &Thread, this: &$ty, data: Value) -> Res<()> {
                let data = digest_type::data(cx, data)?;
                let (bytes, state): (&[u8], _) = (&data, &this.state);
                let add = || Update::update(&mut *state.lock().unwrap_or_else(|e| e.into_inner()), bytes);
                if bytes.len() < digest_type::DETACH_FROM { add() } else { cx.detach(add) }
                Ok(())
            }

            /// The digest of the data so far, as bytes.
            #[pymethod(sig = $sig)]
            fn digest(cx: &Thread, this: &$ty $(, $len: Value)?) -> Res {
                let d: Vec<u8> = $finish(cx, this.snapshot() $(, $len)?)?;
                Ok(Value::from_ref(Bytes::new(cx, &d)))
            }

            /// The digest of the data so far, as hexadecimal text.
            #[pymethod(sig = $sig)]
            fn hexdigest(cx: &Thread, this: &$ty $(, $len: Value)?) -> Res {
                let d: Vec<u8> = $finish(cx, this.snapshot() $(, $len)?)?;
                Ok(hex(cx, &d))
            }

            /// A hash object with the same state.
            #[pymethod]
            fn copy(cx: &Thread, this: &$ty) -> Value {
                $ty::make(cx, Value::from_ref(this).ty(), this.snapshot())
            }

            #[getter]
            fn name(_cx: &Thread, _this: &$ty) -> &'static str {
                $name
            }

            #[getter]
            fn digest_size(_cx: &Thread, _this: &$ty) -> usize {
                $size
            }

            #[getter]
            fn block_size(_cx: &Thread, _this: &$ty) -> usize {
                $rate
            }

            #[getter]
            fn _rate_bits(_cx: &Thread, _this: &$ty) -> usize {
                $rate * 8
            }

            #[getter]
            fn _capacity_bits(_cx: &Thread, _this: &$ty) -> usize {
                1600 - $rate * 8
            }

            #[getter]
            fn _suffix(cx: &Thread, _this: &$ty) -> Value {
                Value::from_ref(Bytes::new(cx, &[$suffix]))
            }
        }
    };
}

fn fixed<D: FixedOutput>(_cx: &Thread, state: D) -> Res<Vec<u8>> {
    Ok(state.finalize_fixed().to_vec())
}

fn extendable<D: ExtendableOutput + Send>(cx: &Thread, state: D, length: Value) -> Res<Vec<u8>> {
    let i = index(cx, length)?;
    let n = match int_to_i64(i) {
        Some(n) if n < 0 => raise!(cx, ValueError, "value must be positive"),
        None if taipan_vm::objects::int::is_negative(i) => {
            raise!(cx, ValueError, "value must be positive")
        }
        Some(n) if n < 1 << 29 => n as usize,
        _ => raise!(cx, ValueError, "length is too large"),
    };
    let squeeze = || {
        let mut out = vec![0u8; n];
        state.finalize_xof().read(&mut out);
        out
    };
    Ok(if n < digest_type::DETACH_FROM { squeeze() } else { cx.detach(squeeze) })
}

sha3_type!(Sha3_224, PyTaipanSHA3_224_Type, "sha3_224", sha3::Sha3_224, 144, 28, 6, sig: "(self, /)", (), fixed);
sha3_type!(Sha3_256, PyTaipanSHA3_256_Type, "sha3_256", sha3::Sha3_256, 136, 32, 6, sig: "(self, /)", (), fixed);
sha3_type!(Sha3_384, PyTaipanSHA3_384_Type, "sha3_384", sha3::Sha3_384, 104, 48, 6, sig: "(self, /)", (), fixed);
sha3_type!(Sha3_512, PyTaipanSHA3_512_Type, "sha3_512", sha3::Sha3_512, 72, 64, 6, sig: "(self, /)", (), fixed);
sha3_type!(Shake128, PyTaipanSHAKE128_Type, "shake_128", sha3::Shake128, 168, 0, 0x1f, sig: "(self, length)", (length), extendable);
sha3_type!(Shake256, PyTaipanSHAKE256_Type, "shake_256", sha3::Shake256, 136, 0, 0x1f, sig: "(self, length)", (length), extendable);

fn exec(cx: &Thread, m: &Module) -> Res<()> {
    m.add_type::<Sha3_224>(cx);
    m.add_type::<Sha3_256>(cx);
    m.add_type::<Sha3_384>(cx);
    m.add_type::<Sha3_512>(cx);
    m.add_type::<Shake128>(cx);
    m.add_type::<Shake256>(cx);
    m.add_str(cx, "implementation", "RustCrypto");
    Ok(())
}

pymodule! { "_sha3", functions: [], exec: exec }
