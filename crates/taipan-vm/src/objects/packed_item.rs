//! One number in native layout to and from a Python value: the items of memoryview and array.

use super::{float, int};
use crate::prelude::*;
use taipan_numtext::bigint::ByteOrder;
use taipan_numtext::packing::{self, Kind};

/// The order of the machine; the VM's targets are little-endian.
pub const NATIVE: ByteOrder = ByteOrder::Little;

/// A native single-character format, with an optional '@': its code, kind and size.
pub fn native_format(format: &str) -> Option<(u8, Kind, usize)> {
    let code = match format.as_bytes() {
        [c] | [b'@', c] => *c,
        _ => return None,
    };
    match packing::code_info(code, true) {
        Some((Kind::Bytes | Kind::Pascal, ..)) | None => None,
        Some((k, size, _)) => Some((code, k, size)),
    }
}

/// The value of an item's bytes.
pub fn unpack(cx: &Thread, kind: Kind, b: &[u8]) -> Value {
    match kind {
        Kind::Int { signed } => match packing::read_int(b, NATIVE, signed) {
            Ok(i) => int_from_i128(cx, i as i128),
            Err(big) => int::from_big(cx, &big),
        },
        Kind::Pointer => int::from_u64(cx, u64::from_le_bytes(b.try_into().unwrap_or([0; 8]))),
        Kind::Bool => py_bool(b.iter().any(|x| *x != 0)),
        Kind::Half | Kind::Single | Kind::Double => {
            float::constructed(cx, packing::read_float(b, kind, NATIVE))
        }
        Kind::Char | Kind::Bytes | Kind::Pascal => Value::from_ref(Bytes::new(cx, b)),
    }
}

/// The item of a native format at an address, where it is a plain number of a machine type.
/// # Safety
/// All bytes of an item of that format may be read there; they may change meanwhile.
#[inline(always)]
pub unsafe fn load(cx: &Thread, code: u8, at: *const u8) -> Option<Value> {
    // SAFETY: by the caller's promise; no alignment is asked for.
    unsafe {
        Some(match code {
            b'B' => Value::small(at.read().into()),
            b'b' => Value::small(at.cast::<i8>().read().into()),
            b'H' => Value::small(at.cast::<u16>().read_unaligned().into()),
            b'h' => Value::small(at.cast::<i16>().read_unaligned().into()),
            b'I' => Value::small(at.cast::<u32>().read_unaligned().into()),
            b'i' => Value::small(at.cast::<i32>().read_unaligned().into()),
            b'l' | b'q' | b'n' => int::from_i64(cx, at.cast::<i64>().read_unaligned()),
            b'L' | b'Q' | b'N' => int::from_u64(cx, at.cast::<u64>().read_unaligned()),
            b'f' => float::constructed(cx, at.cast::<f32>().read_unaligned().into()),
            b'd' => float::constructed(cx, at.cast::<f64>().read_unaligned()),
            _ => return None,
        })
    }
}

/// Writes a number that is no object as an item of a native format to an address; false: nothing was
/// written, because it does not fit or the format asks for something else.
/// # Safety
/// All bytes of an item of that format may be written there.
#[inline(always)]
pub unsafe fn store(code: u8, v: Value, at: *mut u8) -> bool {
    macro_rules! put {
        ($i:expr, $ty:ty) => {
            match <$ty>::try_from($i) {
                Ok(x) => {
                    // SAFETY: by the caller's promise; no alignment is asked for.
                    unsafe { at.cast::<$ty>().write_unaligned(x) };
                    true
                }
                Err(_) => false,
            }
        };
    }
    if let Some(i) = v.as_small() {
        return match code {
            b'B' => put!(i, u8),
            b'b' => put!(i, i8),
            b'H' => put!(i, u16),
            b'h' => put!(i, i16),
            b'I' => put!(i, u32),
            b'i' => put!(i, i32),
            b'l' | b'q' | b'n' => put!(i, i64),
            b'L' | b'Q' | b'N' => put!(i, u64),
            b'd' => {
                // SAFETY: as above.
                unsafe { at.cast::<f64>().write_unaligned(i as f64) };
                true
            }
            _ => false,
        };
    }
    match v.as_unboxed_f64() {
        Some(x) if code == b'd' => {
            // SAFETY: as above.
            unsafe { at.cast::<f64>().write_unaligned(x) };
            true
        }
        _ => false,
    }
}

/// Why a value could not be packed.
pub enum Misfit {
    Type,
    Range,
    Raised(Raised),
}

impl From<Raised> for Misfit {
    fn from(e: Raised) -> Misfit {
        Misfit::Raised(e)
    }
}

/// Writes a value's bytes.
pub fn pack(cx: &Thread, kind: Kind, v: Value, out: &mut [u8]) -> Result<(), Misfit> {
    match kind {
        Kind::Int { .. } | Kind::Pointer => {
            let signed = matches!(kind, Kind::Int { signed: true });
            if let Some(i) = v.as_small() {
                let fits = packing::write_i64(out, i, NATIVE, signed);
                return if fits { Ok(()) } else { Err(Misfit::Range) };
            }
            if v.ty().slots().index.get().is_none() {
                return Err(Misfit::Type);
            }
            let i = index(cx, v)?;
            let d = int::digits_of(i);
            if packing::write_int(out, d.get(), NATIVE, signed) {
                Ok(())
            } else {
                Err(Misfit::Range)
            }
        }
        Kind::Bool => {
            out[0] = is_true(cx, v)? as u8;
            Ok(())
        }
        Kind::Half | Kind::Single | Kind::Double => {
            let x = match to_f64(cx, v) {
                Ok(x) => x,
                Err(e) if e.is(exc::TypeError()) => return Err(Misfit::Type),
                Err(e) => return Err(e.into()),
            };
            match packing::write_float(out, x, kind, NATIVE, true) {
                Ok(()) => Ok(()),
                Err(msg) => Err(err!(cx, OverflowError, "{msg}").into()),
            }
        }
        Kind::Char | Kind::Bytes | Kind::Pascal => match v.downcast::<Bytes>() {
            Some(b) if b.len() == 1 => {
                out[0] = b.as_slice()[0];
                Ok(())
            }
            Some(_) => Err(Misfit::Range),
            None => Err(Misfit::Type),
        },
    }
}
