//! `_opcode`: what `opcode` and `dis` ask about Taipan's instructions. Every answer comes from the
//! rows of the opcode table.
//!
//! Registers have no depth, so `stack_effect` is 0. Python sees the prefix `EXT` under CPython's
//! name for it, and the forms for methods as specialisations of the attribute instructions, as
//! which CPython shows them (`inspect.getclosurevars` relies on `LOAD_ATTR`).

use taipan_compiler::opcode::{Ext, OPS, Op, OpInfo, Role};
use taipan_vm::objects::code::Code;
use taipan_vm::prelude::*;

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

/// The base of an instruction that Python sees as a specialised one.
fn base_of(op: Op) -> Option<Op> {
    match op {
        Op::LOAD_METHOD => Some(Op::LOAD_ATTR),
        Op::LOAD_SUPER_METHOD => Some(Op::LOAD_SUPER_ATTR),
        _ => None,
    }
}

fn name_of(op: Op) -> &'static str {
    if op == Op::EXT { "EXTENDED_ARG" } else { op.name() }
}

fn find(op: i32) -> Option<Op> {
    u8::try_from(op).ok().and_then(Op::from_byte)
}

fn row(op: i32) -> Option<&'static OpInfo> {
    find(op).map(Op::info)
}

/// What an instruction changes the depth of the stack by: registers have none, so 0.
#[pyfunction(sig = "(opcode, oparg=None, /, *, jump=None)")]
fn stack_effect(cx: &Thread, opcode: i32, oparg: Value, jump: Value) -> Res<i64> {
    if !oparg.is_none() {
        index(cx, oparg)?;
    }
    if !jump.is_none() && jump != py_bool(true) && jump != py_bool(false) {
        raise!(cx, ValueError, "stack_effect: jump must be False, True or None");
    }
    if find(opcode).is_none_or(|op| base_of(op).is_some()) {
        raise!(cx, ValueError, "invalid opcode or oparg");
    }
    Ok(0)
}

/// Is it an instruction's number?
#[pyfunction(sig = "(opcode)")]
fn is_valid(_cx: &Thread, opcode: i32) -> bool {
    find(opcode).is_some()
}

/// Has it an operand?
#[pyfunction(sig = "(opcode)")]
fn has_arg(_cx: &Thread, opcode: i32) -> bool {
    find(opcode) == Some(Op::EXT)
        || row(opcode).is_some_and(|r| r.ext != Ext::none || r.roles != [Role::none; 3])
}

/// Does it use a constant?
#[pyfunction(sig = "(opcode)")]
fn has_const(_cx: &Thread, opcode: i32) -> bool {
    row(opcode).is_some_and(|r| r.ext == Ext::konst || r.roles.contains(&Role::k16))
}

/// Does it use a name?
#[pyfunction(sig = "(opcode)")]
fn has_name(_cx: &Thread, opcode: i32) -> bool {
    row(opcode).is_some_and(|r| matches!(r.ext, Ext::cache | Ext::name))
}

/// Does it jump?
#[pyfunction(sig = "(opcode)")]
fn has_jump(_cx: &Thread, opcode: i32) -> bool {
    find(opcode).is_some_and(Op::is_jump)
}

/// Does it use a free or cell variable?
#[pyfunction(sig = "(opcode)")]
fn has_free(_cx: &Thread, opcode: i32) -> bool {
    let cells = [
        Op::MAKE_CELL,
        Op::LOAD_DEREF,
        Op::STORE_DEREF,
        Op::DELETE_DEREF,
        Op::LOAD_FROM_DICT_OR_DEREF,
    ];
    find(opcode).is_some_and(|op| cells.contains(&op))
}

/// Is it about a local variable as such? (Any operand may be one.)
#[pyfunction(sig = "(opcode)")]
fn has_local(_cx: &Thread, opcode: i32) -> bool {
    matches!(find(opcode), Some(Op::CHECK_LOCAL | Op::DELETE_FAST))
}

/// Does it set up an exception handler? None does: there is the exception table.
#[pyfunction(sig = "(opcode)")]
fn has_exc(_cx: &Thread, opcode: i32) -> bool {
    let _ = opcode;
    false
}

/// All instructions by number: name, base's name or None, the roles of the three operands, the
/// meaning of the extension word.
#[pyfunction]
fn _rows(cx: &Thread) -> Value {
    let text = |s: &str| Value::from_ref(Str::new(cx, s));
    let items: GcVec<Value> = (0..OPS.len())
        .filter_map(|i| Op::from_byte(i as u8))
        .map(|op| {
            let row = op.info();
            let roles: GcVec<Value> = row.roles.iter().map(|r| text(&format!("{r:?}"))).collect();
            let base = base_of(op).map_or(none(), |b| text(b.name()));
            let roles = Value::from_ref(Tuple::from_slice(cx, &roles));
            let ext = text(&format!("{:?}", row.ext));
            Value::from_ref(Tuple::from_slice(cx, &[text(name_of(op)), base, roles, ext]))
        })
        .collect();
    Value::from_ref(Tuple::from_slice(cx, &items))
}

/// The index of the name that each cache site of a code object looks up.
#[pyfunction(sig = "(code)")]
fn _site_names(cx: &Thread, code: Value) -> Res {
    let Some(code) = code.downcast::<Code>() else {
        raise!(cx, TypeError, "expected a code object, not '{}'", code.ty().name())
    };
    let names: GcVec<Value> =
        code.unit().caches.iter().map(|c| Value::small(i64::from(c.name))).collect();
    Ok(Value::from_ref(Tuple::from_slice(cx, &names)))
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
    if code.downcast::<Code>().is_none() {
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
    _rows, _site_names,
],
exec: exec }
