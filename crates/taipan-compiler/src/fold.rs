//! Constant folding: which expressions have a value that is known before the program runs. The limits are those of
//! CPython's optimizer; an operation that would raise is left for run time.
//!
//! The tree is never changed: the answer for a node is computed on demand and remembered by the node's address.

use crate::code::Const;
use num_bigint::{BigInt, Sign};
use rustc_hash::FxHashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use taipan_syntax::ast::*;

const MAX_INT_BITS: u64 = 128;
const MAX_COLLECTION_SIZE: i64 = 256;
const MAX_STR_SIZE: i64 = 4096;
const MAX_TOTAL_ITEMS: i64 = 1024;

/// Remembers which nodes are constant.
#[derive(Default)]
pub struct Folder {
    known: FxHashMap<usize, Option<Const>>,
    /// The value of `__debug__`.
    debug: bool,
    /// See `Options::inverted_bools`.
    inverted_bools: Option<Arc<AtomicUsize>>,
}

/// The constant that a literal stands for.
pub fn literal(c: &Constant) -> Const {
    match c {
        Constant::None => Const::None,
        Constant::True => Const::True,
        Constant::False => Const::False,
        Constant::Ellipsis => Const::Ellipsis,
        Constant::Str(s) => Const::Str(s.as_bytes().into()),
        Constant::Bytes(b) => Const::Bytes((*b).into()),
        Constant::Int(Int::Small(v)) => Const::Int(*v),
        Constant::Int(Int::Big { radix: 16, digits, negative }) => {
            let digits = digits.trim_start_matches('0').to_ascii_lowercase();
            Const::BigInt(if *negative { format!("-{digits}") } else { digits }.into())
        }
        Constant::Int(Int::Big { radix, digits, negative }) => {
            let value = BigInt::parse_bytes(digits.as_bytes(), *radix).unwrap_or_default();
            int_const(if *negative { -value } else { value })
        }
        Constant::Float(v) => Const::Float(*v),
        Constant::Complex { real, imag } => Const::Complex(*real, *imag),
        Constant::Tuple(items) => Const::Tuple(items.iter().map(literal).collect()),
        Constant::FrozenSet(items) => Const::FrozenSet(items.iter().map(literal).collect()),
        Constant::Invalid(_) => unreachable!("validated trees only"),
    }
}

fn int_const(value: BigInt) -> Const {
    match i64::try_from(&value) {
        Ok(v) => Const::Int(v),
        Err(_) => Const::BigInt(format!("{value:x}").into()),
    }
}

fn to_int(c: &Const) -> Option<BigInt> {
    Some(match c {
        Const::Int(v) => BigInt::from(*v),
        Const::True => BigInt::from(1),
        Const::False => BigInt::from(0),
        Const::BigInt(text) => BigInt::parse_bytes(text.as_bytes(), 16)?,
        _ => return None,
    })
}

fn to_float(c: &Const) -> Option<f64> {
    match c {
        Const::Float(v) => Some(*v),
        Const::Int(v) if v.unsigned_abs() <= 1 << 53 => Some(*v as f64),
        Const::True => Some(1.0),
        Const::False => Some(0.0),
        _ => None,
    }
}

fn to_complex(c: &Const) -> Option<(f64, f64)> {
    match c {
        Const::Complex(re, im) => Some((*re, *im)),
        _ => to_float(c).map(|v| (v, 0.0)),
    }
}

fn code_points(text: &[u8]) -> usize {
    text.iter().filter(|b| **b & 0xC0 != 0x80).count()
}

/// Python's truth of a constant.
pub fn truth(c: &Const) -> bool {
    match c {
        Const::None | Const::False => false,
        Const::True | Const::Ellipsis | Const::BigInt(_) | Const::Code(_) => true,
        Const::Int(v) => *v != 0,
        Const::Float(v) => *v != 0.0,
        Const::Complex(re, im) => *re != 0.0 || *im != 0.0,
        Const::Str(s) | Const::Bytes(s) => !s.is_empty(),
        Const::Tuple(t) | Const::FrozenSet(t) => !t.is_empty(),
    }
}

impl Folder {
    pub fn new(debug: bool, inverted_bools: Option<Arc<AtomicUsize>>) -> Folder {
        Folder { debug, inverted_bools, ..Folder::default() }
    }

    /// The value of `e` if it is constant.
    pub fn constant(&mut self, e: &Expr) -> Option<Const> {
        match &e.kind {
            ExprKind::Constant { value, .. } => Some(literal(value)),
            ExprKind::Name { id: "__debug__", ctx: ExprContext::Load } => {
                Some(if self.debug { Const::True } else { Const::False })
            }
            ExprKind::UnaryOp { .. }
            | ExprKind::BinOp { .. }
            | ExprKind::Tuple { ctx: ExprContext::Load, .. }
            | ExprKind::Subscript { ctx: ExprContext::Load, .. } => {
                let key = std::ptr::from_ref(e) as usize;
                if let Some(known) = self.known.get(&key) {
                    return known.clone();
                }
                let value = stacker::maybe_grow(64 * 1024, 1024 * 1024, || self.compute(e));
                self.known.insert(key, value.clone());
                value
            }
            _ => None,
        }
    }

    fn compute(&mut self, e: &Expr) -> Option<Const> {
        match &e.kind {
            ExprKind::UnaryOp { op, operand } => {
                let value = self.constant(operand)?;
                if *op == UnaryOp::Invert && matches!(value, Const::True | Const::False) {
                    self.inverted_bools.as_ref()?.fetch_add(1, Ordering::Relaxed);
                    return Some(int_const(-to_int(&value)? - 1));
                }
                unary(*op, &value)
            }
            ExprKind::BinOp { left, op, right } => {
                let left = self.constant(left)?;
                binary(*op, &left, &self.constant(right)?)
            }
            ExprKind::Tuple { elts, .. } => self.all(elts).map(Const::Tuple),
            ExprKind::Subscript { value, slice, .. } => {
                let value = self.constant(value)?;
                subscript(&value, &self.constant(slice)?)
            }
            _ => None,
        }
    }

    fn all(&mut self, elts: Exprs) -> Option<Arc<[Const]>> {
        elts.iter().map(|e| self.constant(e)).collect()
    }

    /// The value of the iterable of a loop or of `in`, where a list display may be a tuple and a set a frozenset.
    pub fn iterable(&mut self, e: &Expr) -> Option<Const> {
        match &e.kind {
            ExprKind::List { elts, .. } => self.all(elts).map(Const::Tuple),
            ExprKind::Set { elts } => {
                self.all(elts).map(|items| Const::FrozenSet(distinct(&items)))
            }
            _ => self.constant(e),
        }
    }
}

/// Without repeated constants; constants of different types that are equal stay, the VM's set merges them.
fn distinct(items: &[Const]) -> Arc<[Const]> {
    let mut seen: Vec<Const> = Vec::new();
    for item in items {
        if !seen.contains(item) {
            seen.push(item.clone());
        }
    }
    seen.into()
}

fn unary(op: UnaryOp, v: &Const) -> Option<Const> {
    Some(match op {
        UnaryOp::Not => {
            if truth(v) {
                Const::False
            } else {
                Const::True
            }
        }
        UnaryOp::UAdd => match v {
            Const::True => Const::Int(1),
            Const::False => Const::Int(0),
            Const::Int(_) | Const::BigInt(_) | Const::Float(_) | Const::Complex(..) => v.clone(),
            _ => return None,
        },
        UnaryOp::USub => match v {
            Const::Float(f) => Const::Float(-f),
            Const::Complex(re, im) => Const::Complex(-re, -im),
            _ => int_const(-to_int(v)?),
        },
        UnaryOp::Invert => match v {
            Const::Int(_) | Const::BigInt(_) => int_const(-to_int(v)? - 1),
            _ => return None,
        },
    })
}

fn bits(v: &BigInt) -> u64 {
    v.bits()
}

fn repeat(v: &Const, n: i64) -> Option<Const> {
    let size = match v {
        Const::Str(s) => code_points(s),
        Const::Bytes(s) => s.len(),
        Const::Tuple(t) => t.len(),
        _ => return None,
    } as i64;
    let limit = if matches!(v, Const::Tuple(_)) { MAX_COLLECTION_SIZE } else { MAX_STR_SIZE };
    if size > 0 && (n < 0 || n > limit / size) {
        return None;
    }
    let n = if size == 0 { 0 } else { n as usize };
    Some(match v {
        Const::Str(s) => Const::Str(s.repeat(n).into()),
        Const::Bytes(s) => Const::Bytes(s.repeat(n).into()),
        Const::Tuple(t) => {
            if n > 0 && total_items(v, MAX_TOTAL_ITEMS / n as i64) < 0 {
                return None;
            }
            Const::Tuple(std::iter::repeat_n(t.iter().cloned(), n).flatten().collect())
        }
        _ => return None,
    })
}

/// What is left of `limit` after the items of a nested constant, negative if there are too many.
fn total_items(v: &Const, mut limit: i64) -> i64 {
    match v {
        Const::Tuple(t) => {
            limit -= t.len() as i64;
            for item in t.iter() {
                if limit < 0 {
                    break;
                }
                limit = total_items(item, limit);
            }
            limit
        }
        Const::FrozenSet(t) => limit - t.len() as i64,
        _ => limit,
    }
}

fn binary(op: Operator, v: &Const, w: &Const) -> Option<Const> {
    match (v, w) {
        (Const::Str(a), Const::Str(b)) if op == Operator::Add => {
            return Some(Const::Str([&a[..], &b[..]].concat().into()));
        }
        (Const::Bytes(a), Const::Bytes(b)) if op == Operator::Add => {
            return Some(Const::Bytes([&a[..], &b[..]].concat().into()));
        }
        (Const::Tuple(a), Const::Tuple(b)) if op == Operator::Add => {
            return Some(Const::Tuple([&a[..], &b[..]].concat().into()));
        }
        (Const::Int(n), s) | (s, Const::Int(n))
            if op == Operator::Mult
                && matches!(s, Const::Str(_) | Const::Bytes(_) | Const::Tuple(_)) =>
        {
            return repeat(s, *n);
        }
        _ => {}
    }
    if matches!(v, Const::Complex(..)) || matches!(w, Const::Complex(..)) {
        return complex_op(op, v, w);
    }
    if matches!(v, Const::Float(_)) || matches!(w, Const::Float(_)) {
        return float_op(op, to_float(v)?, to_float(w)?);
    }
    let result = int_op(op, v, w)?;
    // Bit operations of two bools give a bool.
    if matches!(v, Const::True | Const::False)
        && matches!(w, Const::True | Const::False)
        && matches!(op, Operator::BitAnd | Operator::BitOr | Operator::BitXor)
    {
        return Some(if truth(&result) { Const::True } else { Const::False });
    }
    Some(result)
}

fn int_op(op: Operator, v: &Const, w: &Const) -> Option<Const> {
    if op == Operator::Div {
        let (a, b) = (to_float(v)?, to_float(w)?);
        return (b != 0.0).then(|| Const::Float(a / b));
    }
    let (a, b) = (to_int(v)?, to_int(w)?);
    let (zero_a, zero_b) = (a.sign() == Sign::NoSign, b.sign() == Sign::NoSign);
    let floor_div = |a: &BigInt, b: &BigInt| {
        let (q, r) = (a / b, a % b);
        if r.sign() != Sign::NoSign && (r.sign() != b.sign()) { (q - 1, r + b) } else { (q, r) }
    };
    Some(int_const(match op {
        Operator::Add => a + b,
        Operator::Sub => a - b,
        Operator::Mult => {
            if !zero_a && !zero_b && bits(&a) + bits(&b) > MAX_INT_BITS {
                return None;
            }
            a * b
        }
        Operator::FloorDiv if !zero_b => floor_div(&a, &b).0,
        Operator::Mod if !zero_b => floor_div(&a, &b).1,
        Operator::Pow => {
            let exp = u32::try_from(&b).ok()?;
            if !zero_a && exp > 0 && bits(&a) > MAX_INT_BITS / u64::from(exp) {
                return None;
            }
            a.pow(exp)
        }
        Operator::LShift => {
            let by = u64::try_from(&b).ok()?;
            if !zero_a && by > 0 && (by > MAX_INT_BITS || bits(&a) > MAX_INT_BITS - by) {
                return None;
            }
            if zero_a { a } else { a << by }
        }
        Operator::RShift => {
            let by = u64::try_from(&b).ok()?;
            if by > 1 << 20 {
                return None;
            }
            a >> by
        }
        Operator::BitOr => a | b,
        Operator::BitXor => a ^ b,
        Operator::BitAnd => a & b,
        _ => return None,
    }))
}

fn float_op(op: Operator, a: f64, b: f64) -> Option<Const> {
    Some(Const::Float(match op {
        Operator::Add => a + b,
        Operator::Sub => a - b,
        Operator::Mult => a * b,
        Operator::Div if b != 0.0 => a / b,
        Operator::FloorDiv if b != 0.0 => divmod(a, b).0,
        Operator::Mod if b != 0.0 => divmod(a, b).1,
        Operator::Pow => {
            let r = a.powf(b);
            // Zero to a negative power, overflow and complex results are run time's.
            if !r.is_finite() || !a.is_finite() || !b.is_finite() || (a < 0.0 && b.fract() != 0.0) {
                return None;
            }
            r
        }
        _ => return None,
    }))
}

fn divmod(a: f64, b: f64) -> (f64, f64) {
    let mut m = a % b;
    let mut d = (a - m) / b;
    if m != 0.0 {
        if (b < 0.0) != (m < 0.0) {
            m += b;
            d -= 1.0;
        }
    } else {
        m = 0f64.copysign(b);
    }
    let floor = if d != 0.0 {
        let f = d.floor();
        if d - f > 0.5 { f + 1.0 } else { f }
    } else {
        0f64.copysign(a / b)
    };
    (floor, m)
}

fn complex_op(op: Operator, v: &Const, w: &Const) -> Option<Const> {
    let ((a, b), (c, d)) = (to_complex(v)?, to_complex(w)?);
    Some(match op {
        Operator::Add => Const::Complex(a + c, b + d),
        Operator::Sub => Const::Complex(a - c, b - d),
        Operator::Mult => Const::Complex(a * c - b * d, a * d + b * c),
        _ => return None,
    })
}

fn subscript(v: &Const, index: &Const) -> Option<Const> {
    let i = match index {
        Const::Int(i) => *i,
        Const::True => 1,
        Const::False => 0,
        _ => return None,
    };
    let at = |len: usize| {
        let i = if i < 0 { i + len as i64 } else { i };
        usize::try_from(i).ok().filter(|i| *i < len)
    };
    match v {
        Const::Tuple(t) => Some(t[at(t.len())?].clone()),
        Const::Bytes(s) => Some(Const::Int(i64::from(s[at(s.len())?]))),
        Const::Str(s) => {
            let i = at(code_points(s))?;
            let mut starts = (0..s.len()).filter(|p| s[*p] & 0xC0 != 0x80);
            let start = starts.nth(i)?;
            let end = starts.next().unwrap_or(s.len());
            Some(Const::Str(s[start..end].into()))
        }
        _ => None,
    }
}
