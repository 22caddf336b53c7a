//! `round(x, n)`: half to even on the exact decimal value, then back to the nearest double.

/// `None` where the rounded value is too large for a double. Non-finite x comes back as it is.
pub fn round_to(x: f64, ndigits: i64) -> Option<f64> {
    if !x.is_finite() || x == 0.0 || ndigits > 323 {
        return Some(x);
    }
    if ndigits < -308 {
        return Some(0.0 * x);
    }
    let rounded = if ndigits >= 0 {
        let text = format!("{:.*}", ndigits as usize, x);
        text.parse::<f64>().expect("our own digits")
    } else {
        round_to_power_of_ten(x.abs().trunc(), (-ndigits) as usize, x.fract() != 0.0).copysign(x)
    };
    rounded.is_finite().then_some(rounded)
}

/// An integral x to a multiple of 10^zeros; `more` says that a fraction was cut off.
fn round_to_power_of_ten(x: f64, zeros: usize, more: bool) -> f64 {
    let digits = format!("{x:.0}");
    let (keep, cut) = match digits.len().checked_sub(zeros) {
        Some(n) => digits.split_at(n),
        // Fewer digits than zeros: below a half.
        None => return 0.0,
    };
    let half = cut.bytes().next().unwrap_or(b'0').cmp(&b'5').then_with(|| {
        let rest = more || cut.bytes().skip(1).any(|c| c != b'0');
        rest.cmp(&false)
    });
    let odd = keep.bytes().last().is_some_and(|c| c & 1 == 1);
    let up = half.is_gt() || (half.is_eq() && odd);
    let mut kept: Vec<u8> = keep.bytes().collect();
    if up {
        let mut i = kept.len();
        loop {
            if i == 0 {
                kept.insert(0, b'1');
                break;
            }
            i -= 1;
            if kept[i] == b'9' {
                kept[i] = b'0';
            } else {
                kept[i] += 1;
                break;
            }
        }
    }
    if kept.is_empty() {
        return 0.0;
    }
    let text = format!("{}e{zeros}", String::from_utf8(kept).expect("ASCII digits"));
    text.parse().expect("our own digits")
}
