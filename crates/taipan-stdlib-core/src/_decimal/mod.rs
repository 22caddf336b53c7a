//! `_decimal`: the objects around `taipan_decimal`, the arithmetic. `decimal.rs` is the number's
//! cell, `context.rs` contexts and which of them is current, `signals.rs` the exceptions and the
//! mapping that shows flags and traps, `convert.rs` what becomes a number and what a number
//! becomes, `operators.rs` the operators, `methods.rs` and `context_methods.rs` the named
//! operations, `format.rs` `__format__`. Invariant: a published number never changes.

mod context;
mod context_methods;
mod convert;
mod decimal;
mod format;
mod methods;
mod operators;
mod signals;

use crate::_contextvars;
use context::{Context, ContextManager};
use decimal::Decimal;
use signals::{SIGNALS, SignalDictMixin};
use std::sync::OnceLock;
use taipan_decimal::status::*;
use taipan_decimal::{MAX_EMAX, MAX_PREC, MIN_EMIN, MIN_ETINY, Round};
use taipan_vm::objects::str::intern;
use taipan_vm::objects::{int, module};
use taipan_vm::prelude::*;

/// What the module makes when it is first imported; the classes and templates of every later
/// import are the same.
pub struct State {
    /// Signals in the order of `SIGNALS`, then the conditions of `CONDITIONS`.
    exceptions: Vec<Root<Value>>,
    top: Root<Value>,
    rational: Root<Value>,
    tuple_class: Root<Value>,
    signal_dict: Root<Value>,
    signal_tuple: Root<Value>,
    variable: Root<Value>,
    /// DefaultContext, BasicContext, ExtendedContext.
    templates: OnceLock<[Root<Value>; 3]>,
}

static STATE: OnceLock<State> = OnceLock::new();

fn state() -> &'static State {
    STATE.get().expect("made when the module was imported")
}

/// Names of the rounding modes, in the order of `Round`.
const ROUNDINGS: [(&str, Round); 8] = [
    ("ROUND_UP", Round::Up),
    ("ROUND_DOWN", Round::Down),
    ("ROUND_CEILING", Round::Ceiling),
    ("ROUND_FLOOR", Round::Floor),
    ("ROUND_HALF_UP", Round::HalfUp),
    ("ROUND_HALF_DOWN", Round::HalfDown),
    ("ROUND_HALF_EVEN", Round::HalfEven),
    ("ROUND_05UP", Round::ZeroFiveUp),
];

/// Conditions beside InvalidOperation that have a class of their own.
const CONDITIONS: [(&str, u32); 4] = [
    ("ConversionSyntax", CONVERSION_SYNTAX),
    ("DivisionImpossible", DIVISION_IMPOSSIBLE),
    ("DivisionUndefined", DIVISION_UNDEFINED),
    ("InvalidContext", INVALID_CONTEXT),
];

fn text(cx: &Thread, s: &str) -> Value {
    Value::from_ref(Str::new(cx, s))
}

/// A class as `class name(*bases)` in module `decimal` makes it.
fn new_class(cx: &Thread, name: &str, bases: &[Value], module: bool) -> Res {
    let namespace = Dict::new(cx);
    if module {
        namespace.set_str(cx, id!(cx, "__module__"), text(cx, "decimal"));
    }
    let args =
        [text(cx, name), Value::from_ref(Tuple::from_slice(cx, bases)), Value::from_ref(namespace)];
    // The metaclass of the bases.
    let meta = bases.last().map_or(Type::type_object(), |b| b.ty());
    call(cx, Value::from_ref(meta), &args)
}

fn exceptions(cx: &Thread) -> Res<(Value, GcVec<Value>)> {
    let top = new_class(cx, "DecimalException", &[Value::from_ref(exc::ArithmeticError())], true)?;
    let mut classes: GcVec<Value> = (0..SIGNALS.len()).map(|_| none()).collect();
    // From the last to the first: Overflow and Underflow derive from later ones.
    for (i, &(name, flag)) in SIGNALS.iter().enumerate().rev() {
        let find = |f: u32| classes[SIGNALS.iter().position(|s| s.1 == f).unwrap_or(0)];
        let class = match flag {
            FLOAT_OPERATION => {
                new_class(cx, name, &[top, Value::from_ref(exc::TypeError())], true)?
            }
            DIVISION_BY_ZERO => {
                new_class(cx, name, &[top, Value::from_ref(exc::ZeroDivisionError())], true)?
            }
            OVERFLOW => new_class(cx, name, &[find(INEXACT), find(ROUNDED)], true)?,
            UNDERFLOW => {
                new_class(cx, name, &[find(INEXACT), find(ROUNDED), find(SUBNORMAL)], true)?
            }
            _ => new_class(cx, name, &[top], true)?,
        };
        classes[i] = class;
    }
    let invalid = classes[0];
    for (name, flag) in CONDITIONS {
        let class = if flag == DIVISION_UNDEFINED {
            new_class(cx, name, &[invalid, Value::from_ref(exc::ZeroDivisionError())], true)?
        } else {
            new_class(cx, name, &[invalid], true)?
        };
        classes.push(class);
    }
    Ok((top, classes))
}

fn make_state(cx: &Thread, decimal: &Type) -> Res<State> {
    let number = module::import_attr(cx, "numbers", "Number")?;
    call_method(cx, number, id!(cx, "register"), &[Value::from_ref(decimal)])?;
    let rational = module::import_attr(cx, "numbers", "Rational")?;
    let namedtuple = module::import_attr(cx, "collections", "namedtuple")?;
    let tuple_class =
        call(cx, namedtuple, &[text(cx, "DecimalTuple"), text(cx, "sign digits exponent")])?;
    set_attr(cx, tuple_class, id!(cx, "__module__"), Some(text(cx, "decimal")))?;
    let mapping = module::import_attr(cx, "collections.abc", "MutableMapping")?;
    let mixin = taipan_vm::types::ready::ready::<SignalDictMixin>(cx);
    let signal_dict = new_class(cx, "SignalDict", &[Value::from_ref(mixin), mapping], false)?;
    let (top, classes) = exceptions(cx)?;
    module::import(cx, "_contextvars")?;
    let signal_tuple = Value::from_ref(Tuple::from_slice(cx, &classes[..SIGNALS.len()]));
    Ok(State {
        exceptions: classes.iter().map(|&c| Root::new(c)).collect(),
        top: Root::new(top),
        rational: Root::new(rational),
        tuple_class: Root::new(tuple_class),
        signal_dict: Root::new(signal_dict),
        signal_tuple: Root::new(signal_tuple),
        variable: Root::new(_contextvars::new_variable(cx, "decimal_context")),
        templates: OnceLock::new(),
    })
}

fn templates(cx: &Thread) -> Res<[Root<Value>; 3]> {
    let default = Context::with_defaults(cx)?;
    let basic = Context::with_defaults(cx)?;
    let extended = Context::with_defaults(cx)?;
    basic.set_basic();
    extended.set_extended();
    Ok([default, basic, extended].map(|c| Root::new(Value::from_ref(c))))
}

/// The context that operators use.
#[pyfunction]
fn getcontext(cx: &Thread) -> Res {
    Ok(Value::from_ref(context::current(cx)?))
}

/// Makes a context the one that operators use; a template is copied.
#[pyfunction]
fn setcontext(cx: &Thread, context: Value) -> Res<()> {
    context::set_current(cx, context)
}

/// A context manager that makes a copy of a context the current one in its block; attributes of the
/// copy may be given as keywords.
#[pyfunction(sig = "(ctx=None, **kwargs)")]
fn localcontext(cx: &Thread, ctx: Value, kwargs: Option<&'static Dict>) -> Res {
    const NAMES: [&str; 8] =
        ["prec", "rounding", "Emin", "Emax", "capitals", "clamp", "flags", "traps"];
    let outer = context::current(cx)?;
    let inner = if ctx.is_none() {
        outer
    } else {
        match ctx.downcast::<Context>() {
            Some(c) => c,
            None => raise!(cx, TypeError, "optional argument must be a context"),
        }
    };
    let mut values = [none(); 8];
    if let Some(d) = kwargs {
        let keys = collect(cx, Value::from_ref(d))?;
        for &key in keys.iter() {
            let name = to_str(cx, key)?;
            let Some(i) = NAMES.iter().position(|n| name.eq_str(n)) else {
                raise!(cx, TypeError, "this function got an unexpected keyword argument '{name}'");
            };
            values[i] = d.get(cx, key)?.unwrap_or(none());
        }
    }
    let inner = inner.duplicate(cx)?;
    inner.set_all(cx, &values)?;
    Ok(Value::from_ref(ContextManager::new(cx, inner, outer)))
}

fn exec(cx: &Thread, m: &Module) -> Res<()> {
    let decimal = m.add_type::<Decimal>(cx);
    m.add_type::<Context>(cx);
    taipan_vm::types::ready::ready::<ContextManager>(cx);
    if STATE.get().is_none() {
        let made = make_state(cx, decimal)?;
        STATE.get_or_init(|| made);
    }
    let s = state();
    m.add(cx, "DecimalTuple", s.tuple_class.get());
    m.add(cx, "DecimalException", s.top.get());
    let names = SIGNALS.iter().chain(&CONDITIONS).map(|&(name, _)| name);
    for (name, class) in names.zip(&s.exceptions) {
        m.add(cx, name, class.get());
    }
    if s.templates.get().is_none() {
        let made = templates(cx)?;
        s.templates.get_or_init(|| made);
    }
    let made = s.templates.get().expect("made above");
    for (name, c) in ["DefaultContext", "BasicContext", "ExtendedContext"].iter().zip(made) {
        m.add(cx, name, c.get());
    }
    m.add(cx, "HAVE_CONTEXTVAR", py_bool(true));
    m.add(cx, "HAVE_THREADS", py_bool(true));
    for (name, v) in [
        ("MAX_PREC", MAX_PREC),
        ("MAX_EMAX", MAX_EMAX),
        ("MIN_EMIN", MIN_EMIN),
        ("MIN_ETINY", MIN_ETINY),
    ] {
        m.add(cx, name, int::from_i64(cx, v));
    }
    for (name, _) in ROUNDINGS {
        m.add(cx, name, Value::from_ref(intern(cx, name)));
    }
    m.add_str(cx, "__version__", "1.70");
    m.add_str(cx, "__libmpdec_version__", "2.5.1");
    Ok(())
}

pymodule! { "_decimal",
doc: "Decimal arithmetic.",
functions: [getcontext, setcontext, localcontext],
exec: exec }
