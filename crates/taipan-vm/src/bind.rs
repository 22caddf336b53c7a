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
    name: &str,
) -> Res<(Value, &'a [Value])> {
    match args.split_first() {
        Some((&this, rest)) if T::check(this) => Ok((this, rest)),
        _ => Err(bad_self(cx, T::NAME, args, name)),
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
    name: &str,
) -> Res<(Value, &'a [Value])> {
    match args.split_first() {
        Some((&c, rest)) => Ok((c, rest)),
        None => Err(err!(
            cx,
            TypeError,
            "descriptor '{name}' for type '{}' needs a type argument",
            T::NAME
        )),
    }
}

/// Checks that a function without parameters got none.
#[inline(always)]
pub fn no_args(cx: &Thread, sig: &Sig, args: &[Value], kw: KwNames<'_>) -> Res<()> {
    if args.is_empty() { Ok(()) } else { Err(too_many(cx, sig, args, kw)) }
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

/// Fills `out` (one entry per parameter but `*args`, `**kwargs`) from any call.
#[inline(never)]
pub fn bind<'a>(
    cx: &Thread,
    sig: &'static Sig,
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
    if nkw > 0 && !takes_kw {
        return Err(err!(cx, TypeError, "{}() takes no keyword arguments", full_name(sig)));
    }
    if npos > max_pos && !has_var {
        return Err(too_many(cx, sig, args, kw));
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
                (Some(at), _) => {
                    return Err(err!(
                        cx,
                        TypeError,
                        "argument for {}() given by name ('{}') and position ({})",
                        sig.fname,
                        key,
                        at + 1
                    ));
                }
                (None, Some(d)) => d.set(cx, name, value)?,
                (None, None) => return Err(unexpected_keyword(cx, sig, key)),
            }
        }
    }
    let mut at = 0;
    for p in sig.params {
        if matches!(p.kind, ParamKind::VarArgs | ParamKind::VarKw) {
            continue;
        }
        if out[at].is_none() && p.default.is_none() {
            return Err(missing(cx, sig, npos, at, p));
        }
        at += 1;
    }
    Ok((if has_var { &args[nfix..npos] } else { &[] }, kwargs))
}

#[cold]
fn unexpected_keyword(cx: &Thread, sig: &Sig, key: &Str) -> Raised {
    if sig.params.iter().any(|p| p.kind == ParamKind::PosOnly && key.eq_str(p.name)) {
        return err!(
            cx,
            TypeError,
            "{}() got some positional-only arguments passed as keyword arguments: '{}'",
            sig.fname,
            key
        );
    }
    err!(cx, TypeError, "{}() got an unexpected keyword argument '{}'", sig.fname, key)
}

#[cold]
fn missing(cx: &Thread, sig: &Sig, npos: usize, at: usize, p: &Param) -> Raised {
    if p.kind == ParamKind::PosOnly {
        let by_name = |p: &Param| matches!(p.kind, ParamKind::PosOrKw | ParamKind::KwOnly);
        if !sig.params.iter().any(by_name) {
            return wrong_count(cx, sig, npos);
        }
        // `_PyArg_UnpackKeywords` counts those that cannot be given by name.
        let needed = |p: &&Param| p.kind == ParamKind::PosOnly && p.default.is_none();
        let min = sig.params.iter().filter(needed).count();
        let more = sig.params.iter().filter(|p| is_positional(p)).count() > min;
        return err!(
            cx,
            TypeError,
            "{}() takes {} {min} positional argument{} ({npos} given)",
            sig.fname,
            if more { "at least" } else { "exactly" },
            if min == 1 { "" } else { "s" }
        );
    }
    err!(cx, TypeError, "{}() missing required argument '{}' (pos {})", sig.fname, p.name, at + 1)
}

#[cold]
fn too_many(cx: &Thread, sig: &Sig, args: &[Value], kw: KwNames<'_>) -> Raised {
    let nkw = kw.map_or(0, |k| k.len());
    let n = args.len() - nkw;
    if sig.params.is_empty() {
        if nkw > 0 {
            return err!(cx, TypeError, "{}() takes no keyword arguments", full_name(sig));
        }
        if matches!(sig.owner, Owner::Slot) {
            return err!(cx, TypeError, "{}() takes no arguments", sig.fname);
        }
        return err!(cx, TypeError, "{}() takes no arguments ({n} given)", full_name(sig));
    }
    let kws = sig.params.iter().any(|p| matches!(p.kind, ParamKind::PosOrKw | ParamKind::KwOnly));
    if !kws {
        return wrong_count(cx, sig, n);
    }
    let pos = sig.params.iter().filter(|p| is_positional(p));
    let max = pos.clone().count();
    let min = pos.filter(|p| p.default.is_none()).count();
    let any_kwonly = sig.params.iter().any(|p| p.kind == ParamKind::KwOnly);
    let plural = if max == 1 { "" } else { "s" };
    if max == 0 {
        return err!(cx, TypeError, "{}() takes no positional arguments", sig.fname);
    }
    let positional = if any_kwonly { "positional " } else { "" };
    err!(
        cx,
        TypeError,
        "{}() takes {} {max} {positional}argument{plural} ({n} given)",
        sig.fname,
        if min < max { "at most" } else { "exactly" }
    )
}

/// The name as `_PyObject_FunctionStr` gives it: `list.append`, `math.sqrt`, `len`.
fn full_name(sig: &Sig) -> String {
    let owner = match sig.owner {
        Owner::Slot => "",
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
fn wrong_count(cx: &Thread, sig: &Sig, n: usize) -> Raised {
    let pos = sig.params.iter().filter(|p| is_positional(p));
    let max = pos.clone().count();
    let min = pos.filter(|p| p.default.is_none()).count();
    if sig.params.len() == 1 && min == 1 && !matches!(sig.owner, Owner::Slot) {
        return err!(cx, TypeError, "{}() takes exactly one argument ({n} given)", full_name(sig));
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
    let got = if v.is_none() { "None".into() } else { v.ty().name() };
    err!(cx, TypeError, "{}() {} must be {expected}, not {got}", sig.fname, place(sig, at))
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
fn int_slow<T: TryFrom<i64>>(cx: &Thread, v: Value, name: &str) -> Res<T> {
    let i = index(cx, v)?;
    let n = int_to_i64(i);
    if let Some(x) = n.and_then(|n| T::try_from(n).ok()) {
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
