//! Calls.
//!
//! A Python function whose arguments fit gets its frame in place: the call area's third word is
//! its callee word and the arguments are its first registers. Builtin functions and methods are
//! called with the arguments where they lie, the method's self among them. All other calls go
//! through `interp::call`.

use crate::call::MethodRow;
use crate::interp::call;
use crate::interp::dispatch::{F, GOES_ON, handler};
use crate::interp::frame::Regs;
use crate::objects::builtin_function::BuiltinFunction;
use crate::objects::code::Code;
use crate::objects::descr::MethodDescr;
use crate::objects::function::Function;
use crate::prelude::*;
use crate::types::class::type_call;
use crate::vm::VM;

/// See `push_simple`.
const CLEARED: usize = 4;

/// Pushes the frame of an in-place call whose arguments need no binding; `None`: they do, or the
/// stack is full, or too deep.
///
/// `few`: only where at most `CLEARED` locals are no arguments. These are cleared without a loop,
/// which would cost the handler more registers than it may use freely.
#[inline(always)]
fn push_simple<const W: bool>(
    f: F<'_, W>,
    func: &'static Function,
    regs: Regs,
    argc: usize,
    few: bool,
) -> Option<&'static Code> {
    let code = func.code();
    let nlocals = code.nlocals as usize;
    if code.simple_argc as usize != argc || few && nlocals > argc + CLEARED {
        return None;
    }
    let interp = &f.cx.interp;
    let depth = interp.depth.get() + 1;
    if regs.add(code.nregs as usize).0 > interp.limit.get() || depth > VM.recursion_limit() {
        return None;
    }
    if few {
        // What lies above is nobody's; the stack's slack has room.
        (argc..argc + CLEARED).for_each(|i| regs.set_bits(i, 0));
    } else {
        regs.clear_few(argc, nlocals);
    }
    regs.save_pc(code.start(), 0);
    regs.set_prev(f.regs);
    regs.set_code(code, 0);
    interp.depth.set(depth);
    interp.regs.set(regs);
    Some(code)
}

/// An exact Python function.
#[inline(always)]
fn function(v: u64) -> Option<&'static Function> {
    // SAFETY: call areas hold a value in their callable word.
    unsafe { Value::from_bits(v) }.downcast_exact::<Function>()
}

handler! { pub fn CALL(f) {
    let b = f.b();
    if let Some(func) = function(f.regs.bits(b + 3)) {
        f.save();
        let regs = f.regs.add(b + 4);
        if let Some(code) = push_simple(f, func, regs, f.c(), true) {
            return f.enter(code.start(), regs, code);
        }
        return f.tail(call_function::<W>);
    }
    f.tail(call_native::<W>)
} }

handler! { fn call_function(f) {
    let b = f.b();
    if let Some(func) = function(f.regs.bits(b + 3)) {
        let regs = f.regs.add(b + 4);
        if let Some(code) = push_simple(f, func, regs, f.c(), false) {
            return f.enter(code.start(), regs, code);
        }
    }
    f.tail(call_slow::<W>)
} }

/// Calls a builtin with the `argc` words from register `args` on.
#[inline(always)]
fn native<const W: bool>(f: F<'_, W>, row: &'static MethodRow, args: usize, argc: usize) -> u64 {
    f.save();
    match (row.entry)(f.cx, f.regs.slice(args, argc), None) {
        Ok(v) => {
            f.regs.set_bits(f.a(), v.bits());
            f.resume(f.pc.add(1))
        }
        Err(e) => {
            f.cx.interp.pending.set(Some(e.0));
            f.unwind()
        }
    }
}

/// Whether builtins may be called without a look at the profile function or the native stack.
#[inline(always)]
fn plainly<const W: bool>(f: F<'_, W>) -> bool {
    !f.cx.interp.watches_calls.get() && !f.cx.stack_low()
}

/// As `native` for a builtin function with `c` arguments from register `args` on. Its self goes
/// into the word below them, which nothing needs any more.
#[inline(always)]
fn native_function<const W: bool>(f: F<'_, W>, func: &BuiltinFunction, args: usize) -> u64 {
    let mut from = args;
    if let Some(this) = func.bound_self() {
        from -= 1;
        f.regs.set(from, this);
    }
    native(f, func.row, from, f.c() + (args - from))
}

handler! { fn call_native(f) {
    let b = f.b();
    if let Some(func) = f.regs.value(b + 3).downcast_exact::<BuiltinFunction>() {
        if plainly(f) {
            return native_function(f, func, b + 4);
        }
    }
    f.tail(call_type::<W>)
} }

handler! { fn call_type(f) {
    let callee = f.regs.value(f.b() + 3);
    if callee.is_ptr() && callee.ty().is(Type::type_object()) {
        let ty = callee.as_type_unchecked();
        if !ty.is_heap() && plainly(f) {
            f.save();
            let args = f.regs.slice(f.b() + 4, f.c());
            if args.first().is_some_and(|v| v.is_ptr() && v.downcast_exact::<Str>().is_none()) {
                // `list(map(...))` may last long, like the callees of `call::in_place`.
                taipan_heap::clear_window::<80>();
            }
            return match type_call(f.cx, ty, args, None) {
                Ok(v) => {
                    f.regs.set_bits(f.a(), v.bits());
                    f.resume(f.pc.add(1))
                }
                Err(e) => {
                    f.cx.interp.pending.set(Some(e.0));
                    f.unwind()
                }
            };
        }
    }
    f.tail(call_slow::<W>)
} }

handler! { fn call_slow(f) {
    f.save();
    let r = call::in_place(f.cx, f.regs, f.b() + 4, f.c(), 0);
    after_call(f, r, 1)
} }

handler! { pub fn CALL_METHOD(f) {
    let b = f.b();
    let (callee, this) = (f.regs.bits(b + 3), f.regs.bits(b + 4));
    if this != 0 {
        if let Some(func) = function(callee) {
            f.save();
            let regs = f.regs.add(b + 4);
            if let Some(code) = push_simple(f, func, regs, f.c() + 1, true) {
                return f.enter(code.start(), regs, code);
            }
            return f.tail(call_python_method::<W>);
        }
    }
    f.tail(call_method_native::<W>)
} }

handler! { fn call_python_method(f) {
    let b = f.b();
    if let Some(func) = function(f.regs.bits(b + 3)) {
        let regs = f.regs.add(b + 4);
        if let Some(code) = push_simple(f, func, regs, f.c() + 1, false) {
            return f.enter(code.start(), regs, code);
        }
    }
    f.tail(call_method_slow::<W>)
} }

handler! { fn call_method_native(f) {
    let b = f.b();
    let callee = f.regs.value(b + 3);
    if f.regs.bits(b + 4) == 0 {
        return f.tail(call_method_function::<W>);
    }
    if let Some(m) = callee.downcast_exact::<MethodDescr>() {
        if plainly(f) {
            return native(f, m.row, b + 4, f.c() + 1);
        }
    }
    f.tail(call_method_slow::<W>)
} }

handler! { fn call_method_function(f) {
    let b = f.b();
    if let Some(func) = f.regs.value(b + 3).downcast_exact::<BuiltinFunction>() {
        if plainly(f) {
            return native_function(f, func, b + 5);
        }
    }
    f.tail(call_method_slow::<W>)
} }

/// Where the arguments of a method call start, and how many there are. Without a self the
/// callable moves up, so that it lies right below its arguments.
#[inline(always)]
fn method_area<const W: bool>(f: F<'_, W>) -> (usize, usize) {
    let b = f.b();
    if f.regs.bits(b + 4) != 0 {
        return (b + 4, f.c() + 1);
    }
    f.regs.set_bits(b + 4, f.regs.bits(b + 3));
    (b + 5, f.c())
}

handler! { fn call_method_slow(f) {
    f.save();
    let (args, argc) = method_area(f);
    let r = call::in_place(f.cx, f.regs, args, argc, 0);
    after_call(f, r, 1)
} }

handler! { pub fn CALL_KW(f) {
    f.save_two();
    let r = call::in_place(f.cx, f.regs, f.b() + 4, f.c(), f.code.constant(f.ext()).bits());
    after_call(f, r, 2)
} }

handler! { pub fn CALL_METHOD_KW(f) {
    f.save_two();
    let (args, argc) = method_area(f);
    let r = call::in_place(f.cx, f.regs, args, argc, f.code.constant(f.ext()).bits());
    after_call(f, r, 2)
} }

handler! { pub fn CALL_EX(f) {
    f.save();
    let r = call::unpacked(f.cx, f.regs, f.b(), f.imm_c() & 1 != 0);
    after_call(f, r, 1)
} }

/// Goes on with what a call function said: an exception, a pushed frame, or the result.
#[inline(always)]
fn after_call<const W: bool>(f: F<'_, W>, r: u64, words: isize) -> u64 {
    match r {
        0 => f.unwind(),
        GOES_ON => {
            let (pc, regs) = f.cx.interp.goes_on.get();
            F::<W> { table: f.cx.interp.table.get(), ..f }.enter(pc, regs, regs.code())
        }
        bits => {
            f.regs.set_bits(f.a(), bits);
            f.resume(f.pc.add(words))
        }
    }
}
