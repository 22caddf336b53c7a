//! `_operator`: the operators as functions; the callables that fetch are in `getters.rs`.

mod getters;

use taipan_vm::prelude::*;
use taipan_vm::types::slots::SlotId;

macro_rules! binary_functions {
    ($($(#[$m:meta])* $f:ident = $op:ident;)*) => {$(
        $(#[$m])*
        #[pyfunction]
        fn $f(cx: &Thread, a: Value, b: Value) -> Res {
            binary(cx, a, b, BinOp::$op)
        }
    )*};
}

macro_rules! inplace_functions {
    ($($(#[$m:meta])* $f:ident = $op:ident;)*) => {$(
        $(#[$m])*
        #[pyfunction]
        fn $f(cx: &Thread, a: Value, b: Value) -> Res {
            inplace(cx, a, b, BinOp::$op)
        }
    )*};
}

macro_rules! compare_functions {
    ($($(#[$m:meta])* $f:ident = $op:ident;)*) => {$(
        $(#[$m])*
        #[pyfunction]
        fn $f(cx: &Thread, a: Value, b: Value) -> Res {
            rich_compare(cx, a, b, CmpOp::$op)
        }
    )*};
}

macro_rules! unary_functions {
    ($($(#[$m:meta])* $f:ident = $op:ident;)*) => {$(
        $(#[$m])*
        #[pyfunction]
        fn $f(cx: &Thread, a: Value) -> Res {
            unary(cx, a, SlotId::$op)
        }
    )*};
}

binary_functions! {
    /// Same as a + b.
    add = Add;
    /// Same as a - b.
    sub = Sub;
    /// Same as a * b.
    mul = Mul;
    /// Same as a @ b.
    matmul = MatMul;
    /// Same as a / b.
    truediv = TrueDiv;
    /// Same as a // b.
    floordiv = FloorDiv;
    /// Same as a << b.
    lshift = LShift;
    /// Same as a >> b.
    rshift = RShift;
    /// Same as a ^ b.
    xor = Xor;
}

inplace_functions! {
    /// Same as a += b.
    iadd = Add;
    /// Same as a -= b.
    isub = Sub;
    /// Same as a *= b.
    imul = Mul;
    /// Same as a @= b.
    imatmul = MatMul;
    /// Same as a /= b.
    itruediv = TrueDiv;
    /// Same as a //= b.
    ifloordiv = FloorDiv;
    /// Same as a %= b.
    imod = Mod;
    /// Same as a <<= b.
    ilshift = LShift;
    /// Same as a >>= b.
    irshift = RShift;
    /// Same as a &= b.
    iand = And;
    /// Same as a ^= b.
    ixor = Xor;
    /// Same as a |= b.
    ior = Or;
}

compare_functions! {
    /// Same as a < b.
    lt = Lt;
    /// Same as a <= b.
    le = Le;
    /// Same as a != b.
    ne = Ne;
    /// Same as a > b.
    gt = Gt;
    /// Same as a >= b.
    ge = Ge;
}

unary_functions! {
    /// Same as -a.
    neg = neg;
    /// Same as +a.
    pos = pos;
    /// Same as ~a.
    inv = invert;
    /// Same as ~a.
    invert = invert;
    /// Same as abs(a).
    abs = abs;
}

/// Same as a % b.
#[pyfunction(name = "mod")]
fn modulo(cx: &Thread, a: Value, b: Value) -> Res {
    binary(cx, a, b, BinOp::Mod)
}

/// Same as a & b.
#[pyfunction(name = "and_")]
fn and(cx: &Thread, a: Value, b: Value) -> Res {
    binary(cx, a, b, BinOp::And)
}

/// Same as a | b.
#[pyfunction(name = "or_")]
fn or(cx: &Thread, a: Value, b: Value) -> Res {
    binary(cx, a, b, BinOp::Or)
}

/// Same as a == b.
#[pyfunction(name = "eq")]
fn equal(cx: &Thread, a: Value, b: Value) -> Res {
    rich_compare(cx, a, b, CmpOp::Eq)
}

/// Same as a ** b.
#[pyfunction]
fn pow(cx: &Thread, a: Value, b: Value) -> Res {
    power(cx, a, b, none())
}

/// Same as a **= b.
#[pyfunction]
fn ipow(cx: &Thread, a: Value, b: Value) -> Res {
    inplace_power(cx, a, b)
}

/// Return True if a is true, False otherwise.
#[pyfunction]
fn truth(cx: &Thread, a: Value) -> Res<bool> {
    is_true(cx, a)
}

/// Same as not a.
#[pyfunction(name = "not_")]
fn not(cx: &Thread, a: Value) -> Res<bool> {
    Ok(!is_true(cx, a)?)
}

/// Same as a is b.
#[pyfunction(name = "is_")]
fn is(_cx: &Thread, a: Value, b: Value) -> bool {
    a == b
}

/// Same as a is not b.
#[pyfunction]
fn is_not(_cx: &Thread, a: Value, b: Value) -> bool {
    a != b
}

/// Same as a.__index__()
#[pyfunction(name = "index")]
fn py_index(cx: &Thread, a: Value) -> Res {
    index(cx, a)
}

/// Same as a + b, for a and b sequences.
#[pyfunction]
fn concat(cx: &Thread, a: Value, b: Value) -> Res {
    if let Some(f) = a.ty().slots().concat.get() {
        return f(cx, a, b);
    }
    if is_sequence(a) && is_sequence(b) {
        return binary(cx, a, b, BinOp::Add);
    }
    raise!(cx, TypeError, "'{}' object can't be concatenated", a.ty().name())
}

/// Same as a += b, for a and b sequences.
#[pyfunction]
fn iconcat(cx: &Thread, a: Value, b: Value) -> Res {
    let s = a.ty().slots();
    if let Some(f) = s.iconcat.get().or(s.concat.get()) {
        return f(cx, a, b);
    }
    if is_sequence(a) && is_sequence(b) {
        return inplace(cx, a, b, BinOp::Add);
    }
    raise!(cx, TypeError, "'{}' object can't be concatenated", a.ty().name())
}

/// Same as b in a (note reversed operands).
#[pyfunction(name = "contains")]
fn py_contains(cx: &Thread, a: Value, b: Value) -> Res<bool> {
    contains(cx, a, b)
}

/// The items of `a` that equal `b`, one call of `f` with the position for each; stops on false.
fn search(cx: &Thread, a: Value, b: Value, mut f: impl FnMut(usize) -> bool) -> Res<()> {
    let it = match iter(cx, a) {
        Ok(it) => it,
        Err(e) if e.is(exc::TypeError()) => {
            raise!(cx, TypeError, "argument of type '{}' is not iterable", a.ty().name())
        }
        Err(e) => return Err(e),
    };
    let mut i = 0;
    while let Some(x) = iter_next(cx, it)? {
        cx.poll()?;
        if eq(cx, x, b)? && !f(i) {
            return Ok(());
        }
        i += 1;
    }
    Ok(())
}

/// Return the number of items in a which are, or which equal, b.
#[pyfunction(name = "countOf")]
fn count_of(cx: &Thread, a: Value, b: Value) -> Res<usize> {
    let mut n = 0;
    search(cx, a, b, |_| {
        n += 1;
        true
    })?;
    Ok(n)
}

/// Return the first index of b in a.
#[pyfunction(name = "indexOf")]
fn index_of(cx: &Thread, a: Value, b: Value) -> Res<usize> {
    let mut found = None;
    search(cx, a, b, |i| {
        found = Some(i);
        false
    })?;
    match found {
        Some(i) => Ok(i),
        None => raise!(cx, ValueError, "sequence.index(x): x not in sequence"),
    }
}

/// Same as a[b].
#[pyfunction]
fn getitem(cx: &Thread, a: Value, b: Value) -> Res {
    get_item(cx, a, b)
}

/// Same as a[b] = c.
#[pyfunction]
fn setitem(cx: &Thread, a: Value, b: Value, c: Value) -> Res<()> {
    set_item(cx, a, b, c)
}

/// Same as del a[b].
#[pyfunction]
fn delitem(cx: &Thread, a: Value, b: Value) -> Res<()> {
    del_item(cx, a, b)
}

/// Return an estimate of the number of items in obj.
///
/// This is useful for presizing containers when building from an iterable.
/// If the object supports len(), the result will be exact.
#[pyfunction(name = "length_hint", sig = "(obj, default=0, /)")]
fn py_length_hint(cx: &Thread, obj: Value, default: Value) -> Res<usize> {
    if !taipan_vm::objects::int::is_int(default) {
        raise!(
            cx,
            TypeError,
            "'{}' object cannot be interpreted as an integer",
            default.ty().name()
        );
    }
    let d = index_isize(cx, default, exc::OverflowError())?;
    length_hint(cx, obj, d as usize)
}

/// Same as obj(*args, **kwargs).
#[pyfunction(name = "call", sig = "(obj, /, *args, **kwargs)")]
fn py_call(cx: &Thread, obj: Value, args: &[Value], kwargs: Option<&'static Dict>) -> Res {
    call_dict(cx, obj, args, kwargs)
}

/// Return 'a == b'.
///
/// The time taken does not depend on where the operands differ: both are bytes-like, or str of
/// ASCII only.
#[pyfunction]
fn _compare_digest(cx: &Thread, a: Value, b: Value) -> Res<bool> {
    let walked = |x: &[u8], y: &[u8]| {
        // Always walks all of y, so that only the lengths show.
        let mut diff = (x.len() != y.len()) as u8;
        let x = if x.len() == y.len() { x } else { y };
        for (p, q) in x.iter().zip(y) {
            diff |= std::hint::black_box(p ^ q);
        }
        diff == 0
    };
    let same = |x: &[u8], y: &[u8]| cx.plain(y.len(), || walked(x, y));
    if let (Some(x), Some(y)) = (a.downcast::<Str>(), b.downcast::<Str>()) {
        return match (x.as_ascii(), y.as_ascii()) {
            (Some(x), Some(y)) => Ok(same(x.as_bytes(), y.as_bytes())),
            _ => raise!(
                cx,
                TypeError,
                "comparing strings with non-ASCII characters is not supported"
            ),
        };
    }
    let buffered = |v: Value| v.ty().slots().getbuffer.get().is_some();
    if !buffered(a) && !buffered(b) {
        raise!(
            cx,
            TypeError,
            "unsupported operand types(s) or combination of types: '{}' and '{}'",
            a.ty().name(),
            b.ty().name()
        );
    }
    let bytes = |v: Value| -> Res<Vec<u8>> {
        let b = Value::from_ref(taipan_vm::objects::bytes::Bytes::type_object());
        if !buffered(v) {
            raise!(cx, TypeError, "a bytes-like object is required, not '{}'", v.ty().name());
        }
        let r = call(cx, b, &[v])?;
        Ok(r.downcast::<Bytes>().map(|b| b.as_slice().to_vec()).unwrap_or_default())
    };
    let (x, y) = (bytes(a)?, bytes(b)?);
    Ok(same(&x, &y))
}

fn exec(cx: &Thread, m: &Module) -> Res<()> {
    m.add_type::<getters::ItemGetter>(cx);
    m.add_type::<getters::AttrGetter>(cx);
    m.add_type::<getters::MethodCaller>(cx);
    Ok(())
}

pymodule! {
    "_operator",
    doc: "Operator interface.\n\nFunctions that correspond to Python's operators: operator.add(x, y) is x+y.",
    functions: [add, sub, mul, matmul, truediv, floordiv, modulo, lshift, rshift, and, xor, or,
        iadd, isub, imul, imatmul, itruediv, ifloordiv, imod, ilshift, irshift, iand, ixor, ior,
        lt, le, equal, ne, gt, ge, neg, pos, inv, invert, abs, pow, ipow, truth, not, is, is_not,
        py_index, concat, iconcat, py_contains, count_of, index_of, getitem, setitem, delitem,
        py_length_hint, py_call, _compare_digest],
    exec: exec
}
