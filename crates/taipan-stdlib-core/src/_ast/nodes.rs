//! The node classes, as `gen/make_ast.py` wrote them from CPython's Python.asdl. Do not edit.

use super::{Field, Node, Quant};

pub const MOD_: usize = 0;
pub const MODULE: usize = 1;
pub const INTERACTIVE: usize = 2;
pub const EXPRESSION: usize = 3;
pub const FUNCTION_TYPE: usize = 4;
pub const STMT_: usize = 5;
pub const FUNCTION_DEF: usize = 6;
pub const ASYNC_FUNCTION_DEF: usize = 7;
pub const CLASS_DEF: usize = 8;
pub const RETURN: usize = 9;
pub const DELETE: usize = 10;
pub const ASSIGN: usize = 11;
pub const TYPE_ALIAS: usize = 12;
pub const AUG_ASSIGN: usize = 13;
pub const ANN_ASSIGN: usize = 14;
pub const FOR: usize = 15;
pub const ASYNC_FOR: usize = 16;
pub const WHILE: usize = 17;
pub const IF: usize = 18;
pub const WITH: usize = 19;
pub const ASYNC_WITH: usize = 20;
pub const MATCH: usize = 21;
pub const RAISE: usize = 22;
pub const TRY: usize = 23;
pub const TRY_STAR: usize = 24;
pub const ASSERT: usize = 25;
pub const IMPORT: usize = 26;
pub const IMPORT_FROM: usize = 27;
pub const GLOBAL: usize = 28;
pub const NONLOCAL: usize = 29;
pub const EXPR: usize = 30;
pub const PASS: usize = 31;
pub const BREAK: usize = 32;
pub const CONTINUE: usize = 33;
pub const EXPR_: usize = 34;
pub const BOOL_OP: usize = 35;
pub const NAMED_EXPR: usize = 36;
pub const BIN_OP: usize = 37;
pub const UNARY_OP: usize = 38;
pub const LAMBDA: usize = 39;
pub const IF_EXP: usize = 40;
pub const DICT: usize = 41;
pub const SET: usize = 42;
pub const LIST_COMP: usize = 43;
pub const SET_COMP: usize = 44;
pub const DICT_COMP: usize = 45;
pub const GENERATOR_EXP: usize = 46;
pub const AWAIT: usize = 47;
pub const YIELD: usize = 48;
pub const YIELD_FROM: usize = 49;
pub const COMPARE: usize = 50;
pub const CALL: usize = 51;
pub const FORMATTED_VALUE: usize = 52;
pub const JOINED_STR: usize = 53;
pub const CONSTANT: usize = 54;
pub const ATTRIBUTE: usize = 55;
pub const SUBSCRIPT: usize = 56;
pub const STARRED: usize = 57;
pub const NAME: usize = 58;
pub const LIST: usize = 59;
pub const TUPLE: usize = 60;
pub const SLICE: usize = 61;
pub const EXPR_CONTEXT_: usize = 62;
pub const LOAD: usize = 63;
pub const STORE: usize = 64;
pub const DEL: usize = 65;
pub const BOOLOP_: usize = 66;
pub const AND: usize = 67;
pub const OR: usize = 68;
pub const OPERATOR_: usize = 69;
pub const ADD: usize = 70;
pub const SUB: usize = 71;
pub const MULT: usize = 72;
pub const MAT_MULT: usize = 73;
pub const DIV: usize = 74;
pub const MOD: usize = 75;
pub const POW: usize = 76;
pub const LSHIFT: usize = 77;
pub const RSHIFT: usize = 78;
pub const BIT_OR: usize = 79;
pub const BIT_XOR: usize = 80;
pub const BIT_AND: usize = 81;
pub const FLOOR_DIV: usize = 82;
pub const UNARYOP_: usize = 83;
pub const INVERT: usize = 84;
pub const NOT: usize = 85;
pub const UADD: usize = 86;
pub const USUB: usize = 87;
pub const CMPOP_: usize = 88;
pub const EQ: usize = 89;
pub const NOT_EQ: usize = 90;
pub const LT: usize = 91;
pub const LT_E: usize = 92;
pub const GT: usize = 93;
pub const GT_E: usize = 94;
pub const IS: usize = 95;
pub const IS_NOT: usize = 96;
pub const IN: usize = 97;
pub const NOT_IN: usize = 98;
pub const COMPREHENSION_: usize = 99;
pub const EXCEPTHANDLER_: usize = 100;
pub const EXCEPT_HANDLER: usize = 101;
pub const ARGUMENTS_: usize = 102;
pub const ARG_: usize = 103;
pub const KEYWORD_: usize = 104;
pub const ALIAS_: usize = 105;
pub const WITHITEM_: usize = 106;
pub const MATCH_CASE_: usize = 107;
pub const PATTERN_: usize = 108;
pub const MATCH_VALUE: usize = 109;
pub const MATCH_SINGLETON: usize = 110;
pub const MATCH_SEQUENCE: usize = 111;
pub const MATCH_MAPPING: usize = 112;
pub const MATCH_CLASS: usize = 113;
pub const MATCH_STAR: usize = 114;
pub const MATCH_AS: usize = 115;
pub const MATCH_OR: usize = 116;
pub const TYPE_IGNORE_: usize = 117;
pub const TYPE_IGNORE: usize = 118;
pub const TYPE_PARAM_: usize = 119;
pub const TYPE_VAR: usize = 120;
pub const PARAM_SPEC: usize = 121;
pub const TYPE_VAR_TUPLE: usize = 122;

const fn f(name: &'static str, ty: &'static str, quant: Quant) -> Field {
    Field { name, ty, quant }
}

pub static NODES: &[Node] = &[
    Node {
        name: "mod",
        base: None,
        fields: &[],
        attributes: Some(&[]),
        is_abstract: true,
        doc: "mod = Module(stmt* body, type_ignore* type_ignores)\n    | Interactive(stmt* body)\n    | Expression(expr body)\n    | FunctionType(expr* argtypes, expr returns)",
    },
    Node {
        name: "Module",
        base: Some(MOD_),
        fields: &[f("body", "stmt", Quant::Many), f("type_ignores", "type_ignore", Quant::Many)],
        attributes: None,
        is_abstract: false,
        doc: "Module(stmt* body, type_ignore* type_ignores)",
    },
    Node {
        name: "Interactive",
        base: Some(MOD_),
        fields: &[f("body", "stmt", Quant::Many)],
        attributes: None,
        is_abstract: false,
        doc: "Interactive(stmt* body)",
    },
    Node {
        name: "Expression",
        base: Some(MOD_),
        fields: &[f("body", "expr", Quant::One)],
        attributes: None,
        is_abstract: false,
        doc: "Expression(expr body)",
    },
    Node {
        name: "FunctionType",
        base: Some(MOD_),
        fields: &[f("argtypes", "expr", Quant::Many), f("returns", "expr", Quant::One)],
        attributes: None,
        is_abstract: false,
        doc: "FunctionType(expr* argtypes, expr returns)",
    },
    Node {
        name: "stmt",
        base: None,
        fields: &[],
        attributes: Some(&[
            f("lineno", "int", Quant::One),
            f("col_offset", "int", Quant::One),
            f("end_lineno", "int", Quant::Optional),
            f("end_col_offset", "int", Quant::Optional),
        ]),
        is_abstract: true,
        doc: "stmt = FunctionDef(identifier name, arguments args, stmt* body, expr* decorator_list, expr? returns, string? type_comment, type_param* type_params)\n     | AsyncFunctionDef(identifier name, arguments args, stmt* body, expr* decorator_list, expr? returns, string? type_comment, type_param* type_params)\n     | ClassDef(identifier name, expr* bases, keyword* keywords, stmt* body, expr* decorator_list, type_param* type_params)\n     | Return(expr? value)\n     | Delete(expr* targets)\n     | Assign(expr* targets, expr value, string? type_comment)\n     | TypeAlias(expr name, type_param* type_params, expr value)\n     | AugAssign(expr target, operator op, expr value)\n     | AnnAssign(expr target, expr annotation, expr? value, int simple)\n     | For(expr target, expr iter, stmt* body, stmt* orelse, string? type_comment)\n     | AsyncFor(expr target, expr iter, stmt* body, stmt* orelse, string? type_comment)\n     | While(expr test, stmt* body, stmt* orelse)\n     | If(expr test, stmt* body, stmt* orelse)\n     | With(withitem* items, stmt* body, string? type_comment)\n     | AsyncWith(withitem* items, stmt* body, string? type_comment)\n     | Match(expr subject, match_case* cases)\n     | Raise(expr? exc, expr? cause)\n     | Try(stmt* body, excepthandler* handlers, stmt* orelse, stmt* finalbody)\n     | TryStar(stmt* body, excepthandler* handlers, stmt* orelse, stmt* finalbody)\n     | Assert(expr test, expr? msg)\n     | Import(alias* names)\n     | ImportFrom(identifier? module, alias* names, int? level)\n     | Global(identifier* names)\n     | Nonlocal(identifier* names)\n     | Expr(expr value)\n     | Pass\n     | Break\n     | Continue",
    },
    Node {
        name: "FunctionDef",
        base: Some(STMT_),
        fields: &[
            f("name", "identifier", Quant::One),
            f("args", "arguments", Quant::One),
            f("body", "stmt", Quant::Many),
            f("decorator_list", "expr", Quant::Many),
            f("returns", "expr", Quant::Optional),
            f("type_comment", "string", Quant::Optional),
            f("type_params", "type_param", Quant::Many),
        ],
        attributes: None,
        is_abstract: false,
        doc: "FunctionDef(identifier name, arguments args, stmt* body, expr* decorator_list, expr? returns, string? type_comment, type_param* type_params)",
    },
    Node {
        name: "AsyncFunctionDef",
        base: Some(STMT_),
        fields: &[
            f("name", "identifier", Quant::One),
            f("args", "arguments", Quant::One),
            f("body", "stmt", Quant::Many),
            f("decorator_list", "expr", Quant::Many),
            f("returns", "expr", Quant::Optional),
            f("type_comment", "string", Quant::Optional),
            f("type_params", "type_param", Quant::Many),
        ],
        attributes: None,
        is_abstract: false,
        doc: "AsyncFunctionDef(identifier name, arguments args, stmt* body, expr* decorator_list, expr? returns, string? type_comment, type_param* type_params)",
    },
    Node {
        name: "ClassDef",
        base: Some(STMT_),
        fields: &[
            f("name", "identifier", Quant::One),
            f("bases", "expr", Quant::Many),
            f("keywords", "keyword", Quant::Many),
            f("body", "stmt", Quant::Many),
            f("decorator_list", "expr", Quant::Many),
            f("type_params", "type_param", Quant::Many),
        ],
        attributes: None,
        is_abstract: false,
        doc: "ClassDef(identifier name, expr* bases, keyword* keywords, stmt* body, expr* decorator_list, type_param* type_params)",
    },
    Node {
        name: "Return",
        base: Some(STMT_),
        fields: &[f("value", "expr", Quant::Optional)],
        attributes: None,
        is_abstract: false,
        doc: "Return(expr? value)",
    },
    Node {
        name: "Delete",
        base: Some(STMT_),
        fields: &[f("targets", "expr", Quant::Many)],
        attributes: None,
        is_abstract: false,
        doc: "Delete(expr* targets)",
    },
    Node {
        name: "Assign",
        base: Some(STMT_),
        fields: &[
            f("targets", "expr", Quant::Many),
            f("value", "expr", Quant::One),
            f("type_comment", "string", Quant::Optional),
        ],
        attributes: None,
        is_abstract: false,
        doc: "Assign(expr* targets, expr value, string? type_comment)",
    },
    Node {
        name: "TypeAlias",
        base: Some(STMT_),
        fields: &[
            f("name", "expr", Quant::One),
            f("type_params", "type_param", Quant::Many),
            f("value", "expr", Quant::One),
        ],
        attributes: None,
        is_abstract: false,
        doc: "TypeAlias(expr name, type_param* type_params, expr value)",
    },
    Node {
        name: "AugAssign",
        base: Some(STMT_),
        fields: &[
            f("target", "expr", Quant::One),
            f("op", "operator", Quant::One),
            f("value", "expr", Quant::One),
        ],
        attributes: None,
        is_abstract: false,
        doc: "AugAssign(expr target, operator op, expr value)",
    },
    Node {
        name: "AnnAssign",
        base: Some(STMT_),
        fields: &[
            f("target", "expr", Quant::One),
            f("annotation", "expr", Quant::One),
            f("value", "expr", Quant::Optional),
            f("simple", "int", Quant::One),
        ],
        attributes: None,
        is_abstract: false,
        doc: "AnnAssign(expr target, expr annotation, expr? value, int simple)",
    },
    Node {
        name: "For",
        base: Some(STMT_),
        fields: &[
            f("target", "expr", Quant::One),
            f("iter", "expr", Quant::One),
            f("body", "stmt", Quant::Many),
            f("orelse", "stmt", Quant::Many),
            f("type_comment", "string", Quant::Optional),
        ],
        attributes: None,
        is_abstract: false,
        doc: "For(expr target, expr iter, stmt* body, stmt* orelse, string? type_comment)",
    },
    Node {
        name: "AsyncFor",
        base: Some(STMT_),
        fields: &[
            f("target", "expr", Quant::One),
            f("iter", "expr", Quant::One),
            f("body", "stmt", Quant::Many),
            f("orelse", "stmt", Quant::Many),
            f("type_comment", "string", Quant::Optional),
        ],
        attributes: None,
        is_abstract: false,
        doc: "AsyncFor(expr target, expr iter, stmt* body, stmt* orelse, string? type_comment)",
    },
    Node {
        name: "While",
        base: Some(STMT_),
        fields: &[
            f("test", "expr", Quant::One),
            f("body", "stmt", Quant::Many),
            f("orelse", "stmt", Quant::Many),
        ],
        attributes: None,
        is_abstract: false,
        doc: "While(expr test, stmt* body, stmt* orelse)",
    },
    Node {
        name: "If",
        base: Some(STMT_),
        fields: &[
            f("test", "expr", Quant::One),
            f("body", "stmt", Quant::Many),
            f("orelse", "stmt", Quant::Many),
        ],
        attributes: None,
        is_abstract: false,
        doc: "If(expr test, stmt* body, stmt* orelse)",
    },
    Node {
        name: "With",
        base: Some(STMT_),
        fields: &[
            f("items", "withitem", Quant::Many),
            f("body", "stmt", Quant::Many),
            f("type_comment", "string", Quant::Optional),
        ],
        attributes: None,
        is_abstract: false,
        doc: "With(withitem* items, stmt* body, string? type_comment)",
    },
    Node {
        name: "AsyncWith",
        base: Some(STMT_),
        fields: &[
            f("items", "withitem", Quant::Many),
            f("body", "stmt", Quant::Many),
            f("type_comment", "string", Quant::Optional),
        ],
        attributes: None,
        is_abstract: false,
        doc: "AsyncWith(withitem* items, stmt* body, string? type_comment)",
    },
    Node {
        name: "Match",
        base: Some(STMT_),
        fields: &[f("subject", "expr", Quant::One), f("cases", "match_case", Quant::Many)],
        attributes: None,
        is_abstract: false,
        doc: "Match(expr subject, match_case* cases)",
    },
    Node {
        name: "Raise",
        base: Some(STMT_),
        fields: &[f("exc", "expr", Quant::Optional), f("cause", "expr", Quant::Optional)],
        attributes: None,
        is_abstract: false,
        doc: "Raise(expr? exc, expr? cause)",
    },
    Node {
        name: "Try",
        base: Some(STMT_),
        fields: &[
            f("body", "stmt", Quant::Many),
            f("handlers", "excepthandler", Quant::Many),
            f("orelse", "stmt", Quant::Many),
            f("finalbody", "stmt", Quant::Many),
        ],
        attributes: None,
        is_abstract: false,
        doc: "Try(stmt* body, excepthandler* handlers, stmt* orelse, stmt* finalbody)",
    },
    Node {
        name: "TryStar",
        base: Some(STMT_),
        fields: &[
            f("body", "stmt", Quant::Many),
            f("handlers", "excepthandler", Quant::Many),
            f("orelse", "stmt", Quant::Many),
            f("finalbody", "stmt", Quant::Many),
        ],
        attributes: None,
        is_abstract: false,
        doc: "TryStar(stmt* body, excepthandler* handlers, stmt* orelse, stmt* finalbody)",
    },
    Node {
        name: "Assert",
        base: Some(STMT_),
        fields: &[f("test", "expr", Quant::One), f("msg", "expr", Quant::Optional)],
        attributes: None,
        is_abstract: false,
        doc: "Assert(expr test, expr? msg)",
    },
    Node {
        name: "Import",
        base: Some(STMT_),
        fields: &[f("names", "alias", Quant::Many)],
        attributes: None,
        is_abstract: false,
        doc: "Import(alias* names)",
    },
    Node {
        name: "ImportFrom",
        base: Some(STMT_),
        fields: &[
            f("module", "identifier", Quant::Optional),
            f("names", "alias", Quant::Many),
            f("level", "int", Quant::Optional),
        ],
        attributes: None,
        is_abstract: false,
        doc: "ImportFrom(identifier? module, alias* names, int? level)",
    },
    Node {
        name: "Global",
        base: Some(STMT_),
        fields: &[f("names", "identifier", Quant::Many)],
        attributes: None,
        is_abstract: false,
        doc: "Global(identifier* names)",
    },
    Node {
        name: "Nonlocal",
        base: Some(STMT_),
        fields: &[f("names", "identifier", Quant::Many)],
        attributes: None,
        is_abstract: false,
        doc: "Nonlocal(identifier* names)",
    },
    Node {
        name: "Expr",
        base: Some(STMT_),
        fields: &[f("value", "expr", Quant::One)],
        attributes: None,
        is_abstract: false,
        doc: "Expr(expr value)",
    },
    Node {
        name: "Pass",
        base: Some(STMT_),
        fields: &[],
        attributes: None,
        is_abstract: false,
        doc: "Pass",
    },
    Node {
        name: "Break",
        base: Some(STMT_),
        fields: &[],
        attributes: None,
        is_abstract: false,
        doc: "Break",
    },
    Node {
        name: "Continue",
        base: Some(STMT_),
        fields: &[],
        attributes: None,
        is_abstract: false,
        doc: "Continue",
    },
    Node {
        name: "expr",
        base: None,
        fields: &[],
        attributes: Some(&[
            f("lineno", "int", Quant::One),
            f("col_offset", "int", Quant::One),
            f("end_lineno", "int", Quant::Optional),
            f("end_col_offset", "int", Quant::Optional),
        ]),
        is_abstract: true,
        doc: "expr = BoolOp(boolop op, expr* values)\n     | NamedExpr(expr target, expr value)\n     | BinOp(expr left, operator op, expr right)\n     | UnaryOp(unaryop op, expr operand)\n     | Lambda(arguments args, expr body)\n     | IfExp(expr test, expr body, expr orelse)\n     | Dict(expr* keys, expr* values)\n     | Set(expr* elts)\n     | ListComp(expr elt, comprehension* generators)\n     | SetComp(expr elt, comprehension* generators)\n     | DictComp(expr key, expr value, comprehension* generators)\n     | GeneratorExp(expr elt, comprehension* generators)\n     | Await(expr value)\n     | Yield(expr? value)\n     | YieldFrom(expr value)\n     | Compare(expr left, cmpop* ops, expr* comparators)\n     | Call(expr func, expr* args, keyword* keywords)\n     | FormattedValue(expr value, int conversion, expr? format_spec)\n     | JoinedStr(expr* values)\n     | Constant(constant value, string? kind)\n     | Attribute(expr value, identifier attr, expr_context ctx)\n     | Subscript(expr value, expr slice, expr_context ctx)\n     | Starred(expr value, expr_context ctx)\n     | Name(identifier id, expr_context ctx)\n     | List(expr* elts, expr_context ctx)\n     | Tuple(expr* elts, expr_context ctx)\n     | Slice(expr? lower, expr? upper, expr? step)",
    },
    Node {
        name: "BoolOp",
        base: Some(EXPR_),
        fields: &[f("op", "boolop", Quant::One), f("values", "expr", Quant::Many)],
        attributes: None,
        is_abstract: false,
        doc: "BoolOp(boolop op, expr* values)",
    },
    Node {
        name: "NamedExpr",
        base: Some(EXPR_),
        fields: &[f("target", "expr", Quant::One), f("value", "expr", Quant::One)],
        attributes: None,
        is_abstract: false,
        doc: "NamedExpr(expr target, expr value)",
    },
    Node {
        name: "BinOp",
        base: Some(EXPR_),
        fields: &[
            f("left", "expr", Quant::One),
            f("op", "operator", Quant::One),
            f("right", "expr", Quant::One),
        ],
        attributes: None,
        is_abstract: false,
        doc: "BinOp(expr left, operator op, expr right)",
    },
    Node {
        name: "UnaryOp",
        base: Some(EXPR_),
        fields: &[f("op", "unaryop", Quant::One), f("operand", "expr", Quant::One)],
        attributes: None,
        is_abstract: false,
        doc: "UnaryOp(unaryop op, expr operand)",
    },
    Node {
        name: "Lambda",
        base: Some(EXPR_),
        fields: &[f("args", "arguments", Quant::One), f("body", "expr", Quant::One)],
        attributes: None,
        is_abstract: false,
        doc: "Lambda(arguments args, expr body)",
    },
    Node {
        name: "IfExp",
        base: Some(EXPR_),
        fields: &[
            f("test", "expr", Quant::One),
            f("body", "expr", Quant::One),
            f("orelse", "expr", Quant::One),
        ],
        attributes: None,
        is_abstract: false,
        doc: "IfExp(expr test, expr body, expr orelse)",
    },
    Node {
        name: "Dict",
        base: Some(EXPR_),
        fields: &[f("keys", "expr", Quant::Many), f("values", "expr", Quant::Many)],
        attributes: None,
        is_abstract: false,
        doc: "Dict(expr* keys, expr* values)",
    },
    Node {
        name: "Set",
        base: Some(EXPR_),
        fields: &[f("elts", "expr", Quant::Many)],
        attributes: None,
        is_abstract: false,
        doc: "Set(expr* elts)",
    },
    Node {
        name: "ListComp",
        base: Some(EXPR_),
        fields: &[f("elt", "expr", Quant::One), f("generators", "comprehension", Quant::Many)],
        attributes: None,
        is_abstract: false,
        doc: "ListComp(expr elt, comprehension* generators)",
    },
    Node {
        name: "SetComp",
        base: Some(EXPR_),
        fields: &[f("elt", "expr", Quant::One), f("generators", "comprehension", Quant::Many)],
        attributes: None,
        is_abstract: false,
        doc: "SetComp(expr elt, comprehension* generators)",
    },
    Node {
        name: "DictComp",
        base: Some(EXPR_),
        fields: &[
            f("key", "expr", Quant::One),
            f("value", "expr", Quant::One),
            f("generators", "comprehension", Quant::Many),
        ],
        attributes: None,
        is_abstract: false,
        doc: "DictComp(expr key, expr value, comprehension* generators)",
    },
    Node {
        name: "GeneratorExp",
        base: Some(EXPR_),
        fields: &[f("elt", "expr", Quant::One), f("generators", "comprehension", Quant::Many)],
        attributes: None,
        is_abstract: false,
        doc: "GeneratorExp(expr elt, comprehension* generators)",
    },
    Node {
        name: "Await",
        base: Some(EXPR_),
        fields: &[f("value", "expr", Quant::One)],
        attributes: None,
        is_abstract: false,
        doc: "Await(expr value)",
    },
    Node {
        name: "Yield",
        base: Some(EXPR_),
        fields: &[f("value", "expr", Quant::Optional)],
        attributes: None,
        is_abstract: false,
        doc: "Yield(expr? value)",
    },
    Node {
        name: "YieldFrom",
        base: Some(EXPR_),
        fields: &[f("value", "expr", Quant::One)],
        attributes: None,
        is_abstract: false,
        doc: "YieldFrom(expr value)",
    },
    Node {
        name: "Compare",
        base: Some(EXPR_),
        fields: &[
            f("left", "expr", Quant::One),
            f("ops", "cmpop", Quant::Many),
            f("comparators", "expr", Quant::Many),
        ],
        attributes: None,
        is_abstract: false,
        doc: "Compare(expr left, cmpop* ops, expr* comparators)",
    },
    Node {
        name: "Call",
        base: Some(EXPR_),
        fields: &[
            f("func", "expr", Quant::One),
            f("args", "expr", Quant::Many),
            f("keywords", "keyword", Quant::Many),
        ],
        attributes: None,
        is_abstract: false,
        doc: "Call(expr func, expr* args, keyword* keywords)",
    },
    Node {
        name: "FormattedValue",
        base: Some(EXPR_),
        fields: &[
            f("value", "expr", Quant::One),
            f("conversion", "int", Quant::One),
            f("format_spec", "expr", Quant::Optional),
        ],
        attributes: None,
        is_abstract: false,
        doc: "FormattedValue(expr value, int conversion, expr? format_spec)",
    },
    Node {
        name: "JoinedStr",
        base: Some(EXPR_),
        fields: &[f("values", "expr", Quant::Many)],
        attributes: None,
        is_abstract: false,
        doc: "JoinedStr(expr* values)",
    },
    Node {
        name: "Constant",
        base: Some(EXPR_),
        fields: &[f("value", "constant", Quant::One), f("kind", "string", Quant::Optional)],
        attributes: None,
        is_abstract: false,
        doc: "Constant(constant value, string? kind)",
    },
    Node {
        name: "Attribute",
        base: Some(EXPR_),
        fields: &[
            f("value", "expr", Quant::One),
            f("attr", "identifier", Quant::One),
            f("ctx", "expr_context", Quant::One),
        ],
        attributes: None,
        is_abstract: false,
        doc: "Attribute(expr value, identifier attr, expr_context ctx)",
    },
    Node {
        name: "Subscript",
        base: Some(EXPR_),
        fields: &[
            f("value", "expr", Quant::One),
            f("slice", "expr", Quant::One),
            f("ctx", "expr_context", Quant::One),
        ],
        attributes: None,
        is_abstract: false,
        doc: "Subscript(expr value, expr slice, expr_context ctx)",
    },
    Node {
        name: "Starred",
        base: Some(EXPR_),
        fields: &[f("value", "expr", Quant::One), f("ctx", "expr_context", Quant::One)],
        attributes: None,
        is_abstract: false,
        doc: "Starred(expr value, expr_context ctx)",
    },
    Node {
        name: "Name",
        base: Some(EXPR_),
        fields: &[f("id", "identifier", Quant::One), f("ctx", "expr_context", Quant::One)],
        attributes: None,
        is_abstract: false,
        doc: "Name(identifier id, expr_context ctx)",
    },
    Node {
        name: "List",
        base: Some(EXPR_),
        fields: &[f("elts", "expr", Quant::Many), f("ctx", "expr_context", Quant::One)],
        attributes: None,
        is_abstract: false,
        doc: "List(expr* elts, expr_context ctx)",
    },
    Node {
        name: "Tuple",
        base: Some(EXPR_),
        fields: &[f("elts", "expr", Quant::Many), f("ctx", "expr_context", Quant::One)],
        attributes: None,
        is_abstract: false,
        doc: "Tuple(expr* elts, expr_context ctx)",
    },
    Node {
        name: "Slice",
        base: Some(EXPR_),
        fields: &[
            f("lower", "expr", Quant::Optional),
            f("upper", "expr", Quant::Optional),
            f("step", "expr", Quant::Optional),
        ],
        attributes: None,
        is_abstract: false,
        doc: "Slice(expr? lower, expr? upper, expr? step)",
    },
    Node {
        name: "expr_context",
        base: None,
        fields: &[],
        attributes: Some(&[]),
        is_abstract: true,
        doc: "expr_context = Load | Store | Del",
    },
    Node {
        name: "Load",
        base: Some(EXPR_CONTEXT_),
        fields: &[],
        attributes: None,
        is_abstract: false,
        doc: "Load",
    },
    Node {
        name: "Store",
        base: Some(EXPR_CONTEXT_),
        fields: &[],
        attributes: None,
        is_abstract: false,
        doc: "Store",
    },
    Node {
        name: "Del",
        base: Some(EXPR_CONTEXT_),
        fields: &[],
        attributes: None,
        is_abstract: false,
        doc: "Del",
    },
    Node {
        name: "boolop",
        base: None,
        fields: &[],
        attributes: Some(&[]),
        is_abstract: true,
        doc: "boolop = And | Or",
    },
    Node {
        name: "And",
        base: Some(BOOLOP_),
        fields: &[],
        attributes: None,
        is_abstract: false,
        doc: "And",
    },
    Node {
        name: "Or",
        base: Some(BOOLOP_),
        fields: &[],
        attributes: None,
        is_abstract: false,
        doc: "Or",
    },
    Node {
        name: "operator",
        base: None,
        fields: &[],
        attributes: Some(&[]),
        is_abstract: true,
        doc: "operator = Add | Sub | Mult | MatMult | Div | Mod | Pow | LShift | RShift | BitOr | BitXor | BitAnd | FloorDiv",
    },
    Node {
        name: "Add",
        base: Some(OPERATOR_),
        fields: &[],
        attributes: None,
        is_abstract: false,
        doc: "Add",
    },
    Node {
        name: "Sub",
        base: Some(OPERATOR_),
        fields: &[],
        attributes: None,
        is_abstract: false,
        doc: "Sub",
    },
    Node {
        name: "Mult",
        base: Some(OPERATOR_),
        fields: &[],
        attributes: None,
        is_abstract: false,
        doc: "Mult",
    },
    Node {
        name: "MatMult",
        base: Some(OPERATOR_),
        fields: &[],
        attributes: None,
        is_abstract: false,
        doc: "MatMult",
    },
    Node {
        name: "Div",
        base: Some(OPERATOR_),
        fields: &[],
        attributes: None,
        is_abstract: false,
        doc: "Div",
    },
    Node {
        name: "Mod",
        base: Some(OPERATOR_),
        fields: &[],
        attributes: None,
        is_abstract: false,
        doc: "Mod",
    },
    Node {
        name: "Pow",
        base: Some(OPERATOR_),
        fields: &[],
        attributes: None,
        is_abstract: false,
        doc: "Pow",
    },
    Node {
        name: "LShift",
        base: Some(OPERATOR_),
        fields: &[],
        attributes: None,
        is_abstract: false,
        doc: "LShift",
    },
    Node {
        name: "RShift",
        base: Some(OPERATOR_),
        fields: &[],
        attributes: None,
        is_abstract: false,
        doc: "RShift",
    },
    Node {
        name: "BitOr",
        base: Some(OPERATOR_),
        fields: &[],
        attributes: None,
        is_abstract: false,
        doc: "BitOr",
    },
    Node {
        name: "BitXor",
        base: Some(OPERATOR_),
        fields: &[],
        attributes: None,
        is_abstract: false,
        doc: "BitXor",
    },
    Node {
        name: "BitAnd",
        base: Some(OPERATOR_),
        fields: &[],
        attributes: None,
        is_abstract: false,
        doc: "BitAnd",
    },
    Node {
        name: "FloorDiv",
        base: Some(OPERATOR_),
        fields: &[],
        attributes: None,
        is_abstract: false,
        doc: "FloorDiv",
    },
    Node {
        name: "unaryop",
        base: None,
        fields: &[],
        attributes: Some(&[]),
        is_abstract: true,
        doc: "unaryop = Invert | Not | UAdd | USub",
    },
    Node {
        name: "Invert",
        base: Some(UNARYOP_),
        fields: &[],
        attributes: None,
        is_abstract: false,
        doc: "Invert",
    },
    Node {
        name: "Not",
        base: Some(UNARYOP_),
        fields: &[],
        attributes: None,
        is_abstract: false,
        doc: "Not",
    },
    Node {
        name: "UAdd",
        base: Some(UNARYOP_),
        fields: &[],
        attributes: None,
        is_abstract: false,
        doc: "UAdd",
    },
    Node {
        name: "USub",
        base: Some(UNARYOP_),
        fields: &[],
        attributes: None,
        is_abstract: false,
        doc: "USub",
    },
    Node {
        name: "cmpop",
        base: None,
        fields: &[],
        attributes: Some(&[]),
        is_abstract: true,
        doc: "cmpop = Eq | NotEq | Lt | LtE | Gt | GtE | Is | IsNot | In | NotIn",
    },
    Node {
        name: "Eq",
        base: Some(CMPOP_),
        fields: &[],
        attributes: None,
        is_abstract: false,
        doc: "Eq",
    },
    Node {
        name: "NotEq",
        base: Some(CMPOP_),
        fields: &[],
        attributes: None,
        is_abstract: false,
        doc: "NotEq",
    },
    Node {
        name: "Lt",
        base: Some(CMPOP_),
        fields: &[],
        attributes: None,
        is_abstract: false,
        doc: "Lt",
    },
    Node {
        name: "LtE",
        base: Some(CMPOP_),
        fields: &[],
        attributes: None,
        is_abstract: false,
        doc: "LtE",
    },
    Node {
        name: "Gt",
        base: Some(CMPOP_),
        fields: &[],
        attributes: None,
        is_abstract: false,
        doc: "Gt",
    },
    Node {
        name: "GtE",
        base: Some(CMPOP_),
        fields: &[],
        attributes: None,
        is_abstract: false,
        doc: "GtE",
    },
    Node {
        name: "Is",
        base: Some(CMPOP_),
        fields: &[],
        attributes: None,
        is_abstract: false,
        doc: "Is",
    },
    Node {
        name: "IsNot",
        base: Some(CMPOP_),
        fields: &[],
        attributes: None,
        is_abstract: false,
        doc: "IsNot",
    },
    Node {
        name: "In",
        base: Some(CMPOP_),
        fields: &[],
        attributes: None,
        is_abstract: false,
        doc: "In",
    },
    Node {
        name: "NotIn",
        base: Some(CMPOP_),
        fields: &[],
        attributes: None,
        is_abstract: false,
        doc: "NotIn",
    },
    Node {
        name: "comprehension",
        base: None,
        fields: &[
            f("target", "expr", Quant::One),
            f("iter", "expr", Quant::One),
            f("ifs", "expr", Quant::Many),
            f("is_async", "int", Quant::One),
        ],
        attributes: Some(&[]),
        is_abstract: false,
        doc: "comprehension(expr target, expr iter, expr* ifs, int is_async)",
    },
    Node {
        name: "excepthandler",
        base: None,
        fields: &[],
        attributes: Some(&[
            f("lineno", "int", Quant::One),
            f("col_offset", "int", Quant::One),
            f("end_lineno", "int", Quant::Optional),
            f("end_col_offset", "int", Quant::Optional),
        ]),
        is_abstract: true,
        doc: "excepthandler = ExceptHandler(expr? type, identifier? name, stmt* body)",
    },
    Node {
        name: "ExceptHandler",
        base: Some(EXCEPTHANDLER_),
        fields: &[
            f("type", "expr", Quant::Optional),
            f("name", "identifier", Quant::Optional),
            f("body", "stmt", Quant::Many),
        ],
        attributes: None,
        is_abstract: false,
        doc: "ExceptHandler(expr? type, identifier? name, stmt* body)",
    },
    Node {
        name: "arguments",
        base: None,
        fields: &[
            f("posonlyargs", "arg", Quant::Many),
            f("args", "arg", Quant::Many),
            f("vararg", "arg", Quant::Optional),
            f("kwonlyargs", "arg", Quant::Many),
            f("kw_defaults", "expr", Quant::Many),
            f("kwarg", "arg", Quant::Optional),
            f("defaults", "expr", Quant::Many),
        ],
        attributes: Some(&[]),
        is_abstract: false,
        doc: "arguments(arg* posonlyargs, arg* args, arg? vararg, arg* kwonlyargs, expr* kw_defaults, arg? kwarg, expr* defaults)",
    },
    Node {
        name: "arg",
        base: None,
        fields: &[
            f("arg", "identifier", Quant::One),
            f("annotation", "expr", Quant::Optional),
            f("type_comment", "string", Quant::Optional),
        ],
        attributes: Some(&[
            f("lineno", "int", Quant::One),
            f("col_offset", "int", Quant::One),
            f("end_lineno", "int", Quant::Optional),
            f("end_col_offset", "int", Quant::Optional),
        ]),
        is_abstract: false,
        doc: "arg(identifier arg, expr? annotation, string? type_comment)",
    },
    Node {
        name: "keyword",
        base: None,
        fields: &[f("arg", "identifier", Quant::Optional), f("value", "expr", Quant::One)],
        attributes: Some(&[
            f("lineno", "int", Quant::One),
            f("col_offset", "int", Quant::One),
            f("end_lineno", "int", Quant::Optional),
            f("end_col_offset", "int", Quant::Optional),
        ]),
        is_abstract: false,
        doc: "keyword(identifier? arg, expr value)",
    },
    Node {
        name: "alias",
        base: None,
        fields: &[f("name", "identifier", Quant::One), f("asname", "identifier", Quant::Optional)],
        attributes: Some(&[
            f("lineno", "int", Quant::One),
            f("col_offset", "int", Quant::One),
            f("end_lineno", "int", Quant::Optional),
            f("end_col_offset", "int", Quant::Optional),
        ]),
        is_abstract: false,
        doc: "alias(identifier name, identifier? asname)",
    },
    Node {
        name: "withitem",
        base: None,
        fields: &[
            f("context_expr", "expr", Quant::One),
            f("optional_vars", "expr", Quant::Optional),
        ],
        attributes: Some(&[]),
        is_abstract: false,
        doc: "withitem(expr context_expr, expr? optional_vars)",
    },
    Node {
        name: "match_case",
        base: None,
        fields: &[
            f("pattern", "pattern", Quant::One),
            f("guard", "expr", Quant::Optional),
            f("body", "stmt", Quant::Many),
        ],
        attributes: Some(&[]),
        is_abstract: false,
        doc: "match_case(pattern pattern, expr? guard, stmt* body)",
    },
    Node {
        name: "pattern",
        base: None,
        fields: &[],
        attributes: Some(&[
            f("lineno", "int", Quant::One),
            f("col_offset", "int", Quant::One),
            f("end_lineno", "int", Quant::One),
            f("end_col_offset", "int", Quant::One),
        ]),
        is_abstract: true,
        doc: "pattern = MatchValue(expr value)\n        | MatchSingleton(constant value)\n        | MatchSequence(pattern* patterns)\n        | MatchMapping(expr* keys, pattern* patterns, identifier? rest)\n        | MatchClass(expr cls, pattern* patterns, identifier* kwd_attrs, pattern* kwd_patterns)\n        | MatchStar(identifier? name)\n        | MatchAs(pattern? pattern, identifier? name)\n        | MatchOr(pattern* patterns)",
    },
    Node {
        name: "MatchValue",
        base: Some(PATTERN_),
        fields: &[f("value", "expr", Quant::One)],
        attributes: None,
        is_abstract: false,
        doc: "MatchValue(expr value)",
    },
    Node {
        name: "MatchSingleton",
        base: Some(PATTERN_),
        fields: &[f("value", "constant", Quant::One)],
        attributes: None,
        is_abstract: false,
        doc: "MatchSingleton(constant value)",
    },
    Node {
        name: "MatchSequence",
        base: Some(PATTERN_),
        fields: &[f("patterns", "pattern", Quant::Many)],
        attributes: None,
        is_abstract: false,
        doc: "MatchSequence(pattern* patterns)",
    },
    Node {
        name: "MatchMapping",
        base: Some(PATTERN_),
        fields: &[
            f("keys", "expr", Quant::Many),
            f("patterns", "pattern", Quant::Many),
            f("rest", "identifier", Quant::Optional),
        ],
        attributes: None,
        is_abstract: false,
        doc: "MatchMapping(expr* keys, pattern* patterns, identifier? rest)",
    },
    Node {
        name: "MatchClass",
        base: Some(PATTERN_),
        fields: &[
            f("cls", "expr", Quant::One),
            f("patterns", "pattern", Quant::Many),
            f("kwd_attrs", "identifier", Quant::Many),
            f("kwd_patterns", "pattern", Quant::Many),
        ],
        attributes: None,
        is_abstract: false,
        doc: "MatchClass(expr cls, pattern* patterns, identifier* kwd_attrs, pattern* kwd_patterns)",
    },
    Node {
        name: "MatchStar",
        base: Some(PATTERN_),
        fields: &[f("name", "identifier", Quant::Optional)],
        attributes: None,
        is_abstract: false,
        doc: "MatchStar(identifier? name)",
    },
    Node {
        name: "MatchAs",
        base: Some(PATTERN_),
        fields: &[
            f("pattern", "pattern", Quant::Optional),
            f("name", "identifier", Quant::Optional),
        ],
        attributes: None,
        is_abstract: false,
        doc: "MatchAs(pattern? pattern, identifier? name)",
    },
    Node {
        name: "MatchOr",
        base: Some(PATTERN_),
        fields: &[f("patterns", "pattern", Quant::Many)],
        attributes: None,
        is_abstract: false,
        doc: "MatchOr(pattern* patterns)",
    },
    Node {
        name: "type_ignore",
        base: None,
        fields: &[],
        attributes: Some(&[]),
        is_abstract: true,
        doc: "type_ignore = TypeIgnore(int lineno, string tag)",
    },
    Node {
        name: "TypeIgnore",
        base: Some(TYPE_IGNORE_),
        fields: &[f("lineno", "int", Quant::One), f("tag", "string", Quant::One)],
        attributes: None,
        is_abstract: false,
        doc: "TypeIgnore(int lineno, string tag)",
    },
    Node {
        name: "type_param",
        base: None,
        fields: &[],
        attributes: Some(&[
            f("lineno", "int", Quant::One),
            f("col_offset", "int", Quant::One),
            f("end_lineno", "int", Quant::One),
            f("end_col_offset", "int", Quant::One),
        ]),
        is_abstract: true,
        doc: "type_param = TypeVar(identifier name, expr? bound, expr? default_value)\n           | ParamSpec(identifier name, expr? default_value)\n           | TypeVarTuple(identifier name, expr? default_value)",
    },
    Node {
        name: "TypeVar",
        base: Some(TYPE_PARAM_),
        fields: &[
            f("name", "identifier", Quant::One),
            f("bound", "expr", Quant::Optional),
            f("default_value", "expr", Quant::Optional),
        ],
        attributes: None,
        is_abstract: false,
        doc: "TypeVar(identifier name, expr? bound, expr? default_value)",
    },
    Node {
        name: "ParamSpec",
        base: Some(TYPE_PARAM_),
        fields: &[f("name", "identifier", Quant::One), f("default_value", "expr", Quant::Optional)],
        attributes: None,
        is_abstract: false,
        doc: "ParamSpec(identifier name, expr? default_value)",
    },
    Node {
        name: "TypeVarTuple",
        base: Some(TYPE_PARAM_),
        fields: &[f("name", "identifier", Quant::One), f("default_value", "expr", Quant::Optional)],
        attributes: None,
        is_abstract: false,
        doc: "TypeVarTuple(identifier name, expr? default_value)",
    },
];
