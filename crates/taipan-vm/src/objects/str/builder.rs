//! `StrBuilder`: characters collected at the narrowest width so far, then made a str.

use super::{Data, Str};
use crate::prelude::*;
use smallvec::SmallVec;

/// Short narrow text stays on the stack.
type Narrow = SmallVec<[u8; 128]>;

enum Buf {
    /// One whole exact str and nothing else: it is the result itself, if nothing follows.
    Lone(&'static Str),
    One(Narrow),
    Two(Vec<u16>),
    Four(Vec<u32>),
}

pub struct StrBuilder(Buf);

impl Default for StrBuilder {
    fn default() -> Self {
        StrBuilder::new()
    }
}

impl StrBuilder {
    pub fn new() -> StrBuilder {
        StrBuilder(Buf::One(Narrow::new()))
    }

    pub fn with_capacity(n: usize) -> StrBuilder {
        StrBuilder(Buf::One(Narrow::with_capacity(n)))
    }

    pub fn len(&self) -> usize {
        match &self.0 {
            Buf::Lone(s) => s.len(),
            Buf::One(v) => v.len(),
            Buf::Two(v) => v.len(),
            Buf::Four(v) => v.len(),
        }
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    #[cold]
    fn widen(&mut self, c: u32) {
        self.0 = match std::mem::replace(&mut self.0, Buf::One(Narrow::new())) {
            Buf::Lone(s) => {
                let (from, to) = (0, s.len());
                self.push_slice(s, from, to);
                return;
            }
            Buf::One(v) if c <= 0xFFFF => Buf::Two(v.iter().map(|b| *b as u16).collect()),
            Buf::One(v) => Buf::Four(v.iter().map(|b| *b as u32).collect()),
            Buf::Two(v) => Buf::Four(v.iter().map(|b| *b as u32).collect()),
            b => b,
        };
    }

    #[inline]
    pub fn push(&mut self, c: u32) {
        match &mut self.0 {
            Buf::One(v) if c <= 0xFF => v.push(c as u8),
            Buf::Two(v) if c <= 0xFFFF => v.push(c as u16),
            Buf::Four(v) => v.push(c),
            _ => {
                self.widen(c);
                self.push(c);
            }
        }
    }

    pub fn push_n(&mut self, c: u32, n: usize) {
        match &mut self.0 {
            Buf::One(v) if c <= 0xFF => v.resize(v.len() + n, c as u8),
            Buf::Two(v) if c <= 0xFFFF => v.resize(v.len() + n, c as u16),
            Buf::Four(v) => v.resize(v.len() + n, c),
            _ if n > 0 => {
                self.widen(c);
                self.push_n(c, n);
            }
            _ => {}
        }
    }

    pub fn push_latin1(&mut self, s: &[u8]) {
        match &mut self.0 {
            Buf::One(v) => v.extend_from_slice(s),
            Buf::Two(v) => v.extend(s.iter().map(|b| *b as u16)),
            Buf::Four(v) => v.extend(s.iter().map(|b| *b as u32)),
            Buf::Lone(_) if s.is_empty() => {}
            Buf::Lone(_) => {
                self.widen(0);
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
            self.0 = Buf::Lone(unsafe { &*(s as *const Str) });
            return;
        }
        if let Buf::Lone(_) = self.0 {
            self.widen(0);
        }
        self.push_slice(s, from, to);
    }

    fn push_slice(&mut self, s: &Str, from: usize, to: usize) {
        match s.data() {
            Data::Ascii(d) | Data::Latin1(d) => self.push_latin1(&d[from..to]),
            Data::Ucs2(d) => match &mut self.0 {
                Buf::Two(v) => v.extend_from_slice(&d[from..to]),
                Buf::Four(v) => v.extend(d[from..to].iter().map(|c| *c as u32)),
                _ => d[from..to].iter().for_each(|c| self.push(*c as u32)),
            },
            Data::Ucs4(d) => match &mut self.0 {
                Buf::Four(v) => v.extend_from_slice(&d[from..to]),
                _ => d[from..to].iter().for_each(|c| self.push(*c)),
            },
        }
    }

    pub fn truncate(&mut self, n: usize) {
        if let Buf::Lone(_) = self.0 {
            self.widen(0);
        }
        match &mut self.0 {
            Buf::Lone(_) => {}
            Buf::One(v) => v.truncate(n),
            Buf::Two(v) => v.truncate(n),
            Buf::Four(v) => v.truncate(n),
        }
    }

    pub fn finish(self, cx: &Thread) -> &'static Str {
        match self.0 {
            Buf::Lone(s) => s,
            Buf::One(v) => Str::from_latin1(cx, &v),
            Buf::Two(v) => Str::from_ucs2(cx, &v),
            Buf::Four(v) => Str::from_ucs4(cx, &v),
        }
    }

    pub fn value(self, cx: &Thread) -> Value {
        Value::from_ref(self.finish(cx))
    }
}
