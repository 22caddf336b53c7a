//! Compile-time constants as values.

use super::Code;
use crate::prelude::*;
use taipan_compiler::code::Const;
use taipan_compiler::image::looks_like_name;

/// The value of a constant.
pub fn const_value(cx: &Thread, c: &Const) -> Value {
    match c {
        Const::None => none(),
        Const::True => py_bool(true),
        Const::False => py_bool(false),
        Const::Ellipsis => ellipsis(),
        Const::Int(i) => int_from_i128(cx, i128::from(*i)),
        Const::BigInt(digits) => {
            let n = taipan_numtext::bigint::parse(digits.as_bytes(), 16, 0);
            match n {
                Ok(n) => crate::objects::int::from_big(cx, &n),
                Err(_) => unreachable!("the compiler wrote hexadecimal digits"),
            }
        }
        Const::Float(f) => Value::from_f64(*f),
        Const::Complex(re, im) => crate::objects::complex::from_parts(cx, *re, *im),
        Const::Str(text) => match std::str::from_utf8(text) {
            Ok(s) if looks_like_name(text) => Value::from_ref(crate::objects::str::intern(cx, s)),
            _ => Value::from_ref(Str::from_wtf8(cx, text)),
        },
        Const::Bytes(b) => Value::from_ref(Bytes::new(cx, b)),
        Const::Tuple(items) => {
            let items: GcVec<Value> = items.iter().map(|c| const_value(cx, c)).collect();
            Value::from_ref(Tuple::from_slice(cx, &items))
        }
        Const::FrozenSet(items) => {
            let items: GcVec<Value> = items.iter().map(|c| const_value(cx, c)).collect();
            crate::objects::set::FrozenSet::from_constants(cx, &items)
                .expect("constants are hashable")
        }
        Const::Code(unit) => Value::from_ref(Code::from_unit(cx, unit.clone())),
    }
}
