//! Displays, functions, formatting, intrinsics.

use crate::interp::dispatch::{handler, plain};
use crate::interp::typeparams;
use crate::objects::code::Code;
use crate::objects::function::{self, Function};
use crate::objects::set::{Set, SetObject};
use crate::prelude::*;
use taipan_compiler::opcode::{intrinsic1, intrinsic2};

plain! { pub fn BUILD_TUPLE(f) -> 1 {
    f.set_a(Value::from_ref(Tuple::from_slice(f.cx, f.regs.slice(f.b(), f.c()))));
} }

plain! { pub fn BUILD_LIST(f) -> 1 {
    f.set_a(Value::from_ref(List::from_slice(f.cx, f.regs.slice(f.b(), f.c()))));
} }

plain! { pub fn BUILD_SET(f) -> 1 {
    let s = Set::new(f.cx);
    for v in f.regs.slice(f.b(), f.c()) {
        s.add(f.cx, *v)?;
    }
    f.set_a(Value::from_ref(s));
} }

plain! { pub fn BUILD_MAP(f) -> 1 {
    let n = f.c();
    let d = if n == 0 { Dict::new(f.cx) } else { Dict::with_capacity(f.cx, n) };
    for pair in f.regs.slice(f.b(), 2 * n).chunks_exact(2) {
        d.set(f.cx, pair[0], pair[1])?;
    }
    f.set_a(Value::from_ref(d));
} }

plain! { pub fn BUILD_STRING(f) -> 1 {
    let parts = f.regs.slice(f.b(), f.c()).iter().map(|p| {
        p.downcast::<Str>().expect("the compiler formatted the pieces")
    });
    f.set_a(Value::from_ref(Str::concat_all(f.cx, parts)?));
} }

/// A repr with all but ASCII escaped.
fn ascii(cx: &Thread, s: &'static Str) -> &'static Str {
    if s.is_ascii() {
        return s;
    }
    let mut out = String::new();
    for c in s.chars() {
        match c {
            0..=0x7F => out.push(c as u8 as char),
            0x80..=0xFF => out.push_str(&format!("\\x{c:02x}")),
            0x100..=0xFFFF => out.push_str(&format!("\\u{c:04x}")),
            _ => out.push_str(&format!("\\U{c:08x}")),
        }
    }
    Str::new(cx, &out)
}

/// A list that only this comprehension or display knows.
fn list_of(v: Value) -> &'static List {
    v.downcast::<List>().expect("the compiler made a list here")
}

fn set_of(v: Value) -> &'static SetObject {
    SetObject::of(v).expect("the compiler made a set here")
}

fn dict_of(v: Value) -> &'static Dict {
    v.downcast::<Dict>().expect("the compiler made a dict here")
}

handler! { pub fn LIST_APPEND(f) {
    if exact_list(f.ra()).push_alone(f.rb()) {
        return f.next(1);
    }
    f.tail(list_append_slow::<W>)
} }

handler! { fn list_append_slow(f) {
    exact_list(f.ra()).push(f.cx, f.rb());
    f.next(1)
} }

#[inline(always)]
fn exact_list(list: Value) -> &'static List {
    // SAFETY: the compiler made an exact list here.
    unsafe { &*(list.bits() as *const List) }
}
plain! { pub fn SET_ADD(f) -> 1 { set_of(f.ra()).add(f.cx, f.rb())?; } }
plain! { pub fn MAP_ADD(f) -> 1 { dict_of(f.ra()).set(f.cx, f.rb(), f.rc())? } }

plain! { pub fn LIST_EXTEND(f) -> 1 {
    let (cx, v) = (f.cx, f.rb());
    let slots = v.ty().slots();
    if let Err(e) = list_of(f.ra()).extend(cx, v) {
        if e.is(exc::TypeError()) && slots.iter.get().is_none() && !is_sequence(v) {
            raise!(cx, TypeError, "Value after * must be an iterable, not {}", v.ty().name());
        }
        return Err(e);
    }
} }

plain! { pub fn SET_UPDATE(f) -> 1 { set_of(f.ra()).update(f.cx, f.rb())? } }

plain! { pub fn DICT_UPDATE(f) -> 1 {
    let (cx, v) = (f.cx, f.rb());
    if v.downcast::<Dict>().is_none() && get_attr_opt(cx, v, id!(cx, "keys"))?.is_none() {
        raise!(cx, TypeError, "'{}' object is not a mapping", v.ty().name());
    }
    dict_of(f.ra()).update(cx, v)?
} }

plain! { pub fn DICT_MERGE(f) -> 1 {
    crate::interp::call::merge_keywords(f.cx, dict_of(f.ra()), f.rb(), f.rc())?
} }

plain! { pub fn LIST_TO_TUPLE(f) -> 1 {
    let items = list_of(f.rb()).to_vec();
    f.set_a(Value::from_ref(Tuple::from_slice(f.cx, &items)));
} }

plain! { pub fn FORMAT_SIMPLE(f) -> 1 {
    let v = f.rb();
    let s = match v.downcast_exact::<Str>() {
        Some(_) => v,
        None => Value::from_ref(format_value(f.cx, v, Str::empty(f.cx))?),
    };
    f.set_a(s);
} }

plain! { pub fn FORMAT_WITH_SPEC(f) -> 1 {
    let spec = f.rc().downcast::<Str>().expect("the compiler built a string");
    f.set_a(Value::from_ref(format_value(f.cx, f.rb(), spec)?));
} }

plain! { pub fn CONVERT_VALUE(f) -> 1 {
    let v = f.rb();
    let s = match f.imm_c() {
        1 => to_str(f.cx, v)?,
        2 => repr(f.cx, v)?,
        _ => ascii(f.cx, repr(f.cx, v)?),
    };
    f.set_a(Value::from_ref(s));
} }

plain! { pub fn GET_LEN(f) -> 1 {
    let n = len(f.cx, f.rb())?;
    f.set_a(Value::small(n as i64));
} }

plain! { pub fn MAKE_FUNCTION(f) -> 2 {
    let code = f.code.constant(f.ext()).downcast_exact::<Code>().expect("the compiler put code here");
    let c = f.regs.callee();
    let func = Function::new(f.cx, code, c.globals.value(), c.builtins.value());
    f.set_a(Value::from_ref(func));
} }

plain! { pub fn SET_FUNCTION_ATTRIBUTE(f) -> 1 {
    let func = f.ra().downcast_exact::<Function>().expect("the compiler made a function here");
    function::set_part(f.cx, func, f.imm_c(), f.rb())?;
} }

plain! { pub fn CALL_INTRINSIC_1(f) -> 1 {
    let (cx, v) = (f.cx, f.rb());
    let r = match f.imm_c() {
        intrinsic1::PRINT => {
            let hook = cx.vm.sys_dict().get_str(cx, id!(cx, "displayhook"));
            match hook {
                Some(h) => call(cx, h, &[v])?,
                None => raise!(cx, RuntimeError, "lost sys.displayhook"),
            }
        }
        intrinsic1::IMPORT_STAR => super::imports::import_star(cx, f.regs, v)?,
        intrinsic1::STOPITERATION_ERROR => crate::interp::unwind::stop_iteration_error(cx, v),
        intrinsic1::TYPEVAR => typeparams::typevar(cx, v, None)?,
        intrinsic1::PARAMSPEC => typeparams::paramspec(cx, v)?,
        intrinsic1::TYPEVARTUPLE => typeparams::typevartuple(cx, v)?,
        intrinsic1::SUBSCRIPT_GENERIC => typeparams::subscript_generic(cx, v)?,
        intrinsic1::TYPEALIAS => typeparams::typealias(cx, v)?,
        n => raise!(cx, SystemError, "unknown intrinsic {n}"),
    };
    f.set_a(r);
} }

plain! { pub fn CALL_INTRINSIC_2(f) -> 1 {
    let (cx, v, w) = (f.cx, f.rb(), f.regs.value(f.b() + 1));
    let r = match f.imm_c() {
        intrinsic2::TYPEVAR_WITH_BOUND => {
            typeparams::typevar(cx, v, Some((typeparams::Bound::Upper, w)))?
        }
        intrinsic2::TYPEVAR_WITH_CONSTRAINTS => {
            typeparams::typevar(cx, v, Some((typeparams::Bound::Constraints, w)))?
        }
        intrinsic2::SET_FUNCTION_TYPE_PARAMS => {
            let func = v.downcast_exact::<Function>().expect("the compiler made a function here");
            func.type_params.set(func, w);
            v
        }
        intrinsic2::SET_TYPEPARAM_DEFAULT => typeparams::set_default(cx, v, w)?,
        n => raise!(cx, SystemError, "unknown intrinsic {n}"),
    };
    f.set_a(r);
} }
