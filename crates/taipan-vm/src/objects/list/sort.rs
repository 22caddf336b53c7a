//! `list.sort` and `sorted`: a stable, adaptive merge sort (runs as in Timsort, merged in
//! powersort's order), with comparisons specialised where all keys are small ints, floats or strs.
//!
//! The items are out of the list while Python's `__lt__` runs; what needs no Python code is sorted with the list's lock
//! held where there are other threads. Whatever a comparison raises, the slice holds a permutation of what it held.
//! Temporary copies are in `GcVec`s; every few thousand steps there is a poll.

use super::List;
use crate::objects::storage::in_pieces;
use crate::prelude::*;

type Pair = (Value, Value);

/// `list.sort(key=key, reverse=reverse)`.
pub fn sort_list(cx: &Thread, list: &List, key: Option<Value>, reverse: bool) -> Res<()> {
    if key.is_none() && !taipan_heap::lock::alone() && list.sort_held(cx, reverse)? {
        return Ok(());
    }
    // Its address tells this sort from others of the list.
    let mark = Mark(0);
    let mut items = list.take_for_sort(&mark);
    if items.is_empty() {
        return Ok(());
    }
    let r = sort_values(cx, &mut items, key, reverse);
    let untouched = list.put_back(cx, &items, &mark)?;
    r?;
    if !untouched {
        raise!(cx, ValueError, "list modified during sort");
    }
    Ok(())
}

/// Whose list is being sorted: see `List::take_for_sort`.
pub(super) struct Mark(#[allow(dead_code)] u64);

impl Mark {
    /// A negative number that no other sort under way has.
    pub(super) fn number(&self) -> isize {
        -(std::ptr::from_ref(self) as isize)
    }
}

/// Sorts values that need no Python code to be compared, with an object's lock held. False: they do, or something is to be
/// done at a poll that may not be done under the lock; the items are a permutation of what they were.
pub(super) fn sort_quietly(cx: &Thread, items: &mut GcVec<Value>, reverse: bool) -> bool {
    if reverse {
        turn_round(items);
    }
    let sorted = sort_plain(cx, items, |x| *x, stop_only).is_some_and(|r| r.is_ok());
    if reverse {
        turn_round(items);
    }
    sorted
}

/// A poll that runs no Python code. What it raises where some is to be run never leaves `sort_quietly`.
fn stop_only(cx: &Thread) -> Res<()> {
    cx.mutator.poll();
    if cx.mutator.poll.load(std::sync::atomic::Ordering::Relaxed) == 0 {
        Ok(())
    } else {
        Err(Raised(none()))
    }
}

/// Sorts values in place, stably.
pub fn sort_values(
    cx: &Thread,
    items: &mut GcVec<Value>,
    key: Option<Value>,
    reverse: bool,
) -> Res<()> {
    let Some(key) = key else {
        // Reversing before and after keeps equal items in order.
        if reverse {
            turn_round(items);
        }
        let r = if items.len() < ONE_RUN {
            // Insertion keeps all items in place at each comparison.
            sort_by_kind(cx, items, |x| *x)
        } else {
            let mut v: GcVec<Value> = items.clone();
            let r = sort_by_kind(cx, &mut v, |x| *x);
            copy_items(items, &v);
            r
        };
        if reverse {
            turn_round(items);
        }
        return r;
    };
    let mut pairs: GcVec<Pair> = GcVec::with_capacity(items.len());
    for i in 0..items.len() {
        let v = items[i];
        pairs.push((call(cx, key, &[v])?, v));
        if i & 0x3FF == 0x3FF {
            cx.poll()?;
        }
    }
    if reverse {
        turn_round(&mut pairs);
    }
    let r = sort_by_kind(cx, &mut pairs, |p| p.0);
    if reverse {
        turn_round(&mut pairs);
    }
    in_pieces(items.len(), |first, end| {
        (first..end).for_each(|i| items[i] = pairs[i].1);
    });
    r
}

/// `[T]::reverse` with safepoints; at each of them every item is in some place.
fn turn_round<T: Copy>(v: &mut [T]) {
    let n = v.len();
    in_pieces(n / 2, |first, end| {
        (first..end).for_each(|i| v.swap(i, n - 1 - i));
    });
}

/// `[T]::copy_from_slice` with safepoints.
fn copy_items<T: Copy>(to: &mut [T], from: &[T]) {
    in_pieces(from.len(), |first, end| to[first..end].copy_from_slice(&from[first..end]));
}

/// Moves `n` items towards the start of the slice, with safepoints. Not as a blocking region: a collection
/// might look at a place before an item gets there, and at where it was when it is gone.
fn move_down<T: Copy>(v: &mut [T], from: usize, to: usize, n: usize) {
    in_pieces(n, |first, end| v.copy_within(from + first..from + end, to + first));
}

/// Whether all items pass a test that runs no Python code, with safepoints.
fn all<T>(v: &[T], test: impl Fn(&T) -> bool) -> bool {
    v.chunks(1 << 12).all(|part| {
        taipan_heap::Mutator::here().poll();
        part.iter().all(&test)
    })
}

/// Chooses the comparison by what the keys are.
fn sort_by_kind<T: Copy>(
    cx: &Thread,
    v: &mut GcVec<T>,
    key: impl Fn(&T) -> Value + Copy,
) -> Res<()> {
    if let Some(r) = sort_plain(cx, v, key, Thread::poll) {
        return r;
    }
    let first = |x: &T| key(x).downcast_exact::<Tuple>().and_then(|t| t.as_slice().first());
    if all(v, |x| first(x).is_some_and(|x| x.is_small())) {
        // Tuples that nearly always differ in their first item, a small int.
        return merge_sort(cx, v, Thread::poll, |cx, a, b| match (first(a), first(b)) {
            (Some(x), Some(y)) if x != y => Ok(x.bits() < y.bits()),
            _ => tuple_lt(cx, key(a), key(b)),
        });
    }
    merge_sort(cx, v, Thread::poll, |cx, a, b| compare_bool(cx, key(a), key(b), CmpOp::Lt))
}

/// Sorts by keys that are all small ints, all floats or all strs; `None` where they are not.
fn sort_plain<T: Copy>(
    cx: &Thread,
    v: &mut GcVec<T>,
    key: impl Fn(&T) -> Value + Copy,
    poll: Poll,
) -> Option<Res<()>> {
    if v.len() < 2 {
        return Some(Ok(()));
    }
    if all(v, |x| key(x).is_small()) {
        // Small ints compare in order as words.
        return Some(
            presort(cx, v, LONG, poll, |a, b| key(a).bits().cmp(&key(b).bits())).and_then(|()| {
                merge_sort(cx, v, poll, |_, a, b| Ok(key(a).bits() < key(b).bits()))
            }),
        );
    }
    let float = |x: &T| key(x).as_unboxed_f64();
    if all(v, |x| float(x).is_some()) {
        if all(v, |x| float(x).is_some_and(|f| !f.is_nan())) {
            let order = |a: &T, b: &T| float(a).partial_cmp(&float(b)).expect("no NaN");
            if let Err(e) = presort(cx, v, LONG, poll, order) {
                return Some(Err(e));
            }
        }
        return Some(merge_sort(cx, v, poll, |_, a, b| Ok(float(a) < float(b))));
    }
    if all(v, |x| key(x).downcast_exact::<Str>().is_some()) {
        let text = |x: &T| key(x).downcast_exact::<Str>().expect("tested above");
        if let Some(mut led) = led_by_text(v, key) {
            let order =
                |a: &(u64, T), b: &(u64, T)| a.0.cmp(&b.0).then_with(|| text(&a.1).cmp(text(&b.1)));
            // Where most begin alike, nearly each comparison looks at two texts somewhere in memory.
            let alike = led.iter().take(64).filter(|x| x.0 == led[0].0).count() > 16;
            let stretch = if alike { SHORT } else { LONG };
            let r = presort(cx, &mut led, stretch, poll, order)
                .and_then(|()| merge_sort(cx, &mut led, poll, |_, a, b| Ok(order(a, b).is_lt())));
            in_pieces(v.len(), |first, end| (first..end).for_each(|i| v[i] = led[i].1));
            return Some(r);
        }
        let r = presort(cx, v, SHORT, poll, |a, b| text(a).cmp(text(b)));
        return Some(
            r.and_then(|()| merge_sort(cx, v, poll, |_, a, b| Ok(text(a).cmp(text(b)).is_lt()))),
        );
    }
    None
}

/// Each item behind the first eight characters of its key as a number that compares as they do; `None`
/// where keys hold wider characters than bytes.
fn led_by_text<T: Copy>(v: &[T], key: impl Fn(&T) -> Value) -> Option<GcVec<(u64, T)>> {
    use crate::objects::str::Data;
    let mut led = GcVec::with_capacity(v.len());
    for (i, x) in v.iter().enumerate() {
        if i & 0xFFF == 0xFFF {
            taipan_heap::Mutator::here().poll();
        }
        let (Data::Ascii(d) | Data::Latin1(d)) = key(x).downcast_exact::<Str>()?.data() else {
            return None;
        };
        let first = match d.first_chunk::<8>() {
            Some(eight) => u64::from_be_bytes(*eight),
            None => d.iter().fold(0, |n, c| n << 8 | u64::from(*c)) << (8 * (8 - d.len()) % 64),
        };
        // The empty text is shifted by nothing; it is 0 all the same.
        led.push((first, *x));
    }
    Some(led)
}

/// `a < b` of two exact tuples whose first items are equal small ints.
fn tuple_lt(cx: &Thread, a: Value, b: Value) -> Res<bool> {
    if let (Some(s), Some(t)) = (a.downcast_exact::<Tuple>(), b.downcast_exact::<Tuple>()) {
        if let ([_, x], [_, y]) = (s.as_slice(), t.as_slice()) {
            if x.is_small() && y.is_small() {
                return Ok(x.bits() < y.bits());
            }
        }
    }
    compare_bool(cx, a, b, CmpOp::Lt)
}

/// Stretches for `presort`: where the keys are in the items, and where they are not.
const LONG: usize = 1 << 15;
const SHORT: usize = 1 << 12;

/// Sorts stretches by an order that needs no Python code with the standard library's stable sort,
/// which leaves long runs to merge. Between stretches there is a poll; none may come inside, where
/// items are in memory that the collector does not see.
fn presort<T: Copy>(
    cx: &Thread,
    v: &mut [T],
    stretch: usize,
    poll: Poll,
    mut order: impl FnMut(&T, &T) -> std::cmp::Ordering,
) -> Res<()> {
    for part in v.chunks_mut(stretch) {
        part.sort_by(&mut order);
        poll(cx)?;
    }
    Ok(())
}

struct Run {
    start: usize,
    len: usize,
    power: u32,
}

/// What is done every few thousand steps.
type Poll = fn(&Thread) -> Res<()>;

struct Sorter<'a, F> {
    cx: &'a Thread,
    poll: Poll,
    lt: F,
    steps: u32,
}

fn merge_sort<T: Copy>(
    cx: &Thread,
    v: &mut GcVec<T>,
    poll: Poll,
    lt: impl FnMut(&Thread, &T, &T) -> Res<bool>,
) -> Res<()> {
    let mut s = Sorter { cx, poll, lt, steps: 0 };
    let mut tmp: GcVec<T> = GcVec::new();
    s.sort(v, &mut tmp)
}

/// Fewer items are one run (`min_run` asks for all of them).
const ONE_RUN: usize = 64;

/// Runs shorter than this are filled up by binary insertion.
fn min_run(mut n: usize) -> usize {
    let mut odd = 0;
    while n >= 64 {
        odd |= n & 1;
        n >>= 1;
    }
    n + odd
}

/// The depth at which powersort merges two neighbouring runs.
fn power_of(s1: usize, n1: usize, n2: usize, n: usize) -> u32 {
    let n = n as u128;
    let mut a = 2 * s1 as u128 + n1 as u128;
    let mut b = a + n1 as u128 + n2 as u128;
    let mut power = 0;
    loop {
        power += 1;
        if a >= n {
            a -= n;
            b -= n;
        } else if b >= n {
            return power;
        }
        a <<= 1;
        b <<= 1;
    }
}

impl<F> Sorter<'_, F> {
    #[inline(always)]
    fn lt<T>(&mut self, a: &T, b: &T) -> Res<bool>
    where
        F: FnMut(&Thread, &T, &T) -> Res<bool>,
    {
        self.steps += 1;
        if self.steps & 0xFFF == 0 {
            (self.poll)(self.cx)?;
        }
        (self.lt)(self.cx, a, b)
    }

    fn sort<T: Copy>(&mut self, v: &mut [T], tmp: &mut GcVec<T>) -> Res<()>
    where
        F: FnMut(&Thread, &T, &T) -> Res<bool>,
    {
        let n = v.len();
        if n < ONE_RUN {
            let len = self.count_run(v)?;
            return self.insertion(v, len);
        }
        let minrun = min_run(n);
        // Powers on the stack grow strictly, so 64-bit lengths need at most 65 runs.
        let mut stack: Vec<Run> = Vec::with_capacity(66);
        let mut at = 0;
        while at < n {
            let mut len = self.count_run(&mut v[at..])?;
            if len < minrun {
                let want = minrun.min(n - at);
                self.insertion(&mut v[at..at + want], len)?;
                len = want;
            }
            if let Some(top) = stack.last() {
                let power = power_of(top.start, top.len, len, n);
                while stack.len() > 1 && stack[stack.len() - 2].power > power {
                    self.merge_top(v, tmp, &mut stack)?;
                }
                stack.last_mut().expect("one run is left").power = power;
            }
            stack.push(Run { start: at, len, power: 0 });
            at += len;
        }
        while stack.len() > 1 {
            self.merge_top(v, tmp, &mut stack)?;
        }
        Ok(())
    }

    /// The length of the ordered run at the start; a strictly descending one is reversed.
    fn count_run<T: Copy>(&mut self, v: &mut [T]) -> Res<usize>
    where
        F: FnMut(&Thread, &T, &T) -> Res<bool>,
    {
        if v.len() < 2 {
            return Ok(v.len());
        }
        let mut n = 2;
        if self.lt(&v[1], &v[0])? {
            while n < v.len() && self.lt(&v[n], &v[n - 1])? {
                n += 1;
            }
            turn_round(&mut v[..n]);
        } else {
            while n < v.len() && !self.lt(&v[n], &v[n - 1])? {
                n += 1;
            }
        }
        Ok(n)
    }

    /// Binary insertion of everything after the first `sorted` items.
    fn insertion<T: Copy>(&mut self, v: &mut [T], sorted: usize) -> Res<()>
    where
        F: FnMut(&Thread, &T, &T) -> Res<bool>,
    {
        for i in sorted.max(1)..v.len() {
            let x = v[i];
            let (mut lo, mut hi) = (0, i);
            while lo < hi {
                let mid = (lo + hi) / 2;
                if self.lt(&x, &v[mid])? {
                    hi = mid;
                } else {
                    lo = mid + 1;
                }
            }
            v.copy_within(lo..i, lo + 1);
            v[lo] = x;
        }
        Ok(())
    }

    fn merge_top<T: Copy>(
        &mut self,
        v: &mut [T],
        tmp: &mut GcVec<T>,
        stack: &mut Vec<Run>,
    ) -> Res<()>
    where
        F: FnMut(&Thread, &T, &T) -> Res<bool>,
    {
        let b = stack.pop().expect("two runs");
        let a = stack.last_mut().expect("two runs");
        let (start, mid, end) = (a.start, a.len, a.len + b.len);
        a.len = end;
        self.merge(&mut v[start..start + end], mid, tmp)
    }

    /// How many items of `v` are not greater than `x` (`right`) or less than it: galloping from
    /// the start, then bisecting.
    fn gallop<T: Copy>(&mut self, x: &T, v: &[T], right: bool) -> Res<usize>
    where
        F: FnMut(&Thread, &T, &T) -> Res<bool>,
    {
        let before = |s: &mut Self, y: &T| {
            if right { s.lt(x, y).map(|b| !b) } else { s.lt(y, x) }
        };
        let mut hi = 1;
        let mut lo = 0;
        while hi <= v.len() && before(self, &v[hi - 1])? {
            lo = hi;
            hi = hi * 2 + 1;
        }
        let mut hi = hi.min(v.len() + 1) - 1;
        while lo < hi {
            let mid = (lo + hi) / 2;
            if before(self, &v[mid])? {
                lo = mid + 1;
            } else {
                hi = mid;
            }
        }
        Ok(lo)
    }

    /// As `gallop`, galloping from the end.
    fn gallop_back<T: Copy>(&mut self, x: &T, v: &[T], right: bool) -> Res<usize>
    where
        F: FnMut(&Thread, &T, &T) -> Res<bool>,
    {
        let before = |s: &mut Self, y: &T| {
            if right { s.lt(x, y).map(|b| !b) } else { s.lt(y, x) }
        };
        let n = v.len();
        let mut step = 1;
        let (mut lo, mut hi) = (0, n);
        while step <= n {
            if before(self, &v[n - step])? {
                lo = n - step + 1;
                break;
            }
            hi = n - step;
            step = step * 2 + 1;
        }
        while lo < hi {
            let mid = (lo + hi) / 2;
            if before(self, &v[mid])? {
                lo = mid + 1;
            } else {
                hi = mid;
            }
        }
        Ok(lo)
    }

    /// Merges `v[..mid]` and `v[mid..]`.
    fn merge<T: Copy>(&mut self, v: &mut [T], mid: usize, tmp: &mut GcVec<T>) -> Res<()>
    where
        F: FnMut(&Thread, &T, &T) -> Res<bool>,
    {
        // What is in place already at both ends stays.
        let (left, right) = v.split_at(mid);
        let skip = self.gallop(&right[0], left, true)?;
        if skip == mid {
            return Ok(());
        }
        let keep = self.gallop_back(&left[mid - 1], right, false)?;
        let v = &mut v[skip..mid + keep];
        let mid = mid - skip;
        tmp.clear();
        if mid <= v.len() - mid {
            tmp.extend_from_slice(&v[..mid]);
            self.merge_low(v, tmp)
        } else {
            tmp.extend_from_slice(&v[mid..]);
            self.merge_high(v, tmp)
        }
    }

    /// The left run is in `tmp`; fills from the left.
    fn merge_low<T: Copy>(&mut self, v: &mut [T], tmp: &GcVec<T>) -> Res<()>
    where
        F: FnMut(&Thread, &T, &T) -> Res<bool>,
    {
        let (mut i, mut j, mut out) = (0, tmp.len(), 0);
        let (mut wins_a, mut wins_b) = (0u32, 0u32);
        let r = loop {
            if i == tmp.len() || j == v.len() {
                break Ok(());
            }
            if wins_a >= 7 || wins_b >= 7 {
                match self.gallop_low(v, tmp, &mut i, &mut j, &mut out) {
                    Ok(()) => {
                        wins_a = 0;
                        wins_b = 0;
                        continue;
                    }
                    Err(e) => break Err(e),
                }
            }
            match self.lt(&v[j], &tmp[i]) {
                Ok(true) => {
                    v[out] = v[j];
                    j += 1;
                    wins_b += 1;
                    wins_a = 0;
                }
                Ok(false) => {
                    v[out] = tmp[i];
                    i += 1;
                    wins_a += 1;
                    wins_b = 0;
                }
                Err(e) => break Err(e),
            }
            out += 1;
        };
        // The rest of the left run fills the gap exactly; the rest of the right one is in place.
        copy_items(&mut v[out..out + tmp.len() - i], &tmp[i..]);
        r
    }

    fn gallop_low<T: Copy>(
        &mut self,
        v: &mut [T],
        tmp: &GcVec<T>,
        i: &mut usize,
        j: &mut usize,
        out: &mut usize,
    ) -> Res<()>
    where
        F: FnMut(&Thread, &T, &T) -> Res<bool>,
    {
        let k = self.gallop(&v[*j], &tmp[*i..], true)?;
        copy_items(&mut v[*out..*out + k], &tmp[*i..*i + k]);
        *i += k;
        *out += k;
        if *i == tmp.len() {
            return Ok(());
        }
        let k = self.gallop(&tmp[*i], &v[*j..], false)?;
        move_down(v, *j, *out, k);
        *j += k;
        *out += k;
        Ok(())
    }

    /// The right run is in `tmp`; fills from the right.
    fn merge_high<T: Copy>(&mut self, v: &mut [T], tmp: &GcVec<T>) -> Res<()>
    where
        F: FnMut(&Thread, &T, &T) -> Res<bool>,
    {
        let mut i = v.len() - tmp.len();
        let mut j = tmp.len();
        let mut out = v.len();
        let r = loop {
            if i == 0 || j == 0 {
                break Ok(());
            }
            match self.lt(&tmp[j - 1], &v[i - 1]) {
                Ok(true) => {
                    out -= 1;
                    i -= 1;
                    v[out] = v[i];
                }
                Ok(false) => {
                    out -= 1;
                    j -= 1;
                    v[out] = tmp[j];
                }
                Err(e) => break Err(e),
            }
        };
        copy_items(&mut v[i..i + j], &tmp[..j]);
        r
    }
}
