//! Searching one string in another, whatever their widths: find, count, all positions.
//!
//! Positions are character indices. A needle wider than the haystack never occurs, since kinds are
//! canonical.

use super::{Data, Str};
use crate::thread::plain;
use memchr::memmem;
use smallvec::SmallVec;

/// Where something occurs.
pub type Positions = SmallVec<[usize; 16]>;

/// A code unit of one width.
pub trait Unit: Copy + Eq + Into<u32> + Sync {
    fn bytes(s: &[Self]) -> &[u8];

    /// Which of the `16 / size_of::<Self>()` units from `at` on are equal to this one: a bit for each,
    /// `size_of::<Self>()` bits apart.
    /// # Safety
    /// So many units may be read there.
    unsafe fn equal_in_block(self, at: *const Self) -> u32;
}

macro_rules! unit {
    ($ty:ident, $splat:ident, $lane:ident, $equal:ident, $mask:literal) => {
        impl Unit for $ty {
            #[inline(always)]
            fn bytes(s: &[$ty]) -> &[u8] {
                // SAFETY: plain integers read as bytes.
                unsafe { std::slice::from_raw_parts(s.as_ptr() as *const u8, size_of_val(s)) }
            }

            #[cfg(target_arch = "x86_64")]
            #[inline(always)]
            unsafe fn equal_in_block(self, at: *const $ty) -> u32 {
                use std::arch::x86_64::*;
                // SAFETY: every x86-64 has SSE2; the caller vouches for the 16 bytes.
                unsafe {
                    let found = $equal(_mm_loadu_si128(at.cast()), $splat(self as $lane));
                    _mm_movemask_epi8(found) as u32 & $mask
                }
            }

            #[cfg(not(target_arch = "x86_64"))]
            #[inline(always)]
            unsafe fn equal_in_block(self, at: *const $ty) -> u32 {
                let w = size_of::<$ty>();
                // SAFETY: the caller vouches for the 16 bytes.
                let unit = |i: usize| unsafe { *at.add(i) };
                (0..16 / w).fold(0, |m, i| m | u32::from(unit(i) == self) << (i * w))
            }
        }
    };
}

unit!(u8, _mm_set1_epi8, i8, _mm_cmpeq_epi8, 0xFFFF);
unit!(u16, _mm_set1_epi16, i16, _mm_cmpeq_epi16, 0x5555);
unit!(u32, _mm_set1_epi32, i32, _mm_cmpeq_epi32, 0x1111);

/// The first occurrence of one byte string in another that is no shorter.
#[inline]
pub fn find_bytes(h: &[u8], n: &[u8]) -> Option<usize> {
    match n {
        [] => Some(0),
        [b] if h.len() < 16 => h.iter().position(|x| x == b),
        [b] => memchr::memchr(*b, h),
        // To set up the other searcher costs more than a short text takes.
        _ if h.len() < 1024 => find_pair(h, n),
        _ if n.len() < 512 => match find_pair(&h[..512], n) {
            // What begins before the end of the piece but ends after it is found by the other one.
            None => memmem::find(&h[513 - n.len()..], n).map(|at| at + 513 - n.len()),
            found => found,
        },
        _ => memmem::find(h, n),
    }
}

/// The first place of a unit.
#[inline]
fn find_unit<U: Unit>(h: &[U], c: U) -> Option<usize> {
    let w = size_of::<U>();
    if w == 1 {
        return find_bytes(U::bytes(h), U::bytes(&[c]));
    }
    let lanes = 16 / w;
    let mut i = 0;
    while i + 4 * lanes <= h.len() {
        // SAFETY: the blocks end inside `h`.
        let four = unsafe {
            let at = |k| h.as_ptr().add(i + k * lanes);
            let (a, b) = (c.equal_in_block(at(0)), c.equal_in_block(at(1)));
            a | b | c.equal_in_block(at(2)) | c.equal_in_block(at(3))
        };
        if four != 0 {
            break;
        }
        i += 4 * lanes;
    }
    while i + lanes <= h.len() {
        // SAFETY: the block ends inside `h`.
        let m = unsafe { c.equal_in_block(h.as_ptr().add(i)) };
        if m != 0 {
            return Some(i + m.trailing_zeros() as usize / w);
        }
        i += lanes;
    }
    h[i..].iter().position(|x| *x == c).map(|at| i + at)
}

/// The first occurrence of at least two units in as many or more: looks for the first and the last of
/// them at once, a block of 16 bytes at a time. Texts in which that goes wrong too often are left to
/// the linear-time searcher.
fn find_pair<U: Unit>(h: &[U], n: &[U]) -> Option<usize> {
    let (w, k) = (size_of::<U>(), n.len());
    let lanes = 16 / w;
    let (first, tail, middle) = (n[0], n[k - 1], &n[1..k - 1]);
    // As many places may be looked at in vain, at first and for each block.
    let mut patience = 1000usize;
    let mut i = 0;
    while i + lanes + k - 1 <= h.len() {
        // SAFETY: the second block ends inside `h`.
        let mut m = unsafe {
            let at = h.as_ptr().add(i);
            first.equal_in_block(at) & tail.equal_in_block(at.add(k - 1))
        };
        patience += 16;
        while m != 0 {
            let at = i + m.trailing_zeros() as usize / w;
            if same_units(&h[at + 1..at + k - 1], middle) {
                return Some(at);
            }
            m &= m - 1;
            patience = patience.saturating_sub(k);
            if patience == 0 {
                return find_linear(&h[i..], n).map(|at| i + at);
            }
        }
        i += lanes;
    }
    while i + k <= h.len() {
        if h[i] == first && h[i + k - 1] == tail && h[i + 1..i + k - 1] == *middle {
            return Some(i);
        }
        i += 1;
    }
    None
}

/// Equality of as many units, without a call where they are few.
#[inline(always)]
fn same_units<U: Unit>(a: &[U], b: &[U]) -> bool {
    if b.len() < 8 { a.iter().zip(b).all(|(x, y)| x == y) } else { a == b }
}

/// The first occurrence, found by the linear-time searcher of memchr, for wider units as bytes.
#[cold]
fn find_linear<U: Unit>(h: &[U], n: &[U]) -> Option<usize> {
    let w = size_of::<U>();
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

/// The first occurrence at or after the start of `h`.
#[inline]
pub fn find_units<U: Unit>(h: &[U], n: &[U]) -> Option<usize> {
    plain(size_of_val(h), || find_units_here(h, n))
}

#[inline]
fn find_units_here<U: Unit>(h: &[U], n: &[U]) -> Option<usize> {
    match n {
        [] => Some(0),
        _ if n.len() > h.len() => None,
        [c] => find_unit(h, *c),
        _ if size_of::<U>() == 1 => find_bytes(U::bytes(h), U::bytes(n)),
        _ => find_pair(h, n),
    }
}

/// As `find_units` for one of many searches in the same text.
#[inline]
fn find_next<U: Unit>(h: &[U], n: &[U]) -> Option<usize> {
    match n {
        _ if n.len() > h.len() => None,
        [c] => find_unit(h, *c),
        _ => find_pair(h, n),
    }
}

/// The last occurrence in `h`.
pub fn rfind_units<U: Unit>(h: &[U], n: &[U]) -> Option<usize> {
    plain(size_of_val(h), || rfind_units_here(h, n))
}

fn rfind_units_here<U: Unit>(h: &[U], n: &[U]) -> Option<usize> {
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
    plain(size_of_val(h), || positions_units_here(h, n, max))
}

fn positions_units_here<U: Unit>(h: &[U], n: &[U], max: usize) -> Positions {
    let mut out = Positions::new();
    if n.is_empty() || max == 0 {
        return out;
    }
    let w = size_of::<U>();
    if w == 1 {
        if let [b] = U::bytes(n) {
            out.extend(memchr::memchr_iter(*b, U::bytes(h)).take(max));
            return out;
        }
    }
    let mut from = 0;
    while out.len() < max {
        match find_next(&h[from..], n) {
            Some(at) => {
                out.push(from + at);
                from += at + n.len();
            }
            None => break,
        }
    }
    out
}

/// The same from the right, last first.
pub fn rpositions_units<U: Unit>(h: &[U], n: &[U], max: usize) -> Positions {
    plain(size_of_val(h), || rpositions_units_here(h, n, max))
}

fn rpositions_units_here<U: Unit>(h: &[U], n: &[U], max: usize) -> Positions {
    let mut out = Positions::new();
    if n.is_empty() {
        return out;
    }
    let mut to = h.len();
    while out.len() < max {
        match rfind_units_here(&h[..to], n) {
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
    plain(size_of_val(h), || count_units_here(h, n))
}

fn count_units_here<U: Unit>(h: &[U], n: &[U]) -> usize {
    if n.is_empty() {
        return h.len() + 1;
    }
    if let [c] = n {
        return match U::bytes(n) {
            [b] => memchr::memchr_iter(*b, U::bytes(h)).count(),
            _ => h.iter().filter(|x| *x == c).count(),
        };
    }
    let (mut k, mut from) = (0, 0);
    while let Some(at) = find_next(&h[from..], n) {
        k += 1;
        from += at + n.len();
    }
    k
}

/// The needle at the width of two-byte text; `None` where it holds a wider character.
fn narrowed(n: Data<'_>) -> Option<SmallVec<[u16; 32]>> {
    match n {
        Data::Ascii(d) | Data::Latin1(d) => Some(d.iter().map(|b| *b as u16).collect()),
        Data::Ucs2(d) => Some(SmallVec::from_slice(d)),
        Data::Ucs4(_) => None,
    }
}

/// Characters of at most two bytes at that width.
pub(super) fn as_ucs2(n: Data<'_>) -> SmallVec<[u16; 32]> {
    narrowed(n).unwrap_or_default()
}

pub(super) fn as_ucs4(n: Data<'_>) -> SmallVec<[u32; 16]> {
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
            Data::Ucs2(h) => match narrowed($sub.data()) {
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
