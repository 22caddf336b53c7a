//! Argument binding of native functions: Python call to typed Rust parameters, with CPython's
//! messages (Python/getargs.c, Argument Clinic). The attribute macros emit calls into this file.

use crate::call::{Owner, Param, ParamKind, Sig};
use crate::prelude::*;

/// `&T` of a value whose type the caller has checked (a slot's self).
#[inline(always)]
pub fn cast_self<'a, T: HeapObject>(v: Value) -> &'a T {
    debug_assert!(v.is_ptr());
    // SAFETY: a slot is only reached through the type of its first operand, and a method through
    // `split_self`; both have checked that the object starts with a T.
    unsafe { &*(v.bits() as *const T) }
}

/// Splits self from the arguments of a method called through its descriptor.
#[inline(always)]
pub fn split_self<'a, T: PyType>(
    cx: &Thread,
    args: &'a [Value],
    kw: KwNames<'_>,
    name: &str,
) -> Res<(Value, &'a [Value])> {
    match args.split_first() {
        // A keyword's value is no self.
        Some((&this, rest)) if T::check(this) && kw.is_none_or(|k| k.len() < args.len()) => {
            Ok((this, rest))
        }
        _ => Err(bad_self(cx, T::NAME, &args[..args.len() - kw.map_or(0, |k| k.len())], name)),
    }
}

#[cold]
fn bad_self(cx: &Thread, tname: &str, args: &[Value], name: &str) -> Raised {
    match args.first() {
        Some(v) => err!(
            cx,
            TypeError,
            "descriptor '{name}' for '{tname}' objects doesn't apply to a '{}' object",
            v.ty().name()
        ),
        None => err!(cx, TypeError, "unbound method {tname}.{name}() needs an argument"),
    }
}

/// Splits the class from the arguments of a class method.
#[inline(always)]
pub fn split_class<'a, T: PyType>(
    cx: &Thread,
    args: &'a [Value],
    kw: KwNames<'_>,
    name: &str,
) -> Res<(Value, &'a [Value])> {
    match args.split_first() {
        Some((&c, rest)) if kw.is_none_or(|k| k.len() < args.len()) => Ok((c, rest)),
        _ => Err(err!(
            cx,
            TypeError,
            "descriptor '{name}' for type '{}' needs a type argument",
            T::NAME
        )),
    }
}

/// Checks that a function without parameters got none.
#[inline(always)]
pub fn no_args(
    cx: &Thread,
    sig: &Sig,
    receiver: Option<Value>,
    args: &[Value],
    kw: KwNames<'_>,
) -> Res<()> {
    if args.is_empty() { Ok(()) } else { Err(explain(cx, sig, receiver, args, kw)) }
}

/// The arguments of a `__new__` without keywords: a subclass that has an `__init__` of its own may
/// get keywords, which are for that (`_PyArg_NoKeywords` is not asked then).
#[inline(always)]
pub fn new_arguments<'a, 'k, T: PyType>(
    cls: &Type,
    args: &'a [Value],
    kw: KwNames<'k>,
) -> (&'a [Value], KwNames<'k>) {
    match kw {
        Some(names) if cls.slots().init.raw() != T::type_object().slots().init.raw() => {
            (&args[..args.len() - names.len()], None)
        }
        _ => (args, kw),
    }
}

/// As `new_arguments`, for an `__init__` and a subclass with a `__new__` of its own.
#[inline(always)]
pub fn init_arguments<'a, 'k, T: PyType>(
    this: Value,
    args: &'a [Value],
    kw: KwNames<'k>,
) -> (&'a [Value], KwNames<'k>) {
    match kw {
        Some(names) if this.ty().slots().new.raw() != T::type_object().slots().new.raw() => {
            (&args[..args.len() - names.len()], None)
        }
        _ => (args, kw),
    }
}

/// What `*args` and `**kwargs` got.
pub type Extra<'a> = (&'a [Value], Option<&'static Dict>);

/// Whether so many arguments, all by position, need no binder: `MIN` are required, `MAX` have a
/// parameter, `OPEN` takes more.
#[inline(always)]
pub fn fits<const MIN: usize, const MAX: usize, const OPEN: bool>(args: &[Value]) -> bool {
    (MIN == 0 || args.len() >= MIN) && (OPEN || args.len() <= MAX)
}

/// Puts arguments that `fits` found right into the first of the `N` fixed parameters. Without
/// keywords `**kwargs` is `None`.
#[inline(always)]
pub fn positional<'a, const MIN: usize, const MAX: usize, const N: usize>(
    args: &'a [Value],
    out: &mut [Option<Value>; N],
) -> Extra<'a> {
    for i in 0..MAX {
        if i < MIN || i < args.len() {
            out[i] = Some(args[i]);
        }
    }
    (args.get(MAX..).unwrap_or(&[]), None)
}

fn is_positional(p: &Param) -> bool {
    matches!(p.kind, ParamKind::PosOnly | ParamKind::PosOrKw)
}

/// Fills `out` (one entry per parameter but `*args`, `**kwargs`) from any call. `receiver` is self or
/// the class, for messages.
#[inline(never)]
pub fn bind<'a>(
    cx: &Thread,
    sig: &'static Sig,
    receiver: Option<Value>,
    args: &'a [Value],
    kw: KwNames<'_>,
    out: &mut [Option<Value>],
) -> Res<Extra<'a>> {
    let nkw = kw.map_or(0, |k| k.len());
    let npos = args.len() - nkw;
    let max_pos = sig.params.iter().filter(|p| is_positional(p)).count();
    let has_var = sig.params.iter().any(|p| p.kind == ParamKind::VarArgs);
    let has_kw = sig.params.iter().any(|p| p.kind == ParamKind::VarKw);
    let takes_kw = has_kw
        || sig.params.iter().any(|p| matches!(p.kind, ParamKind::PosOrKw | ParamKind::KwOnly));
    if (nkw > 0 && !takes_kw) || (npos > max_pos && !has_var) {
        return Err(explain(cx, sig, receiver, args, kw));
    }
    let nfix = npos.min(max_pos);
    // The out index of a parameter: its position among those that are not * or **.
    for i in 0..nfix {
        out[i] = Some(args[i]);
    }
    let kwargs = if has_kw && nkw > 0 { Some(Dict::new(cx)) } else { None };
    if let Some(names) = kw {
        for (i, &name) in names.as_slice().iter().enumerate() {
            let value = args[npos + i];
            let key = name.downcast::<Str>().expect("keyword names are strings");
            let mut at = 0;
            let mut found = None;
            for p in sig.params {
                match p.kind {
                    ParamKind::VarArgs | ParamKind::VarKw => continue,
                    ParamKind::PosOnly => {}
                    _ if key.eq_str(p.name) => {
                        found = Some(at);
                        break;
                    }
                    _ => {}
                }
                at += 1;
            }
            match (found, kwargs) {
                (Some(at), _) if out[at].is_none() => out[at] = Some(value),
                (Some(_), _) => return Err(explain(cx, sig, receiver, args, kw)),
                (None, Some(d)) => d.set(cx, name, value)?,
                (None, None) => return Err(explain(cx, sig, receiver, args, kw)),
            }
        }
    }
    let mut at = 0;
    for p in sig.params {
        if matches!(p.kind, ParamKind::VarArgs | ParamKind::VarKw) {
            continue;
        }
        if out[at].is_none() && p.default.is_none() {
            return Err(explain(cx, sig, receiver, args, kw));
        }
        at += 1;
    }
    Ok((if has_var { &args[nfix..npos] } else { &[] }, kwargs))
}

/// Why a call does not fit the signature: the first of the complaints in the order in which CPython
/// looks (`_PyArg_UnpackKeywords`, and `_PyArg_CheckPositional` where no keyword is known).
#[cold]
fn explain(
    cx: &Thread,
    sig: &Sig,
    receiver: Option<Value>,
    args: &[Value],
    kw: KwNames<'_>,
) -> Raised {
    let names = kw.map_or(&[][..], |k| k.as_slice());
    let npos = args.len() - names.len();
    let fname = sig.fname;
    let by_name = |p: &&Param| matches!(p.kind, ParamKind::PosOrKw | ParamKind::KwOnly);
    let has = |kind| sig.params.iter().any(|p| p.kind == kind);
    if !sig.params.iter().any(|p| by_name(&p)) && !has(ParamKind::VarKw) {
        return match (names.is_empty(), sig.params.is_empty(), &sig.owner) {
            (_, true, Owner::DefiningClass) => err!(cx, TypeError, "{fname}() takes no arguments"),
            (false, _, _) => {
                err!(cx, TypeError, "{}() takes no keyword arguments", full_name(sig, receiver))
            }
            (_, true, Owner::Slot) => err!(cx, TypeError, "{fname}() takes no arguments"),
            (_, true, _) => {
                err!(
                    cx,
                    TypeError,
                    "{}() takes no arguments ({npos} given)",
                    full_name(sig, receiver)
                )
            }
            _ => wrong_count(cx, sig, receiver, npos),
        };
    }
    if names.is_empty() && counts_itself(sig) && npos > sig.params.len() {
        return wrong_count(cx, sig, receiver, npos);
    }
    if let Some(method) = sig.keywords_of {
        // By position it has what it needs and nothing more.
        let wanted = sig.params.iter().filter(|p| is_positional(p)).count();
        if npos != wanted {
            return wrong_count(cx, sig, receiver, npos);
        }
        let named = |p: &&Param| p.kind == ParamKind::KwOnly;
        let known: Vec<String> =
            sig.params.iter().filter(named).map(|p| p.name.to_string()).collect();
        return unexpected_keyword(cx, &format!("{method}()"), &known, names);
    }
    // What has no name is called as CPython's parser does without one.
    let called = &*if fname.is_empty() { "function".into() } else { format!("{fname}()") };
    let fixed: Vec<&Param> = sig
        .params
        .iter()
        .filter(|p| !matches!(p.kind, ParamKind::VarArgs | ParamKind::VarKw))
        .collect();
    let max = fixed.iter().filter(|p| is_positional(p)).count();
    let min = fixed.iter().filter(|p| is_positional(p) && p.default.is_none()).count();
    let pos_only = fixed.iter().filter(|p| p.kind == ParamKind::PosOnly).count();
    let s = |n: usize| if n == 1 { "" } else { "s" };
    let open = has(ParamKind::VarArgs);
    if !open && !has(ParamKind::VarKw) && args.len() > fixed.len() {
        return err!(
            cx,
            TypeError,
            "{called} takes at most {} {}argument{} ({} given)",
            fixed.len(),
            if npos == 0 { "keyword " } else { "" },
            s(fixed.len()),
            args.len()
        );
    }
    if !open && npos > max {
        if max == 0 {
            return err!(cx, TypeError, "{called} takes no positional arguments");
        }
        let bound = if min < max { "at most" } else { "exactly" };
        return err!(
            cx,
            TypeError,
            "{called} takes {bound} {max} positional argument{} ({npos} given)",
            s(max)
        );
    }
    let needed = pos_only.min(min);
    if npos < needed {
        let bound = if needed < max { "at least" } else { "exactly" };
        return err!(
            cx,
            TypeError,
            "{called} takes {bound} {needed} positional argument{} ({npos} given)",
            s(needed)
        );
    }
    let given = |p: &Param| names.iter().any(|n| is_named(*n, p.name));
    for (i, p) in fixed.iter().enumerate().skip(npos.max(pos_only)) {
        if p.default.is_none() && !given(p) {
            let (name, at) = (p.name, i + 1);
            return err!(cx, TypeError, "{called} missing required argument '{name}' (pos {at})");
        }
    }
    for (i, p) in fixed.iter().enumerate().take(npos.min(max)).skip(pos_only) {
        if given(p) {
            let (name, at) = (p.name, i + 1);
            return err!(
                cx,
                TypeError,
                "argument for {called} given by name ('{name}') and position ({at})"
            );
        }
    }
    let known: Vec<String> =
        fixed.iter().filter(|p| by_name(p)).map(|p| p.name.to_string()).collect();
    unexpected_keyword(cx, called, &known, names)
}

fn is_named(key: Value, name: &str) -> bool {
    key.downcast::<Str>().is_some_and(|k| k.eq_str(name))
}

/// The complaint about the first keyword that is none of `known`.
#[cold]
fn unexpected_keyword(cx: &Thread, called: &str, known: &[String], names: &[Value]) -> Raised {
    let Some(key) = names.iter().find(|n| !known.iter().any(|k| is_named(**n, k))) else {
        return err!(cx, TypeError, "invalid keyword argument for {called}");
    };
    let key = key.downcast::<Str>().map_or(String::new(), |k| k.to_string());
    let hint = match crate::interp::suggest::closest(known, &key) {
        Some(close) => format!(". Did you mean '{close}'?"),
        None => String::new(),
    };
    let called = if called == "function" { "this function" } else { called };
    err!(cx, TypeError, "{called} got an unexpected keyword argument '{key}'{hint}")
}

/// CPython's `int` and `str` have a vectorcall function of their own, which counts what is given by
/// position before the parser with keywords is asked.
fn counts_itself(sig: &Sig) -> bool {
    matches!(sig.owner, Owner::Slot) && matches!(sig.fname, "int" | "str")
}

/// The name as `_PyObject_FunctionStr` gives it: `list.append`, `math.sqrt`, `len`; what is bound to a
/// class has that class's name.
fn full_name(sig: &Sig, receiver: Option<Value>) -> String {
    if let Some(class) = receiver.and_then(|r| r.as_type()) {
        return format!("{}.{}", crate::types::class::qualname(class), sig.fname);
    }
    let owner = match sig.owner {
        Owner::Slot | Owner::DefiningClass => "",
        Owner::Type(t) => t,
        Owner::Module(path) => {
            // The Rust module is named as the Python one: after the crate, or after `modules`.
            let parts: Vec<&str> = path.split("::").collect();
            let after = parts.iter().position(|p| *p == "modules").unwrap_or(0);
            match parts.get(after + 1) {
                Some(&"builtins") | None => "",
                Some(m) => m,
            }
        }
    };
    let fname = sig.fname;
    if owner.is_empty() { fname.to_string() } else { format!("{owner}.{fname}") }
}

/// `_PyArg_CheckPositional` and METH_O texts.
#[cold]
fn wrong_count(cx: &Thread, sig: &Sig, receiver: Option<Value>, n: usize) -> Raised {
    let pos = sig.params.iter().filter(|p| is_positional(p));
    let max = pos.clone().count();
    let min = pos.filter(|p| p.default.is_none()).count();
    if sig.keywords_of.is_none()
        && sig.params.len() == 1
        && min == 1
        && !matches!(sig.owner, Owner::Slot)
    {
        return err!(
            cx,
            TypeError,
            "{}() takes exactly one argument ({n} given)",
            full_name(sig, receiver)
        );
    }
    let open = sig.params.iter().any(|p| p.kind == ParamKind::VarArgs);
    let (bound, word) = if n < min {
        (min, if min < max || open { "at least " } else { "" })
    } else {
        (max, if min < max { "at most " } else { "" })
    };
    let plural = if bound == 1 { "" } else { "s" };
    err!(cx, TypeError, "{} expected {word}{bound} argument{plural}, got {n}", sig.fname)
}

/// How a parameter is called in messages: "argument" alone for one-parameter functions.
fn place(sig: &Sig, at: usize) -> String {
    let fixed: usize = sig
        .params
        .iter()
        .filter(|p| !matches!(p.kind, ParamKind::VarArgs | ParamKind::VarKw))
        .count();
    let p = sig
        .params
        .iter()
        .filter(|p| !matches!(p.kind, ParamKind::VarArgs | ParamKind::VarKw))
        .nth(at);
    match p {
        Some(p) if p.kind != ParamKind::PosOnly => format!("argument '{}'", p.name),
        _ if fixed == 1 => "argument".to_string(),
        _ => format!("argument {}", at + 1),
    }
}

/// "replace() argument 1 must be str, not int".
#[cold]
pub fn bad_argument(cx: &Thread, sig: &Sig, at: usize, expected: &str, v: Value) -> Raised {
    let got = type_or_none(v);
    err!(cx, TypeError, "{}() {} must be {expected}, not {got}", sig.fname, place(sig, at))
}

/// What messages about arguments call a value: its type, but None itself.
pub fn type_or_none(v: Value) -> std::borrow::Cow<'static, str> {
    if v.is_none() { "None".into() } else { v.ty().name() }
}

/// A Rust type that a parameter may have.
pub trait FromArg: Sized {
    fn from_arg(cx: &Thread, v: Value, sig: &'static Sig, at: usize) -> Res<Self>;

    /// For a parameter that may be missing; only `Option` has an answer then.
    #[inline(always)]
    fn from_optional(cx: &Thread, v: Option<Value>, sig: &'static Sig, at: usize) -> Res<Self> {
        Self::from_arg(cx, v.expect("a required parameter is bound"), sig, at)
    }
}

impl FromArg for Value {
    #[inline(always)]
    fn from_arg(_: &Thread, v: Value, _: &'static Sig, _: usize) -> Res<Value> {
        Ok(v)
    }
}

/// `None` only where the argument was not given: an explicit Python `None` is passed on to `T`.
impl<T: FromArg> FromArg for Option<T> {
    #[inline(always)]
    fn from_arg(cx: &Thread, v: Value, sig: &'static Sig, at: usize) -> Res<Self> {
        T::from_arg(cx, v, sig, at).map(Some)
    }

    #[inline(always)]
    fn from_optional(cx: &Thread, v: Option<Value>, sig: &'static Sig, at: usize) -> Res<Self> {
        match v {
            Some(v) => Self::from_arg(cx, v, sig, at),
            None => Ok(None),
        }
    }
}

impl<T: PyType> FromArg for &'static T {
    #[inline(always)]
    fn from_arg(cx: &Thread, v: Value, sig: &'static Sig, at: usize) -> Res<Self> {
        match v.downcast::<T>() {
            Some(r) => Ok(r),
            None => Err(bad_argument(cx, sig, at, T::NAME, v)),
        }
    }
}

impl FromArg for bool {
    #[inline(always)]
    fn from_arg(cx: &Thread, v: Value, _: &'static Sig, _: usize) -> Res<bool> {
        is_true(cx, v)
    }
}

impl FromArg for f64 {
    #[inline(always)]
    fn from_arg(cx: &Thread, v: Value, _: &'static Sig, _: usize) -> Res<f64> {
        match v.as_unboxed_f64() {
            Some(f) => Ok(f),
            None => to_f64(cx, v),
        }
    }
}

macro_rules! int_args {
    ($($t:ty => $name:literal),*) => {$(
        impl FromArg for $t {
            #[inline(always)]
            fn from_arg(cx: &Thread, v: Value, _: &'static Sig, _: usize) -> Res<$t> {
                if let Some(i) = v.as_small() {
                    #[allow(irrefutable_let_patterns)]
                    if let Ok(x) = <$t>::try_from(i) {
                        return Ok(x);
                    }
                }
                int_slow::<$t>(cx, v, $name)
            }
        }
    )*};
}

int_args!(i64 => "C long", isize => "C ssize_t", usize => "C size_t", u64 => "C unsigned long", i32 => "C int", u32 => "C unsigned int", u8 => "unsigned char", u16 => "unsigned short", i16 => "short", i8 => "char");

#[cold]
fn int_slow<T: TryFrom<i64> + TryFrom<u64>>(cx: &Thread, v: Value, name: &str) -> Res<T> {
    let i = index(cx, v)?;
    let n = int_to_i64(i);
    if let Some(x) = n.and_then(|n| T::try_from(n).ok()) {
        return Ok(x);
    }
    if let Some(x) = crate::objects::int::to_u64(i).and_then(|n| T::try_from(n).ok()) {
        return Ok(x);
    }
    if name.contains("size_t") || name == "C ssize_t" {
        raise!(cx, OverflowError, "Python int too large to convert to C ssize_t");
    }
    raise!(cx, OverflowError, "Python int too large to convert to {name}")
}

/// A Rust value that a native function may return.
pub trait IntoValue {
    fn into_value(self, cx: &Thread) -> Value;
}

impl IntoValue for Value {
    #[inline(always)]
    fn into_value(self, _: &Thread) -> Value {
        self
    }
}
impl IntoValue for () {
    #[inline(always)]
    fn into_value(self, _: &Thread) -> Value {
        none()
    }
}
impl IntoValue for bool {
    #[inline(always)]
    fn into_value(self, _: &Thread) -> Value {
        py_bool(self)
    }
}
impl IntoValue for f64 {
    #[inline(always)]
    fn into_value(self, _: &Thread) -> Value {
        Value::from_f64(self)
    }
}
impl IntoValue for &str {
    fn into_value(self, cx: &Thread) -> Value {
        Value::from_ref(Str::new(cx, self))
    }
}
impl IntoValue for String {
    fn into_value(self, cx: &Thread) -> Value {
        Value::from_ref(Str::new(cx, &self))
    }
}
impl<T: HeapObject> IntoValue for &T {
    #[inline(always)]
    fn into_value(self, _: &Thread) -> Value {
        Value::from_ref(self)
    }
}
impl<T: IntoValue> IntoValue for Option<T> {
    #[inline(always)]
    fn into_value(self, cx: &Thread) -> Value {
        match self {
            Some(v) => v.into_value(cx),
            None => none(),
        }
    }
}
macro_rules! int_values {
    ($($t:ty),*) => {$(
        impl IntoValue for $t {
            #[inline(always)]
            fn into_value(self, cx: &Thread) -> Value {
                #[allow(irrefutable_let_patterns)]
                if let Ok(i) = i64::try_from(self)
                    && let Some(v) = Value::try_small(i)
                {
                    return v;
                }
                int_from_i128(cx, self as i128)
            }
        }
    )*};
}
int_values!(i64, isize, usize, u64, i32, u32, u8, u16, i16, i8);

/// What a native function may return: a value or a result of one.
pub trait IntoRes {
    fn into_res(self, cx: &Thread) -> Res;
}
impl<T: IntoValue> IntoRes for T {
    #[inline(always)]
    fn into_res(self, cx: &Thread) -> Res {
        Ok(self.into_value(cx))
    }
}
impl<T: IntoValue> IntoRes for Res<T> {
    #[inline(always)]
    fn into_res(self, cx: &Thread) -> Res {
        self.map(|v| v.into_value(cx))
    }
}
