//! `StrBuilder`: characters collected at the narrowest width so far, then made a str.

use super::{Data, Str, copy_few};
use crate::prelude::*;
use crate::thread::plain;

/// Short narrow text stays on the stack.
const ROOM: usize = 128;

/// Where the characters are; all of them in one place.
enum Place {
    /// In `narrow`.
    Stack,
    /// One whole exact str and nothing else: it is the result itself, if nothing follows.
    Lone(&'static Str),
    One(Vec<u8>),
    Two(Vec<u16>),
    Four(Vec<u32>),
}

pub struct StrBuilder {
    place: Place,
    /// Characters in `narrow`.
    len: usize,
    narrow: [u8; ROOM],
}

/// How much is copied when `n` characters follow: what is there too, if it has to move.
#[inline]
fn work<T>(v: &Vec<T>, n: usize) -> usize {
    if v.capacity() - v.len() < n { v.len() + n } else { n }
}

/// A push that may move all characters.
#[inline(always)]
fn push_unit<T: Send>(v: &mut Vec<T>, c: T) {
    if v.len() == v.capacity() {
        make_room(v, 1);
    }
    v.push(c);
}

/// Long text is moved as a blocking region.
#[cold]
#[inline(never)]
fn make_room<T: Send>(v: &mut Vec<T>, more: usize) {
    plain(v.len() * size_of::<T>(), || v.reserve(more));
}

fn push_units<T: Send + Clone>(v: &mut Vec<T>, n: usize, c: T) {
    if v.capacity() - v.len() < n {
        make_room(v, n);
    }
    v.resize(v.len() + n, c);
}

impl Default for StrBuilder {
    fn default() -> Self {
        StrBuilder::new()
    }
}

impl StrBuilder {
    #[inline]
    pub fn new() -> StrBuilder {
        StrBuilder { place: Place::Stack, len: 0, narrow: [0; ROOM] }
    }

    #[inline]
    pub fn with_capacity(n: usize) -> StrBuilder {
        let mut b = StrBuilder::new();
        if n > ROOM {
            b.place = Place::One(Vec::with_capacity(n));
        }
        b
    }

    pub fn len(&self) -> usize {
        match &self.place {
            Place::Stack => self.len,
            Place::Lone(s) => s.len(),
            Place::One(v) => v.len(),
            Place::Two(v) => v.len(),
            Place::Four(v) => v.len(),
        }
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Makes place for characters up to `c`, `more` of them.
    #[cold]
    fn widen(&mut self, c: u32, more: usize) {
        // SAFETY: the builder is memory of its frame, and an str it holds is immutable.
        unsafe { taipan_heap::Mutator::here().plain(self.len(), || self.widen_here(c, more)) }
    }

    fn widen_here(&mut self, c: u32, more: usize) {
        let text = &self.narrow[..self.len];
        self.place = match std::mem::replace(&mut self.place, Place::Stack) {
            Place::Lone(s) => return self.push_slice(s, 0, s.len()),
            Place::Stack if c <= 0xFF => {
                let mut v = Vec::with_capacity((2 * ROOM).max(text.len() + more));
                v.extend_from_slice(text);
                Place::One(v)
            }
            Place::Stack if c <= 0xFFFF => {
                let mut v = Vec::with_capacity(ROOM.max(text.len() + more));
                v.extend(text.iter().map(|b| *b as u16));
                Place::Two(v)
            }
            Place::Stack => Place::Four(text.iter().map(|b| *b as u32).collect()),
            Place::One(v) if c <= 0xFFFF => Place::Two(v.iter().map(|b| *b as u16).collect()),
            Place::One(v) => Place::Four(v.iter().map(|b| *b as u32).collect()),
            Place::Two(v) => Place::Four(v.iter().map(|b| *b as u32).collect()),
            p => p,
        };
    }

    #[inline]
    pub fn push(&mut self, c: u32) {
        match &mut self.place {
            Place::Stack if c <= 0xFF && self.len < ROOM => {
                self.narrow[self.len] = c as u8;
                self.len += 1;
            }
            Place::One(v) if c <= 0xFF => push_unit(v, c as u8),
            Place::Two(v) if c <= 0xFFFF => push_unit(v, c as u16),
            Place::Four(v) => push_unit(v, c),
            _ => {
                self.widen(c, 1);
                self.push(c);
            }
        }
    }

    pub fn push_n(&mut self, c: u32, n: usize) {
        // SAFETY: the builder is memory of its frame.
        unsafe { taipan_heap::Mutator::here().plain(n, || self.push_n_here(c, n)) }
    }

    fn push_n_here(&mut self, c: u32, n: usize) {
        match &mut self.place {
            Place::Stack if c <= 0xFF && n <= ROOM - self.len => {
                self.narrow[self.len..self.len + n].fill(c as u8);
                self.len += n;
            }
            Place::One(v) if c <= 0xFF => push_units(v, n, c as u8),
            Place::Two(v) if c <= 0xFFFF => push_units(v, n, c as u16),
            Place::Four(v) => push_units(v, n, c),
            _ if n > 0 => {
                self.widen(c, n);
                self.push_n_here(c, n);
            }
            _ => {}
        }
    }

    #[inline]
    pub fn push_latin1(&mut self, s: &[u8]) {
        match &mut self.place {
            Place::Stack if s.len() <= ROOM - self.len => {
                // SAFETY: the buffer has room for the bytes, which lie elsewhere.
                unsafe {
                    copy_few(s.as_ptr(), self.narrow.as_mut_ptr().add(self.len), s.len());
                }
                self.len += s.len();
            }
            _ => self.push_latin1_elsewhere(s),
        }
    }

    #[inline(never)]
    fn push_latin1_elsewhere(&mut self, s: &[u8]) {
        match &mut self.place {
            Place::One(v) => plain(work(v, s.len()), || v.extend_from_slice(s)),
            Place::Two(v) => plain(work(v, s.len()), || v.extend(s.iter().map(|b| *b as u16))),
            Place::Four(v) => plain(work(v, s.len()), || v.extend(s.iter().map(|b| *b as u32))),
            Place::Lone(_) if s.is_empty() => {}
            Place::Lone(_) | Place::Stack => {
                self.widen(0, s.len());
                self.push_latin1(s);
            }
        }
    }

    pub fn push_str(&mut self, s: &str) {
        if s.is_ascii() {
            return self.push_latin1(s.as_bytes());
        }
        for c in s.chars() {
            self.push(c as u32);
        }
    }

    pub fn push_obj(&mut self, s: &Str) {
        self.push_range(s, 0, s.len());
    }

    pub fn push_range(&mut self, s: &Str, from: usize, to: usize) {
        if from >= to {
            return;
        }
        let whole = from == 0 && to == s.len() && Value::from_ref(s).ty().is(Str::type_object());
        if whole && self.is_empty() {
            // SAFETY: the builder stays on the stack of its one frame, which the collector scans.
            self.place = Place::Lone(unsafe { &*(s as *const Str) });
            return;
        }
        if let Place::Lone(_) = self.place {
            self.widen(0, 0);
        }
        self.push_slice(s, from, to);
    }

    fn push_slice(&mut self, s: &Str, from: usize, to: usize) {
        match s.data() {
            Data::Ascii(d) | Data::Latin1(d) => self.push_latin1(&d[from..to]),
            Data::Ucs2(d) => plain(to - from, || match &mut self.place {
                Place::Two(v) => v.extend_from_slice(&d[from..to]),
                Place::Four(v) => v.extend(d[from..to].iter().map(|c| *c as u32)),
                _ => d[from..to].iter().for_each(|c| self.push(*c as u32)),
            }),
            Data::Ucs4(d) => plain(to - from, || match &mut self.place {
                Place::Four(v) => v.extend_from_slice(&d[from..to]),
                _ => d[from..to].iter().for_each(|c| self.push(*c)),
            }),
        }
    }

    pub fn truncate(&mut self, n: usize) {
        if let Place::Lone(_) = self.place {
            self.widen(0, 0);
        }
        match &mut self.place {
            Place::Lone(_) => {}
            Place::Stack => self.len = self.len.min(n),
            Place::One(v) => v.truncate(n),
            Place::Two(v) => v.truncate(n),
            Place::Four(v) => v.truncate(n),
        }
    }

    pub fn finish(&self, cx: &Thread) -> &'static Str {
        match &self.place {
            Place::Stack => Str::from_latin1(cx, &self.narrow[..self.len]),
            Place::Lone(s) => s,
            Place::One(v) => Str::from_latin1(cx, v),
            Place::Two(v) => Str::from_ucs2(cx, v),
            Place::Four(v) => Str::from_ucs4(cx, v),
        }
    }

    pub fn value(&self, cx: &Thread) -> Value {
        Value::from_ref(self.finish(cx))
    }
}
