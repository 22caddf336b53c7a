//! `re.Pattern` and the scanner.

use super::matches::Match;
use super::subject::{Lent, Query, Subject, current_locale, run};
use super::{Template, compile_template, expand_template};
use std::sync::atomic::{AtomicBool, AtomicI32, AtomicIsize, AtomicPtr, AtomicUsize, Ordering};
use taipan_sre::{Locale, Mode, Program};
use taipan_vm::objects::str::StrBuilder;
use taipan_vm::prelude::*;
use taipan_vm::pytype;
use taipan_vm::types::alloc::fresh_head;

const FLAG_LOCALE: i32 = 4;

#[repr(C)]
pub struct Pattern {
    head: Head,
    source: Slot,
    groupindex: Slot,
    indexgroup: Slot,
    /// The code words as bytes: patterns are compared by them.
    code: Slot,
    flags: AtomicI32,
    /// 1: bytes, 0: str, -1: made without a pattern text.
    is_bytes: AtomicI32,
    groups: AtomicUsize,
    /// Freed with the object.
    program: AtomicPtr<Program>,
}

pytype! { Pattern, PyTaipanPattern_Type, name: "Pattern", module: "re",
base: taipan_vm::objects::object::Object, flags: tpflags::DISALLOW_INSTANTIATION, weakref: true,
doc: "Compiled regular expression object." }

unsafe fn drop_program(head: *mut Head) {
    // SAFETY: called once for a Pattern that is being swept; the program is its own Box.
    unsafe {
        let p = (*(head as *mut Pattern)).program.load(Ordering::Relaxed);
        if !p.is_null() {
            drop(Box::from_raw(p));
        }
    }
}

/// What `_sre.compile` was given.
pub struct Parts {
    pub source: Value,
    pub flags: i32,
    pub words: Vec<u32>,
    pub groups: usize,
    pub groupindex: Value,
    pub indexgroup: Value,
}

impl Pattern {
    pub fn new(cx: &Thread, parts: Parts, program: Program) -> Res {
        let is_bytes = if parts.source.is_none() {
            -1
        } else {
            Subject::new(cx, parts.source)?.is_bytes as i32
        };
        let raw: Vec<u8> = parts.words.iter().flat_map(|w| w.to_le_bytes()).collect();
        let code = Value::from_ref(Bytes::new(cx, &raw));
        let p = cx.alloc(Pattern {
            head: fresh_head(),
            source: Slot::empty(),
            groupindex: Slot::empty(),
            indexgroup: Slot::empty(),
            code: Slot::empty(),
            flags: AtomicI32::new(parts.flags),
            is_bytes: AtomicI32::new(is_bytes),
            groups: AtomicUsize::new(parts.groups),
            program: AtomicPtr::new(std::ptr::null_mut()),
        });
        p.source.init(Some(parts.source));
        p.groupindex.init(Some(parts.groupindex));
        p.indexgroup.init(Some(parts.indexgroup));
        p.code.init(Some(code));
        p.program.store(Box::into_raw(Box::new(program)), Ordering::Release);
        cx.mutator.set_native_drop(std::ptr::NonNull::from(&p.head), drop_program);
        Ok(Value::from_ref(p))
    }

    pub fn group_count(&self) -> usize {
        self.groups.load(Ordering::Relaxed)
    }

    pub fn index_map(&self) -> Value {
        self.groupindex.value()
    }

    pub fn indexgroup(&self) -> Value {
        self.indexgroup.value()
    }

    fn program(&self) -> &Program {
        // SAFETY: set at construction, freed when the object is swept.
        unsafe { &*self.program.load(Ordering::Acquire) }
    }

    fn locale(&self) -> Option<Locale> {
        if self.flags.load(Ordering::Relaxed) & FLAG_LOCALE != 0 {
            Some(current_locale())
        } else {
            None
        }
    }

    /// The subject, with the checks of `state_init`; and the range, clipped.
    fn subject(
        &self,
        cx: &Thread,
        v: Value,
        pos: isize,
        end: isize,
    ) -> Res<(Subject, usize, usize)> {
        let s = Subject::new(cx, v)?;
        let kind = self.is_bytes.load(Ordering::Relaxed);
        if s.is_bytes && kind == 0 {
            raise!(cx, TypeError, "cannot use a string pattern on a bytes-like object");
        }
        if !s.is_bytes && kind > 0 {
            raise!(cx, TypeError, "cannot use a bytes pattern on a string-like object");
        }
        let n = s.len() as isize;
        let (a, b) = (pos.clamp(0, n) as usize, end.clamp(0, n) as usize);
        Ok((s, a, b))
    }

    fn once(&self, cx: &Thread, string: Value, pos: isize, end: isize, mode: Mode) -> Res {
        let (s, pos, end) = self.subject(cx, string, pos, end)?;
        let locale = self.locale();
        let mut scratch = Lent::take();
        let q = Query {
            program: self.program(),
            locale: locale.as_ref(),
            start: pos,
            end,
            mode,
            must_advance: false,
        };
        if pos > end {
            // CPython matches nothing there, except that an empty pattern does match at `pos`.
        }
        if !run(cx, &mut scratch, &s, &q)? {
            return Ok(none());
        }
        Ok(Match::new(cx, self, &s, &scratch, pos, end))
    }

    /// All matches from left to right: `f` gets the scratch after each and says whether to go on.
    fn each(
        &self,
        cx: &Thread,
        s: &Subject,
        pos: usize,
        end: usize,
        mut f: impl FnMut(&Lent) -> Res<bool>,
    ) -> Res<()> {
        let locale = self.locale();
        let mut scratch = Lent::take();
        let mut q = Query {
            program: self.program(),
            locale: locale.as_ref(),
            start: pos,
            end,
            mode: Mode::Search,
            must_advance: false,
        };
        let mut found = 0usize;
        while q.start <= end && run(cx, &mut scratch, s, &q)? {
            let (a, b) = scratch.span();
            if !f(&scratch)? {
                break;
            }
            q.must_advance = a == b;
            q.start = b;
            found += 1;
            if found & 0xFFF == 0 {
                cx.poll()?;
            }
        }
        Ok(())
    }
}

enum Filter {
    Literal(Value),
    Template(&'static Template),
    Callable(Value),
}

fn filter_of(cx: &Thread, p: &Pattern, repl: Value) -> Res<Filter> {
    if is_callable(repl) {
        return Ok(Filter::Callable(repl));
    }
    let plain = match Subject::new(cx, repl) {
        Ok(s) => {
            use taipan_sre::Text;
            match s.text() {
                Text::One(t) => !t.contains(&b'\\'),
                Text::Two(t) => !t.contains(&(b'\\' as u16)),
                Text::Four(t) => !t.contains(&(b'\\' as u32)),
            }
        }
        Err(_) => false,
    };
    if plain {
        return Ok(Filter::Literal(repl));
    }
    let t = compile_template(cx, p, repl)?;
    Ok(match t.plain() {
        Some(v) => Filter::Literal(v),
        None => Filter::Template(t),
    })
}

fn join(cx: &Thread, is_bytes: bool, parts: &[Value]) -> Res {
    let list = Value::from_ref(List::from_slice(cx, parts));
    let empty = if is_bytes {
        Value::from_ref(Bytes::new(cx, b""))
    } else {
        Value::from_ref(Str::new(cx, ""))
    };
    call_method(cx, empty, id!(cx, "join"), &[list])
}

fn sub(cx: &Thread, p: &Pattern, repl: Value, string: Value, count: isize) -> Res<(Value, usize)> {
    let filter = filter_of(cx, p, repl)?;
    let (s, _, end) = p.subject(cx, string, 0, isize::MAX)?;
    let mut parts: GcVec<Value> = GcVec::new();
    let (mut n, mut last) = (0usize, 0usize);
    if count >= 0 {
        p.each(cx, &s, 0, end, |scratch| {
            let (a, b) = scratch.span();
            if last < a {
                parts.push(s.slice(cx, last, a));
            }
            let item = match &filter {
                Filter::Literal(v) => *v,
                Filter::Template(t) => {
                    let m = Match::new(cx, p, &s, scratch, 0, end);
                    expand_template(cx, t, m.downcast::<Match>().expect("made just now"))?
                }
                Filter::Callable(f) => {
                    let m = Match::new(cx, p, &s, scratch, 0, end);
                    call(cx, *f, &[m])?
                }
            };
            if !item.is_none() {
                parts.push(item);
            }
            last = b;
            n += 1;
            Ok(count == 0 || n < count as usize)
        })?;
    }
    if last < end {
        parts.push(s.slice(cx, last, end));
    }
    if parts.is_empty() {
        return Ok((s.slice(cx, 0, 0), n));
    }
    Ok((join(cx, s.is_bytes, &parts)?, n))
}

#[pymethods]
impl Pattern {
    #[slot]
    fn __repr__(cx: &Thread, this: &Pattern) -> Res {
        const NAMES: [(&str, i32); 8] = [
            ("re.IGNORECASE", 2),
            ("re.LOCALE", 4),
            ("re.MULTILINE", 8),
            ("re.DOTALL", 16),
            ("re.UNICODE", 32),
            ("re.VERBOSE", 64),
            ("re.DEBUG", 128),
            ("re.ASCII", 256),
        ];
        let mut flags = this.flags.load(Ordering::Relaxed);
        if this.is_bytes.load(Ordering::Relaxed) == 0 && flags & (4 | 32 | 256) == 32 {
            flags &= !32;
        }
        let mut items = Vec::new();
        for (name, bit) in NAMES {
            if flags & bit != 0 {
                items.push(name.to_string());
                flags &= !bit;
            }
        }
        if flags != 0 {
            items.push(format!("{flags:#x}"));
        }
        let r = repr(cx, this.source.value())?;
        let mut b = StrBuilder::new();
        b.push_str("re.compile(");
        b.push_range(r, 0, r.len().min(200));
        if !items.is_empty() {
            b.push_str(", ");
            b.push_str(&items.join("|"));
        }
        b.push_str(")");
        Ok(b.value(cx))
    }

    #[slot]
    fn __hash__(cx: &Thread, this: &Pattern) -> Res<i64> {
        let code = this.code.value().downcast::<Bytes>().map_or(0, |b| b.hash(cx));
        let h = hash(cx, this.source.value())? ^ code;
        let h = h
            ^ this.flags.load(Ordering::Relaxed) as i64
            ^ this.is_bytes.load(Ordering::Relaxed) as i64;
        Ok(if h == -1 { -2 } else { h })
    }

    #[slot]
    fn __richcmp__(cx: &Thread, this: &Pattern, other: Value, op: CmpOp) -> Res {
        if !matches!(op, CmpOp::Eq | CmpOp::Ne) {
            return Ok(not_implemented());
        }
        let Some(o) = other.downcast_exact::<Pattern>() else { return Ok(not_implemented()) };
        let code = |p: &Pattern| p.code.value().downcast::<Bytes>().expect("code is bytes");
        let same = std::ptr::eq(this, o)
            || (this.flags.load(Ordering::Relaxed) == o.flags.load(Ordering::Relaxed)
                && this.is_bytes.load(Ordering::Relaxed) == o.is_bytes.load(Ordering::Relaxed)
                && code(this).as_slice() == code(o).as_slice()
                && eq(cx, this.source.value(), o.source.value())?);
        Ok(py_bool(same == (op == CmpOp::Eq)))
    }

    /// Matches at the beginning of the string.
    #[pymethod(name = "match", sig = "(self, /, string, pos=0, endpos=sys.maxsize)")]
    fn match_(cx: &Thread, this: &Pattern, string: Value, pos: isize, endpos: isize) -> Res {
        this.once(cx, string, pos, endpos, Mode::Match)
    }

    /// Matches against all of the string.
    #[pymethod(sig = "(self, /, string, pos=0, endpos=sys.maxsize)")]
    fn fullmatch(cx: &Thread, this: &Pattern, string: Value, pos: isize, endpos: isize) -> Res {
        this.once(cx, string, pos, endpos, Mode::FullMatch)
    }

    /// Looks for a match anywhere in the string.
    #[pymethod(sig = "(self, /, string, pos=0, endpos=sys.maxsize)")]
    fn search(cx: &Thread, this: &Pattern, string: Value, pos: isize, endpos: isize) -> Res {
        this.once(cx, string, pos, endpos, Mode::Search)
    }

    /// A list of all matches.
    #[pymethod(sig = "(self, /, string, pos=0, endpos=sys.maxsize)")]
    fn findall(cx: &Thread, this: &Pattern, string: Value, pos: isize, endpos: isize) -> Res {
        let (s, pos, end) = this.subject(cx, string, pos, endpos)?;
        let groups = this.group_count();
        let mut out: GcVec<Value> = GcVec::new();
        this.each(cx, &s, pos, end, |scratch| {
            let group = |g: usize| {
                let (a, b) = scratch.group(g).unwrap_or((0, 0));
                s.slice(cx, a, b)
            };
            out.push(match groups {
                0 => {
                    let (a, b) = scratch.span();
                    s.slice(cx, a, b)
                }
                1 => group(1),
                _ => {
                    let mut t: GcVec<Value> = GcVec::with_capacity(groups);
                    (1..=groups).for_each(|g| t.push(group(g)));
                    Value::from_ref(Tuple::from_slice(cx, &t))
                }
            });
            Ok(true)
        })?;
        Ok(Value::from_ref(List::from_slice(cx, &out)))
    }

    /// An iterator over all matches.
    #[pymethod(sig = "(self, /, string, pos=0, endpos=sys.maxsize)")]
    fn finditer(cx: &Thread, this: &Pattern, string: Value, pos: isize, endpos: isize) -> Res {
        let scanner = Scanner::new(cx, this, string, pos, endpos)?;
        let search = get_attr(cx, scanner, id!(cx, "search"))?;
        Ok(taipan_vm::objects::seqiter::CallIter::new(cx, search, none()))
    }

    #[pymethod(sig = "(self, /, string, pos=0, endpos=sys.maxsize)")]
    fn scanner(cx: &Thread, this: &Pattern, string: Value, pos: isize, endpos: isize) -> Res {
        Scanner::new(cx, this, string, pos, endpos)
    }

    /// The string cut where the pattern matches, groups included.
    #[pymethod(sig = "(self, /, string, maxsplit=0)")]
    fn split(cx: &Thread, this: &Pattern, string: Value, maxsplit: isize) -> Res {
        let (s, _, end) = this.subject(cx, string, 0, isize::MAX)?;
        let groups = this.group_count();
        let mut out: GcVec<Value> = GcVec::new();
        let (mut n, mut last) = (0, 0);
        if maxsplit >= 0 {
            this.each(cx, &s, 0, end, |scratch| {
                let (a, b) = scratch.span();
                out.push(s.slice(cx, last, a));
                for g in 1..=groups {
                    out.push(match scratch.group(g) {
                        Some((a, b)) => s.slice(cx, a, b),
                        None => none(),
                    });
                }
                last = b;
                n += 1;
                Ok(maxsplit == 0 || n < maxsplit)
            })?;
        }
        out.push(s.slice(cx, last, end));
        Ok(Value::from_ref(List::from_slice(cx, &out)))
    }

    /// The string with the leftmost matches replaced.
    #[pymethod(sig = "(self, /, repl, string, count=0)")]
    fn sub(cx: &Thread, this: &Pattern, repl: Value, string: Value, count: isize) -> Res {
        sub(cx, this, repl, string, count).map(|(v, _)| v)
    }

    /// The string with the leftmost matches replaced, and how many were.
    #[pymethod(sig = "(self, /, repl, string, count=0)")]
    fn subn(cx: &Thread, this: &Pattern, repl: Value, string: Value, count: isize) -> Res {
        let (v, n) = sub(cx, this, repl, string, count)?;
        Ok(Value::from_ref(Tuple::pair(cx, v, Value::small(n as i64))))
    }

    #[pymethod(sig = "(self, /)")]
    fn __copy__(_cx: &Thread, this: Value) -> Value {
        this
    }

    #[pymethod(sig = "(self, memo, /)")]
    fn __deepcopy__(_cx: &Thread, this: Value, _memo: Value) -> Value {
        this
    }

    /// Pattern[str] and its like.
    #[classmethod(sig = "(cls, item, /)")]
    fn __class_getitem__(cx: &Thread, cls: Value, item: Value) -> Res {
        taipan_vm::objects::generic_alias::new(cx, cls, item)
    }

    /// The text that the pattern was made from.
    #[getter]
    fn pattern(_cx: &Thread, this: &Pattern) -> Value {
        this.source.value()
    }

    /// The flags of the pattern.
    #[getter]
    fn flags(_cx: &Thread, this: &Pattern) -> i32 {
        this.flags.load(Ordering::Relaxed)
    }

    /// The number of groups.
    #[getter]
    fn groups(_cx: &Thread, this: &Pattern) -> usize {
        this.groups.load(Ordering::Relaxed)
    }

    /// Group numbers by name.
    #[getter]
    fn groupindex(cx: &Thread, this: &Pattern) -> Value {
        let groups = this.groupindex.value();
        if groups.downcast::<Dict>().is_none_or(Dict::is_empty) {
            return Value::from_ref(Dict::new(cx));
        }
        taipan_vm::objects::mappingproxy::new(cx, groups)
    }
}

/// Matches one after the other.
#[repr(C)]
pub struct Scanner {
    head: Head,
    pattern: Slot,
    string: Slot,
    /// A view that keeps a mutable string from being resized until the scan is over.
    held: Slot,
    pos: AtomicIsize,
    start: AtomicIsize,
    end: AtomicIsize,
    must_advance: AtomicBool,
    busy: AtomicBool,
}

pytype! { Scanner, PyTaipanScanner_Type, name: "SRE_Scanner", module: "_sre",
base: taipan_vm::objects::object::Object, flags: tpflags::DISALLOW_INSTANTIATION }

impl Scanner {
    fn new(cx: &Thread, p: &Pattern, string: Value, pos: isize, end: isize) -> Res {
        let (_, pos, end) = p.subject(cx, string, pos, end)?;
        let s = Scanner {
            head: fresh_head(),
            pattern: Slot::empty(),
            string: Slot::empty(),
            held: Slot::empty(),
            pos: AtomicIsize::new(pos as isize),
            start: AtomicIsize::new(pos as isize),
            end: AtomicIsize::new(end as isize),
            must_advance: AtomicBool::new(false),
            busy: AtomicBool::new(false),
        };
        s.pattern.init(Some(Value::from_ref(p)));
        s.string.init(Some(string));
        if string.downcast::<Str>().is_none() && string.downcast_exact::<Bytes>().is_none() {
            s.held.init(Some(taipan_vm::objects::memoryview::from_object(cx, string)?));
        }
        Ok(Value::from_ref(cx.alloc(s)))
    }

    fn pattern_ref(&self) -> &'static Pattern {
        self.pattern.value().downcast_exact::<Pattern>().expect("a scanner has its pattern")
    }

    fn next(&self, cx: &Thread, mode: Mode) -> Res {
        if self.busy.swap(true, Ordering::AcqRel) {
            raise!(cx, ValueError, "regular expression scanner already executing");
        }
        let r = self.step(cx, mode);
        self.busy.store(false, Ordering::Release);
        r
    }

    fn step(&self, cx: &Thread, mode: Mode) -> Res {
        let start = self.start.load(Ordering::Relaxed);
        if start < 0 {
            return Ok(none());
        }
        let p = self.pattern_ref();
        let end = self.end.load(Ordering::Relaxed);
        let (s, start, end) = p.subject(cx, self.string.value(), start, end)?;
        let locale = p.locale();
        let mut scratch = Lent::take();
        let q = Query {
            program: p.program(),
            locale: locale.as_ref(),
            start,
            end,
            mode,
            must_advance: self.must_advance.load(Ordering::Relaxed),
        };
        if !run(cx, &mut scratch, &s, &q)? {
            self.start.store(-1, Ordering::Relaxed);
            if let Some(view) = self.held.swap(self, None) {
                call_method(cx, view, id!(cx, "release"), &[])?;
            }
            return Ok(none());
        }
        let (a, b) = scratch.span();
        self.must_advance.store(a == b, Ordering::Relaxed);
        self.start.store(b as isize, Ordering::Relaxed);
        let pos = self.pos.load(Ordering::Relaxed) as usize;
        Ok(Match::new(cx, p, &s, &scratch, pos, end))
    }
}

#[pymethods]
impl Scanner {
    #[pymethod(name = "match", sig = "(self, /)")]
    fn match_(cx: &Thread, this: &Scanner) -> Res {
        this.next(cx, Mode::Match)
    }

    #[pymethod(sig = "(self, /)")]
    fn search(cx: &Thread, this: &Scanner) -> Res {
        this.next(cx, Mode::Search)
    }

    #[getter]
    fn pattern(_cx: &Thread, this: &Scanner) -> Value {
        this.pattern.value()
    }
}
