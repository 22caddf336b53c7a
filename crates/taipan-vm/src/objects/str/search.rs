//! Searching one string in another, whatever their widths: find, count, all positions.
//!
//! Positions are character indices. A needle wider than the haystack never occurs, since kinds are
//! canonical. Wider units are searched as bytes by the linear-time searcher of memchr.

use super::{Data, Str};
use memchr::memmem;
use smallvec::SmallVec;

/// Where something occurs.
pub type Positions = SmallVec<[usize; 16]>;

/// A code unit of one width.
pub trait Unit: Copy + Eq + Into<u32> {
    fn bytes(s: &[Self]) -> &[u8];
}

impl Unit for u8 {
    #[inline(always)]
    fn bytes(s: &[u8]) -> &[u8] {
        s
    }
}

impl Unit for u16 {
    fn bytes(s: &[u16]) -> &[u8] {
        // SAFETY: plain integers read as bytes.
        unsafe { std::slice::from_raw_parts(s.as_ptr() as *const u8, s.len() * 2) }
    }
}

impl Unit for u32 {
    fn bytes(s: &[u32]) -> &[u8] {
        // SAFETY: plain integers read as bytes.
        unsafe { std::slice::from_raw_parts(s.as_ptr() as *const u8, s.len() * 4) }
    }
}

/// The first occurrence of one byte string in another that is no shorter.
#[inline]
pub fn find_bytes(h: &[u8], n: &[u8]) -> Option<usize> {
    match n {
        [] => Some(0),
        [b] if h.len() < 16 => h.iter().position(|x| x == b),
        [b] => memchr::memchr(*b, h),
        // To set up the linear-time searcher costs more than a short text takes.
        [first, rest @ ..] if h.len() <= 64 => {
            let last = h.len().checked_sub(n.len())?;
            let mut from = 0;
            while from <= last {
                let at = from + h[from..=last].iter().position(|x| x == first)?;
                if h[at + 1..at + n.len()] == *rest {
                    return Some(at);
                }
                from = at + 1;
            }
            None
        }
        _ => memmem::find(h, n),
    }
}

/// The first occurrence at or after the start of `h`.
pub fn find_units<U: Unit>(h: &[U], n: &[U]) -> Option<usize> {
    if n.is_empty() {
        return Some(0);
    }
    if n.len() > h.len() {
        return None;
    }
    let w = size_of::<U>();
    if w == 1 {
        let (h, n) = (U::bytes(h), U::bytes(n));
        return find_bytes(h, n);
    }
    if n.len() == 1 {
        return h.iter().position(|u| *u == n[0]);
    }
    let finder = memmem::Finder::new(U::bytes(n));
    let hb = U::bytes(h);
    let mut from = 0;
    while let Some(at) = finder.find(&hb[from..]) {
        let at = from + at;
        if at % w == 0 {
            return Some(at / w);
        }
        // A hit across units: go on at the next unit.
        from = at / w * w + w;
    }
    None
}

/// The last occurrence in `h`.
pub fn rfind_units<U: Unit>(h: &[U], n: &[U]) -> Option<usize> {
    if n.is_empty() {
        return Some(h.len());
    }
    if n.len() > h.len() {
        return None;
    }
    let w = size_of::<U>();
    if w == 1 {
        let (h, n) = (U::bytes(h), U::bytes(n));
        return match n {
            [b] => memchr::memrchr(*b, h),
            _ => memmem::rfind(h, n),
        };
    }
    if n.len() == 1 {
        return h.iter().rposition(|u| *u == n[0]);
    }
    let finder = memmem::FinderRev::new(U::bytes(n));
    let hb = U::bytes(h);
    let mut to = hb.len();
    while let Some(at) = finder.rfind(&hb[..to]) {
        if at % w == 0 {
            return Some(at / w);
        }
        to = at / w * w + n.len() * w;
        if to > hb.len() {
            to = hb.len();
        }
        if to >= at + n.len() * w {
            to = at + n.len() * w - 1;
        }
    }
    None
}

/// Positions of the non-overlapping occurrences of a non-empty needle, at most `max`.
pub fn positions_units<U: Unit>(h: &[U], n: &[U], max: usize) -> Positions {
    let mut out = Positions::new();
    if n.is_empty() || max == 0 {
        return out;
    }
    let w = size_of::<U>();
    if w == 1 {
        let (h, n) = (U::bytes(h), U::bytes(n));
        if let [b] = n {
            out.extend(memchr::memchr_iter(*b, h).take(max));
        } else {
            positions_of_bytes(h, n, max, &mut out);
        }
        return out;
    }
    let mut from = 0;
    while out.len() < max {
        match find_units(&h[from..], n) {
            Some(at) => {
                out.push(from + at);
                from += at + n.len();
            }
            None => break,
        }
    }
    out
}

/// Adds the positions of the non-overlapping occurrences of a byte string, at most `max`.
pub fn positions_of_bytes(h: &[u8], n: &[u8], max: usize, out: &mut Positions) {
    if h.len() > 64 {
        return out.extend(memmem::find_iter(h, n).take(max));
    }
    let mut from = 0;
    while out.len() < max && h.len() - from >= n.len() {
        let Some(at) = find_bytes(&h[from..], n) else { break };
        out.push(from + at);
        from += at + n.len();
    }
}

/// The same from the right, last first.
pub fn rpositions_units<U: Unit>(h: &[U], n: &[U], max: usize) -> Positions {
    let mut out = Positions::new();
    if n.is_empty() {
        return out;
    }
    let mut to = h.len();
    while out.len() < max {
        match rfind_units(&h[..to], n) {
            Some(at) => {
                out.push(at);
                to = at;
            }
            None => break,
        }
    }
    out
}

pub fn count_units<U: Unit>(h: &[U], n: &[U]) -> usize {
    if n.is_empty() {
        return h.len() + 1;
    }
    let (hb, nb) = (U::bytes(h), U::bytes(n));
    if size_of::<U>() == 1 {
        return match nb {
            [b] => memchr::memchr_iter(*b, hb).count(),
            _ => memmem::find_iter(hb, nb).count(),
        };
    }
    let (mut k, mut from) = (0, 0);
    while let Some(at) = find_units(&h[from..], n) {
        k += 1;
        from += at + n.len();
    }
    k
}

/// The needle at the width of two-byte text; `None` where it holds a wider character.
fn as_ucs2(n: Data<'_>) -> Option<SmallVec<[u16; 32]>> {
    match n {
        Data::Ascii(d) | Data::Latin1(d) => Some(d.iter().map(|b| *b as u16).collect()),
        Data::Ucs2(d) => Some(SmallVec::from_slice(d)),
        Data::Ucs4(_) => None,
    }
}

fn as_ucs4(n: Data<'_>) -> SmallVec<[u32; 16]> {
    match n {
        Data::Ascii(d) | Data::Latin1(d) => d.iter().map(|b| *b as u32).collect(),
        Data::Ucs2(d) => d.iter().map(|b| *b as u32).collect(),
        Data::Ucs4(d) => SmallVec::from_slice(d),
    }
}

macro_rules! with_units {
    ($s:expr, $sub:expr, $from:expr, $to:expr, |$h:ident, $n:ident| $body:expr, $none:expr) => {{
        match $s.data() {
            Data::Ascii(h) => match $sub.data() {
                Data::Ascii($n) => {
                    let $h = &h[$from..$to];
                    $body
                }
                _ => $none,
            },
            Data::Latin1(h) => match $sub.data() {
                Data::Ascii($n) | Data::Latin1($n) => {
                    let $h = &h[$from..$to];
                    $body
                }
                _ => $none,
            },
            Data::Ucs2(h) => match as_ucs2($sub.data()) {
                Some(n) => {
                    let ($h, $n) = (&h[$from..$to], &*n);
                    $body
                }
                None => $none,
            },
            Data::Ucs4(h) => {
                let n = as_ucs4($sub.data());
                let ($h, $n) = (&h[$from..$to], &*n);
                $body
            }
        }
    }};
}

/// The first index in `from..to` where `sub` begins, wholly inside the range.
pub fn find(s: &Str, sub: &Str, from: usize, to: usize) -> Option<usize> {
    if from > to {
        return None;
    }
    with_units!(s, sub, from, to, |h, n| find_units(h, n), None).map(|i| i + from)
}

pub fn rfind(s: &Str, sub: &Str, from: usize, to: usize) -> Option<usize> {
    if from > to {
        return None;
    }
    with_units!(s, sub, from, to, |h, n| rfind_units(h, n), None).map(|i| i + from)
}

pub fn count(s: &Str, sub: &Str, from: usize, to: usize) -> usize {
    if from > to {
        return 0;
    }
    with_units!(s, sub, from, to, |h, n| count_units(h, n), 0)
}

pub fn positions(s: &Str, sub: &Str, max: usize) -> Positions {
    with_units!(s, sub, 0, s.len(), |h, n| positions_units(h, n, max), Positions::new())
}

pub fn rpositions(s: &Str, sub: &Str, max: usize) -> Positions {
    with_units!(s, sub, 0, s.len(), |h, n| rpositions_units(h, n, max), Positions::new())
}

/// Does `sub` stand at `at`, wholly before `to`?
pub fn stands_at(s: &Str, sub: &Str, at: usize, to: usize) -> bool {
    let n = sub.len();
    if at > to || to - at < n {
        return false;
    }
    if s.kind() == sub.kind() {
        let k = s.kind() as usize;
        return s.data_bytes()[at * k..(at + n) * k] == *sub.data_bytes();
    }
    let (d, e) = (s.data(), sub.data());
    (0..n).all(|i| d.get(at + i) == e.get(i))
}

/// `start` and `end` of a search, as slices clip them (`ADJUST_INDICES`); `start` may end beyond
/// the length, where nothing is found.
pub fn clip(start: isize, end: isize, len: usize) -> (usize, usize) {
    let n = len as isize;
    let end = if end > n {
        n
    } else if end < 0 {
        (end + n).max(0)
    } else {
        end
    };
    let start = if start < 0 { (start + n).max(0) } else { start };
    (start as usize, end as usize)
}
