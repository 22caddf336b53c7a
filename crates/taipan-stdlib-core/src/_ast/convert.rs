//! What the generated conversions call: making nodes, reading fields, the errors of bad trees.

use super::nodes::NODES;
use super::{Classes, Quant};
use bumpalo::Bump;
use std::borrow::Cow;
use std::cell::RefCell;
use taipan_compiler::code::Const;
use taipan_compiler::fold::Folder;
use taipan_syntax::ast::{Constant, Expr, ExprKind, Int, PyText, Span};
use taipan_vm::objects::set::{FrozenSet, SetObject};
use taipan_vm::objects::str::intern;
use taipan_vm::objects::{complex, int};
use taipan_vm::prelude::*;
use taipan_vm::thread::Recursion;
use taipan_vm::types::attr::instance_set;

/// Trees to objects.
pub struct ToPython<'t> {
    pub cx: &'t Thread,
    pub classes: &'static Classes,
    /// For `PyCF_OPTIMIZED_AST`: constant expressions become constants.
    pub folder: Option<RefCell<Folder>>,
}

impl<'t> ToPython<'t> {
    pub fn enter(&self) -> Res<Recursion<'t>> {
        self.cx.poll()?;
        self.cx.enter_recursive(" during ast construction")
    }

    /// The Constant that stands for a constant expression, where trees are optimized.
    pub fn folded(&self, e: &Expr<'_>) -> Res<Option<Value>> {
        let Some(folder) = &self.folder else { return Ok(None) };
        if matches!(e.kind, ExprKind::Constant { .. }) {
            return Ok(None);
        }
        let value = folder.borrow_mut().constant(e);
        value.map(|v| self.constant_node(&v, e.range)).transpose()
    }

    /// What a loop runs over: a display of constants is a constant.
    pub fn iterable(&self, e: &Expr<'_>) -> Res {
        if let (Some(folder), false) = (&self.folder, matches!(e.kind, ExprKind::Constant { .. })) {
            let value = folder.borrow_mut().iterable(e);
            if let Some(v) = value {
                return self.constant_node(&v, e.range);
            }
        }
        super::to_python::expr(self, e)
    }

    fn constant_node(&self, v: &Const, range: Span) -> Res {
        let v = taipan_vm::objects::code::constants::const_value(self.cx, v);
        self.node(super::nodes::CONSTANT, &[v, none()], Some(range))
    }

    /// A node of a class with its fields, in the table's order.
    pub fn node(&self, class: usize, values: &[Value], span: Option<Span>) -> Res {
        let cx = self.cx;
        let o = cx.alloc_instance(self.classes.class(class));
        for (f, v) in NODES[class].fields.iter().zip(values) {
            instance_set(cx, o, intern(cx, f.name), *v)?;
        }
        if let Some(s) = span {
            let n = |i: u32| Value::small(i as i32 as i64);
            instance_set(cx, o, id!(cx, "lineno"), n(s.lineno))?;
            instance_set(cx, o, id!(cx, "col_offset"), n(s.col_offset))?;
            instance_set(cx, o, id!(cx, "end_lineno"), n(s.end_lineno))?;
            instance_set(cx, o, id!(cx, "end_col_offset"), n(s.end_col_offset))?;
        }
        Ok(o)
    }

    pub fn singleton(&self, class: usize) -> Res {
        Ok(self.classes.singleton(class))
    }

    pub fn list<T>(&self, items: &[T], f: impl Fn(&T) -> Res) -> Res {
        let mut out: GcVec<Value> = GcVec::with_capacity(items.len());
        for x in items {
            out.push(f(x)?);
        }
        Ok(Value::from_ref(List::from_slice(self.cx, &out)))
    }

    pub fn string(&self, s: &str) -> Value {
        Value::from_ref(intern(self.cx, s))
    }

    pub fn int(&self, i: i64) -> Value {
        Value::small(i)
    }

    pub fn constant(&self, c: &Constant<'_>) -> Res {
        let cx = self.cx;
        let items = |items: &[Constant<'_>]| -> Res<GcVec<Value>> {
            let mut out = GcVec::with_capacity(items.len());
            for i in items {
                out.push(self.constant(i)?);
            }
            Ok(out)
        };
        Ok(match c {
            Constant::None => none(),
            Constant::True => py_bool(true),
            Constant::False => py_bool(false),
            Constant::Ellipsis => ellipsis(),
            Constant::Invalid(name) => {
                raise!(cx, TypeError, "got an invalid type in Constant: {name}")
            }
            Constant::Str(s) => match s.as_str() {
                Some(t) => Value::from_ref(Str::new(cx, t)),
                None => Value::from_ref(Str::from_chars(cx, s.code_points())),
            },
            Constant::Bytes(b) => Value::from_ref(Bytes::new(cx, b)),
            Constant::Int(Int::Small(i)) => int_from_i128(cx, *i as i128),
            Constant::Int(Int::Big { radix, digits, negative }) => {
                let n = int::from_big(cx, &int::parse_bytes(cx, digits.as_bytes(), *radix)?);
                if *negative { unary(cx, n, taipan_vm::types::slots::SlotId::neg)? } else { n }
            }
            Constant::Float(f) => Value::from_f64(*f),
            Constant::Complex { real, imag } => complex::from_parts(cx, *real, *imag),
            Constant::Tuple(t) => Value::from_ref(Tuple::from_slice(cx, &items(t)?)),
            Constant::FrozenSet(t) => FrozenSet::from_slice(cx, &items(t)?)?,
        })
    }
}

/// Objects to trees, in an arena.
pub struct FromPython<'a, 't> {
    pub cx: &'t Thread,
    pub arena: &'a Bump,
    pub classes: &'static Classes,
}

impl<'a, 't> FromPython<'a, 't> {
    pub fn enter(&self, what: &str) -> Res<Recursion<'t>> {
        self.cx.poll()?;
        self.cx.enter_recursive(&format!(" while traversing '{what}' node"))
    }

    /// The index of the object's class where that is `base` or one of its constructors.
    pub fn kind(&self, o: Value, base: usize) -> Res<usize> {
        Ok(match self.classes.index_of(o) {
            Some(i) if i == base || NODES[i].base == Some(base) => i,
            _ => usize::MAX,
        })
    }

    pub fn unexpected(&self, o: Value, what: &str) -> Raised {
        match repr(self.cx, o) {
            Ok(r) => err!(self.cx, TypeError, "expected some sort of {what}, but got {r}"),
            Err(e) => e,
        }
    }

    fn field(&self, o: Value, name: &str) -> Res<Option<Value>> {
        get_attr_opt(self.cx, o, intern(self.cx, name))
    }

    pub fn required(&self, o: Value, owner: &str, name: &str) -> Res {
        match self.field(o, name)? {
            Some(v) => Ok(v),
            None => raise!(self.cx, TypeError, "required field \"{name}\" missing from {owner}"),
        }
    }

    pub fn optional(&self, o: Value, name: &str) -> Res<Option<Value>> {
        Ok(self.field(o, name)?.filter(|v| !v.is_none()))
    }

    /// A required part that was None.
    pub fn need<T>(&self, v: Option<T>, owner: &str, name: &str) -> Res<T> {
        match v {
            Some(v) => Ok(v),
            None => raise!(self.cx, ValueError, "field '{name}' is required for {owner}"),
        }
    }

    /// An item of a list that must not be None.
    pub fn item<T>(&self, v: Option<T>, what: &str) -> Res<T> {
        match v {
            Some(v) => Ok(v),
            None => raise!(self.cx, ValueError, "None disallowed in {what} list"),
        }
    }

    pub fn list<T>(
        &self,
        o: Value,
        owner: &str,
        name: &str,
        f: impl Fn(Value) -> Res<T>,
    ) -> Res<&'a [T]> {
        let cx = self.cx;
        let Some(v) = self.field(o, name)? else { return Ok(&[]) };
        let Some(l) = v.downcast::<List>() else {
            raise!(
                cx,
                TypeError,
                "{owner} field \"{name}\" must be a list, not a {}",
                v.ty().name()
            );
        };
        let n = l.len();
        let mut out = bumpalo::collections::Vec::with_capacity_in(n, self.arena);
        for i in 0..n {
            let x = l.get(i);
            if let Some(x) = x {
                let _depth = self.enter(owner)?;
                out.push(f(x)?);
            }
            if x.is_none() || l.len() != n {
                raise!(cx, RuntimeError, "{owner} field \"{name}\" changed size during iteration");
            }
        }
        Ok(out.into_bump_slice())
    }

    fn text(&self, s: &Str) -> Res<&'a str> {
        Ok(self.arena.alloc_str(&s.utf8(self.cx)?))
    }

    pub fn identifier(&self, v: Value) -> Res<Option<&'a str>> {
        if v.is_none() {
            return Ok(None);
        }
        match v.downcast_exact::<Str>() {
            Some(s) => self.text(s).map(Some),
            None => raise!(self.cx, TypeError, "AST identifier must be of type str"),
        }
    }

    pub fn string(&self, v: Value) -> Res<Option<&'a str>> {
        if let Some(s) = v.downcast_exact::<Str>() {
            return self.text(s).map(Some);
        }
        match v.downcast_exact::<Bytes>() {
            Some(b) => Ok(Some(self.arena.alloc_str(&String::from_utf8_lossy(b.as_slice())))),
            None => raise!(self.cx, TypeError, "AST string must be of type str"),
        }
    }

    pub fn int(&self, v: Value) -> Res<i32> {
        let cx = self.cx;
        if !int::is_int(v) {
            raise!(cx, ValueError, "invalid integer value: {}", repr(cx, v)?);
        }
        match int_to_i64(v).and_then(|i| i32::try_from(i).ok()) {
            Some(i) => Ok(i),
            None => raise!(cx, OverflowError, "Python int too large to convert to C int"),
        }
    }

    pub fn optional_int(&self, o: Value, name: &str, default: i32) -> Res<i32> {
        match self.optional(o, name)? {
            Some(v) => self.int(v),
            None => Ok(default),
        }
    }

    /// The four position attributes; an absent end is the start.
    pub fn span(&self, o: Value, owner: &str) -> Res<Span> {
        let lineno = self.int(self.required(o, owner, "lineno")?)?;
        let col_offset = self.int(self.required(o, owner, "col_offset")?)?;
        let node = NODES.iter().find(|n| n.name == owner).and_then(|n| n.attributes);
        let strict = node.is_some_and(|a| a.iter().all(|f| f.quant == Quant::One));
        let (end_lineno, end_col_offset) = if strict {
            let l = self.int(self.required(o, owner, "end_lineno")?)?;
            (l, self.int(self.required(o, owner, "end_col_offset")?)?)
        } else {
            let l = self.optional_int(o, "end_lineno", lineno)?;
            (l, self.optional_int(o, "end_col_offset", col_offset)?)
        };
        Ok(Span {
            lineno: lineno as u32,
            col_offset: col_offset as u32,
            end_lineno: end_lineno as u32,
            end_col_offset: end_col_offset as u32,
        })
    }

    pub fn constant(&self, v: Value) -> Res<Constant<'a>> {
        let cx = self.cx;
        let _depth = self.enter("Constant")?;
        if v.is_none() {
            return Ok(Constant::None);
        }
        if v == py_bool(true) {
            return Ok(Constant::True);
        }
        if v == py_bool(false) {
            return Ok(Constant::False);
        }
        if v == ellipsis() {
            return Ok(Constant::Ellipsis);
        }
        if let Some(s) = v.downcast_exact::<Str>() {
            return Ok(Constant::Str(self.py_text(s)));
        }
        if let Some(b) = v.downcast_exact::<Bytes>() {
            return Ok(Constant::Bytes(self.arena.alloc_slice_copy(b.as_slice())));
        }
        if int::is_exact_int(v) {
            return Ok(Constant::Int(self.int_constant(v)?));
        }
        if v.ty().is(taipan_vm::objects::float::float_type()) {
            return Ok(Constant::Float(to_f64(cx, v)?));
        }
        if complex::is_exact_complex(v) {
            let z = complex::value(v).expect("an exact complex");
            return Ok(Constant::Complex { real: z.re, imag: z.im });
        }
        if let Some(t) = v.downcast_exact::<Tuple>() {
            return Ok(Constant::Tuple(self.constants(t.as_slice())?));
        }
        if let Some(s) = v.downcast_exact::<FrozenSet>() {
            let s: &SetObject = s;
            return Ok(Constant::FrozenSet(self.constants(&s.to_vec())?));
        }
        Ok(Constant::Invalid(self.arena.alloc_str(&v.ty().name())))
    }

    fn constants(&self, items: &[Value]) -> Res<&'a [Constant<'a>]> {
        let mut out = bumpalo::collections::Vec::with_capacity_in(items.len(), self.arena);
        for &i in items {
            out.push(self.constant(i)?);
        }
        Ok(out.into_bump_slice())
    }

    fn py_text(&self, s: &Str) -> PyText<'a> {
        if s.first_surrogate().is_none()
            && let Cow::Borrowed(t) = s.to_str_lossy()
        {
            return PyText::new(self.arena.alloc_str(t));
        }
        let mut buf = Vec::new();
        for c in s.chars() {
            PyText::push_code_point(&mut buf, c);
        }
        PyText::from_generalized(self.arena.alloc_slice_copy(&buf))
    }

    fn int_constant(&self, v: Value) -> Res<Int<'a>> {
        if let Some(i) = int_to_i64(v) {
            return Ok(Int::Small(i));
        }
        let hex = format_value(self.cx, v, Str::new(self.cx, "x"))?.to_string();
        let (negative, digits) = match hex.strip_prefix('-') {
            Some(d) => (true, d),
            None => (false, hex.as_str()),
        };
        Ok(Int::Big { radix: 16, digits: self.arena.alloc_str(digits), negative })
    }
}
