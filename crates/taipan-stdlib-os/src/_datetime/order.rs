//! Comparing, subtracting and hashing datetimes of different zones, with the exception that PEP 495
//! makes: a time whose offset depends on its fold equals none of another zone.

use super::datetime::DateTime;
use super::delta::Delta;
use std::cmp::Ordering as Order;
use std::sync::atomic::Ordering;
use taipan_vm::objects::hashing::hash_bytes;
use taipan_vm::prelude::*;

/// Two optional offsets that are both None or both equal.
fn same(a: Option<&Delta>, b: Option<&Delta>) -> bool {
    match (a, b) {
        (None, None) => true,
        (Some(a), Some(b)) => a.cmp(b).is_eq(),
        _ => false,
    }
}

/// Whether the offset of `d`, which is `offset`, is another with the other fold.
fn depends_on_fold(cx: &Thread, d: &DateTime, offset: Option<&Delta>) -> Res<bool> {
    if d.zone().is_none() {
        return Ok(false);
    }
    let flipped = d.with(cx, d.zone(), 1 - d.clock().fold as u8);
    let flipped = flipped.downcast::<DateTime>().expect("made as one just now");
    Ok(!same(flipped.offset(cx)?, offset))
}

/// `a - b` of the fields, then of the offsets.
fn distance(cx: &Thread, a: &DateTime, b: &DateTime) -> Res<&'static Delta> {
    let ((s, us), (t, vs)) = (a.instant(), b.instant());
    Delta::new(cx, 0, s - t, (us - vs) as i64)
}

#[cold]
fn naive_and_aware(cx: &Thread, doing: &str) -> Raised {
    err!(cx, TypeError, "can't {doing} offset-naive and offset-aware datetimes")
}

pub fn difference(cx: &Thread, a: &DateTime, b: &DateTime) -> Res<&'static Delta> {
    if a.zone() == b.zone() {
        return distance(cx, a, b);
    }
    match (a.offset(cx)?, b.offset(cx)?) {
        (Some(x), Some(y)) if !x.cmp(y).is_eq() => distance(cx, a, b)?.minus(cx, x.minus(cx, y)?),
        (Some(_), None) | (None, Some(_)) => Err(naive_and_aware(cx, "subtract")),
        _ => distance(cx, a, b),
    }
}

pub fn compare(cx: &Thread, a: &DateTime, b: &DateTime, op: CmpOp) -> Res {
    if a.zone() == b.zone() {
        return Ok(py_bool(op.holds(a.key().cmp(&b.key()))));
    }
    let (x, y) = (a.offset(cx)?, b.offset(cx)?);
    let equality = matches!(op, CmpOp::Eq | CmpOp::Ne);
    let mut order = if same(x, y) {
        a.key().cmp(&b.key())
    } else if let (Some(x), Some(y)) = (x, y) {
        distance(cx, a, b)?.minus(cx, x.minus(cx, y)?)?.micros().cmp(&0)
    } else if equality {
        Order::Greater
    } else {
        return Err(naive_and_aware(cx, "compare"));
    };
    if equality && order.is_eq() && (depends_on_fold(cx, a, x)? || depends_on_fold(cx, b, y)?) {
        order = Order::Greater;
    }
    Ok(py_bool(op.holds(order)))
}

/// Equal datetimes have equal hashes in all zones: that of the time in UTC.
pub fn hash(cx: &Thread, d: &DateTime) -> Res<i64> {
    let known = d.hash.load(Ordering::Relaxed);
    if known != -1 {
        return Ok(known);
    }
    let offset = if d.clock().fold != 0 && !d.zone().is_none() {
        let first = d.with(cx, d.zone(), 0);
        first.downcast::<DateTime>().expect("made as one just now").offset(cx)?
    } else {
        d.offset(cx)?
    };
    let h = match offset {
        None => hash_bytes(cx, &d.data),
        Some(offset) => {
            let (seconds, us) = d.instant();
            Delta::new(cx, 0, seconds, us as i64)?.minus(cx, offset)?.hash(cx)?
        }
    };
    d.hash.store(h, Ordering::Relaxed);
    Ok(h)
}
