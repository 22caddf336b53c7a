//! The text that a pattern works on, and running a program over it.

use std::cell::RefCell;
use taipan_sre::{Locale, MatchError, Mode, Program, Request, Scratch, Text};
use taipan_vm::buffer::ByteArg;
use taipan_vm::objects::str::Data;
use taipan_vm::prelude::*;

/// A string or bytes-like object: where it is mutable, what is matched is a snapshot.
pub struct Subject {
    pub object: Value,
    /// The export of a mutable object: it cannot be resized while it is matched.
    held: Option<taipan_vm::buffer::Buffer>,
    text: Units,
    pub is_bytes: bool,
}

enum Units {
    Str(&'static Str),
    Bytes(ByteArg),
}

impl Subject {
    pub fn new(cx: &Thread, v: Value) -> Res<Subject> {
        if let Some(s) = v.downcast::<Str>() {
            return Ok(Subject { object: v, held: None, text: Units::Str(s), is_bytes: false });
        }
        if !taipan_vm::buffer::has_buffer(v) {
            raise!(cx, TypeError, "expected string or bytes-like object, got '{}'", v.ty().name());
        }
        if let Some(b) = v.downcast_exact::<Bytes>() {
            let text = Units::Bytes(ByteArg::Borrowed(b.as_slice()));
            return Ok(Subject { object: v, held: None, text, is_bytes: true });
        }
        let buffer = taipan_vm::buffer::get(cx, v, taipan_vm::buffer::bufflag::SIMPLE)?;
        let text = Units::Bytes(ByteArg::Copied(buffer.to_vec()));
        Ok(Subject { object: v, held: Some(buffer), text, is_bytes: true })
    }

    pub fn text(&self) -> Text<'_> {
        match &self.text {
            Units::Str(s) => match s.data() {
                Data::Ascii(d) | Data::Latin1(d) => Text::One(d),
                Data::Ucs2(d) => Text::Two(d),
                Data::Ucs4(d) => Text::Four(d),
            },
            Units::Bytes(b) => Text::One(b),
        }
    }

    pub fn len(&self) -> usize {
        self.text().len()
    }

    /// Units `from..to`, as str or bytes; the object itself where that is all of an exact one.
    pub fn slice(&self, cx: &Thread, from: usize, to: usize) -> Value {
        let n = self.len();
        let to = to.min(n);
        let from = from.min(to);
        let whole = from == 0 && to == n;
        match &self.text {
            Units::Str(s) => {
                if whole && self.object.ty().is(Str::type_object()) {
                    return self.object;
                }
                Value::from_ref(Str::substring(cx, s, from, to))
            }
            Units::Bytes(b) => {
                if whole && self.object.downcast_exact::<Bytes>().is_some() {
                    return self.object;
                }
                Value::from_ref(Bytes::new(cx, &b[from..to]))
            }
        }
    }
}

impl Drop for Subject {
    fn drop(&mut self) {
        if let (Some(b), Some(cx)) = (&self.held, Thread::current()) {
            // What a Python `__release_buffer__` raises has nowhere to go.
            let _ = b.release(cx);
        }
    }
}

thread_local! {
    /// Holds no values: positions only.
    static SCRATCH: RefCell<Option<Box<Scratch>>> = const { RefCell::new(None) };
}

/// A scratch memory taken from the thread for the time of an operation. A nested operation (a
/// signal handler, a callback) finds none and makes its own.
pub struct Lent(Option<Box<Scratch>>);

/// The growth of a matcher's stacks, which hold positions only.
fn blocking(bytes: usize, work: &mut dyn FnMut()) {
    // SAFETY: moves memory that no other thread knows, outside the heap.
    unsafe { taipan_heap::Mutator::here().plain(bytes, work) }
}

impl Lent {
    pub fn take() -> Lent {
        let s = SCRATCH.with(|s| s.borrow_mut().take());
        Lent(Some(s.unwrap_or_else(|| Box::new(Scratch::with_blocking(blocking)))))
    }
}

impl std::ops::Deref for Lent {
    type Target = Scratch;
    fn deref(&self) -> &Scratch {
        self.0.as_ref().expect("present until dropped")
    }
}

impl std::ops::DerefMut for Lent {
    fn deref_mut(&mut self) -> &mut Scratch {
        self.0.as_mut().expect("present until dropped")
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        if let Some(mut s) = self.0.take() {
            s.shrink();
            SCRATCH.with(|c| *c.borrow_mut() = Some(s));
        }
    }
}

/// The C library's view of bytes under the current locale.
pub fn current_locale() -> Locale {
    let mut l = Locale::C;
    for i in 0..256usize {
        let c = i as libc::c_int;
        // SAFETY: the ctype functions take any unsigned char value.
        unsafe {
            l.alnum[i] = libc::isalnum(c) != 0;
            l.lower[i] = libc::tolower(c) as u8;
            l.upper[i] = libc::toupper(c) as u8;
        }
    }
    l
}

/// One question to a program.
pub struct Query<'a> {
    pub program: &'a Program,
    pub locale: Option<&'a Locale>,
    pub start: usize,
    pub end: usize,
    pub mode: Mode,
    pub must_advance: bool,
}

pub fn run(cx: &Thread, scratch: &mut Scratch, subject: &Subject, q: &Query<'_>) -> Res<bool> {
    let mut raised: Option<Raised> = None;
    let mut request = Request::new(subject.text(), q.mode);
    request.start = q.start;
    request.end = q.end;
    request.must_advance = q.must_advance;
    if let Some(l) = q.locale {
        request.locale = l;
    }
    let answer = q.program.run(scratch, &request, &mut || match cx.poll() {
        Ok(()) => Ok(()),
        Err(e) => {
            raised = Some(e);
            Err(MatchError::Interrupted)
        }
    });
    match answer {
        Ok(b) => Ok(b),
        Err(MatchError::NoMemory) => Err(cx.no_memory()),
        Err(MatchError::Interrupted) => {
            Err(raised.unwrap_or_else(|| err!(cx, RuntimeError, "a match was interrupted")))
        }
    }
}
