//! `_opcode`: what `opcode` asks about the names in `_opcode_metadata`.
//!
//! Those names are CPython's, kept so that `dis` and `inspect` import; Taipan runs other instructions,
//! so there is no stack whose depth an instruction could change.

use taipan_vm::prelude::*;

const HAS_CONST: &[u32] = &[83, 103, 240];
const HAS_NAME: &[u32] =
    &[63, 66, 67, 74, 75, 82, 90, 91, 92, 93, 108, 113, 114, 259, 260, 261, 262];
const HAS_JUMP: &[u32] = &[72, 77, 78, 79, 97, 98, 99, 100, 104, 256, 257];
const HAS_FREE: &[u32] = &[64, 84, 89, 94, 109];
const HAS_LOCAL: &[u32] = &[65, 85, 86, 87, 88, 110, 111, 112, 258, 267];
const HAS_EXC: &[u32] = &[264, 265, 266];

const INTRINSICS_1: &[&str] = &[
    "INTRINSIC_1_INVALID",
    "INTRINSIC_PRINT",
    "INTRINSIC_IMPORT_STAR",
    "INTRINSIC_STOPITERATION_ERROR",
    "INTRINSIC_ASYNC_GEN_WRAP",
    "INTRINSIC_UNARY_POSITIVE",
    "INTRINSIC_LIST_TO_TUPLE",
    "INTRINSIC_TYPEVAR",
    "INTRINSIC_PARAMSPEC",
    "INTRINSIC_TYPEVARTUPLE",
    "INTRINSIC_SUBSCRIPT_GENERIC",
    "INTRINSIC_TYPEALIAS",
];

const INTRINSICS_2: &[&str] = &[
    "INTRINSIC_2_INVALID",
    "INTRINSIC_PREP_RERAISE_STAR",
    "INTRINSIC_TYPEVAR_WITH_BOUND",
    "INTRINSIC_TYPEVAR_WITH_CONSTRAINTS",
    "INTRINSIC_SET_FUNCTION_TYPE_PARAMS",
    "INTRINSIC_SET_TYPEPARAM_DEFAULT",
];

const OPERATORS: &[(&str, &str)] = &[
    ("ADD", "+"),
    ("AND", "&"),
    ("FLOOR_DIVIDE", "//"),
    ("LSHIFT", "<<"),
    ("MATRIX_MULTIPLY", "@"),
    ("MULTIPLY", "*"),
    ("REMAINDER", "%"),
    ("OR", "|"),
    ("POWER", "**"),
    ("RSHIFT", ">>"),
    ("SUBTRACT", "-"),
    ("TRUE_DIVIDE", "/"),
    ("XOR", "^"),
];

fn is_valid_opcode(op: i32) -> bool {
    matches!(op, 0..=2 | 4..=118 | 149 | 236..=254 | 256..=267)
}

fn in_table(table: &[u32], op: i32) -> bool {
    u32::try_from(op).is_ok_and(|op| table.contains(&op))
}

/// Registers have no depth: raises ValueError for every opcode.
#[pyfunction(sig = "(opcode, oparg=None, /, *, jump=None)")]
fn stack_effect(cx: &Thread, opcode: i32, oparg: Value, jump: Value) -> Res {
    let _ = opcode;
    if !oparg.is_none() {
        index(cx, oparg)?;
    }
    if !jump.is_none() && jump != py_bool(true) && jump != py_bool(false) {
        raise!(cx, ValueError, "stack_effect: jump must be False, True or None");
    }
    raise!(cx, ValueError, "invalid opcode or oparg")
}

/// Is it the number of a name in opmap?
#[pyfunction(sig = "(opcode)")]
fn is_valid(_cx: &Thread, opcode: i32) -> bool {
    is_valid_opcode(opcode)
}

/// Does it use its argument?
#[pyfunction(sig = "(opcode)")]
fn has_arg(_cx: &Thread, opcode: i32) -> bool {
    is_valid_opcode(opcode)
        && matches!(opcode, 45..=118 | 149 | 236 | 240..=245 | 248..=253 | 256..=262 | 264..=267)
}

/// Does it use a constant?
#[pyfunction(sig = "(opcode)")]
fn has_const(_cx: &Thread, opcode: i32) -> bool {
    in_table(HAS_CONST, opcode)
}

/// Does it use a name?
#[pyfunction(sig = "(opcode)")]
fn has_name(_cx: &Thread, opcode: i32) -> bool {
    in_table(HAS_NAME, opcode)
}

/// Does it jump?
#[pyfunction(sig = "(opcode)")]
fn has_jump(_cx: &Thread, opcode: i32) -> bool {
    in_table(HAS_JUMP, opcode)
}

/// Does it use a free or cell variable?
#[pyfunction(sig = "(opcode)")]
fn has_free(_cx: &Thread, opcode: i32) -> bool {
    in_table(HAS_FREE, opcode)
}

/// Does it use a local variable?
#[pyfunction(sig = "(opcode)")]
fn has_local(_cx: &Thread, opcode: i32) -> bool {
    in_table(HAS_LOCAL, opcode)
}

/// Does it set up an exception handler?
#[pyfunction(sig = "(opcode)")]
fn has_exc(_cx: &Thread, opcode: i32) -> bool {
    in_table(HAS_EXC, opcode)
}

/// Nothing is counted: None.
#[pyfunction]
fn get_specialization_stats(_cx: &Thread) -> Value {
    none()
}

fn texts(cx: &Thread, names: &[&str]) -> Value {
    let items: GcVec<Value> = names.iter().map(|n| Value::from_ref(Str::new(cx, n))).collect();
    Value::from_ref(List::from_slice(cx, &items))
}

/// Name and symbol of each binary operation.
#[pyfunction]
fn get_nb_ops(cx: &Thread) -> Value {
    let mut items: GcVec<Value> = GcVec::new();
    for (prefix, suffix) in [("NB_", ""), ("NB_INPLACE_", "=")] {
        for (name, symbol) in OPERATORS {
            let a = Value::from_ref(Str::new(cx, &format!("{prefix}{name}")));
            let b = Value::from_ref(Str::new(cx, &format!("{symbol}{suffix}")));
            items.push(Value::from_ref(Tuple::pair(cx, a, b)));
        }
    }
    Value::from_ref(List::from_slice(cx, &items))
}

/// Names of the unary intrinsics.
#[pyfunction]
fn get_intrinsic1_descs(cx: &Thread) -> Value {
    texts(cx, INTRINSICS_1)
}

/// Names of the binary intrinsics.
#[pyfunction]
fn get_intrinsic2_descs(cx: &Thread) -> Value {
    texts(cx, INTRINSICS_2)
}

/// Code has no executors: None.
#[pyfunction(sig = "(code, offset)")]
fn get_executor(cx: &Thread, code: Value, offset: i32) -> Res {
    let _ = offset;
    if code.downcast::<taipan_vm::objects::code::Code>().is_none() {
        raise!(cx, TypeError, "expected a code object, not '{}'", code.ty().name());
    }
    Ok(none())
}

fn exec(cx: &Thread, m: &Module) -> Res<()> {
    m.add_int(cx, "ENABLE_SPECIALIZATION", 0);
    Ok(())
}

pymodule! { "_opcode",
doc: "What opcode and dis ask about instructions.",
functions: [
    stack_effect, is_valid, has_arg, has_const, has_name, has_jump, has_free, has_local, has_exc,
    get_specialization_stats, get_nb_ops, get_intrinsic1_descs, get_intrinsic2_descs, get_executor,
],
exec: exec }
