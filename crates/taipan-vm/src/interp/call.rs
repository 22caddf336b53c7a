//! Calling Python functions: pushing frames, binding arguments, entering from Rust.
//!
//! Errors of binding are CPython's (Python/ceval.c, `initialize_locals`).

use super::dispatch::{GOES_ON, run};
use super::frame::{ENTRY, GEN, INIT, Regs};
use super::suggest;
use crate::objects::code::Code;
use crate::objects::function::Function;
use crate::objects::method::Method;
use crate::prelude::*;
use crate::vm::VM;
use taipan_compiler::code::flags;

/// Leaves an exception for the dispatch loop.
pub fn fail(cx: &Thread, e: Raised) -> u64 {
    cx.interp.pending.set(Some(e.0));
    0
}

/// A result for the dispatch loop.
fn answer(cx: &Thread, r: Res) -> u64 {
    match r {
        Ok(v) => v.bits(),
        Err(e) => fail(cx, e),
    }
}

/// Keyword names from the bits of a tuple, or zero.
fn kw_names(kw: u64) -> KwNames<'static> {
    if kw == 0 {
        return None;
    }
    // SAFETY: the callers pass the bits of a constant or fresh tuple.
    unsafe { Value::from_bits(kw) }.downcast_exact::<Tuple>().filter(|t| t.len() > 0)
}

/// Calls what lies below the arguments `regs[args..args+argc]`: 0, `GOES_ON` (a frame was pushed)
/// or the result. `kw`: bits of the tuple of keyword names, or 0.
#[inline]
pub fn in_place(cx: &Thread, regs: Regs, args: usize, argc: usize, kw: u64) -> u64 {
    let r = push_callee(cx, regs, args, argc, kw);
    if r != NATIVE {
        return r;
    }
    // The native frames that follow may last as long as a program does: what was left where they come to
    // lie would keep objects alive (hazard 16).
    taipan_heap::clear_window::<80>();
    through_native(cx, regs, args, argc, kw)
}

/// Never the bits of a value: no frame can be pushed for this callee.
const NATIVE: u64 = 2;

/// The part of `in_place` for callees written in Python; `NATIVE` for others.
#[inline(never)]
fn push_callee(cx: &Thread, regs: Regs, args: usize, argc: usize, kw: u64) -> u64 {
    let callee = regs.value(args - 1);
    let area = || above_generator(cx, regs, args, argc);
    if let Some(func) = callee.downcast_exact::<Function>() {
        if let Some((regs, args)) = area() {
            return push(cx, regs.add(args), func, argc, kw, 0);
        }
    } else if argc >= FEW {
        // Moved arguments lie where the collector does not look; a native frame can hold so many.
    } else if let Some(m) = callee.downcast_exact::<Method>() {
        if let (Some(func), Some((regs, args))) = (m.func().downcast_exact::<Function>(), area()) {
            shift(regs, args, argc, 1);
            regs.set(args, m.this());
            regs.set(args - 1, m.func());
            return push(cx, regs.add(args), func, argc + 1, kw, 0);
        }
    } else if let Some(ty) = callee.downcast::<Type>() {
        if let (Some(init), Some((regs, args))) = (plain_init(cx, ty), area()) {
            let this = cx.alloc_instance(ty);
            // Word -5 of the new frame is the first reserved word of the call area.
            shift(regs, args, argc, 2);
            regs.set(args, Value::from_ref(init));
            regs.set(args + 1, this);
            let new = regs.add(args + 1);
            new.set_extra(this);
            let r = push(cx, new, init, argc + 1, kw, INIT);
            // Above a generator's frame nothing else holds it until its own frame is pushed.
            taipan_heap::keep_alive(this.bits() as *const u8);
            return r;
        }
    } else if callee.is_ptr() && callee.ty().is_heap() {
        let func = callee.ty().lookup(cx, id!(cx, "__call__"));
        let func = func.and_then(|f| f.downcast_exact::<Function>());
        if let (Some(func), Some((regs, args))) = (func, area()) {
            shift(regs, args, argc, 1);
            regs.set(args, callee);
            regs.set(args - 1, Value::from_ref(func));
            return push(cx, regs.add(args), func, argc + 1, kw, 0);
        }
    }
    NATIVE
}

#[inline(never)]
fn through_native(cx: &Thread, regs: Regs, args: usize, argc: usize, kw: u64) -> u64 {
    let callee = regs.value(args - 1);
    if cx.interp.watches_calls.get() {
        return answer(cx, profiled(cx, regs, callee, regs.slice(args, argc), kw_names(kw)));
    }
    answer(cx, call_kw(cx, callee, regs.slice(args, argc), kw_names(kw)))
}

/// Where the callee and the arguments of a call lie when its frame is to be pushed in place. A
/// generator's frame is not on the VM stack: copies go above all frames. `None`: no room. Until
/// a frame holds the copies, the collector finds the originals.
#[inline(always)]
fn above_generator(cx: &Thread, regs: Regs, args: usize, argc: usize) -> Option<(Regs, usize)> {
    if regs.flags() & GEN == 0 {
        return Some((regs, args));
    }
    let base = regs.base();
    if base.add(argc).0 > cx.interp.limit.get() {
        return None;
    }
    let to = base.sub(1);
    for i in 0..=argc {
        to.set_bits(i, regs.bits(args - 1 + i));
    }
    Some((to, 1))
}

/// A native call with the profile function's events around it.
#[cold]
pub fn profiled(cx: &Thread, regs: Regs, callee: Value, args: &[Value], kw: KwNames<'_>) -> Res {
    use super::trace::{monitoring, native_call};
    use crate::objects::{builtin_function::BuiltinFunction, descr::MethodDescr};
    let bound = callee.downcast_exact::<Method>().map(|m| m.func());
    let inner = bound.unwrap_or(callee);
    let native = inner.downcast_exact::<BuiltinFunction>().is_some()
        || inner.downcast_exact::<MethodDescr>().is_some();
    // A call that switches monitoring on was made without its CALL event, and has no other.
    let watched = monitoring::watches_calls_of(cx, regs);
    if !native {
        let r = call_kw(cx, callee, args, kw);
        if watched && inner.downcast_exact::<Function>().is_none() {
            monitoring::native_result(cx, regs, callee, args, r.is_err())?;
        }
        return r;
    }
    native_call(cx, regs, id!(cx, "c_call"), callee)?;
    match call_kw(cx, callee, args, kw) {
        Ok(v) => {
            native_call(cx, regs, id!(cx, "c_return"), callee)?;
            if watched {
                monitoring::native_result(cx, regs, callee, args, false)?;
            }
            Ok(v)
        }
        Err(e) => {
            native_call(cx, regs, id!(cx, "c_exception"), callee)?;
            if watched {
                monitoring::native_result(cx, regs, callee, args, true)?;
            }
            Err(e)
        }
    }
}

/// Moves arguments up by `by` words; the stack's slack has room for them.
fn shift(regs: Regs, args: usize, argc: usize, by: usize) {
    for i in (0..argc).rev() {
        regs.set_bits(args + i + by, regs.bits(args + i));
    }
}

/// The `__init__` of a class whose instances `object.__new__` makes and a Python function fills.
#[inline]
fn plain_init(cx: &Thread, ty: &'static Type) -> Option<&'static Function> {
    let no = tpflags::IS_ABSTRACT | tpflags::DISALLOW_INSTANTIATION;
    if !ty.is_heap() || ty.flags() & no != 0 || !Value::from_ref(ty).ty().is(Type::type_object()) {
        return None;
    }
    let object = crate::objects::object::Object::type_object();
    if ty.slots().new.raw() != object.slots().new.raw() {
        return None;
    }
    ty.lookup(cx, id!(cx, "__init__"))?.downcast_exact::<Function>()
}

/// How many arguments a native frame has room for while they are bound.
const FEW: usize = 32;

/// Calls `f` with a copy of the `argc` words from `new` on, which `f` may write over. They may lie
/// above the last frame, where the collector does not see them, so there must be no safepoint before
/// the copy is made: it is on the native stack. More than `FEW` lie in the caller's frame.
#[inline]
fn with_copy<R>(new: Regs, argc: usize, f: impl FnOnce(&[Value]) -> R) -> R {
    let given = new.slice(0, argc);
    if argc > FEW {
        let copy: GcVec<Value> = given.iter().copied().collect();
        return f(&copy);
    }
    let mut copy = [Value::small(0); FEW];
    copy[..argc].copy_from_slice(given);
    let copy = std::hint::black_box(&copy);
    f(&copy[..argc])
}

/// Pushes a frame of `func` at `new`, where `argc` arguments lie. The callee word is in place.
fn push(cx: &Thread, new: Regs, func: &'static Function, argc: usize, kw: u64, flags: u64) -> u64 {
    let code = func.code();
    let interp = &cx.interp;
    if interp.depth.get() + 1 > VM.recursion_limit() {
        return fail(cx, cx.recursion_error(""));
    }
    if new.add(code.nregs as usize).0 > interp.limit.get() {
        // A new chunk of the stack is entered through Rust, so that leaving it gives it back.
        let extra = if flags & INIT != 0 { Some(new.extra()) } else { None };
        let r = with_copy(new, argc, |args| call_function(cx, func, args, kw_names(kw)));
        return match (r, extra) {
            (Ok(v), Some(_)) if !v.is_none() => fail(
                cx,
                err!(cx, TypeError, "__init__() should return None, not '{}'", v.ty().name()),
            ),
            (Ok(_), Some(this)) => this.bits(),
            (r, _) => answer(cx, r),
        };
    }
    if kw == 0 && code.simple_argc as usize == argc {
        for i in argc..code.nlocals as usize {
            new.set_bits(i, 0);
        }
    } else if !fill_defaults(func, code, new, argc, kw) {
        let this = if flags & INIT != 0 { Some(new.extra()) } else { None };
        if let Err(e) = with_copy(new, argc, |args| bind(cx, func, code, args, kw_names(kw), new)) {
            return fail(cx, e);
        }
        // Binding may have run Python code, in frames that lay here.
        new.set_callee(Value::from_ref(func));
        if let Some(this) = this {
            new.set_extra(this);
        }
    }
    new.save_pc(code.start(), 0);
    new.set_prev(interp.regs.get());
    new.set_code(code, flags);
    interp.depth.set(interp.depth.get() + 1);
    interp.regs.set(new);
    interp.goes_on.set((code.start(), new));
    GOES_ON
}

/// Completes positional arguments from the defaults, where that is all there is to do.
fn fill_defaults(func: &Function, code: &Code, new: Regs, argc: usize, kw: u64) -> bool {
    let n = code.argcount as usize;
    if kw != 0 || code.simple_argc == u32::MAX || argc > n {
        return false;
    }
    let Some(defaults) = func.defaults() else { return false };
    let missing = n - argc;
    let d = defaults.as_slice();
    if missing > d.len() {
        return false;
    }
    for (i, v) in d[d.len() - missing..].iter().enumerate() {
        new.set(argc + i, *v);
    }
    for i in n..code.nlocals as usize {
        new.set_bits(i, 0);
    }
    true
}

/// `CALL_EX`: positional arguments in an iterable at `b+4`, keywords in a mapping at `b+5`.
#[inline(never)]
pub fn unpacked(cx: &Thread, regs: Regs, b: usize, with_kw: bool) -> u64 {
    match unpacked_inner(cx, regs, b, with_kw) {
        Ok(r) => r,
        Err(e) => fail(cx, e),
    }
}

/// A call with a keyword that is no str: what has no use for keywords says that instead.
#[cold]
fn odd_keyword(cx: &Thread, callee: Value, alone: bool) -> Raised {
    let ty = callee.ty();
    if ty.slots().call.get().is_none() {
        return err!(cx, TypeError, "'{}' object is not callable", ty.name());
    }
    if !ty.is_heap() && ty.name() == "method-wrapper" {
        let name = get_attr_opt(cx, callee, id!(cx, "__name__")).ok().flatten();
        let takes_any = |n: &&Str| n.eq(id!(cx, "__init__")) || n.eq(id!(cx, "__call__"));
        let name = name.and_then(|n| n.downcast::<Str>()).filter(|n| !takes_any(n));
        if let Some(name) = name {
            return err!(cx, TypeError, "wrapper {name}() takes no keyword arguments");
        }
    }
    // What CPython calls with a dict looks at the receiver first, and complains when there is none.
    let named_new = || {
        let name = get_attr_opt(cx, callee, id!(cx, "__name__")).ok().flatten();
        name.and_then(|n| n.downcast::<Str>()).is_some_and(|n| n.eq(id!(cx, "__new__")))
    };
    let by_dict = match ty.name().as_ref() {
        "wrapper_descriptor" => true,
        "builtin_function_or_method" => named_new(),
        _ => false,
    };
    if by_dict && !ty.is_heap() && alone {
        return call(cx, callee, &[])
            .err()
            .unwrap_or_else(|| err!(cx, TypeError, "keywords must be strings"));
    }
    if let Some(class) = callee.as_type().filter(|t| !t.is_heap()) {
        // Exceptions without keywords say that of any.
        let base = exc::BaseException();
        if class.is_subtype(base) && class.slots().init.raw() == base.slots().init.raw()
            || class.is(exc::OSError())
        {
            return err!(cx, TypeError, "{}() takes no keyword arguments", class.name());
        }
    }
    err!(cx, TypeError, "keywords must be strings")
}

fn unpacked_inner(cx: &Thread, regs: Regs, b: usize, with_kw: bool) -> Res<u64> {
    let callee = regs.value(b + 3);
    let given = regs.value(b + 4);
    let positional = match given.downcast_exact::<Tuple>() {
        Some(t) => t,
        None => {
            if given.ty().slots().iter.get().is_none() && !is_sequence(given) {
                raise!(
                    cx,
                    TypeError,
                    "{} argument after * must be an iterable, not {}",
                    function_text(cx, callee),
                    given.ty().name()
                );
            }
            Tuple::from_slice(cx, &collect(cx, given)?)
        }
    };
    let keywords = match with_kw.then(|| regs.value(b + 5)) {
        None => None,
        Some(v) => match v.downcast_exact::<Dict>() {
            Some(d) => Some(d),
            None => {
                let d = Dict::new(cx);
                merge_keywords(cx, d, v, callee)?;
                Some(d)
            }
        },
    }
    .filter(|d| d.len() > 0);
    let (mut args, mut names) = (GcVec::new(), None);
    if let Some(d) = keywords {
        let entries = d.entries();
        args.reserve(positional.len() + entries.len());
        args.extend_from_slice(positional.as_slice());
        let mut keys = GcVec::with_capacity(entries.len());
        for &(k, v) in entries.iter() {
            if k.downcast::<Str>().is_none() {
                return Err(odd_keyword(cx, callee, positional.is_empty()));
            }
            keys.push(k);
            args.push(v);
        }
        names = Some(Tuple::from_slice(cx, &keys));
    }
    let all: &[Value] = if names.is_some() { &args } else { positional.as_slice() };
    if let Some(func) = callee.downcast_exact::<Function>() {
        let code = func.code();
        let new = if regs.flags() & GEN != 0 { regs.base() } else { regs.add(b + 4) };
        let interp = &cx.interp;
        let deep = interp.depth.get() + 1 > VM.recursion_limit();
        if !deep && new.add(code.nregs as usize).0 <= interp.limit.get() {
            bind(cx, func, code, all, names, new)?;
            new.set_callee(callee);
            new.save_pc(code.start(), 0);
            new.set_prev(regs);
            new.set_code(code, 0);
            interp.depth.set(interp.depth.get() + 1);
            interp.regs.set(new);
            interp.goes_on.set((code.start(), new));
            return Ok(GOES_ON);
        }
    }
    let r = if cx.interp.watches_calls.get() {
        profiled(cx, regs, callee, all, names)
    } else {
        call_kw(cx, callee, all, names)
    };
    taipan_heap::keep_alive(positional);
    r.map(Value::bits)
}

/// How messages name a callable: with its module, except in builtins.
pub fn function_text(cx: &Thread, f: Value) -> String {
    let qualname = get_attr_opt(cx, f, id!(cx, "__qualname__")).ok().flatten();
    let Some(q) = qualname.and_then(|q| q.downcast::<Str>()) else {
        return to_str(cx, f)
            .map_or_else(|_| "<unknown>".into(), |s| s.to_str_lossy().into_owned());
    };
    let module = get_attr_opt(cx, f, id!(cx, "__module__")).ok().flatten();
    match module.and_then(|m| m.downcast::<Str>()) {
        Some(m) if !m.eq_str("builtins") => format!("{m}.{q}()"),
        _ => format!("{q}()"),
    }
}

/// Adds the keywords of a mapping to a call's dict; none may be there already.
pub fn merge_keywords(cx: &Thread, d: &Dict, from: Value, callee: Value) -> Res<()> {
    let add = |k: Value, v: Value| -> Res<()> {
        if d.get(cx, k)?.is_some() {
            let shown = to_str(cx, k)?;
            raise!(
                cx,
                TypeError,
                "{} got multiple values for keyword argument '{shown}'",
                function_text(cx, callee)
            );
        }
        d.set(cx, k, v)
    };
    if let Some(m) = from.downcast_exact::<Dict>() {
        for (k, v) in m.entries() {
            add(k, v)?;
        }
        return Ok(());
    }
    let Some(keys) = get_attr_opt(cx, from, id!(cx, "keys"))? else {
        raise!(
            cx,
            TypeError,
            "{} argument after ** must be a mapping, not {}",
            function_text(cx, callee),
            from.ty().name()
        );
    };
    let keys = call(cx, keys, &[])?;
    for_each(cx, keys, |k| {
        let v = get_item(cx, from, k)?;
        add(k, v)
    })
}

/// Calls a Python function from Rust.
pub fn call_function(cx: &Thread, func: &'static Function, args: &[Value], kw: KwNames<'_>) -> Res {
    enter(cx, func, None, |code, regs| {
        if kw.is_none() && code.simple_argc as usize == args.len() {
            for (i, a) in args.iter().enumerate() {
                regs.set(i, *a);
            }
            for i in args.len()..code.nlocals as usize {
                regs.set_bits(i, 0);
            }
            return Ok(());
        }
        bind(cx, func, code, args, kw, regs)
    })
}

/// Runs a function's code with a namespace: a module, a class body, `exec`.
pub fn call_with_namespace(cx: &Thread, func: &'static Function, ns: Value) -> Res {
    enter(cx, func, Some(ns), |code, regs| {
        for i in 0..code.nlocals as usize {
            regs.set_bits(i, 0);
        }
        if code.local_base == 1 {
            regs.set(0, ns);
        }
        Ok(())
    })
}

/// Pushes an ENTRY frame, has its registers filled, and runs it.
fn enter(
    cx: &Thread,
    func: &'static Function,
    ns: Option<Value>,
    fill: impl FnOnce(&'static Code, Regs) -> Res<()>,
) -> Res {
    let code = func.code();
    let interp = &cx.interp;
    if cx.stack_low() || interp.depth.get() + 1 > VM.recursion_limit() {
        return Err(cx.recursion_error(""));
    }
    let _ = ns;
    with_room(cx, code.nregs as usize, |new| {
        fill(code, new)?;
        new.set_callee(Value::from_ref(func));
        new.save_pc(code.start(), 0);
        new.set_prev(interp.regs.get());
        new.set_code(code, ENTRY);
        interp.depth.set(interp.depth.get() + 1);
        interp.regs.set(new);
        run(cx, code.start(), new)
    })
}

/// Gives `f` room for a frame above all others, on a new chunk where the present one is full.
pub fn with_room<R>(cx: &Thread, nregs: usize, f: impl FnOnce(Regs) -> Res<R>) -> Res<R> {
    let interp = &cx.interp;
    if let Some(new) = interp.room(nregs) {
        return f(new);
    }
    let first = !interp.has_stack();
    if !interp.push_chunk(nregs) {
        return Err(cx.no_memory());
    }
    let new = interp.room(nregs).expect("a new chunk has room");
    let r = f(new);
    if !first {
        interp.pop_chunk();
    }
    r
}

/// Puts arguments into the registers of a frame that is not pushed yet. `args` must not lie in
/// those registers. Python code that runs meanwhile (`__eq__` of odd keywords) has its frames there:
/// it runs before the first register is written, or its caller puts them back.
pub fn bind(
    cx: &Thread,
    func: &Function,
    code: &Code,
    args: &[Value],
    kw: KwNames<'_>,
    out: Regs,
) -> Res<()> {
    let base = code.local_base as usize;
    let unit = code.unit();
    let n = code.argcount as usize;
    let total = n + unit.kwonlyargcount as usize;
    let nkw = kw.map_or(0, |k| k.len());
    let npos = args.len() - nkw;
    // The two collections stay in these variables until the frame is pushed and scanned.
    let kwargs = code.has(flags::CO_VARKEYWORDS).then(|| Dict::new(cx));
    if let (Some(d), Some(names)) = (kwargs, kw) {
        collect_keywords(cx, func, code, names, &args[npos..], d)?;
    }
    for i in 0..code.nlocals as usize {
        out.set_bits(i, 0);
    }
    if base == 1 {
        out.set(0, func.globals.value());
    }
    let locals = out.add(base);
    for (i, a) in args[..npos.min(n)].iter().enumerate() {
        locals.set(i, *a);
    }
    let mut varargs = None;
    if code.has(flags::CO_VARARGS) {
        let t = Tuple::from_slice(cx, if npos > n { &args[n..npos] } else { &[] });
        locals.set(total, Value::from_ref(t));
        varargs = Some(t);
    }
    if let Some(d) = kwargs {
        let at = total + code.has(flags::CO_VARARGS) as usize;
        locals.set(at, Value::from_ref(d));
    }
    if let Some(names) = kw {
        bind_keywords(cx, func, code, names, &args[npos..], kwargs.is_some(), locals)?;
    }
    if npos > n && varargs.is_none() {
        return Err(too_many_positional(cx, func, code, npos, locals));
    }
    if npos < n {
        let defaults = func.defaults();
        let defaults = defaults.map_or(&[][..], |d| d.as_slice());
        let first_default = n - defaults.len().min(n);
        let lacks = (npos..first_default).any(|i| locals.bits(i) == 0);
        if lacks {
            return Err(missing(cx, func, code, 0..first_default, "positional", locals));
        }
        for i in npos.max(first_default)..n {
            if locals.bits(i) == 0 {
                locals.set(i, defaults[defaults.len() + i - n]);
            }
        }
    }
    if total > n {
        let kwdefaults = func.kwdefaults.get().and_then(|d| d.downcast::<Dict>());
        let names = code.localsplus();
        let mut lacks = false;
        for i in n..total {
            if locals.bits(i) != 0 {
                continue;
            }
            let name = names.get(i).downcast::<Str>().expect("local names are strings");
            let plain = kwdefaults.and_then(|d| d.get_plain_str(cx, name));
            let odd = || odd_default(cx, kwdefaults?, name, locals, code.nlocals as usize - base);
            match plain.or_else(odd) {
                Some(v) => locals.set(i, v),
                None => lacks = true,
            }
        }
        if lacks {
            return Err(missing(cx, func, code, n..total, "keyword-only", locals));
        }
    }
    kwargs.inspect(|d| taipan_heap::keep_alive(*d));
    varargs.inspect(|t| taipan_heap::keep_alive(*t));
    Ok(())
}

/// The local that a keyword argument goes to.
fn parameter(code: &Code, name: Value, key: &Str) -> Option<usize> {
    let unit = code.unit();
    let mut range = unit.posonlyargcount as usize..(unit.argcount + unit.kwonlyargcount) as usize;
    let params = code.localsplus().as_slice();
    let same = |p: &Value| p.downcast::<Str>().is_some_and(|p| p.eq(key));
    range.clone().find(|&i| params[i] == name).or_else(|| range.find(|&i| same(&params[i])))
}

/// Puts the keyword arguments that are no parameters into the dict for them.
fn collect_keywords(
    cx: &Thread,
    func: &Function,
    code: &Code,
    names: &Tuple,
    values: &[Value],
    kwargs: &Dict,
) -> Res<()> {
    for (&name, &v) in names.as_slice().iter().zip(values) {
        let Some(key) = name.downcast::<Str>() else {
            raise!(cx, TypeError, "{}() keywords must be strings", func.qualname_str());
        };
        if parameter(code, name, key).is_none() {
            kwargs.set(cx, name, v)?;
        }
    }
    Ok(())
}

/// Puts the keyword arguments that are parameters into their registers.
fn bind_keywords(
    cx: &Thread,
    func: &Function,
    code: &Code,
    names: &Tuple,
    values: &[Value],
    collected: bool,
    locals: Regs,
) -> Res<()> {
    for (&name, &v) in names.as_slice().iter().zip(values) {
        let Some(key) = name.downcast::<Str>() else {
            raise!(cx, TypeError, "{}() keywords must be strings", func.qualname_str());
        };
        match parameter(code, name, key) {
            Some(i) if locals.bits(i) == 0 => locals.set(i, v),
            Some(_) => raise!(
                cx,
                TypeError,
                "{}() got multiple values for argument '{key}'",
                func.qualname_str()
            ),
            None if collected => {}
            None => return Err(unexpected_keyword(cx, func, code, names, key)),
        }
    }
    Ok(())
}

/// A keyword-only default that no plain string is the key of. Looking for it may run Python code,
/// whose frames lie where the locals are.
#[cold]
fn odd_default(cx: &Thread, d: &Dict, name: &Str, locals: Regs, n: usize) -> Option<Value> {
    let mut kept: GcVec<Value> = GcVec::with_capacity(n);
    kept.extend((0..n).map(|i| locals.get(i).unwrap_or(Value::small(0))));
    let empty: Vec<bool> = (0..n).map(|i| locals.bits(i) == 0).collect();
    let found = d.get_str(cx, name);
    for (i, v) in kept.iter().enumerate() {
        locals.set_option(i, (!empty[i]).then_some(*v));
    }
    found
}

#[cold]
fn unexpected_keyword(
    cx: &Thread,
    func: &Function,
    code: &Code,
    names: &Tuple,
    key: &Str,
) -> Raised {
    let unit = code.unit();
    let posonly = unit.posonlyargcount as usize;
    let total = (unit.argcount + unit.kwonlyargcount) as usize;
    let params = code.localsplus().as_slice();
    let passed: Vec<String> = params[..posonly]
        .iter()
        .filter_map(|p| p.downcast::<Str>())
        .filter(|p| names.as_slice().iter().any(|n| n.downcast::<Str>().is_some_and(|n| n.eq(p))))
        .map(|p| p.to_str_lossy().into_owned())
        .collect();
    let q = func.qualname_str();
    if !passed.is_empty() {
        return err!(
            cx,
            TypeError,
            "{q}() got some positional-only arguments passed as keyword arguments: '{}'",
            passed.join(", ")
        );
    }
    let possible: Vec<String> = params[posonly..total]
        .iter()
        .filter_map(|p| p.downcast::<Str>())
        .map(|p| p.to_str_lossy().into_owned())
        .collect();
    match suggest::closest(&possible, &key.to_str_lossy()) {
        Some(s) => err!(
            cx,
            TypeError,
            "{q}() got an unexpected keyword argument '{key}'. Did you mean '{s}'?"
        ),
        None => err!(cx, TypeError, "{q}() got an unexpected keyword argument '{key}'"),
    }
}

fn plural(n: usize) -> &'static str {
    if n == 1 { "" } else { "s" }
}

#[cold]
fn too_many_positional(
    cx: &Thread,
    func: &Function,
    code: &Code,
    given: usize,
    locals: Regs,
) -> Raised {
    let n = code.argcount as usize;
    let total = n + code.unit().kwonlyargcount as usize;
    let kwonly_given = (n..total).filter(|&i| locals.bits(i) != 0).count();
    let ndefaults = func.defaults().map_or(0, |d| d.len());
    let (takes, many) = if ndefaults > 0 {
        (format!("from {} to {n}", n.saturating_sub(ndefaults)), true)
    } else {
        (n.to_string(), n != 1)
    };
    let also = if kwonly_given > 0 {
        format!(
            " positional argument{} (and {kwonly_given} keyword-only argument{})",
            plural(given),
            plural(kwonly_given)
        )
    } else {
        String::new()
    };
    err!(
        cx,
        TypeError,
        "{}() takes {takes} positional argument{} but {given}{also} {} given",
        func.qualname_str(),
        if many { "s" } else { "" },
        if given == 1 && kwonly_given == 0 { "was" } else { "were" }
    )
}

#[cold]
fn missing(
    cx: &Thread,
    func: &Function,
    code: &Code,
    range: std::ops::Range<usize>,
    kind: &str,
    locals: Regs,
) -> Raised {
    let params = code.localsplus();
    let names: Vec<String> = range
        .filter(|&i| locals.bits(i) == 0)
        .filter_map(|i| params.get(i).downcast::<Str>())
        .map(|n| format!("'{n}'"))
        .collect();
    let list = match names.as_slice() {
        [one] => one.clone(),
        [a, b] => format!("{a} and {b}"),
        [most @ .., last] => format!("{}, and {last}", most.join(", ")),
        [] => String::new(),
    };
    err!(
        cx,
        TypeError,
        "{}() missing {} required {kind} argument{}: {list}",
        func.qualname_str(),
        names.len(),
        plural(names.len())
    )
}
