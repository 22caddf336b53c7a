//! `_contextvars`: contexts, context variables and tokens (PEP 567).
//!
//! A context's map is a dict that copies share until one of them writes (`shared` is set on both);
//! the writer then takes a copy of its own. The current context hangs off the thread.

use std::sync::atomic::{AtomicBool, Ordering};
use taipan_vm::objects::generic_alias;
use taipan_vm::objects::object::{Object, id_of};
use taipan_vm::prelude::*;
use taipan_vm::pytype;
use taipan_vm::types::alloc::fresh_head;

#[repr(C)]
pub struct Context {
    head: Head,
    /// A Dict; never changed while `shared` is set.
    vars: Slot,
    /// The context to return to when this one is left.
    previous: Slot,
    shared: AtomicBool,
    entered: AtomicBool,
}
pytype! { Context, PyContext_Type, name: "Context", module: "_contextvars", base: Object, weakref: true,
doc: "A mapping of context variables to their values." }

#[repr(C)]
pub struct ContextVar {
    head: Head,
    name: Slot,
    default: Slot,
}
pytype! { ContextVar, PyContextVar_Type, name: "ContextVar", module: "_contextvars", base: Object, weakref: true,
doc: "A variable whose value belongs to the current context." }

#[repr(C)]
pub struct Token {
    head: Head,
    context: Slot,
    var: Slot,
    old: Slot,
    used: AtomicBool,
}
pytype! { Token, PyContextToken_Type, name: "Token", module: "_contextvars", base: Object, weakref: true,
doc: "What ContextVar.set returns: the way back to the value before." }

#[repr(C)]
pub struct Missing {
    head: Head,
}
pytype! { Missing, _PyContextTokenMissing_Type, name: "Token.MISSING", module: "builtins", base: Object }

fn slot(v: Option<Value>) -> Slot {
    let s = Slot::empty();
    s.init(v);
    s
}

impl Context {
    fn make(cx: &Thread, vars: Value, shared: bool) -> &'static Context {
        cx.alloc(Context {
            head: fresh_head(),
            vars: slot(Some(vars)),
            previous: Slot::empty(),
            shared: AtomicBool::new(shared),
            entered: AtomicBool::new(false),
        })
    }

    fn vars(&self) -> &'static Dict {
        self.vars.value().downcast::<Dict>().expect("a context has a dict")
    }

    /// The thread's current context, made where there is none.
    fn current(cx: &Thread) -> &'static Context {
        if let Some(c) = cx.context.get().and_then(|c| c.downcast_exact::<Context>()) {
            return c;
        }
        let c = Context::make(cx, Value::from_ref(Dict::new(cx)), false);
        cx.context.set(Some(Value::from_ref(c)));
        c
    }

    /// A copy of the current context (`PyContext_CopyCurrent`).
    pub fn copy_current(cx: &Thread) -> &'static Context {
        Context::copied(cx, Context::current(cx))
    }

    /// Makes it the current one, until `exit`.
    pub fn enter(&self, cx: &Thread) -> Res<()> {
        if self.entered.swap(true, Ordering::AcqRel) {
            let me = repr(cx, Value::from_ref(self))?;
            raise!(cx, RuntimeError, "cannot enter context: {me} is already entered");
        }
        self.previous.set_option(self, cx.context.get());
        enter(cx, Some(Value::from_ref(self)));
        Ok(())
    }

    pub fn exit(&self, cx: &Thread) {
        enter(cx, self.previous.swap(self, None));
        self.entered.store(false, Ordering::Release);
    }

    fn copied(cx: &Thread, this: &Context) -> &'static Context {
        this.shared.store(true, Ordering::Release);
        Context::make(cx, this.vars.value(), true)
    }

    /// The dict for writing.
    fn own_vars(cx: &Thread, this: &Context) -> &'static Dict {
        let d = this.vars();
        if !this.shared.load(Ordering::Acquire) {
            return d;
        }
        let d = d.copy(cx);
        this.vars.set(this, Value::from_ref(d));
        this.shared.store(false, Ordering::Release);
        d
    }
}

/// Makes a context the thread's current one.
fn enter(cx: &Thread, context: Option<Value>) {
    cx.context.set(context);
    cx.decimal_context.set(None);
}

/// A variable without a default, for a native module that has imported this one.
pub fn new_variable(cx: &Thread, name: &str) -> Value {
    let name = Value::from_ref(Str::new(cx, name));
    let v = ContextVar { head: fresh_head(), name: slot(Some(name)), default: Slot::empty() };
    Value::from_ref(cx.alloc(v))
}

/// The value of a variable in the current context.
pub fn get_variable(cx: &Thread, variable: Value) -> Res<Option<Value>> {
    match cx.context.get().and_then(|c| c.downcast_exact::<Context>()) {
        Some(c) => c.vars().get(cx, variable),
        None => Ok(None),
    }
}

/// Sets a variable in the current context.
pub fn set_variable(cx: &Thread, variable: Value, value: Value) -> Res<()> {
    let c = Context::current(cx);
    Context::own_vars(cx, c).set(cx, variable, value)?;
    cx.decimal_context.set(None);
    Ok(())
}

fn check_key(cx: &Thread, key: Value) -> Res<()> {
    if key.downcast_exact::<ContextVar>().is_none() {
        raise!(cx, TypeError, "a ContextVar key was expected, got {}", repr(cx, key)?);
    }
    Ok(())
}

#[pymethods]
impl Context {
    #[slot]
    fn __new__(cx: &Thread, _cls: &Type, args: &[Value], _kw: KwNames<'_>) -> Res {
        if !args.is_empty() {
            raise!(cx, TypeError, "Context() does not accept any arguments");
        }
        Ok(Value::from_ref(Context::make(cx, Value::from_ref(Dict::new(cx)), false)))
    }

    /// Calls a function with this context as the current one.
    #[pymethod(sig = "(self, *args, **kwargs)", text = "")]
    fn run(cx: &Thread, this: &Context, args: &[Value], kwargs: Option<&'static Dict>) -> Res {
        let Some((&f, rest)) = args.split_first() else {
            raise!(cx, TypeError, "run() missing 1 required positional argument");
        };
        this.enter(cx)?;
        let r = call_dict(cx, f, rest, kwargs);
        this.exit(cx);
        r
    }

    /// A new context with the same values.
    #[pymethod]
    fn copy(cx: &Thread, this: &Context) -> Value {
        Value::from_ref(Context::copied(cx, this))
    }

    /// The value of a variable, or the default.
    #[pymethod(sig = "(self, key, default=None, /)")]
    fn get(cx: &Thread, this: &Context, key: Value, default: Value) -> Res {
        check_key(cx, key)?;
        Ok(this.vars().get(cx, key)?.unwrap_or(default))
    }

    /// The variables.
    #[pymethod]
    fn keys(cx: &Thread, this: &Context) -> Res {
        let d = this.vars().copy(cx);
        call_method(cx, Value::from_ref(d), id!(cx, "keys"), &[])
    }

    /// The values.
    #[pymethod]
    fn values(cx: &Thread, this: &Context) -> Res {
        let d = this.vars().copy(cx);
        call_method(cx, Value::from_ref(d), id!(cx, "values"), &[])
    }

    /// Pairs of variable and value.
    #[pymethod]
    fn items(cx: &Thread, this: &Context) -> Res {
        let d = this.vars().copy(cx);
        call_method(cx, Value::from_ref(d), id!(cx, "items"), &[])
    }

    #[slot]
    fn __len__(_cx: &Thread, this: &Context) -> Res<usize> {
        Ok(this.vars().len())
    }

    #[slot]
    fn __iter__(cx: &Thread, this: &Context) -> Res {
        iter(cx, Value::from_ref(this.vars().copy(cx)))
    }

    #[slot]
    fn __contains__(cx: &Thread, this: &Context, key: Value) -> Res<bool> {
        check_key(cx, key)?;
        this.vars().contains(cx, key)
    }

    #[slot]
    fn __getitem__(cx: &Thread, this: &Context, key: Value) -> Res {
        check_key(cx, key)?;
        match this.vars().get(cx, key)? {
            Some(v) => Ok(v),
            None => Err(taipan_vm::objects::exceptions::key_error(cx, key)),
        }
    }

    #[slot]
    fn __richcmp__(cx: &Thread, this: &Context, other: Value, op: CmpOp) -> Res {
        match other.downcast_exact::<Context>() {
            Some(o) if matches!(op, CmpOp::Eq | CmpOp::Ne) => {
                rich_compare(cx, this.vars.value(), o.vars.value(), op)
            }
            _ => Ok(not_implemented()),
        }
    }

    #[slot]
    fn __hash__(cx: &Thread, this: &Context) -> Res<i64> {
        Err(unhashable(cx, Value::from_ref(this)))
    }
}

#[pymethods]
impl ContextVar {
    #[slot]
    fn __new__(cx: &Thread, _cls: &Type, args: &[Value], kw: KwNames<'_>) -> Res {
        let keywords = kw.map_or(0, |k| k.len());
        let (positional, values) = args.split_at(args.len() - keywords);
        let &[name] = positional else {
            raise!(
                cx,
                TypeError,
                "ContextVar() takes exactly 1 positional argument ({} given)",
                positional.len()
            );
        };
        let mut default = None;
        for (i, &v) in values.iter().enumerate() {
            let key = to_str(cx, kw.expect("there are keywords").get(i))?;
            if !key.eq_str("default") {
                raise!(cx, TypeError, "ContextVar() got an unexpected keyword argument '{key}'");
            }
            default = Some(v);
        }
        if name.downcast::<Str>().is_none() {
            raise!(cx, TypeError, "context variable name must be a str");
        }
        // CPython mixes the name's hash into the variable's: an unhashable name is refused.
        hash(cx, name)?;
        let v = ContextVar { head: fresh_head(), name: slot(Some(name)), default: slot(default) };
        Ok(Value::from_ref(cx.alloc(v)))
    }

    #[getter]
    fn name(_cx: &Thread, this: &ContextVar) -> Value {
        this.name.value()
    }

    /// The value in the current context, else the default.
    #[pymethod(sig = "(self, default=None, /)", text = "($self, default=<unrepresentable>, /)")]
    fn get(cx: &Thread, this: &ContextVar, default: Option<Value>) -> Res {
        let me = Value::from_ref(this);
        if let Some(c) = cx.context.get().and_then(|c| c.downcast_exact::<Context>()) {
            if let Some(v) = c.vars().get(cx, me)? {
                return Ok(v);
            }
        }
        match default.or(this.default.get()) {
            Some(v) => Ok(v),
            None => Err(Raised::with_args(cx, exc::LookupError(), &[me])),
        }
    }

    /// Sets the value in the current context; the token restores the one before.
    #[pymethod]
    fn set(cx: &Thread, this: &ContextVar, value: Value) -> Res {
        let me = Value::from_ref(this);
        let c = Context::current(cx);
        let token = Token {
            head: fresh_head(),
            context: slot(Some(Value::from_ref(c))),
            var: slot(Some(me)),
            old: slot(c.vars().get(cx, me)?),
            used: AtomicBool::new(false),
        };
        let token = cx.alloc(token);
        Context::own_vars(cx, c).set(cx, me, value)?;
        cx.decimal_context.set(None);
        Ok(Value::from_ref(token))
    }

    /// Restores the value from before the set that made the token.
    #[pymethod]
    fn reset(cx: &Thread, this: &ContextVar, token: Value) -> Res<()> {
        let me = Value::from_ref(this);
        let Some(t) = token.downcast_exact::<Token>() else {
            raise!(cx, TypeError, "expected an instance of Token, got {}", repr(cx, token)?);
        };
        if t.used.load(Ordering::Acquire) {
            raise!(cx, RuntimeError, "{} has already been used once", repr(cx, token)?);
        }
        if t.var.value() != me {
            raise!(cx, ValueError, "{} was created by a different ContextVar", repr(cx, token)?);
        }
        let c = Context::current(cx);
        if t.context.value() != Value::from_ref(c) {
            raise!(cx, ValueError, "{} was created in a different Context", repr(cx, token)?);
        }
        t.used.store(true, Ordering::Release);
        let vars = Context::own_vars(cx, c);
        cx.decimal_context.set(None);
        match t.old.get() {
            Some(v) => vars.set(cx, me, v),
            None => {
                if !vars.del(cx, me)? {
                    return Err(Raised::with_args(cx, exc::LookupError(), &[me]));
                }
                Ok(())
            }
        }
    }

    #[slot]
    fn __repr__(cx: &Thread, this: &ContextVar) -> Res {
        let me = Value::from_ref(this);
        let mut text = format!("<ContextVar name={}", repr(cx, this.name.value())?);
        if let Some(d) = this.default.get() {
            text += &format!(" default={}", repr(cx, d)?);
        }
        text += &format!(" at {:#x}>", id_of(me));
        Ok(Value::from_ref(Str::new(cx, &text)))
    }

    /// For annotations.
    #[classmethod(text = "($type, object, /)")]
    fn __class_getitem__(cx: &Thread, cls: &Type, item: Value) -> Res {
        generic_alias::new(cx, Value::from_ref(cls), item)
    }
}

#[pymethods]
impl Token {
    #[slot]
    fn __new__(cx: &Thread, _cls: &Type, _args: &[Value], _kw: KwNames<'_>) -> Res {
        raise!(cx, RuntimeError, "Tokens can only be created by ContextVars")
    }

    #[getter]
    fn var(_cx: &Thread, this: &Token) -> Value {
        this.var.value()
    }

    #[getter]
    fn old_value(cx: &Thread, this: &Token) -> Res {
        match this.old.get() {
            Some(v) => Ok(v),
            None => get_attr(cx, Value::from_ref(Token::type_object()), id!(cx, "MISSING")),
        }
    }

    #[slot]
    fn __repr__(cx: &Thread, this: &Token) -> Res {
        let used = if this.used.load(Ordering::Acquire) { " used" } else { "" };
        let var = repr(cx, this.var.value())?;
        let text = format!("<Token{used} var={var} at {:#x}>", id_of(Value::from_ref(this)));
        Ok(Value::from_ref(Str::new(cx, &text)))
    }

    #[slot]
    fn __hash__(cx: &Thread, this: &Token) -> Res<i64> {
        Err(unhashable(cx, Value::from_ref(this)))
    }

    /// For annotations.
    #[classmethod(text = "($type, object, /)")]
    fn __class_getitem__(cx: &Thread, cls: &Type, item: Value) -> Res {
        generic_alias::new(cx, Value::from_ref(cls), item)
    }
}

#[pymethods]
impl Missing {
    #[slot]
    fn __repr__(cx: &Thread, _this: &Missing) -> Res {
        Ok(Value::from_ref(Str::new(cx, "<Token.MISSING>")))
    }
}

/// A copy of the current context.
#[pyfunction]
fn copy_context(cx: &Thread) -> Value {
    Value::from_ref(Context::copied(cx, Context::current(cx)))
}

fn exec(cx: &Thread, m: &Module) -> Res<()> {
    taipan_vm::types::ready::ready::<Missing>(cx);
    m.add_type::<Context>(cx);
    m.add_type::<ContextVar>(cx);
    let token = m.add_type::<Token>(cx);
    let name = id!(cx, "MISSING");
    if token.dict().get_str(cx, name).is_none() {
        let missing = cx.alloc(Missing { head: fresh_head() });
        taipan_vm::types::attr::type_set_raw(cx, token, name, Some(Value::from_ref(missing)))?;
    }
    Ok(())
}

pymodule! { "_contextvars",
doc: "Context variables, for contextvars.",
functions: [copy_context],
exec: exec }
