//! `re.Match`.

use super::pattern::Pattern;
use super::subject::Subject;
use std::sync::atomic::{AtomicIsize, Ordering};
use taipan_sre::Scratch;
use taipan_vm::objects::int;
use taipan_vm::prelude::*;
use taipan_vm::pytype;
use taipan_vm::types::alloc::fresh_head;

#[repr(C)]
pub struct Match {
    head: Head,
    string: Slot,
    pattern: Slot,
    regs: Slot,
    pos: AtomicIsize,
    endpos: AtomicIsize,
    /// -1: none.
    lastindex: AtomicIsize,
    /// Groups with the whole match.
    groups: AtomicIsize,
    /// Start and end of each group; -1 where it did not take part. `2 * groups` words follow.
    marks: [AtomicIsize; 0],
}

pytype! { Match, PyTaipanMatch_Type, name: "Match", module: "re",
base: taipan_vm::objects::object::Object, flags: tpflags::DISALLOW_INSTANTIATION, itemsize: 16,
doc: "The result of re.match() and re.search().\nMatch objects always have a boolean value of True." }

impl Match {
    /// From what the last run left in the scratch.
    pub fn new(
        cx: &Thread,
        p: &Pattern,
        subject: &Subject,
        s: &Scratch,
        pos: usize,
        end: usize,
    ) -> Value {
        let groups = p.group_count() + 1;
        let ty = Match::type_object();
        let cell = cx.alloc_uninit(ty, size_of::<Match>() + 16 * groups);
        // SAFETY: a private zeroed cell with room for the struct and 2 * groups words after it.
        unsafe {
            let m = cell.as_ptr() as *mut Match;
            m.write(Match {
                head: fresh_head(),
                string: Slot::empty(),
                pattern: Slot::empty(),
                regs: Slot::empty(),
                pos: AtomicIsize::new(pos as isize),
                endpos: AtomicIsize::new(end as isize),
                lastindex: AtomicIsize::new(s.last_index().map_or(-1, |i| i as isize)),
                groups: AtomicIsize::new(groups as isize),
                marks: [],
            });
            (*m).string.init(Some(subject.object));
            (*m).pattern.init(Some(Value::from_ref(p)));
            let (a, b) = s.span();
            (*m).mark(0).store(a as isize, Ordering::Relaxed);
            (*m).mark(1).store(b as isize, Ordering::Relaxed);
            for g in 1..groups {
                let (a, b) = s.group(g).map_or((-1, -1), |(a, b)| (a as isize, b as isize));
                (*m).mark(2 * g).store(a, Ordering::Relaxed);
                (*m).mark(2 * g + 1).store(b, Ordering::Relaxed);
            }
            cx.publish(cell, ty);
            Value::from_ref(&*m)
        }
    }

    fn mark(&self, i: usize) -> &AtomicIsize {
        assert!(i < 2 * self.count(), "a mark of the match");
        // SAFETY: 2 * groups words follow the struct in the same cell.
        unsafe { &*self.marks.as_ptr().add(i) }
    }

    pub fn count(&self) -> usize {
        self.groups.load(Ordering::Relaxed) as usize
    }

    fn span_of(&self, g: usize) -> (isize, isize) {
        (self.mark(2 * g).load(Ordering::Relaxed), self.mark(2 * g + 1).load(Ordering::Relaxed))
    }

    fn pattern(&self) -> &'static Pattern {
        self.pattern.value().downcast_exact::<Pattern>().expect("a match has its pattern")
    }

    fn subject(&self, cx: &Thread) -> Res<Subject> {
        Subject::new(cx, self.string.value())
    }

    /// The text of a group; `None` where it did not take part.
    pub fn group_value(&self, cx: &Thread, s: &Subject, g: usize) -> Option<Value> {
        let (a, b) = self.span_of(g);
        if a < 0 || b < 0 { None } else { Some(s.slice(cx, a as usize, b as usize)) }
    }

    /// The number of a group given by number or name.
    fn index_of(&self, cx: &Thread, key: Value) -> Res<usize> {
        let mut found = None;
        if key.ty().slots().index.get().is_some() {
            found = int_to_i64(index(cx, key)?).map(|i| i as isize);
        } else if let Some(d) = self.pattern().index_map().downcast::<Dict>() {
            // What cannot be a key is no group either.
            if let Ok(Some(v)) = d.get(cx, key) {
                if int::is_int(v) {
                    found = int_to_i64(v).map(|i| i as isize);
                }
            }
        }
        match found.and_then(|i| usize::try_from(i).ok()).filter(|i| *i < self.count()) {
            Some(i) => Ok(i),
            None => raise!(cx, IndexError, "no such group"),
        }
    }

    fn whole_span(&self, cx: &Thread, g: usize) -> Value {
        let (a, b) = self.span_of(g);
        Value::from_ref(Tuple::pair(cx, Value::small(a as i64), Value::small(b as i64)))
    }
}

#[pymethods]
impl Match {
    #[slot]
    fn __repr__(cx: &Thread, this: &Match) -> Res {
        let s = this.subject(cx)?;
        let text = match this.group_value(cx, &s, 0) {
            Some(v) => v,
            None => none(),
        };
        let (a, b) = this.span_of(0);
        let r = repr(cx, text)?;
        let mut out = taipan_vm::objects::str::StrBuilder::new();
        out.push_str(&format!("<re.Match object; span=({a}, {b}), match="));
        out.push_obj(r);
        out.push_str(">");
        Ok(out.value(cx))
    }

    #[slot]
    fn __getitem__(cx: &Thread, this: &Match, key: Value) -> Res {
        let g = this.index_of(cx, key)?;
        let s = this.subject(cx)?;
        Ok(this.group_value(cx, &s, g).unwrap_or(none()))
    }

    /// One or more groups of the match.
    #[pymethod(sig = "(self, /, *args)")]
    fn group(cx: &Thread, this: &Match, args: &[Value]) -> Res {
        let s = this.subject(cx)?;
        let one = |v: Value| -> Res {
            let g = this.index_of(cx, v)?;
            Ok(this.group_value(cx, &s, g).unwrap_or(none()))
        };
        match args {
            [] => Ok(this.group_value(cx, &s, 0).unwrap_or(none())),
            [v] => one(*v),
            _ => {
                let mut out = GcVec::new();
                for v in args {
                    out.push(one(*v)?);
                }
                Ok(Value::from_ref(Tuple::from_slice(cx, &out)))
            }
        }
    }

    /// All groups of the match.
    #[pymethod(sig = "(self, /, default=None)")]
    fn groups(cx: &Thread, this: &Match, default: Value) -> Res {
        let s = this.subject(cx)?;
        let mut out = GcVec::new();
        for g in 1..this.count() {
            out.push(this.group_value(cx, &s, g).unwrap_or(default));
        }
        Ok(Value::from_ref(Tuple::from_slice(cx, &out)))
    }

    /// The named groups of the match.
    #[pymethod(sig = "(self, /, default=None)")]
    fn groupdict(cx: &Thread, this: &Match, default: Value) -> Res {
        let s = this.subject(cx)?;
        let out = Dict::new(cx);
        if let Some(d) = this.pattern().index_map().downcast::<Dict>() {
            for (name, _) in d.entries() {
                let g = this.index_of(cx, name)?;
                out.set(cx, name, this.group_value(cx, &s, g).unwrap_or(default))?;
            }
        }
        Ok(Value::from_ref(out))
    }

    /// Where a group begins.
    #[pymethod(sig = "(self, group=0, /)")]
    fn start(cx: &Thread, this: &Match, group: Value) -> Res<isize> {
        Ok(this.span_of(this.index_of(cx, group)?).0)
    }

    /// Where a group ends.
    #[pymethod(sig = "(self, group=0, /)")]
    fn end(cx: &Thread, this: &Match, group: Value) -> Res<isize> {
        Ok(this.span_of(this.index_of(cx, group)?).1)
    }

    /// Where a group begins and ends.
    #[pymethod(sig = "(self, group=0, /)")]
    fn span(cx: &Thread, this: &Match, group: Value) -> Res {
        let g = this.index_of(cx, group)?;
        Ok(this.whole_span(cx, g))
    }

    /// A replacement template filled with the groups.
    #[pymethod(sig = "(self, /, template)")]
    fn expand(cx: &Thread, this: &Match, template: Value) -> Res {
        let t = super::compile_template(cx, this.pattern(), template)?;
        super::expand_template(cx, t, this)
    }

    #[pymethod(sig = "(self, /)")]
    fn __copy__(_cx: &Thread, this: Value) -> Value {
        this
    }

    #[pymethod(sig = "(self, memo, /)")]
    fn __deepcopy__(_cx: &Thread, this: Value, _memo: Value) -> Value {
        this
    }

    /// Match[str] and its like.
    #[classmethod(sig = "(cls, item, /)")]
    fn __class_getitem__(cx: &Thread, cls: Value, item: Value) -> Res {
        taipan_vm::objects::generic_alias::new(cx, cls, item)
    }

    /// The number of the last group that matched.
    #[getter]
    fn lastindex(_cx: &Thread, this: &Match) -> Option<isize> {
        Some(this.lastindex.load(Ordering::Relaxed)).filter(|i| *i >= 0)
    }

    /// The name of the last group that matched.
    #[getter]
    fn lastgroup(_cx: &Thread, this: &Match) -> Value {
        let i = this.lastindex.load(Ordering::Relaxed);
        let names = this.pattern().indexgroup().downcast::<Tuple>();
        match names {
            Some(t) if i >= 0 && (i as usize) < t.len() => t.get(i as usize),
            _ => none(),
        }
    }

    /// The spans of all groups.
    #[getter]
    fn regs(cx: &Thread, this: &Match) -> Value {
        if let Some(v) = this.regs.get() {
            return v;
        }
        let t = Value::from_ref(Tuple::from_fn(cx, this.count(), |g| this.whole_span(cx, g)));
        this.regs.set(this, t);
        t
    }

    /// The string that was matched.
    #[getter]
    fn string(_cx: &Thread, this: &Match) -> Value {
        this.string.value()
    }

    /// The pattern.
    #[getter]
    fn re(_cx: &Thread, this: &Match) -> Value {
        this.pattern.value()
    }

    /// Where the search began.
    #[getter]
    fn pos(_cx: &Thread, this: &Match) -> isize {
        this.pos.load(Ordering::Relaxed)
    }

    /// Where the search was to end.
    #[getter]
    fn endpos(_cx: &Thread, this: &Match) -> isize {
        this.endpos.load(Ordering::Relaxed)
    }
}
