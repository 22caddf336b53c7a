//! Attributes and methods of code objects, their comparison, and `code(...)`.

use super::{Code, locations};
use crate::prelude::*;
use std::sync::Arc;
use taipan_compiler::code::{CacheKind, CacheSite, CodeUnit, ExceptEntry, local_kind};
use taipan_compiler::opcode::{Ext, Op, decode};

/// Names of the localsplus entries that have one of the kind bits.
fn names_of_kind(cx: &Thread, c: &Code, kind: u8) -> Value {
    let all = c.localsplus();
    let kinds = &c.unit().localsplus_kinds;
    let names: GcVec<Value> =
        (0..all.len()).filter(|&i| kinds[i] & kind != 0).map(|i| all.get(i)).collect();
    Value::from_ref(Tuple::from_slice(cx, &names))
}

fn words_as_bytes(unit: &CodeUnit) -> Vec<u8> {
    unit.code.iter().flat_map(|w| w.to_le_bytes()).collect()
}

fn write_varint(out: &mut Vec<u8>, value: u32, first: u8) {
    let groups = (1..6).find(|g| value >> (6 * g) == 0).unwrap_or(6);
    for g in (0..groups).rev() {
        let mut b = (value >> (6 * g) & 63) as u8;
        if g > 0 {
            b |= 64;
        }
        if g == groups - 1 {
            b |= first;
        }
        out.push(b);
    }
}

/// The exception table in CPython's format, counted in units of two bytes; the depth is the register.
pub fn exception_table(unit: &CodeUnit) -> Vec<u8> {
    let mut out = Vec::new();
    for e in &unit.except_table {
        write_varint(&mut out, 2 * e.start, 128);
        write_varint(&mut out, 2 * (e.end - e.start), 0);
        write_varint(&mut out, 2 * e.handler, 0);
        write_varint(&mut out, u32::from(e.exc_reg) << 1 | u32::from(e.lasti), 0);
    }
    out
}

/// The inverse of `exception_table`; `None`: damaged.
pub fn read_exception_table(bytes: &[u8]) -> Option<Vec<ExceptEntry>> {
    let mut out = Vec::new();
    let mut it = bytes.iter();
    let number = |it: &mut std::slice::Iter<u8>| -> Option<u32> {
        let mut v = 0u32;
        loop {
            let b = *it.next()?;
            v = v << 6 | u32::from(b & 63);
            if b & 64 == 0 {
                return Some(v);
            }
        }
    };
    let words = |units: u32| (units % 2 == 0).then_some(units / 2);
    while it.len() > 0 {
        let start = words(number(&mut it)?)?;
        let size = words(number(&mut it)?)?;
        let handler = words(number(&mut it)?)?;
        let dl = number(&mut it)?;
        out.push(ExceptEntry {
            start,
            end: start.checked_add(size)?,
            handler,
            exc_reg: u16::try_from(dl >> 1).ok()?,
            lasti: dl & 1 != 0,
        });
    }
    Some(out)
}

/// The cache sites of code words that came from outside, rebuilt from the instructions.
fn sites_fit(unit: &CodeUnit) -> bool {
    let mut pc = 0;
    let base = unit.local_base() as u32;
    while pc < unit.code.len() {
        let Some(i) = decode(&unit.code, pc) else { return false };
        if i.op == Op::PREPARE {
            return false;
        }
        let fits = match i.op.info().ext {
            Ext::cache => (i.ext as usize) < unit.caches.len(),
            Ext::name => (i.ext as usize) < unit.names.len(),
            _ => true,
        };
        if !fits || i.register_end() > unit.nregs.max(base) {
            return false;
        }
        pc += i.len as usize;
    }
    true
}

fn optional(v: Option<u32>) -> Value {
    v.map_or(none(), |v| Value::small(i64::from(v)))
}

/// A list iterator over freshly made items.
fn iterate(cx: &Thread, items: &[Value]) -> Res {
    iter(cx, Value::from_ref(List::from_slice(cx, items)))
}

fn str_arg(v: Value) -> Arc<str> {
    v.downcast::<Str>().map(|s| s.to_str_lossy().into()).unwrap_or_else(|| "".into())
}

fn strings(cx: &Thread, v: Value, what: &str) -> Res<Vec<Arc<str>>> {
    let Some(t) = v.downcast::<Tuple>() else {
        raise!(cx, TypeError, "{what} must be tuple, not {}", v.ty().name())
    };
    let mut out = Vec::with_capacity(t.len());
    for &s in t.as_slice() {
        if s.downcast::<Str>().is_none() {
            raise!(cx, TypeError, "name tuples must contain only strings, not '{}'", s.ty().name());
        }
        out.push(str_arg(s));
    }
    Ok(out)
}

fn words(cx: &Thread, b: &[u8]) -> Res<Vec<u32>> {
    if b.len() % 4 != 0 {
        raise!(cx, ValueError, "code: co_code is malformed");
    }
    Ok(b.chunks_exact(4).map(|c| u32::from_le_bytes([c[0], c[1], c[2], c[3]])).collect())
}

/// The local variables of a frame from the three groups of names that `code()` is given.
fn localsplus(
    vars: &[Arc<str>],
    cells: &[Arc<str>],
    free: &[Arc<str>],
) -> (Vec<Arc<str>>, Vec<u8>) {
    let mut names = Vec::new();
    let mut kinds = Vec::new();
    for v in vars {
        let cell = cells.contains(v);
        names.push(v.clone());
        kinds.push(local_kind::CO_FAST_LOCAL | if cell { local_kind::CO_FAST_CELL } else { 0 });
    }
    for c in cells.iter().filter(|c| !vars.contains(c)) {
        names.push(c.clone());
        kinds.push(local_kind::CO_FAST_CELL);
    }
    for f in free {
        names.push(f.clone());
        kinds.push(local_kind::CO_FAST_FREE);
    }
    (names, kinds)
}

fn count(cx: &Thread, v: Value, name: &str) -> Res<u32> {
    match index(cx, v)?.as_small() {
        Some(n) if n >= 0 => u32::try_from(n)
            .map_err(|_| err!(cx, OverflowError, "Python int too large to convert to C int")),
        _ => raise!(cx, ValueError, "code: {name} must not be negative"),
    }
}

fn check(cx: &Thread, unit: &CodeUnit, old: Option<&CodeUnit>) -> Res<()> {
    let same_code = old.is_some_and(|o| o.code == unit.code && o.nregs <= unit.nregs);
    let args = unit.argcount
        + unit.kwonlyargcount
        + u32::from(unit.flags & taipan_compiler::code::flags::CO_VARARGS != 0)
        + u32::from(unit.flags & taipan_compiler::code::flags::CO_VARKEYWORDS != 0);
    if args as usize > unit.nlocals() {
        raise!(cx, ValueError, "code: varnames is too small");
    }
    if unit.posonlyargcount > unit.argcount {
        raise!(cx, ValueError, "code: posonlyargcount is greater than argcount");
    }
    if !same_code && (unit.code.is_empty() || !sites_fit(unit)) {
        raise!(cx, ValueError, "code: co_code is malformed");
    }
    Ok(())
}

#[pymethods]
impl Code {
    #[slot(
        sig = "(cls, argcount, posonlyargcount, kwonlyargcount, nlocals, stacksize, flags, codestring, constants, names, varnames, filename, name, qualname, firstlineno, linetable, exceptiontable, freevars=(), cellvars=(), /)"
    )]
    #[allow(clippy::too_many_arguments)]
    fn __new__(
        cx: &Thread,
        _cls: &Type,
        argcount: Value,
        posonlyargcount: Value,
        kwonlyargcount: Value,
        nlocals: Value,
        stacksize: Value,
        flags: Value,
        codestring: &'static Bytes,
        constants: &'static Tuple,
        names: Value,
        varnames: Value,
        filename: &'static Str,
        name: &'static Str,
        qualname: &'static Str,
        firstlineno: Value,
        linetable: &'static Bytes,
        exceptiontable: &'static Bytes,
        freevars: Option<Value>,
        cellvars: Option<Value>,
    ) -> Res {
        let empty = Value::from_ref(Tuple::empty(cx));
        let locals = strings(cx, varnames, "code() argument 10")?;
        if count(cx, nlocals, "nlocals")? as usize != locals.len() {
            raise!(cx, ValueError, "code: co_nlocals != len(co_varnames)");
        }
        let (plus, kinds) = localsplus(
            &locals,
            &strings(cx, cellvars.unwrap_or(empty), "code() argument 18")?,
            &strings(cx, freevars.unwrap_or(empty), "code() argument 17")?,
        );
        let code = words(cx, codestring.as_slice())?;
        let names = strings(cx, names, "code() argument 9")?;
        // Every name may be looked up by any kind of cache: one site a name and kind is enough,
        // because a site's index says nothing else.
        let caches = names
            .iter()
            .enumerate()
            .map(|(i, _)| CacheSite { name: i as u32, kind: CacheKind::Attr })
            .collect();
        let Some(except_table) = read_exception_table(exceptiontable.as_slice()) else {
            raise!(cx, ValueError, "code: exceptiontable is malformed")
        };
        let unit = CodeUnit {
            name: name.to_str_lossy().into(),
            qualname: qualname.to_str_lossy().into(),
            filename: filename.to_str_lossy().into(),
            firstlineno: count(cx, firstlineno, "firstlineno")?,
            flags: count(cx, flags, "flags")?,
            argcount: count(cx, argcount, "argcount")?,
            posonlyargcount: count(cx, posonlyargcount, "posonlyargcount")?,
            kwonlyargcount: count(cx, kwonlyargcount, "kwonlyargcount")?,
            localsplus_names: plus,
            localsplus_kinds: kinds,
            consts: Vec::new(),
            names,
            code,
            caches,
            except_table,
            linetable: linetable.as_slice().to_vec(),
            nregs: count(cx, stacksize, "stacksize")?,
        };
        check(cx, &unit, None)?;
        Ok(Value::from_ref(Code::with_consts(cx, Arc::new(unit), constants)))
    }

    #[slot]
    fn __repr__(cx: &Thread, this: &Code) -> Res {
        let text = format!(
            "<code object {} at {:#x}, file \"{}\", line {}>",
            this.name_str(),
            this as *const Code as usize,
            this.filename_str(),
            match this.unit().firstlineno {
                0 => -1,
                n => i64::from(n),
            }
        );
        Ok(Value::from_ref(Str::new(cx, &text)))
    }

    #[slot]
    fn __richcmp__(cx: &Thread, this: &Code, other: Value, op: CmpOp) -> Res {
        let (Some(other), CmpOp::Eq | CmpOp::Ne) = (other.downcast_exact::<Code>(), op) else {
            return Ok(not_implemented());
        };
        let (a, b) = (this.unit(), other.unit());
        let same = std::ptr::eq(a, b)
            || this.name_str().eq(other.name_str())
                && (a.argcount, a.posonlyargcount, a.kwonlyargcount, a.flags, a.firstlineno)
                    == (b.argcount, b.posonlyargcount, b.kwonlyargcount, b.flags, b.firstlineno)
                && a.code == b.code
                && same_constants(cx, this.names(), other.names())?
                && same_constants(cx, this.localsplus(), other.localsplus())?
                && a.localsplus_kinds == b.localsplus_kinds
                && a.linetable == b.linetable
                && a.except_table == b.except_table
                && same_constants(cx, this.consts(), other.consts())?;
        Ok(py_bool(same == (op == CmpOp::Eq)))
    }

    #[slot]
    fn __hash__(cx: &Thread, this: &Code) -> Res<i64> {
        use std::hash::{Hash, Hasher};
        let u = this.unit();
        let mut h = std::collections::hash_map::DefaultHasher::new();
        (u.argcount, u.kwonlyargcount, u.flags, u.firstlineno, &u.code).hash(&mut h);
        this.name_str().hash(cx).hash(&mut h);
        for v in this.names().as_slice().iter().chain(this.localsplus().as_slice()) {
            v.downcast::<Str>().map(|s| s.hash(cx)).hash(&mut h);
        }
        let v = h.finish() as i64;
        Ok(if v == -1 { -2 } else { v })
    }

    #[getter]
    fn co_argcount(_cx: &Thread, this: &Code) -> Res<u32> {
        Ok(this.argcount)
    }
    #[getter]
    fn co_posonlyargcount(_cx: &Thread, this: &Code) -> Res<u32> {
        Ok(this.unit().posonlyargcount)
    }
    #[getter]
    fn co_kwonlyargcount(_cx: &Thread, this: &Code) -> Res<u32> {
        Ok(this.unit().kwonlyargcount)
    }
    #[getter]
    fn co_nlocals(_cx: &Thread, this: &Code) -> Res<usize> {
        Ok(this.unit().nlocals())
    }
    #[getter]
    fn co_stacksize(_cx: &Thread, this: &Code) -> Res<u32> {
        Ok(this.nregs)
    }
    #[getter]
    fn co_flags(_cx: &Thread, this: &Code) -> Res<u32> {
        Ok(this.flags)
    }
    #[getter]
    fn co_code(cx: &Thread, this: &Code) -> Res {
        Ok(Value::from_ref(Bytes::new(cx, &words_as_bytes(this.unit()))))
    }
    #[getter]
    fn _co_code_adaptive(cx: &Thread, this: &Code) -> Res {
        Ok(Value::from_ref(Bytes::new(cx, &words_as_bytes(this.unit()))))
    }
    #[getter]
    fn co_consts(_cx: &Thread, this: &Code) -> Res {
        Ok(Value::from_ref(this.consts()))
    }
    #[getter]
    fn co_names(_cx: &Thread, this: &Code) -> Res {
        Ok(Value::from_ref(this.names()))
    }
    #[getter]
    fn co_varnames(cx: &Thread, this: &Code) -> Res {
        Ok(names_of_kind(cx, this, local_kind::CO_FAST_LOCAL))
    }
    #[getter]
    fn co_cellvars(cx: &Thread, this: &Code) -> Res {
        Ok(names_of_kind(cx, this, local_kind::CO_FAST_CELL))
    }
    #[getter]
    fn co_freevars(cx: &Thread, this: &Code) -> Res {
        Ok(names_of_kind(cx, this, local_kind::CO_FAST_FREE))
    }
    #[getter]
    fn co_filename(_cx: &Thread, this: &Code) -> Res {
        Ok(this.filename.value())
    }
    #[getter]
    fn co_name(_cx: &Thread, this: &Code) -> Res {
        Ok(this.name.value())
    }
    #[getter]
    fn co_qualname(_cx: &Thread, this: &Code) -> Res {
        Ok(this.qualname.value())
    }
    #[getter]
    fn co_firstlineno(_cx: &Thread, this: &Code) -> Res<u32> {
        Ok(this.unit().firstlineno)
    }
    #[getter]
    fn co_linetable(cx: &Thread, this: &Code) -> Res {
        Ok(Value::from_ref(Bytes::new(cx, &this.unit().linetable)))
    }
    #[getter]
    fn co_exceptiontable(cx: &Thread, this: &Code) -> Res {
        Ok(Value::from_ref(Bytes::new(cx, &exception_table(this.unit()))))
    }
    /// The old line number table.
    #[getter]
    fn co_lnotab(cx: &Thread, this: &Code) -> Res {
        crate::objects::warn_deprecated(cx, "co_lnotab is deprecated, use co_lines instead.")?;
        let mut out = Vec::new();
        let mut line = i64::from(this.unit().firstlineno);
        let mut at = 0usize;
        for l in locations::locations(this.unit()) {
            let Some(new) = l.line.map(i64::from).filter(|n| *n != line) else { continue };
            let (mut bytes, mut lines) = (4 * (l.start - at), new - line);
            while bytes > 255 {
                out.extend([255, 0]);
                bytes -= 255;
            }
            while !(-128..=127).contains(&lines) {
                let k = lines.clamp(-128, 127);
                out.extend([bytes as u8, k as i8 as u8]);
                bytes = 0;
                lines -= k;
            }
            out.extend([bytes as u8, lines as i8 as u8]);
            at = l.start;
            line = new;
        }
        Ok(Value::from_ref(Bytes::new(cx, &out)))
    }

    /// Ranges of byte offsets with their line.
    #[pymethod]
    fn co_lines(cx: &Thread, this: &Code) -> Res {
        let mut items: GcVec<Value> = GcVec::new();
        let mut run: Option<(usize, usize, Option<u32>)> = None;
        let mut push = |r: (usize, usize, Option<u32>)| {
            let (start, end) = (Value::small(4 * r.0 as i64), Value::small(4 * r.1 as i64));
            items.push(Value::from_ref(Tuple::from_slice(cx, &[start, end, optional(r.2)])));
        };
        for l in locations::locations(this.unit()) {
            match &mut run {
                Some(r) if r.2 == l.line => r.1 = l.end,
                _ => {
                    if let Some(r) = run {
                        push(r);
                    }
                    run = Some((l.start, l.end, l.line));
                }
            }
        }
        if let Some(r) = run {
            push(r);
        }
        iterate(cx, &items)
    }

    /// Line, end line, column and end column of each code unit: two bytes of `co_code`, so that
    /// `tb_lasti // 2` is an index, which the library counts on. A word is two units.
    #[pymethod]
    fn co_positions(cx: &Thread, this: &Code) -> Res {
        let mut items: GcVec<Value> = GcVec::new();
        let lines_only = cx.vm.config.get().is_some_and(|c| c.no_debug_ranges);
        for l in locations::locations(this.unit()) {
            let t = match lines_only {
                true => [optional(l.line), optional(l.line), none(), none()],
                false => [
                    optional(l.line),
                    optional(l.end_line),
                    optional(l.column),
                    optional(l.end_column),
                ],
            };
            let t = Value::from_ref(Tuple::from_slice(cx, &t));
            for _ in 2 * l.start..2 * l.end {
                items.push(t);
            }
        }
        iterate(cx, &items)
    }

    /// The name of a local variable by its number.
    #[pymethod(sig = "(self, oparg)")]
    fn _varname_from_oparg(cx: &Thread, this: &Code, oparg: isize) -> Res {
        let names = this.localsplus();
        match usize::try_from(oparg).ok().filter(|&i| i < names.len()) {
            Some(i) => Ok(names.get(i)),
            None => raise!(cx, IndexError, "tuple index out of range"),
        }
    }

    /// A copy with some attributes replaced.
    #[pymethod(
        sig = "(self, *, co_argcount=-1, co_posonlyargcount=-1, co_kwonlyargcount=-1, co_nlocals=-1, co_stacksize=-1, co_flags=-1, co_firstlineno=-1, co_code=None, co_consts=None, co_names=None, co_varnames=None, co_freevars=None, co_cellvars=None, co_filename=None, co_name=None, co_qualname=None, co_linetable=None, co_exceptiontable=None)",
        text = "($self, /, **changes)"
    )]
    #[allow(clippy::too_many_arguments)]
    fn replace(
        cx: &Thread,
        this: &Code,
        co_argcount: i64,
        co_posonlyargcount: i64,
        co_kwonlyargcount: i64,
        co_nlocals: i64,
        co_stacksize: i64,
        co_flags: i64,
        co_firstlineno: i64,
        co_code: Value,
        co_consts: Value,
        co_names: Value,
        co_varnames: Value,
        co_freevars: Value,
        co_cellvars: Value,
        co_filename: Value,
        co_name: Value,
        co_qualname: Value,
        co_linetable: Value,
        co_exceptiontable: Value,
    ) -> Res {
        let mut unit = this.named_unit();
        let pick = |old: u32, new: i64| if new < 0 { old } else { new as u32 };
        unit.argcount = pick(unit.argcount, co_argcount);
        unit.posonlyargcount = pick(unit.posonlyargcount, co_posonlyargcount);
        unit.kwonlyargcount = pick(unit.kwonlyargcount, co_kwonlyargcount);
        unit.nregs = pick(unit.nregs, co_stacksize).max(unit.nregs);
        unit.flags = pick(unit.flags, co_flags);
        unit.firstlineno = pick(unit.firstlineno, co_firstlineno);
        let bytes = |v: Value| v.downcast::<Bytes>().map(|b| b.as_slice().to_vec());
        if let Some(b) = bytes(co_code) {
            unit.code = words(cx, &b)?;
        }
        if let Some(b) = bytes(co_linetable) {
            unit.linetable = b;
        }
        if let Some(b) = bytes(co_exceptiontable) {
            match read_exception_table(&b) {
                Some(t) => unit.except_table = t,
                None => raise!(cx, ValueError, "code: exceptiontable is malformed"),
            }
        }
        let text = |v: Value, name: &str| -> Res<Option<Arc<str>>> {
            if v.is_none() {
                return Ok(None);
            }
            match v.downcast::<Str>() {
                Some(s) => Ok(Some(s.to_str_lossy().into())),
                None => raise!(
                    cx,
                    TypeError,
                    "replace() argument '{name}' must be str, not {}",
                    crate::bind::type_or_none(v)
                ),
            }
        };
        if let Some(s) = text(co_filename, "co_filename")? {
            unit.filename = s;
        }
        if let Some(s) = text(co_name, "co_name")? {
            unit.name = s;
        }
        if let Some(s) = text(co_qualname, "co_qualname")? {
            unit.qualname = s;
        }
        if !co_names.is_none() {
            let new = strings(cx, co_names, "replace() argument 'co_names'")?;
            if new.len() < unit.names.len() {
                raise!(cx, ValueError, "code: co_names is too small");
            }
            unit.names = new;
        }
        let vars = [
            (co_varnames, local_kind::CO_FAST_LOCAL, "co_varnames"),
            (co_cellvars, local_kind::CO_FAST_CELL, "co_cellvars"),
            (co_freevars, local_kind::CO_FAST_FREE, "co_freevars"),
        ];
        for (v, kind, what) in vars {
            if v.is_none() {
                continue;
            }
            let new = strings(cx, v, what)?;
            let old: Vec<usize> = (0..unit.localsplus_kinds.len())
                .filter(|&i| unit.localsplus_kinds[i] & kind != 0)
                .collect();
            if new.len() == old.len() {
                for (i, n) in old.into_iter().zip(new) {
                    unit.localsplus_names[i] = n;
                }
            } else if unit.code == this.unit().code {
                raise!(cx, ValueError, "code: {what} does not match the code");
            }
        }
        if co_nlocals != -1 && co_nlocals != unit.nlocals() as i64 {
            raise!(cx, ValueError, "code: co_nlocals != len(co_varnames)");
        }
        let consts = match co_consts.downcast::<Tuple>() {
            Some(t) if t.len() >= this.consts().len() || unit.code != this.unit().code => t,
            Some(_) => raise!(cx, ValueError, "code: co_consts is too small"),
            None => this.consts(),
        };
        check(cx, &unit, Some(this.unit()))?;
        Ok(Value::from_ref(Code::with_consts(cx, Arc::new(unit), consts)))
    }

    /// The same as replace().
    #[pymethod(sig = "(self, /, *args, **changes)", text = "($self, /, **changes)")]
    fn __replace__(
        cx: &Thread,
        this: &Code,
        args: &[Value],
        changes: Option<&'static Dict>,
    ) -> Res {
        let f = get_attr(cx, Value::from_ref(this), id!(cx, "replace"))?;
        call_dict(cx, f, args, changes)
    }

    #[pymethod]
    fn __sizeof__(_cx: &Thread, this: &Code) -> Res<usize> {
        Ok(size_of::<Code>() + 4 * this.unit().code.len())
    }
}

/// Equality of constants, which tells apart what Python's `==` does not: type, sign of zero.
fn same_constants(cx: &Thread, a: &Tuple, b: &Tuple) -> Res<bool> {
    if a.len() != b.len() {
        return Ok(false);
    }
    for (x, y) in a.as_slice().iter().zip(b.as_slice()) {
        if x == y {
            continue;
        }
        if !x.ty().is(y.ty()) || x.as_unboxed_f64().is_some() {
            return Ok(false);
        }
        let same = match (x.downcast_exact::<Tuple>(), y.downcast_exact::<Tuple>()) {
            (Some(s), Some(t)) => same_constants(cx, s, t)?,
            _ => eq(cx, *x, *y)?,
        };
        if !same {
            return Ok(false);
        }
    }
    Ok(true)
}
