//! BaseExceptionGroup and ExceptionGroup (PEP 654, Objects/exceptions.c).

use super::exceptions::{BaseException, field, new_instance, of};
use crate::call::{GetSetRow, MethodRow};
use crate::prelude::*;
use crate::types::NativeMethods;
use crate::types::layout::NativeType;
use crate::types::slots::Slots;

fn excs(e: &BaseException) -> &'static Tuple {
    e.field_or_none(field::GROUP_EXCS).downcast::<Tuple>().expect("a group holds a tuple")
}

/// The exceptions of a group, or nothing for other exceptions.
pub fn group_exceptions(v: Value) -> Option<&'static Tuple> {
    let e = v.downcast::<BaseException>()?;
    if v.ty().is_subtype(exc::BaseExceptionGroup()) { Some(excs(e)) } else { None }
}

fn group_new(cx: &Thread, cls: &Type, args: &[Value], kw: KwNames<'_>) -> Res {
    // Keywords are `__init__`'s to refuse.
    let args = &args[..args.len() - kw.map_or(0, |k| k.len())];
    if args.len() != 2 {
        raise!(
            cx,
            TypeError,
            "BaseExceptionGroup.__new__() takes exactly 2 arguments ({} given)",
            args.len()
        );
    }
    if args[0].downcast::<Str>().is_none() {
        raise!(
            cx,
            TypeError,
            "BaseExceptionGroup.__new__() argument 1 must be str, not {}",
            crate::bind::type_or_none(args[0])
        );
    }
    if !is_sequence(args[1]) {
        raise!(cx, TypeError, "second argument (exceptions) must be a sequence");
    }
    let items = collect(cx, args[1])?;
    if items.is_empty() {
        raise!(cx, ValueError, "second argument (exceptions) must be a non-empty sequence");
    }
    let mut nested_base = false;
    for (i, x) in items.iter().enumerate() {
        if x.downcast::<BaseException>().is_none() {
            raise!(cx, ValueError, "Item {i} of second argument (exceptions) is not an exception");
        }
        nested_base |= !x.ty().is_subtype(exc::Exception());
    }
    let mut cls = Value::from_ref(cls).as_type_unchecked();
    if cls.is(exc::BaseExceptionGroup()) {
        if !nested_base {
            cls = exc::ExceptionGroup();
        }
    } else if nested_base {
        if cls.is(exc::ExceptionGroup()) {
            raise!(cx, TypeError, "Cannot nest BaseExceptions in an ExceptionGroup");
        }
        if cls.is_subtype(exc::Exception()) {
            raise!(cx, TypeError, "Cannot nest BaseExceptions in '{}'", cls.name());
        }
    }
    let e = new_instance(cx, cls, Tuple::from_slice(cx, args));
    e.set_field(field::GROUP_MSG, args[0]);
    e.set_field(field::GROUP_EXCS, Value::from_ref(Tuple::from_slice(cx, &items)));
    Ok(Value::from_ref(e))
}

/// How a split decides: by class(es) or by a predicate.
enum Matcher {
    Types(Value),
    Predicate(Value),
    /// Keeps the leaves that are among these (`except*` re-raising).
    Ids(&'static List),
}

fn matcher(cx: &Thread, m: Value) -> Res<Matcher> {
    let is_exc = |v: Value| v.as_type().is_some_and(|t| t.is_subtype(exc::BaseException()));
    if is_exc(m) {
        return Ok(Matcher::Types(m));
    }
    if let Some(t) = m.downcast::<Tuple>() {
        if t.as_slice().iter().all(|v| is_exc(*v)) {
            return Ok(Matcher::Types(m));
        }
    } else if is_callable(m) && m.as_type().is_none() {
        return Ok(Matcher::Predicate(m));
    }
    raise!(
        cx,
        TypeError,
        "expected an exception type, a tuple of exception types, or a callable (other than a class)"
    )
}

impl Matcher {
    fn matches(&self, cx: &Thread, e: Value) -> Res<bool> {
        match self {
            Matcher::Types(t) => exception_matches(e, *t, cx),
            Matcher::Predicate(f) => {
                let r = call(cx, *f, &[e])?;
                is_true(cx, r)
            }
            Matcher::Ids(l) => {
                if group_exceptions(e).is_some() {
                    return Ok(false);
                }
                Ok(l.to_vec().contains(&e))
            }
        }
    }
}

/// `except` matching: a class or a tuple of classes, by the mro.
fn exception_matches(e: Value, t: Value, _cx: &Thread) -> Res<bool> {
    if let Some(c) = t.as_type() {
        return Ok(e.ty().is_subtype(c));
    }
    match t.downcast::<Tuple>() {
        Some(ts) => {
            Ok(ts.as_slice().iter().any(|c| c.as_type().is_some_and(|c| e.ty().is_subtype(c))))
        }
        None => Ok(false),
    }
}

/// A group like `orig` with other exceptions: `derive`, then traceback, context, cause, notes.
fn derive_like(cx: &Thread, orig: Value, items: &[Value]) -> Res<Option<Value>> {
    if items.is_empty() {
        return Ok(None);
    }
    let list = Value::from_ref(List::from_slice(cx, items));
    let new = call_method(cx, orig, id!(cx, "derive"), &[list])?;
    let Some(n) = new.downcast::<BaseException>().filter(|_| group_exceptions(new).is_some())
    else {
        raise!(cx, TypeError, "derive must return an instance of BaseExceptionGroup");
    };
    let o = of(orig);
    n.traceback.set_option(n, o.traceback.get());
    n.context.set_option(n, o.context.get());
    if let Some(c) = o.cause.get() {
        super::exceptions::set_cause(n, Some(c));
    }
    n.suppress_context.store(
        o.suppress_context.load(std::sync::atomic::Ordering::Relaxed),
        std::sync::atomic::Ordering::Relaxed,
    );
    let notes = id!(cx, "__notes__");
    if let Some(v) = get_attr_opt(cx, orig, notes)? {
        if is_sequence(v) {
            let copy = collect(cx, v)?;
            set_attr(cx, new, notes, Some(Value::from_ref(List::from_slice(cx, &copy))))?;
        }
    }
    Ok(Some(new))
}

/// The part that matches and the rest.
fn split(cx: &Thread, v: Value, m: &Matcher) -> Res<(Option<Value>, Option<Value>)> {
    if m.matches(cx, v)? {
        return Ok((Some(v), None));
    }
    let Some(items) = group_exceptions(v) else { return Ok((None, Some(v))) };
    let _depth = cx.enter_recursive(" in exceptiongroup_split_recursive")?;
    let (mut yes, mut no): (GcVec<Value>, GcVec<Value>) = (GcVec::new(), GcVec::new());
    for &x in items.as_slice() {
        let (a, b) = split(cx, x, m)?;
        yes.extend(a);
        no.extend(b);
    }
    let part =
        |items: &[Value]| if items.is_empty() { Ok(None) } else { derive_like(cx, v, items) };
    Ok((part(&yes)?, part(&no)?))
}

/// For `except*`: the matching part and the rest of any exception. A matching single exception is
/// wrapped in a group.
pub fn match_except_star(
    cx: &Thread,
    v: Value,
    types: Value,
) -> Res<(Option<Value>, Option<Value>)> {
    if exception_matches(v, types, cx)? {
        if group_exceptions(v).is_some() {
            return Ok((Some(v), None));
        }
        let one = Value::from_ref(Tuple::from_slice(cx, &[v]));
        let empty = Value::from_ref(Str::new(cx, ""));
        let g = call(cx, Value::from_ref(exc::ExceptionGroup()), &[empty, one]);
        let g = match g {
            Ok(g) => g,
            Err(_) => call(cx, Value::from_ref(exc::BaseExceptionGroup()), &[empty, one])?,
        };
        of(g).traceback.set_option(of(g), of(v).traceback.get());
        return Ok((Some(g), None));
    }
    if group_exceptions(v).is_none() {
        return Ok((None, Some(v)));
    }
    split(cx, v, &Matcher::Types(types))
}

/// The part of group `v` whose leaves are in `leaves`.
pub fn projection(cx: &Thread, v: Value, leaves: &'static List) -> Res<Option<Value>> {
    Ok(split(cx, v, &Matcher::Ids(leaves))?.0)
}

/// All leaves of a group tree.
pub fn collect_leaves(cx: &Thread, v: Value, out: &List) {
    match group_exceptions(v) {
        Some(t) => {
            for &x in t.as_slice() {
                collect_leaves(cx, x, out);
            }
        }
        None => out.push(cx, v),
    }
}

pub struct GroupMethods;

// SAFETY: never instantiated; stands for BaseException structs.
unsafe impl HeapObject for GroupMethods {}
impl PyType for GroupMethods {
    const NAME: &'static str = "BaseExceptionGroup";
    const FAST: u64 = 0;
    fn type_object() -> &'static Type {
        exc::BaseExceptionGroup()
    }
    fn native() -> &'static NativeType {
        <BaseException as PyType>::native()
    }
}

#[pymethods]
impl GroupMethods {
    #[slot]
    fn __new__(cx: &Thread, cls: &Type, args: &[Value], kw: KwNames<'_>) -> Res {
        group_new(cx, cls, args, kw)
    }

    #[slot]
    fn __str__(cx: &Thread, this: &BaseException) -> Res {
        let n = excs(this).len();
        let s = if n > 1 { "s" } else { "" };
        let m = to_str(cx, this.field_or_none(field::GROUP_MSG))?;
        Ok(Value::from_ref(Str::new(cx, &format!("{m} ({n} sub-exception{s})"))))
    }

    /// A new group of the same kind with other exceptions.
    #[pymethod(text = "($self, object, /)")]
    fn derive(cx: &Thread, this: &BaseException, excs: Value) -> Res {
        call(
            cx,
            Value::from_ref(exc::BaseExceptionGroup()),
            &[this.field_or_none(field::GROUP_MSG), excs],
        )
    }

    /// The pair of the matching part and the rest.
    #[pymethod(text = "($self, object, /)")]
    fn split(cx: &Thread, this: &BaseException, matcher_value: Value) -> Res {
        let m = matcher(cx, matcher_value)?;
        let (a, b) = split(cx, Value::from_ref(this), &m)?;
        Ok(Value::from_ref(Tuple::from_slice(cx, &[a.unwrap_or(none()), b.unwrap_or(none())])))
    }

    /// The matching part, or None.
    #[pymethod(text = "($self, object, /)")]
    fn subgroup(cx: &Thread, this: &BaseException, matcher_value: Value) -> Res {
        let m = matcher(cx, matcher_value)?;
        Ok(split(cx, Value::from_ref(this), &m)?.0.unwrap_or(none()))
    }

    /// `BaseExceptionGroup[...]` as a generic alias.
    #[classmethod(text = "($type, object, /)")]
    fn __class_getitem__(cx: &Thread, cls: Value, item: Value) -> Res {
        super::generic_alias::new(cx, cls, item)
    }

    #[getter]
    fn message(_cx: &Thread, this: &BaseException) -> Value {
        this.field_or_none(field::GROUP_MSG)
    }

    #[getter]
    fn exceptions(_cx: &Thread, this: &BaseException) -> Value {
        this.field_or_none(field::GROUP_EXCS)
    }
}

/// ExceptionGroup adds Exception as a second base: see `finish`.
pub struct ExcGroupMethods;
impl NativeMethods for ExcGroupMethods {
    const METHODS: &'static [MethodRow] = &[];
    const GETSET: &'static [GetSetRow] = &[];
    fn fill(_: &Slots) {}
}

/// Gives ExceptionGroup its bases (BaseExceptionGroup, Exception).
pub fn finish(cx: &Thread) {
    let t = exc::ExceptionGroup();
    let bases = Tuple::from_slice(
        cx,
        &[Value::from_ref(exc::BaseExceptionGroup()), Value::from_ref(exc::Exception())],
    );
    t.info().bases.set(t, Value::from_ref(bases));
    t.tp_bases.set(t, Value::from_ref(bases));
    let mro = crate::types::mro::linearize(cx, t, bases.as_slice()).unwrap_or_default();
    let mro = Value::from_ref(Tuple::from_slice(cx, &mro));
    t.info().mro.set(t, mro);
    t.tp_mro.set(t, mro);
    t.modified(cx);
    crate::types::ready::add_subclass(cx, exc::Exception(), t);
}
