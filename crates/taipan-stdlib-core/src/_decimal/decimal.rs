//! The cell of a Decimal: a machine-sized coefficient lies in it, limbs of a longer one in storage
//! beside it.

use taipan_decimal::{Coeff, CoeffRef, Dec, DecRef, Kind as NumberKind};
use taipan_heap::Kind;
use taipan_vm::objects::object::Object;
use taipan_vm::prelude::*;
use taipan_vm::pytype;
use taipan_vm::types::alloc::fresh_head;

#[repr(C)]
pub struct Decimal {
    pub head: Head,
    exp: i64,
    /// Kind in the two low bits, sign in the third.
    tag: u32,
    /// Limbs in the storage; 0: the coefficient is `words`.
    len: u32,
    /// A machine coefficient, low word first; or the address of the storage and 0.
    words: [u64; 2],
}
pytype! { Decimal, PyDec_Type, name: "Decimal", module: "decimal", base: Object,
flags: tpflags::BASETYPE,
doc: "Decimal(value='0', context=None)\n--\n\nA decimal number of any precision. A value may be an int, a float, a str,\na Decimal, or a tuple of sign, digits and exponent; it is taken exactly." }

// SAFETY: never written after publication.
unsafe impl Sync for Decimal {}

const NEGATIVE: u32 = 4;
/// Bytes before the limbs in their storage: capacity and barrier bits.
const STORAGE_HEADER: usize = 16;

impl Decimal {
    /// The number.
    #[inline(always)]
    pub fn get(&self) -> DecRef<'_> {
        let kind = match self.tag & 3 {
            0 => NumberKind::Finite,
            1 => NumberKind::Infinite,
            2 => NumberKind::Quiet,
            _ => NumberKind::Signaling,
        };
        let coeff = if self.len == 0 {
            CoeffRef::Small((self.words[1] as u128) << 64 | self.words[0] as u128)
        } else {
            let at = (self.words[0] as usize + STORAGE_HEADER) as *const u64;
            // SAFETY: `fill` wrote `len` limbs there, they never change, and the interior pointer on
            // the stack keeps the storage.
            CoeffRef::Big(unsafe { std::slice::from_raw_parts(at, self.len as usize) })
        };
        DecRef { negative: self.tag & NEGATIVE != 0, kind, exp: self.exp, coeff }
    }

    /// The size that `__sizeof__` reports.
    pub fn memory(&self) -> usize {
        let storage = if self.len == 0 { 0 } else { STORAGE_HEADER + 8 * self.len as usize };
        size_of::<Decimal>() + storage
    }
}

#[inline(always)]
fn tag_of(d: &Dec) -> u32 {
    d.kind as u32 | if d.negative { NEGATIVE } else { 0 }
}

/// A new exact Decimal.
#[inline(always)]
pub fn new(cx: &Thread, d: Dec) -> Res {
    if let Coeff::Small(c) = d.coeff {
        // Nothing in the cell is a pointer.
        let p = cx.mutator.alloc_object(size_of::<Decimal>(), 0, Kind::Leaf);
        // SAFETY: a private cell of the struct's size; the type is stored last.
        unsafe {
            let o = p.as_ptr() as *mut Decimal;
            (&raw mut (*o).exp).write(d.exp);
            (&raw mut (*o).tag).write(tag_of(&d));
            (&raw mut (*o).len).write(0);
            (&raw mut (*o).words).write([c as u64, (c >> 64) as u64]);
            p.as_ref().init(cx.tid, 0, Decimal::type_object() as *const Type as *mut Head);
        }
        return Ok(Value::from_head(p));
    }
    new_in(cx, Decimal::type_object(), &d)
}

/// A new instance of Decimal or a subclass.
pub fn new_in(cx: &Thread, cls: &Type, d: &Dec) -> Res {
    let (len, words) = match &d.coeff {
        Coeff::Small(c) => (0, [*c as u64, (*c >> 64) as u64]),
        Coeff::Big(limbs) => {
            let bytes = STORAGE_HEADER + 8 * limbs.len();
            let Some(p) = cx.mutator.try_alloc_raw(bytes, Kind::Leaf) else {
                return Err(cx.no_memory());
            };
            // SAFETY: fresh storage of that many bytes.
            unsafe {
                let at = p.as_ptr().add(STORAGE_HEADER) as *mut u64;
                std::ptr::copy_nonoverlapping(limbs.as_ptr(), at, limbs.len());
            }
            (limbs.len() as u32, [p.as_ptr() as u64, 0])
        }
    };
    let o = Decimal { head: fresh_head(), exp: d.exp, tag: tag_of(d), len, words };
    Ok(Value::from_ref(cx.alloc_in(cls, o)))
}
