//! "Did you mean": the closest of some names, by CPython's weighted edit distance
//! (Python/suggestions.c).

const MOVE: usize = 2;
const CASE: usize = 1;
const MAX_ITEMS: usize = 750;
const MAX_LENGTH: usize = 40;

fn substitution(a: u8, b: u8) -> usize {
    if a == b {
        0
    } else if a.eq_ignore_ascii_case(&b) {
        CASE
    } else {
        MOVE
    }
}

/// The edit distance, or anything above `max`.
fn distance(a: &[u8], b: &[u8], max: usize) -> usize {
    let prefix = a.iter().zip(b).take_while(|(x, y)| x == y).count();
    let (a, b) = (&a[prefix..], &b[prefix..]);
    let suffix = a.iter().rev().zip(b.iter().rev()).take_while(|(x, y)| x == y).count();
    let (a, b) = (&a[..a.len() - suffix], &b[..b.len() - suffix]);
    if a.is_empty() || b.is_empty() {
        return (a.len() + b.len()) * MOVE;
    }
    if a.len() > MAX_LENGTH || b.len() > MAX_LENGTH {
        return max + 1;
    }
    let (a, b) = if b.len() < a.len() { (b, a) } else { (a, b) };
    if (b.len() - a.len()) * MOVE > max {
        return max + 1;
    }
    let mut row: Vec<usize> = (1..=a.len()).map(|i| i * MOVE).collect();
    let mut result = 0;
    for (i, &y) in b.iter().enumerate() {
        let mut diagonal = i * MOVE;
        result = diagonal;
        let mut least = usize::MAX;
        for (j, &x) in a.iter().enumerate() {
            let replace = diagonal + substitution(y, x);
            diagonal = row[j];
            result = replace.min(result.min(diagonal) + MOVE);
            row[j] = result;
            least = least.min(result);
        }
        if least > max {
            return max + 1;
        }
    }
    result
}

/// The name closest to `wrong`, if one is close enough.
pub fn closest<'a>(names: &'a [String], wrong: &str) -> Option<&'a str> {
    if names.len() >= MAX_ITEMS {
        return None;
    }
    let mut best: Option<(usize, &str)> = None;
    for name in names.iter().filter(|n| *n != wrong) {
        let max = (name.len() + wrong.len() + 3) * MOVE / 6;
        let max = best.map_or(max, |(d, _)| max.min(d - 1));
        let d = distance(wrong.as_bytes(), name.as_bytes(), max);
        if d <= max && best.is_none_or(|(b, _)| d < b) {
            best = Some((d, name));
        }
    }
    best.map(|(_, n)| n)
}
