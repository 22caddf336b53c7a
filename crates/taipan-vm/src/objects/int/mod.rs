//! `int`: unboxed up to 2^49, else a heap object with CPython's `PyLongObject` layout. The
//! arithmetic is `taipan_numtext::bigint`; this folder lends it digits and makes objects of its
//! results. Invariants: digits never change after publication; every result goes through
//! `from_big`, so that a value that fits is unboxed (boxes exist only for subclasses, bools, and
//! what C made).

pub mod construct;
mod methods;
mod ops;
mod text;

pub use construct::{
    ascii_number, buffer_text, bytes_or_bytearray, number_to_int, parse_bytes, parse_str,
};
pub use ops::{and, as_f64, checked_index_i64, compare, invert, or, pow_values, xor};
pub use text::{check_print_limit, decimal_text};

use crate::prelude::*;
use taipan_numtext::bigint::{self, IntRef};

/// CPython's `PyLongObject`; the digits follow `lv_tag`.
#[repr(C)]
pub struct Int {
    pub head: Head,
    /// Digit count << 3 | sign (0 positive, 1 zero, 2 negative).
    lv_tag: usize,
    /// The first digits; there are as many as the tag says, at least one.
    digits: [u32; 2],
}

/// Offset of the digits: `int.__basicsize__`.
pub const DIGITS_OFFSET: usize = 40;
const _: () = assert!(std::mem::offset_of!(Int, digits) == DIGITS_OFFSET);
const _: () = assert!(size_of::<Int>() == 48);

// SAFETY: never written after publication.
unsafe impl Sync for Int {}

const NEGATIVE: usize = 2;
const ZERO: usize = 1;
const SIZE_SHIFT: u32 = 3;

impl Int {
    /// A static int of one digit, for `True` and `False`.
    pub const fn new_static(ob_type: *mut Head, digit: u32) -> Int {
        Int {
            head: Head::new_static(ob_type),
            lv_tag: if digit == 0 { ZERO } else { 1 << SIZE_SHIFT },
            digits: [digit, 0],
        }
    }

    #[inline(always)]
    fn as_ref(&self) -> IntRef<'_> {
        let n = self.lv_tag >> SIZE_SHIFT;
        // SAFETY: the object was allocated with n digits, which never change.
        let digits = unsafe { std::slice::from_raw_parts(&raw const self.digits as *const u32, n) };
        IntRef { negative: self.lv_tag & 3 == NEGATIVE, digits }
    }
}

/// The digits of any int, boxed or not.
pub struct Digits {
    negative: bool,
    len: usize,
    inline: [u32; 2],
    /// Digits in a heap object, or null: then they are `inline`.
    heap: *const u32,
}

impl Digits {
    #[inline(always)]
    fn of_small(i: i64) -> Digits {
        let m = i.unsigned_abs();
        let low = (m & bigint::MASK as u64) as u32;
        let high = (m >> bigint::SHIFT) as u32;
        let len = if high != 0 { 2 } else { (low != 0) as usize };
        Digits { negative: i < 0, len, inline: [low, high], heap: std::ptr::null() }
    }

    /// The value as the arithmetic takes it.
    #[inline(always)]
    pub fn get(&self) -> IntRef<'_> {
        let digits = if self.heap.is_null() {
            &self.inline[..self.len]
        } else {
            // SAFETY: they lie in an immutable object that this pointer keeps alive (interior
            // pointers on the stack are roots).
            unsafe { std::slice::from_raw_parts(self.heap, self.len) }
        };
        IntRef { negative: self.negative, digits }
    }
}

/// The digits of an int, a bool or an instance of a subclass; `None` for anything else.
#[inline]
pub fn digits(v: Value) -> Option<Digits> {
    if let Some(i) = v.as_small() {
        return Some(Digits::of_small(i));
    }
    let r = v.downcast::<Int>()?.as_ref();
    Some(Digits {
        negative: r.negative,
        len: r.digits.len(),
        inline: [0; 2],
        heap: r.digits.as_ptr(),
    })
}

/// The digits of a value known to be an int.
#[inline]
pub fn digits_of(v: Value) -> Digits {
    digits(v).expect("the caller has checked that it is an int")
}

/// `False` and `True`: ints of one digit, their type set at start-up.
// SAFETY: CPython's own symbols for these objects.
#[unsafe(export_name = "_Py_FalseStruct")]
pub static FALSE: Int = Int::new_static(std::ptr::null_mut(), 0);
// SAFETY: as above.
#[unsafe(export_name = "_Py_TrueStruct")]
pub static TRUE: Int = Int::new_static(std::ptr::null_mut(), 1);

#[inline(always)]
pub fn true_() -> Value {
    Value::from_ref(&TRUE)
}

#[inline(always)]
pub fn false_() -> Value {
    Value::from_ref(&FALSE)
}

#[inline(always)]
pub fn int_type() -> &'static Type {
    Int::type_object()
}

/// `isinstance(v, int)`.
#[inline(always)]
pub fn is_int(v: Value) -> bool {
    v.is_small() || (v.is_ptr() && v.ty().has_feature(tpflags::LONG_SUBCLASS))
}

/// `type(v) is int`.
#[inline(always)]
pub fn is_exact_int(v: Value) -> bool {
    v.is_small() || (v.is_ptr() && v.ty().is(int_type()))
}

/// The same value as an exact int.
pub fn exact(cx: &Thread, v: Value) -> Value {
    if v.is_small() {
        return v;
    }
    match to_i64(v).and_then(Value::try_small) {
        Some(s) => s,
        None if v.ty().is(int_type()) => v,
        None => from_ref(cx, digits_of(v).get()),
    }
}

pub fn is_negative(v: Value) -> bool {
    digits(v).is_some_and(|d| d.negative)
}

/// The value of an int (exact or not) that fits.
pub fn to_i64(v: Value) -> Option<i64> {
    match v.as_small() {
        Some(i) => Some(i),
        None => digits(v)?.get().to_i64(),
    }
}

pub fn to_u64(v: Value) -> Option<u64> {
    match v.as_small() {
        Some(i) => u64::try_from(i).ok(),
        None => digits(v)?.get().to_u64(),
    }
}

/// The low 64 bits of the two's complement (`PyLong_AsUnsignedLongMask`).
pub fn wrapping_u64(v: Value) -> Option<u64> {
    Some(digits(v)?.get().wrapping_u64())
}

#[inline]
pub fn from_i64(cx: &Thread, i: i64) -> Value {
    match Value::try_small(i) {
        Some(v) => v,
        None => new_machine(cx, i < 0, i.unsigned_abs()),
    }
}

/// A heap int of at least 2^48: two or three digits, in a cell whose class is known here.
#[inline]
fn new_machine(cx: &Thread, negative: bool, m: u64) -> Value {
    let (a, b) = (m as u32 & bigint::MASK, (m >> bigint::SHIFT) as u32 & bigint::MASK);
    let c = (m >> (2 * bigint::SHIFT)) as u32;
    let p = match c {
        0 => cx.mutator.alloc_object(DIGITS_OFFSET + 8, 0, Kind::Leaf),
        _ => cx.mutator.alloc_object(DIGITS_OFFSET + 12, 0, Kind::Leaf),
    };
    let n: usize = if c == 0 { 2 } else { 3 };
    // SAFETY: the cell is private and has room for n digits behind the tag.
    unsafe {
        let o = p.as_ptr() as *mut Int;
        (&raw mut (*o).lv_tag).write(n << SIZE_SHIFT | if negative { NEGATIVE } else { 0 });
        let at = &raw mut (*o).digits as *mut u32;
        at.write(a);
        at.add(1).write(b);
        if c != 0 {
            at.add(2).write(c);
        }
        p.as_ref().init(cx.tid, 0, int_type() as *const Type as *mut Head);
    }
    Value::from_head(p)
}

/// A heap int of a value too large for the unboxed range, without a detour over a big number.
fn from_magnitude(cx: &Thread, negative: bool, m: u128) -> Value {
    let mut digits = [0u32; 5];
    let mut n = 0;
    let mut rest = m;
    while rest != 0 && n < 5 {
        digits[n] = (rest & u128::from(bigint::MASK)) as u32;
        rest >>= bigint::SHIFT;
        n += 1;
    }
    from_heap(cx, IntRef { negative, digits: &digits[..n] })
}

/// The value of an exact int in the 64-bit range.
#[inline]
pub fn exact_i64(v: Value) -> Option<i64> {
    if let Some(i) = v.as_small() {
        return Some(i);
    }
    let r = v.downcast_exact::<Int>()?.as_ref();
    let m = match *r.digits {
        [a, b] => u64::from(a) | u64::from(b) << bigint::SHIFT,
        [a, b, c] if c < 8 => {
            u64::from(a) | u64::from(b) << bigint::SHIFT | u64::from(c) << (2 * bigint::SHIFT)
        }
        _ => return None,
    };
    Some(if r.negative { (m as i64).wrapping_neg() } else { m as i64 })
}

pub fn from_u64(cx: &Thread, i: u64) -> Value {
    match i64::try_from(i) {
        Ok(i) => from_i64(cx, i),
        Err(_) => from_heap(cx, bigint::Int::from_u64(false, i).as_ref()),
    }
}

pub fn from_i128(cx: &Thread, i: i128) -> Value {
    match i64::try_from(i) {
        Ok(i) => from_i64(cx, i),
        Err(_) if i.unsigned_abs() >> 126 == 0 => from_magnitude(cx, i < 0, i.unsigned_abs()),
        Err(_) => from_heap(cx, bigint::Int::from_i128(i).as_ref()),
    }
}

pub fn from_u128(cx: &Thread, i: u128) -> Value {
    from_big(cx, &bigint::Int::from_u128(false, i))
}

/// The object of a result.
#[inline]
pub fn from_big(cx: &Thread, i: &bigint::Int) -> Value {
    from_ref(cx, i.as_ref())
}

#[inline]
pub fn from_ref(cx: &Thread, i: IntRef<'_>) -> Value {
    if i.digits.len() <= 2
        && let Some(v) = i.to_i64().and_then(Value::try_small)
    {
        return v;
    }
    from_heap(cx, i)
}

/// A heap int whose value does not fit unboxed: at least two digits.
fn from_heap(cx: &Thread, i: IntRef<'_>) -> Value {
    let n = i.digits.len();
    let p = cx.mutator.alloc_object(DIGITS_OFFSET + 4 * n.max(2), 0, Kind::Leaf);
    // SAFETY: the cell is private and has room for n digits behind the tag.
    unsafe {
        let o = p.as_ptr() as *mut Int;
        let sign = if i.negative { NEGATIVE } else { 0 };
        (&raw mut (*o).lv_tag).write(n << SIZE_SHIFT | sign);
        let at = &raw mut (*o).digits as *mut u32;
        p.as_ref().init(cx.tid, 0, int_type() as *const Type as *mut Head);
        // Last: of many digits it is done detached, and the cell must be an object by then.
        cx.mutator.copy(i.digits.as_ptr() as *const u8, at as *mut u8, 4 * n);
    }
    Value::from_head(p)
}

/// A heap int of type `ty` (int or a subclass).
pub fn new_boxed(cx: &Thread, ty: &Type, i: IntRef<'_>) -> Value {
    let n = i.digits.len();
    let p = cx.alloc_uninit(ty, DIGITS_OFFSET + 4 * n.max(1));
    let sign = if n == 0 {
        ZERO
    } else if i.negative {
        NEGATIVE
    } else {
        0
    };
    // SAFETY: the cell is private, zeroed, and has room for n digits behind the tag.
    unsafe {
        let o = p.as_ptr() as *mut Int;
        (&raw mut (*o).lv_tag).write(n << SIZE_SHIFT | sign);
        let at = &raw mut (*o).digits as *mut u32;
        std::ptr::copy_nonoverlapping(i.digits.as_ptr(), at, n);
        cx.publish(p, ty);
    }
    Value::from_head(p)
}

/// A `NumError` as the exception it names.
#[cold]
pub fn raise_num(cx: &Thread, e: taipan_numtext::NumError) -> Raised {
    use taipan_numtext::ErrorClass;
    match e.class {
        ErrorClass::Value => err!(cx, ValueError, "{}", e.message),
        ErrorClass::Overflow => err!(cx, OverflowError, "{}", e.message),
        ErrorClass::ZeroDivision => err!(cx, ZeroDivisionError, "{}", e.message),
        ErrorClass::Memory => cx.no_memory(),
    }
}

/// A result that may be too large for memory.
pub fn from_result(cx: &Thread, r: Result<bigint::Int, bigint::TooLarge>) -> Res {
    match r {
        Ok(i) => Ok(from_big(cx, &i)),
        Err(bigint::TooLarge) => Err(cx.no_memory()),
    }
}

/// Digits from which an operation runs detached, so that it holds up no collection.
pub const DETACH_DIGITS: usize = 1000;

/// Runs an operation on digits, detached where it may take long.
#[inline]
pub fn on_digits<R: Send>(
    cx: &Thread,
    a: IntRef<'_>,
    b: IntRef<'_>,
    f: impl FnOnce(IntRef<'_>, IntRef<'_>) -> R + Send,
) -> R {
    let both = a.digits.len() + b.digits.len();
    if both < DETACH_DIGITS {
        return f(a, b);
    }
    room(both.saturating_mul(WORKING_BYTES));
    cx.detach(|| f(a, b))
}

/// Bytes that the work on a digit takes at most: operands and result in wider digits, and scratch.
pub const WORKING_BYTES: usize = 32;

/// Memory from which an operation asks first.
const LARGE_WORK: usize = 1 << 20;

/// Raises MemoryError where plain memory of this size is not to be had. The digits under work are Rust's
/// vectors, whose failure to grow ends the process; what large operations are about to take is asked for before.
pub fn room(bytes: usize) {
    if bytes >= LARGE_WORK && Vec::<u8>::new().try_reserve_exact(bytes).is_err() {
        std::panic::panic_any(taipan_heap::OutOfMemory);
    }
}
