//! `_sre`: compiled patterns and matches over the engine of `taipan_sre`. Parsing patterns and
//! templates is the `re` package's.

mod matches;
mod pattern;
mod subject;

use matches::Match;
use pattern::{Parts, Pattern, Scanner};
use std::sync::atomic::{AtomicBool, Ordering};
use subject::Subject;
use taipan_sre::Program;
use taipan_vm::prelude::*;
use taipan_vm::pytype;
use taipan_vm::types::alloc::fresh_head;

/// A parsed replacement: literals and group numbers by turns.
#[repr(C)]
pub struct Template {
    head: Head,
    /// A Tuple: literal, group, literal, ..., literal.
    parts: Slot,
    is_bytes: AtomicBool,
}

pytype! { Template, PyTaipanTemplate_Type, name: "SRE_Template", module: "_sre",
base: taipan_vm::objects::object::Object, flags: tpflags::DISALLOW_INSTANTIATION }

#[pymethods]
impl Template {}

impl Template {
    fn parts(&self) -> &'static Tuple {
        self.parts.value().downcast::<Tuple>().expect("a template has its parts")
    }

    /// The literal, where there is nothing else.
    pub fn plain(&self) -> Option<Value> {
        let p = self.parts();
        if p.len() == 1 { Some(p.get(0)) } else { None }
    }
}

fn empty(v: Value) -> bool {
    v.downcast::<Str>().is_some_and(|s| s.is_empty())
        || v.downcast::<Bytes>().is_some_and(|b| b.is_empty())
}

/// The text of a template filled from a match.
fn expand_template(cx: &Thread, t: &Template, m: &Match) -> Res {
    let parts = t.parts();
    if parts.len() == 1 {
        return Ok(parts.get(0));
    }
    let s = Subject::new(cx, m_string(m, cx)?)?;
    let mut out: GcVec<Value> = GcVec::with_capacity(parts.len());
    for (i, v) in parts.as_slice().iter().enumerate() {
        if i % 2 == 0 {
            if i == 0 || !empty(*v) {
                out.push(*v);
            }
            continue;
        }
        let g = int_to_i64(*v).unwrap_or(i64::MAX) as usize;
        if g >= m.count() {
            raise!(cx, IndexError, "no such group");
        }
        if let Some(x) = m.group_value(cx, &s, g) {
            out.push(x);
        }
    }
    let list = Value::from_ref(List::from_slice(cx, &out));
    let joiner = if t.is_bytes.load(Ordering::Relaxed) {
        Value::from_ref(Bytes::new(cx, b""))
    } else {
        Value::from_ref(Str::new(cx, ""))
    };
    call_method(cx, joiner, id!(cx, "join"), &[list])
}

fn m_string(m: &Match, cx: &Thread) -> Res {
    get_attr(cx, Value::from_ref(m), id!(cx, "string"))
}

/// The template of a replacement, from the `re` package and its cache.
fn compile_template(cx: &Thread, p: &Pattern, template: Value) -> Res<&'static Template> {
    let f = taipan_vm::objects::module::import_attr(cx, "re", "_compile_template")?;
    let me = Value::from_ref(p);
    let r = match call(cx, f, &[me, template]) {
        Ok(r) => r,
        // An unhashable bytes-like object is tried again as bytes.
        Err(e)
            if e.is(exc::TypeError())
                && template.downcast::<Str>().is_none()
                && template.downcast::<Bytes>().is_none()
                && taipan_vm::buffer::has_buffer(template) =>
        {
            let b = taipan_vm::objects::bytes::from_buffer(cx, template)?;
            call(cx, f, &[me, b])?
        }
        Err(e) => return Err(e),
    };
    match r.downcast_exact::<Template>() {
        Some(t) => Ok(t),
        None => raise!(
            cx,
            RuntimeError,
            "the result of compiling a replacement string is {}, not SRE_Template",
            r.ty().name()
        ),
    }
}

/// The size of a code word.
#[pyfunction]
fn getcodesize(_cx: &Thread) -> usize {
    taipan_sre::CODE_SIZE
}

#[pyfunction]
fn ascii_iscased(_cx: &Thread, character: i32) -> bool {
    taipan_sre::ascii_is_cased(character as u32)
}

#[pyfunction]
fn unicode_iscased(_cx: &Thread, character: i32) -> bool {
    taipan_sre::unicode_is_cased(character as u32)
}

#[pyfunction]
fn ascii_tolower(_cx: &Thread, character: i32) -> u32 {
    taipan_sre::ascii_lower(character as u32)
}

#[pyfunction]
fn unicode_tolower(_cx: &Thread, character: i32) -> u32 {
    taipan_sre::unicode_lower(character as u32)
}

/// A Pattern from code words.
#[pyfunction(sig = "(pattern, flags, code, groups, groupindex, indexgroup)")]
fn compile(
    cx: &Thread,
    pattern: Value,
    flags: i32,
    code: &'static List,
    groups: isize,
    groupindex: &'static Dict,
    indexgroup: &'static Tuple,
) -> Res {
    let mut words = Vec::with_capacity(code.len());
    for v in code.to_vec().iter() {
        let i = index(cx, *v)?;
        match int_to_i64(i).and_then(|n| u32::try_from(n).ok()) {
            Some(w) => words.push(w),
            None => raise!(cx, OverflowError, "regular expression code size limit exceeded"),
        }
    }
    let groups = usize::try_from(groups).unwrap_or(usize::MAX);
    let program = if groups > taipan_sre::MAX_GROUPS {
        raise!(cx, RuntimeError, "invalid SRE code")
    } else {
        match Program::new(&words, groups) {
            Ok(p) => p,
            Err(_) => raise!(cx, RuntimeError, "invalid SRE code"),
        }
    };
    let parts = Parts {
        source: pattern,
        flags,
        words,
        groups,
        groupindex: Value::from_ref(groupindex),
        indexgroup: Value::from_ref(indexgroup),
    };
    Pattern::new(cx, parts, program)
}

/// A Template from literals and group numbers.
#[pyfunction(sig = "(pattern, template, /)")]
fn template(cx: &Thread, _pattern: Value, template: &'static List) -> Res {
    let items = template.to_vec();
    if items.len() % 2 == 0 {
        raise!(cx, TypeError, "invalid template");
    }
    for (i, v) in items.iter().enumerate() {
        if i % 2 == 1 && !taipan_vm::objects::int::is_int(*v) {
            raise!(cx, TypeError, "an integer is required");
        }
        if i % 2 == 1 && index_isize(cx, *v, exc::OverflowError())? < 0 {
            raise!(cx, TypeError, "invalid template");
        }
    }
    let t = Template {
        head: fresh_head(),
        parts: Slot::empty(),
        is_bytes: AtomicBool::new(items[0].downcast::<Bytes>().is_some()),
    };
    t.parts.init(Some(Value::from_ref(Tuple::from_slice(cx, &items))));
    Ok(Value::from_ref(cx.alloc(t)))
}

fn exec(cx: &Thread, m: &Module) -> Res<()> {
    use taipan_vm::types::ready::ready;
    ready::<Pattern>(cx);
    ready::<Match>(cx);
    ready::<Scanner>(cx);
    ready::<Template>(cx);
    m.add_int(cx, "MAGIC", taipan_sre::MAGIC as i64);
    m.add_int(cx, "CODESIZE", taipan_sre::CODE_SIZE as i64);
    m.add_int(cx, "MAXREPEAT", taipan_sre::MAX_REPEAT as i64);
    m.add_int(cx, "MAXGROUPS", taipan_sre::MAX_GROUPS as i64);
    m.add_str(cx, "copyright", " SRE 2.2.2 Copyright (c) 1997-2002 by Secret Labs AB ");
    Ok(())
}

pymodule! { "_sre", functions: [
    getcodesize, ascii_iscased, unicode_iscased, ascii_tolower, unicode_tolower, compile, template
], exec: exec }
