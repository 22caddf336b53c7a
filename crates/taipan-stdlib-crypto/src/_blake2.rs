//! `_blake2`: BLAKE2b and BLAKE2s objects with their parameters.

use crate::blake2::{Blake2b, Blake2s, Params};
use crate::digest_type::{self, hex};
use std::sync::Mutex;
use taipan_vm::objects::int;
use taipan_vm::prelude::*;
use taipan_vm::pytype;
use taipan_vm::types::alloc::fresh_head;

/// An unsigned argument of at most `max`; larger ones are `too_large`.
fn unsigned(cx: &Thread, v: Option<Value>, max: u64, too_large: &str) -> Res<u64> {
    let Some(v) = v else { return Ok(0) };
    let i = index(cx, v)?;
    if int::is_negative(i) {
        raise!(cx, ValueError, "value must be positive");
    }
    match int::to_u64(i) {
        Some(n) if n <= max => Ok(n),
        Some(_) => raise!(cx, OverflowError, "{too_large}"),
        None => raise!(cx, OverflowError, "Python int too large to convert to C unsigned long"),
    }
}

fn part(cx: &Thread, v: Option<Value>, max: usize, what: &str) -> Res<Vec<u8>> {
    let Some(v) = v else { return Ok(Vec::new()) };
    let b = taipan_vm::buffer::ByteArg::get(cx, v)?;
    if b.len() > max {
        raise!(cx, ValueError, "maximum {what} length is {max} bytes");
    }
    Ok(b.to_vec())
}

macro_rules! blake2_type {
    ($ty:ident, $st:ident, $name:literal, $algo:ident, $max_offset:expr) => {
        #[repr(C)]
        pub struct $ty {
            head: Head,
            state: Mutex<$algo>,
        }
        pytype! { $ty, $st, name: $name, module: "_blake2", base: taipan_vm::objects::object::Object,
        flags: tpflags::BASETYPE, kind: Leaf, doc: "A BLAKE2 hash object." }

        impl $ty {
            fn snapshot(&self) -> $algo {
                self.state.lock().unwrap_or_else(|e| e.into_inner()).clone()
            }
        }

        #[pymethods]
        impl $ty {
            #[slot(sig = "(cls, data=b'', *, digest_size=None, key=b'', salt=b'', person=b'', fanout=1, depth=1, leaf_size=0, node_offset=0, node_depth=0, inner_size=0, last_node=False, usedforsecurity=True, string=None)")]
            fn __new__(
                cx: &Thread,
                cls: &Type,
                data: Option<Value>,
                digest_size: Option<i32>,
                key: Option<Value>,
                salt: Option<Value>,
                person: Option<Value>,
                fanout: i32,
                depth: i32,
                leaf_size: Option<Value>,
                node_offset: Option<Value>,
                node_depth: i32,
                inner_size: i32,
                last_node: Value,
                usedforsecurity: Value,
                string: Option<Value>,
            ) -> Res {
                let _ = usedforsecurity;
                let data = digest_type::initial(cx, data, string)?;
                let digest_size = digest_size.unwrap_or($algo::MAX as i32);
                if !(1..=$algo::MAX as i32).contains(&digest_size) {
                    raise!(cx, ValueError, "digest_size must be between 1 and {} bytes", $algo::MAX);
                }
                let salt = part(cx, salt, $algo::SALT, "salt")?;
                let person = part(cx, person, $algo::SALT, "person")?;
                if !(0..=255).contains(&fanout) {
                    raise!(cx, ValueError, "fanout must be between 0 and 255");
                }
                if !(1..=255).contains(&depth) {
                    raise!(cx, ValueError, "depth must be between 1 and 255");
                }
                let leaf_size = unsigned(cx, leaf_size, u64::from(u32::MAX), "leaf_size is too large")?;
                let node_offset = unsigned(cx, node_offset, $max_offset, "node_offset is too large")?;
                if !(0..=255).contains(&node_depth) {
                    raise!(cx, ValueError, "node_depth must be between 0 and 255");
                }
                if !(0..=$algo::MAX as i32).contains(&inner_size) {
                    raise!(cx, ValueError, "inner_size must be between 0 and is {}", $algo::MAX);
                }
                let key = part(cx, key, $algo::MAX, "key")?;
                let mut state = $algo::new(&Params {
                    digest_size: digest_size as u8,
                    key,
                    salt,
                    person,
                    fanout: fanout as u8,
                    depth: depth as u8,
                    leaf_size: leaf_size as u32,
                    node_offset,
                    node_depth: node_depth as u8,
                    inner_size: inner_size as u8,
                    last_node: is_true(cx, last_node)?,
                });
                if let Some(v) = data {
                    let data = digest_type::data(cx, v)?;
                    digest_type::absorb(cx, &mut state, &data, |s, d| s.update(d));
                }
                let o = $ty { head: fresh_head(), state: Mutex::new(state) };
                Ok(Value::from_ref(cx.alloc_in(cls, o)))
            }

            /// Adds data to what is hashed.
            #[pymethod]
            fn update(cx: &Thread, this: &$ty, data: Value) -> Res<()> {
                let data = digest_type::data(cx, data)?;
                let (bytes, state): (&[u8], _) = (&data, &this.state);
                let add = || state.lock().unwrap_or_else(|e| e.into_inner()).update(bytes);
                if bytes.len() < digest_type::DETACH_FROM { add() } else { cx.detach(add) }
                Ok(())
            }

            /// The digest of the data so far, as bytes.
            #[pymethod]
            fn digest(cx: &Thread, this: &$ty) -> Value {
                Value::from_ref(Bytes::new(cx, &this.snapshot().finish()))
            }

            /// The digest of the data so far, as hexadecimal text.
            #[pymethod]
            fn hexdigest(cx: &Thread, this: &$ty) -> Value {
                hex(cx, &this.snapshot().finish())
            }

            /// A hash object with the same state.
            #[pymethod]
            fn copy(cx: &Thread, this: &$ty) -> Value {
                let o = $ty { head: fresh_head(), state: Mutex::new(this.snapshot()) };
                Value::from_ref(cx.alloc_in(Value::from_ref(this).ty(), o))
            }

            #[getter]
            fn name(_cx: &Thread, _this: &$ty) -> &'static str {
                $name
            }

            #[getter]
            fn block_size(_cx: &Thread, _this: &$ty) -> usize {
                $algo::BLOCK
            }

            #[getter]
            fn digest_size(_cx: &Thread, this: &$ty) -> usize {
                this.state.lock().unwrap_or_else(|e| e.into_inner()).digest_size()
            }
        }
    };
}

blake2_type!(Blake2bObject, PyTaipanBlake2b_Type, "blake2b", Blake2b, u64::MAX);
blake2_type!(Blake2sObject, PyTaipanBlake2s_Type, "blake2s", Blake2s, (1 << 48) - 1);

fn limits(cx: &Thread, m: &Module, ty: &Type, prefix: &str, salt: usize, max: usize) -> Res<()> {
    for (name, n) in [
        ("SALT_SIZE", salt),
        ("PERSON_SIZE", salt),
        ("MAX_KEY_SIZE", max),
        ("MAX_DIGEST_SIZE", max),
    ] {
        let v = Value::small(n as i64);
        m.add(cx, &format!("{prefix}_{name}"), v);
        let name = taipan_vm::objects::str::intern(cx, name);
        taipan_vm::types::attr::type_set_raw(cx, ty, name, Some(v))?;
    }
    Ok(())
}

fn exec(cx: &Thread, m: &Module) -> Res<()> {
    let b = m.add_type::<Blake2bObject>(cx);
    let s = m.add_type::<Blake2sObject>(cx);
    limits(cx, m, b, "BLAKE2B", Blake2b::SALT, Blake2b::MAX)?;
    limits(cx, m, s, "BLAKE2S", Blake2s::SALT, Blake2s::MAX)
}

pymodule! { "_blake2", doc: "BLAKE2 hashes, for hashlib.", functions: [], exec: exec }
