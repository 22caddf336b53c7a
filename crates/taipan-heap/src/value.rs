//! `Value`: one NaN-boxed 64-bit word, the VM's handle of every Python object.
//!
//! Encoding (docs/architecture.md, "Values"; figures in docs/internals/heap.md):
//! - a pointer is itself (top 16 bits zero, never null);
//! - a float is its bits plus 2^49;
//! - an int in [-2^49, 2^49) is `INT_BASE` plus itself, so all ints lie at or above `INT_LO`
//!   and compare in order as plain words.
//!
//! Zero is no `Value`: `Option<Value>::None` is the empty word (unbound, deleted, absent).
//! What does not belong here: anything that knows a Python type.

use crate::head::Head;
use std::marker::PhantomData;
use std::num::NonZeroU64;
use std::ptr::NonNull;

/// Added to a double's bits to encode it.
pub const FLOAT_OFFSET: u64 = 1 << 49;
/// The encoding of the int zero.
pub const INT_BASE: u64 = 0xFFFE << 48;
/// The smallest word that encodes an int.
pub const INT_LO: u64 = 0xFFFC << 48;
/// The smallest word that encodes a float (-2^49 shifted doubles start here).
pub const FLOAT_LO: u64 = FLOAT_OFFSET;
/// The bits of the NaN that arithmetic results are normalised to.
pub const CANONICAL_NAN: u64 = 0x7FF8 << 48;
/// Smallest and largest int held without a heap cell.
pub const SMALL_MIN: i64 = -(1 << 49);
pub const SMALL_MAX: i64 = (1 << 49) - 1;

/// A Python object: a heap or static pointer, or an unboxed int or float.
///
/// `!Send` and `!Sync`: a value crosses threads only through the heap or a `Root`.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
#[repr(transparent)]
pub struct Value(NonZeroU64, PhantomData<*const ()>);

const _: () = assert!(size_of::<Option<Value>>() == 8);

impl Value {
    /// # Safety
    /// `bits` is not zero and encodes a float, an int, or a live object's address.
    #[inline(always)]
    pub const unsafe fn from_bits(bits: u64) -> Value {
        // SAFETY: the caller promises that bits is not zero.
        Value(unsafe { NonZeroU64::new_unchecked(bits) }, PhantomData)
    }

    /// The empty word gives `None`.
    /// # Safety
    /// As `from_bits`, or zero.
    #[inline(always)]
    pub const unsafe fn option_from_bits(bits: u64) -> Option<Value> {
        match NonZeroU64::new(bits) {
            Some(b) => Some(Value(b, PhantomData)),
            None => None,
        }
    }

    #[inline(always)]
    pub const fn bits(self) -> u64 {
        self.0.get()
    }

    #[inline(always)]
    pub fn option_bits(v: Option<Value>) -> u64 {
        match v {
            Some(v) => v.bits(),
            None => 0,
        }
    }

    #[inline(always)]
    pub fn from_head(p: NonNull<Head>) -> Value {
        // SAFETY: an address is not null, and has its top 16 bits clear on the targets we support.
        unsafe { Value::from_bits(p.as_ptr() as u64) }
    }

    /// A reference to any `repr(C)` object that starts with a `Head`.
    #[inline(always)]
    pub fn from_ref<T: HeapObject>(r: &T) -> Value {
        // SAFETY: a reference is not null.
        unsafe { Value::from_bits(r as *const T as u64) }
    }

    /// An int that fits; `None` where a heap int is needed.
    #[inline(always)]
    pub fn try_small(i: i64) -> Option<Value> {
        if (SMALL_MIN..=SMALL_MAX).contains(&i) { Some(Value::small(i)) } else { None }
    }

    /// An int known to fit.
    #[inline(always)]
    pub const fn small(i: i64) -> Value {
        debug_assert!(i >= SMALL_MIN && i <= SMALL_MAX);
        // SAFETY: INT_BASE plus a value in range lies in [INT_LO, 2^64), never zero.
        unsafe { Value::from_bits(INT_BASE.wrapping_add(i as u64)) }
    }

    /// A float; any NaN becomes the canonical one.
    #[inline(always)]
    pub fn from_f64(f: f64) -> Value {
        let bits = if f.is_nan() { CANONICAL_NAN } else { f.to_bits() };
        // SAFETY: the largest non-NaN pattern is 0xFFF0<<48 and FLOAT_OFFSET carries it below INT_LO;
        // zero plus the offset is not zero.
        unsafe { Value::from_bits(bits.wrapping_add(FLOAT_OFFSET)) }
    }

    #[inline(always)]
    pub const fn is_small(self) -> bool {
        self.bits() >= INT_LO
    }

    #[inline(always)]
    pub const fn is_unboxed_float(self) -> bool {
        self.bits() >= FLOAT_LO && self.bits() < INT_LO
    }

    #[inline(always)]
    pub const fn is_ptr(self) -> bool {
        self.bits() >> 48 == 0
    }

    #[inline(always)]
    pub const fn as_small(self) -> Option<i64> {
        if self.is_small() { Some(self.bits().wrapping_sub(INT_BASE) as i64) } else { None }
    }

    #[inline(always)]
    pub const fn as_unboxed_f64(self) -> Option<f64> {
        if self.is_unboxed_float() {
            Some(f64::from_bits(self.bits().wrapping_sub(FLOAT_OFFSET)))
        } else {
            None
        }
    }

    #[inline(always)]
    pub fn as_ptr(self) -> Option<NonNull<Head>> {
        if self.is_ptr() { NonNull::new(self.bits() as *mut Head) } else { None }
    }

    /// The header of a pointer value. Heap objects are never freed while a `Value` of them is on a
    /// scanned stack, which is where every `Value` lives; so the reference may be used freely.
    #[inline(always)]
    pub fn head<'a>(self) -> Option<&'a Head> {
        // SAFETY: a pointer value designates a live object (invariant of `Value`).
        self.as_ptr().map(|p| unsafe { &*p.as_ptr() })
    }
}

impl std::fmt::Debug for Value {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if let Some(i) = self.as_small() {
            write!(f, "Value(int {i})")
        } else if let Some(x) = self.as_unboxed_f64() {
            write!(f, "Value(float {x})")
        } else {
            write!(f, "Value({:#x})", self.bits())
        }
    }
}

/// A `repr(C)` struct whose first field is a `Head`.
///
/// # Safety
/// The implementor's layout starts with a `Head`, and a reference to it is only ever made to a
/// published heap or static object.
pub unsafe trait HeapObject {
    #[inline(always)]
    fn head(&self) -> &Head
    where
        Self: Sized,
    {
        // SAFETY: by the trait's contract.
        unsafe { &*(self as *const Self as *const Head) }
    }
}

// SAFETY: Head starts with itself.
unsafe impl HeapObject for Head {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ints_round_trip_and_compare_in_order() {
        let xs = [SMALL_MIN, -5, -1, 0, 1, 7, SMALL_MAX];
        for w in xs.windows(2) {
            assert!(Value::small(w[0]).bits() < Value::small(w[1]).bits());
        }
        for x in xs {
            assert_eq!(Value::small(x).as_small(), Some(x));
            assert!(!Value::small(x).is_ptr() && !Value::small(x).is_unboxed_float());
        }
        assert!(Value::try_small(SMALL_MAX + 1).is_none());
    }

    #[test]
    fn floats_round_trip_and_nans_become_canonical() {
        for x in [0.0, -0.0, 1.5, f64::MAX, f64::MIN, f64::INFINITY, f64::NEG_INFINITY, 5e-324] {
            let v = Value::from_f64(x);
            assert_eq!(v.as_unboxed_f64().map(f64::to_bits), Some(x.to_bits()));
            assert!(!v.is_small() && !v.is_ptr());
        }
        let n = f64::from_bits(0xFFF8_0000_0000_0123);
        assert_eq!(Value::from_f64(n).as_unboxed_f64().map(f64::to_bits), Some(CANONICAL_NAN));
    }
}
