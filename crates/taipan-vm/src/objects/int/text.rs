//! Ints to text: `repr`, `format`, with the limit on decimal digits.

use super::*;
use std::sync::atomic::Ordering;

/// `sys.get_int_max_str_digits()`.
pub fn max_str_digits(cx: &Thread) -> usize {
    cx.vm.int_max_str_digits.load(Ordering::Relaxed) as usize
}

/// Raises where the decimal text of an int would exceed the limit.
pub fn check_print_limit(cx: &Thread, i: IntRef<'_>) -> Res<()> {
    // 71 digits hold 640 decimal digits, below which no limit applies.
    if i.digits.len() <= 71 {
        return Ok(());
    }
    let limit = max_str_digits(cx);
    if limit > 0 && bigint::exceeds_print_limit(i, limit) {
        raise!(cx, ValueError, "{}", bigint::digit_limit_print_message(limit));
    }
    Ok(())
}

/// The decimal text of an int.
pub fn decimal_text(cx: &Thread, v: Value) -> Res<String> {
    if let Some(i) = v.as_small() {
        return Ok(i.to_string());
    }
    let d = digits_of(v);
    check_print_limit(cx, d.get())?;
    Ok(text_in_base(cx, d.get(), 10))
}

/// Digits in a base, detached where that takes long.
pub fn text_in_base(cx: &Thread, i: IntRef<'_>, base: u32) -> String {
    if i.digits.len() < DETACH_DIGITS {
        bigint::to_text(i, base)
    } else {
        room(i.digits.len().saturating_mul(WORKING_BYTES));
        cx.detach(|| bigint::to_text(i, base))
    }
}
