//! Python objects to trees, as `gen/make_ast.py` wrote it. Do not edit.

use super::convert::FromPython;
use super::nodes::*;
use taipan_syntax::ast::*;
use taipan_vm::prelude::{Res, Value};

pub fn module<'a>(c: &FromPython<'a, '_>, o: Value) -> Res<Mod<'a>> {
    let _depth = c.enter("mod")?;
    let kind = c.kind(o, MOD_)?;
    Ok(match kind {
        MODULE => {
            let body = c.list(o, "Module", "body", |x| c.item(stmt(c, x)?, "statement"))?;
            let type_ignores =
                c.list(o, "Module", "type_ignores", |x| c.item(type_ignore(c, x)?, "type_ignore"))?;
            Mod::Module { body, type_ignores }
        }
        INTERACTIVE => {
            let body = c.list(o, "Interactive", "body", |x| c.item(stmt(c, x)?, "statement"))?;
            Mod::Interactive { body }
        }
        EXPRESSION => {
            let body =
                c.need(expr(c, c.required(o, "Expression", "body")?)?, "Expression", "body")?;
            Mod::Expression { body }
        }
        FUNCTION_TYPE => {
            let argtypes =
                c.list(o, "FunctionType", "argtypes", |x| c.item(expr(c, x)?, "expression"))?;
            let returns = c.need(
                expr(c, c.required(o, "FunctionType", "returns")?)?,
                "FunctionType",
                "returns",
            )?;
            Mod::FunctionType { argtypes, returns }
        }
        _ => return Err(c.unexpected(o, "mod")),
    })
}

fn stmt<'a>(c: &FromPython<'a, '_>, o: Value) -> Res<Option<&'a Stmt<'a>>> {
    if o == taipan_vm::prelude::none() {
        return Ok(None);
    }
    let _depth = c.enter("stmt")?;
    let kind = c.kind(o, STMT_)?;
    let range = c.span(o, "stmt")?;
    let kind = match kind {
        FUNCTION_DEF => {
            let name = c.need(
                c.identifier(c.required(o, "FunctionDef", "name")?)?,
                "FunctionDef",
                "name",
            )?;
            let args = &*c.arena.alloc(arguments(c, c.required(o, "FunctionDef", "args")?)?);
            let body = c.list(o, "FunctionDef", "body", |x| c.item(stmt(c, x)?, "statement"))?;
            let decorator_list =
                c.list(o, "FunctionDef", "decorator_list", |x| c.item(expr(c, x)?, "expression"))?;
            let returns = match c.optional(o, "returns")? {
                Some(v) => expr(c, v)?,
                None => None,
            };
            let type_comment = match c.optional(o, "type_comment")? {
                Some(v) => c.string(v)?,
                None => None,
            };
            let type_params = c.list(o, "FunctionDef", "type_params", |x| {
                c.item(type_param(c, x)?, "type_param")
            })?;
            StmtKind::FunctionDef(c.arena.alloc(FunctionDef {
                name,
                args,
                body,
                decorator_list,
                returns,
                type_comment,
                type_params,
            }))
        }
        ASYNC_FUNCTION_DEF => {
            let name = c.need(
                c.identifier(c.required(o, "AsyncFunctionDef", "name")?)?,
                "AsyncFunctionDef",
                "name",
            )?;
            let args = &*c.arena.alloc(arguments(c, c.required(o, "AsyncFunctionDef", "args")?)?);
            let body =
                c.list(o, "AsyncFunctionDef", "body", |x| c.item(stmt(c, x)?, "statement"))?;
            let decorator_list = c.list(o, "AsyncFunctionDef", "decorator_list", |x| {
                c.item(expr(c, x)?, "expression")
            })?;
            let returns = match c.optional(o, "returns")? {
                Some(v) => expr(c, v)?,
                None => None,
            };
            let type_comment = match c.optional(o, "type_comment")? {
                Some(v) => c.string(v)?,
                None => None,
            };
            let type_params = c.list(o, "AsyncFunctionDef", "type_params", |x| {
                c.item(type_param(c, x)?, "type_param")
            })?;
            StmtKind::AsyncFunctionDef(c.arena.alloc(FunctionDef {
                name,
                args,
                body,
                decorator_list,
                returns,
                type_comment,
                type_params,
            }))
        }
        CLASS_DEF => {
            let name =
                c.need(c.identifier(c.required(o, "ClassDef", "name")?)?, "ClassDef", "name")?;
            let bases = c.list(o, "ClassDef", "bases", |x| c.item(expr(c, x)?, "expression"))?;
            let keywords = c.list(o, "ClassDef", "keywords", |x| keyword(c, x))?;
            let body = c.list(o, "ClassDef", "body", |x| c.item(stmt(c, x)?, "statement"))?;
            let decorator_list =
                c.list(o, "ClassDef", "decorator_list", |x| c.item(expr(c, x)?, "expression"))?;
            let type_params =
                c.list(o, "ClassDef", "type_params", |x| c.item(type_param(c, x)?, "type_param"))?;
            StmtKind::ClassDef(c.arena.alloc(ClassDef {
                name,
                bases,
                keywords,
                body,
                decorator_list,
                type_params,
            }))
        }
        RETURN => {
            let value = match c.optional(o, "value")? {
                Some(v) => expr(c, v)?,
                None => None,
            };
            StmtKind::Return { value }
        }
        DELETE => {
            let targets = c.list(o, "Delete", "targets", |x| c.item(expr(c, x)?, "expression"))?;
            StmtKind::Delete { targets }
        }
        ASSIGN => {
            let targets = c.list(o, "Assign", "targets", |x| c.item(expr(c, x)?, "expression"))?;
            let value = c.need(expr(c, c.required(o, "Assign", "value")?)?, "Assign", "value")?;
            let type_comment = match c.optional(o, "type_comment")? {
                Some(v) => c.string(v)?,
                None => None,
            };
            StmtKind::Assign { targets, value, type_comment }
        }
        TYPE_ALIAS => {
            let name =
                c.need(expr(c, c.required(o, "TypeAlias", "name")?)?, "TypeAlias", "name")?;
            let type_params =
                c.list(o, "TypeAlias", "type_params", |x| c.item(type_param(c, x)?, "type_param"))?;
            let value =
                c.need(expr(c, c.required(o, "TypeAlias", "value")?)?, "TypeAlias", "value")?;
            StmtKind::TypeAlias { name, type_params, value }
        }
        AUG_ASSIGN => {
            let target =
                c.need(expr(c, c.required(o, "AugAssign", "target")?)?, "AugAssign", "target")?;
            let op = operator(c, c.required(o, "AugAssign", "op")?)?;
            let value =
                c.need(expr(c, c.required(o, "AugAssign", "value")?)?, "AugAssign", "value")?;
            StmtKind::AugAssign { target, op, value }
        }
        ANN_ASSIGN => {
            let target =
                c.need(expr(c, c.required(o, "AnnAssign", "target")?)?, "AnnAssign", "target")?;
            let annotation = c.need(
                expr(c, c.required(o, "AnnAssign", "annotation")?)?,
                "AnnAssign",
                "annotation",
            )?;
            let value = match c.optional(o, "value")? {
                Some(v) => expr(c, v)?,
                None => None,
            };
            let simple = c.int(c.required(o, "AnnAssign", "simple")?)? != 0;
            StmtKind::AnnAssign { target, annotation, value, simple }
        }
        FOR => {
            let target = c.need(expr(c, c.required(o, "For", "target")?)?, "For", "target")?;
            let iter = c.need(expr(c, c.required(o, "For", "iter")?)?, "For", "iter")?;
            let body = c.list(o, "For", "body", |x| c.item(stmt(c, x)?, "statement"))?;
            let orelse = c.list(o, "For", "orelse", |x| c.item(stmt(c, x)?, "statement"))?;
            let type_comment = match c.optional(o, "type_comment")? {
                Some(v) => c.string(v)?,
                None => None,
            };
            StmtKind::For(c.arena.alloc(For { target, iter, body, orelse, type_comment }))
        }
        ASYNC_FOR => {
            let target =
                c.need(expr(c, c.required(o, "AsyncFor", "target")?)?, "AsyncFor", "target")?;
            let iter = c.need(expr(c, c.required(o, "AsyncFor", "iter")?)?, "AsyncFor", "iter")?;
            let body = c.list(o, "AsyncFor", "body", |x| c.item(stmt(c, x)?, "statement"))?;
            let orelse = c.list(o, "AsyncFor", "orelse", |x| c.item(stmt(c, x)?, "statement"))?;
            let type_comment = match c.optional(o, "type_comment")? {
                Some(v) => c.string(v)?,
                None => None,
            };
            StmtKind::AsyncFor(c.arena.alloc(For { target, iter, body, orelse, type_comment }))
        }
        WHILE => {
            let test = c.need(expr(c, c.required(o, "While", "test")?)?, "While", "test")?;
            let body = c.list(o, "While", "body", |x| c.item(stmt(c, x)?, "statement"))?;
            let orelse = c.list(o, "While", "orelse", |x| c.item(stmt(c, x)?, "statement"))?;
            StmtKind::While { test, body, orelse }
        }
        IF => {
            let test = c.need(expr(c, c.required(o, "If", "test")?)?, "If", "test")?;
            let body = c.list(o, "If", "body", |x| c.item(stmt(c, x)?, "statement"))?;
            let orelse = c.list(o, "If", "orelse", |x| c.item(stmt(c, x)?, "statement"))?;
            StmtKind::If { test, body, orelse }
        }
        WITH => {
            let items = c.list(o, "With", "items", |x| withitem(c, x))?;
            let body = c.list(o, "With", "body", |x| c.item(stmt(c, x)?, "statement"))?;
            let type_comment = match c.optional(o, "type_comment")? {
                Some(v) => c.string(v)?,
                None => None,
            };
            StmtKind::With(c.arena.alloc(With { items, body, type_comment }))
        }
        ASYNC_WITH => {
            let items = c.list(o, "AsyncWith", "items", |x| withitem(c, x))?;
            let body = c.list(o, "AsyncWith", "body", |x| c.item(stmt(c, x)?, "statement"))?;
            let type_comment = match c.optional(o, "type_comment")? {
                Some(v) => c.string(v)?,
                None => None,
            };
            StmtKind::AsyncWith(c.arena.alloc(With { items, body, type_comment }))
        }
        MATCH => {
            let subject =
                c.need(expr(c, c.required(o, "Match", "subject")?)?, "Match", "subject")?;
            let cases = c.list(o, "Match", "cases", |x| match_case(c, x))?;
            StmtKind::Match { subject, cases }
        }
        RAISE => {
            let exc = match c.optional(o, "exc")? {
                Some(v) => expr(c, v)?,
                None => None,
            };
            let cause = match c.optional(o, "cause")? {
                Some(v) => expr(c, v)?,
                None => None,
            };
            StmtKind::Raise { exc, cause }
        }
        TRY => {
            let body = c.list(o, "Try", "body", |x| c.item(stmt(c, x)?, "statement"))?;
            let handlers =
                c.list(o, "Try", "handlers", |x| c.item(excepthandler(c, x)?, "excepthandler"))?;
            let orelse = c.list(o, "Try", "orelse", |x| c.item(stmt(c, x)?, "statement"))?;
            let finalbody = c.list(o, "Try", "finalbody", |x| c.item(stmt(c, x)?, "statement"))?;
            StmtKind::Try(c.arena.alloc(Try { body, handlers, orelse, finalbody }))
        }
        TRY_STAR => {
            let body = c.list(o, "TryStar", "body", |x| c.item(stmt(c, x)?, "statement"))?;
            let handlers = c.list(o, "TryStar", "handlers", |x| {
                c.item(excepthandler(c, x)?, "excepthandler")
            })?;
            let orelse = c.list(o, "TryStar", "orelse", |x| c.item(stmt(c, x)?, "statement"))?;
            let finalbody =
                c.list(o, "TryStar", "finalbody", |x| c.item(stmt(c, x)?, "statement"))?;
            StmtKind::TryStar(c.arena.alloc(Try { body, handlers, orelse, finalbody }))
        }
        ASSERT => {
            let test = c.need(expr(c, c.required(o, "Assert", "test")?)?, "Assert", "test")?;
            let msg = match c.optional(o, "msg")? {
                Some(v) => expr(c, v)?,
                None => None,
            };
            StmtKind::Assert { test, msg }
        }
        IMPORT => {
            let names = c.list(o, "Import", "names", |x| alias(c, x))?;
            StmtKind::Import { names }
        }
        IMPORT_FROM => {
            let module = match c.optional(o, "module")? {
                Some(v) => c.identifier(v)?,
                None => None,
            };
            let names = c.list(o, "ImportFrom", "names", |x| alias(c, x))?;
            let level = c.optional_int(o, "level", 0)? as u32;
            StmtKind::ImportFrom { module, names, level }
        }
        GLOBAL => {
            let names = c.list(o, "Global", "names", |x| c.item(c.identifier(x)?, "identifier"))?;
            StmtKind::Global { names }
        }
        NONLOCAL => {
            let names =
                c.list(o, "Nonlocal", "names", |x| c.item(c.identifier(x)?, "identifier"))?;
            StmtKind::Nonlocal { names }
        }
        EXPR => {
            let value = c.need(expr(c, c.required(o, "Expr", "value")?)?, "Expr", "value")?;
            StmtKind::Expr { value }
        }
        PASS => StmtKind::Pass,
        BREAK => StmtKind::Break,
        CONTINUE => StmtKind::Continue,
        _ => return Err(c.unexpected(o, "stmt")),
    };
    Ok(Some(&*c.arena.alloc(Stmt { kind, range })))
}

fn expr<'a>(c: &FromPython<'a, '_>, o: Value) -> Res<Option<&'a Expr<'a>>> {
    if o == taipan_vm::prelude::none() {
        return Ok(None);
    }
    let _depth = c.enter("expr")?;
    let kind = c.kind(o, EXPR_)?;
    let range = c.span(o, "expr")?;
    let kind = match kind {
        BOOL_OP => {
            let op = boolop(c, c.required(o, "BoolOp", "op")?)?;
            let values = c.list(o, "BoolOp", "values", |x| c.item(expr(c, x)?, "expression"))?;
            ExprKind::BoolOp { op, values }
        }
        NAMED_EXPR => {
            let target =
                c.need(expr(c, c.required(o, "NamedExpr", "target")?)?, "NamedExpr", "target")?;
            let value =
                c.need(expr(c, c.required(o, "NamedExpr", "value")?)?, "NamedExpr", "value")?;
            ExprKind::NamedExpr { target, value }
        }
        BIN_OP => {
            let left = c.need(expr(c, c.required(o, "BinOp", "left")?)?, "BinOp", "left")?;
            let op = operator(c, c.required(o, "BinOp", "op")?)?;
            let right = c.need(expr(c, c.required(o, "BinOp", "right")?)?, "BinOp", "right")?;
            ExprKind::BinOp { left, op, right }
        }
        UNARY_OP => {
            let op = unaryop(c, c.required(o, "UnaryOp", "op")?)?;
            let operand =
                c.need(expr(c, c.required(o, "UnaryOp", "operand")?)?, "UnaryOp", "operand")?;
            ExprKind::UnaryOp { op, operand }
        }
        LAMBDA => {
            let args = &*c.arena.alloc(arguments(c, c.required(o, "Lambda", "args")?)?);
            let body = c.need(expr(c, c.required(o, "Lambda", "body")?)?, "Lambda", "body")?;
            ExprKind::Lambda { args, body }
        }
        IF_EXP => {
            let test = c.need(expr(c, c.required(o, "IfExp", "test")?)?, "IfExp", "test")?;
            let body = c.need(expr(c, c.required(o, "IfExp", "body")?)?, "IfExp", "body")?;
            let orelse = c.need(expr(c, c.required(o, "IfExp", "orelse")?)?, "IfExp", "orelse")?;
            ExprKind::IfExp { test, body, orelse }
        }
        DICT => {
            let keys = c.list(o, "Dict", "keys", |x| expr(c, x))?;
            let values = c.list(o, "Dict", "values", |x| c.item(expr(c, x)?, "expression"))?;
            ExprKind::Dict { keys, values }
        }
        SET => {
            let elts = c.list(o, "Set", "elts", |x| c.item(expr(c, x)?, "expression"))?;
            ExprKind::Set { elts }
        }
        LIST_COMP => {
            let elt = c.need(expr(c, c.required(o, "ListComp", "elt")?)?, "ListComp", "elt")?;
            let generators = c.list(o, "ListComp", "generators", |x| comprehension(c, x))?;
            ExprKind::ListComp { elt, generators }
        }
        SET_COMP => {
            let elt = c.need(expr(c, c.required(o, "SetComp", "elt")?)?, "SetComp", "elt")?;
            let generators = c.list(o, "SetComp", "generators", |x| comprehension(c, x))?;
            ExprKind::SetComp { elt, generators }
        }
        DICT_COMP => {
            let key = c.need(expr(c, c.required(o, "DictComp", "key")?)?, "DictComp", "key")?;
            let value =
                c.need(expr(c, c.required(o, "DictComp", "value")?)?, "DictComp", "value")?;
            let generators = c.list(o, "DictComp", "generators", |x| comprehension(c, x))?;
            ExprKind::DictComp { key, value, generators }
        }
        GENERATOR_EXP => {
            let elt =
                c.need(expr(c, c.required(o, "GeneratorExp", "elt")?)?, "GeneratorExp", "elt")?;
            let generators = c.list(o, "GeneratorExp", "generators", |x| comprehension(c, x))?;
            ExprKind::GeneratorExp { elt, generators }
        }
        AWAIT => {
            let value = c.need(expr(c, c.required(o, "Await", "value")?)?, "Await", "value")?;
            ExprKind::Await { value }
        }
        YIELD => {
            let value = match c.optional(o, "value")? {
                Some(v) => expr(c, v)?,
                None => None,
            };
            ExprKind::Yield { value }
        }
        YIELD_FROM => {
            let value =
                c.need(expr(c, c.required(o, "YieldFrom", "value")?)?, "YieldFrom", "value")?;
            ExprKind::YieldFrom { value }
        }
        COMPARE => {
            let left = c.need(expr(c, c.required(o, "Compare", "left")?)?, "Compare", "left")?;
            let ops = c.list(o, "Compare", "ops", |x| cmpop(c, x))?;
            let comparators =
                c.list(o, "Compare", "comparators", |x| c.item(expr(c, x)?, "expression"))?;
            ExprKind::Compare { left, ops, comparators }
        }
        CALL => {
            let func = c.need(expr(c, c.required(o, "Call", "func")?)?, "Call", "func")?;
            let args = c.list(o, "Call", "args", |x| c.item(expr(c, x)?, "expression"))?;
            let keywords = c.list(o, "Call", "keywords", |x| keyword(c, x))?;
            ExprKind::Call { func, args, keywords }
        }
        FORMATTED_VALUE => {
            let value = c.need(
                expr(c, c.required(o, "FormattedValue", "value")?)?,
                "FormattedValue",
                "value",
            )?;
            let conversion = c.int(c.required(o, "FormattedValue", "conversion")?)?;
            let format_spec = match c.optional(o, "format_spec")? {
                Some(v) => expr(c, v)?,
                None => None,
            };
            ExprKind::FormattedValue { value, conversion, format_spec }
        }
        JOINED_STR => {
            let values = c.list(o, "JoinedStr", "values", |x| c.item(expr(c, x)?, "expression"))?;
            ExprKind::JoinedStr { values }
        }
        CONSTANT => {
            let value = c.constant(c.required(o, "Constant", "value")?)?;
            let kind = match c.optional(o, "kind")? {
                Some(v) => c.string(v)?,
                None => None,
            };
            ExprKind::Constant { value, kind }
        }
        ATTRIBUTE => {
            let value =
                c.need(expr(c, c.required(o, "Attribute", "value")?)?, "Attribute", "value")?;
            let attr =
                c.need(c.identifier(c.required(o, "Attribute", "attr")?)?, "Attribute", "attr")?;
            let ctx = expr_context(c, c.required(o, "Attribute", "ctx")?)?;
            ExprKind::Attribute { value, attr, ctx }
        }
        SUBSCRIPT => {
            let value =
                c.need(expr(c, c.required(o, "Subscript", "value")?)?, "Subscript", "value")?;
            let slice =
                c.need(expr(c, c.required(o, "Subscript", "slice")?)?, "Subscript", "slice")?;
            let ctx = expr_context(c, c.required(o, "Subscript", "ctx")?)?;
            ExprKind::Subscript { value, slice, ctx }
        }
        STARRED => {
            let value = c.need(expr(c, c.required(o, "Starred", "value")?)?, "Starred", "value")?;
            let ctx = expr_context(c, c.required(o, "Starred", "ctx")?)?;
            ExprKind::Starred { value, ctx }
        }
        NAME => {
            let id = c.need(c.identifier(c.required(o, "Name", "id")?)?, "Name", "id")?;
            let ctx = expr_context(c, c.required(o, "Name", "ctx")?)?;
            ExprKind::Name { id, ctx }
        }
        LIST => {
            let elts = c.list(o, "List", "elts", |x| c.item(expr(c, x)?, "expression"))?;
            let ctx = expr_context(c, c.required(o, "List", "ctx")?)?;
            ExprKind::List { elts, ctx }
        }
        TUPLE => {
            let elts = c.list(o, "Tuple", "elts", |x| c.item(expr(c, x)?, "expression"))?;
            let ctx = expr_context(c, c.required(o, "Tuple", "ctx")?)?;
            ExprKind::Tuple { elts, ctx }
        }
        SLICE => {
            let lower = match c.optional(o, "lower")? {
                Some(v) => expr(c, v)?,
                None => None,
            };
            let upper = match c.optional(o, "upper")? {
                Some(v) => expr(c, v)?,
                None => None,
            };
            let step = match c.optional(o, "step")? {
                Some(v) => expr(c, v)?,
                None => None,
            };
            ExprKind::Slice { lower, upper, step }
        }
        _ => return Err(c.unexpected(o, "expr")),
    };
    Ok(Some(&*c.arena.alloc(Expr { kind, range })))
}

fn expr_context(c: &FromPython<'_, '_>, o: Value) -> Res<ExprContext> {
    Ok(match c.kind(o, EXPR_CONTEXT_)? {
        LOAD => ExprContext::Load,
        STORE => ExprContext::Store,
        DEL => ExprContext::Del,
        _ => return Err(c.unexpected(o, "expr_context")),
    })
}

fn boolop(c: &FromPython<'_, '_>, o: Value) -> Res<BoolOp> {
    Ok(match c.kind(o, BOOLOP_)? {
        AND => BoolOp::And,
        OR => BoolOp::Or,
        _ => return Err(c.unexpected(o, "boolop")),
    })
}

fn operator(c: &FromPython<'_, '_>, o: Value) -> Res<Operator> {
    Ok(match c.kind(o, OPERATOR_)? {
        ADD => Operator::Add,
        SUB => Operator::Sub,
        MULT => Operator::Mult,
        MAT_MULT => Operator::MatMult,
        DIV => Operator::Div,
        MOD => Operator::Mod,
        POW => Operator::Pow,
        LSHIFT => Operator::LShift,
        RSHIFT => Operator::RShift,
        BIT_OR => Operator::BitOr,
        BIT_XOR => Operator::BitXor,
        BIT_AND => Operator::BitAnd,
        FLOOR_DIV => Operator::FloorDiv,
        _ => return Err(c.unexpected(o, "operator")),
    })
}

fn unaryop(c: &FromPython<'_, '_>, o: Value) -> Res<UnaryOp> {
    Ok(match c.kind(o, UNARYOP_)? {
        INVERT => UnaryOp::Invert,
        NOT => UnaryOp::Not,
        UADD => UnaryOp::UAdd,
        USUB => UnaryOp::USub,
        _ => return Err(c.unexpected(o, "unaryop")),
    })
}

fn cmpop(c: &FromPython<'_, '_>, o: Value) -> Res<CmpOp> {
    Ok(match c.kind(o, CMPOP_)? {
        EQ => CmpOp::Eq,
        NOT_EQ => CmpOp::NotEq,
        LT => CmpOp::Lt,
        LT_E => CmpOp::LtE,
        GT => CmpOp::Gt,
        GT_E => CmpOp::GtE,
        IS => CmpOp::Is,
        IS_NOT => CmpOp::IsNot,
        IN => CmpOp::In,
        NOT_IN => CmpOp::NotIn,
        _ => return Err(c.unexpected(o, "cmpop")),
    })
}

fn comprehension<'a>(c: &FromPython<'a, '_>, o: Value) -> Res<Comprehension<'a>> {
    let _depth = c.enter("comprehension")?;
    let target =
        c.need(expr(c, c.required(o, "comprehension", "target")?)?, "comprehension", "target")?;
    let iter =
        c.need(expr(c, c.required(o, "comprehension", "iter")?)?, "comprehension", "iter")?;
    let ifs = c.list(o, "comprehension", "ifs", |x| c.item(expr(c, x)?, "expression"))?;
    let is_async = c.int(c.required(o, "comprehension", "is_async")?)? != 0;
    Ok(Comprehension { target, iter, ifs, is_async })
}

fn excepthandler<'a>(c: &FromPython<'a, '_>, o: Value) -> Res<Option<ExceptHandler<'a>>> {
    if o == taipan_vm::prelude::none() {
        return Ok(None);
    }
    let _depth = c.enter("excepthandler")?;
    let kind = c.kind(o, EXCEPTHANDLER_)?;
    let range = c.span(o, "excepthandler")?;
    Ok(Some(match kind {
        EXCEPT_HANDLER => {
            let typ = match c.optional(o, "type")? {
                Some(v) => expr(c, v)?,
                None => None,
            };
            let name = match c.optional(o, "name")? {
                Some(v) => c.identifier(v)?,
                None => None,
            };
            let body = c.list(o, "ExceptHandler", "body", |x| c.item(stmt(c, x)?, "statement"))?;
            ExceptHandler { typ, name, body, range }
        }
        _ => return Err(c.unexpected(o, "excepthandler")),
    }))
}

fn arguments<'a>(c: &FromPython<'a, '_>, o: Value) -> Res<Arguments<'a>> {
    let _depth = c.enter("arguments")?;
    let posonlyargs = c.list(o, "arguments", "posonlyargs", |x| arg(c, x))?;
    let args = c.list(o, "arguments", "args", |x| arg(c, x))?;
    let vararg = match c.optional(o, "vararg")? {
        Some(v) => Some(&*c.arena.alloc(arg(c, v)?)),
        None => None,
    };
    let kwonlyargs = c.list(o, "arguments", "kwonlyargs", |x| arg(c, x))?;
    let kw_defaults = c.list(o, "arguments", "kw_defaults", |x| expr(c, x))?;
    let kwarg = match c.optional(o, "kwarg")? {
        Some(v) => Some(&*c.arena.alloc(arg(c, v)?)),
        None => None,
    };
    let defaults = c.list(o, "arguments", "defaults", |x| c.item(expr(c, x)?, "expression"))?;
    Ok(Arguments { posonlyargs, args, vararg, kwonlyargs, kw_defaults, kwarg, defaults })
}

fn arg<'a>(c: &FromPython<'a, '_>, o: Value) -> Res<Arg<'a>> {
    let _depth = c.enter("arg")?;
    let arg = c.need(c.identifier(c.required(o, "arg", "arg")?)?, "arg", "arg")?;
    let annotation = match c.optional(o, "annotation")? {
        Some(v) => expr(c, v)?,
        None => None,
    };
    let type_comment = match c.optional(o, "type_comment")? {
        Some(v) => c.string(v)?,
        None => None,
    };
    let range = c.span(o, "arg")?;
    Ok(Arg { arg, annotation, type_comment, range })
}

fn keyword<'a>(c: &FromPython<'a, '_>, o: Value) -> Res<Keyword<'a>> {
    let _depth = c.enter("keyword")?;
    let arg = match c.optional(o, "arg")? {
        Some(v) => c.identifier(v)?,
        None => None,
    };
    let value = c.need(expr(c, c.required(o, "keyword", "value")?)?, "keyword", "value")?;
    let range = c.span(o, "keyword")?;
    Ok(Keyword { arg, value, range })
}

fn alias<'a>(c: &FromPython<'a, '_>, o: Value) -> Res<Alias<'a>> {
    let _depth = c.enter("alias")?;
    let name = c.need(c.identifier(c.required(o, "alias", "name")?)?, "alias", "name")?;
    let asname = match c.optional(o, "asname")? {
        Some(v) => c.identifier(v)?,
        None => None,
    };
    let range = c.span(o, "alias")?;
    Ok(Alias { name, asname, range })
}

fn withitem<'a>(c: &FromPython<'a, '_>, o: Value) -> Res<WithItem<'a>> {
    let _depth = c.enter("withitem")?;
    let context_expr =
        c.need(expr(c, c.required(o, "withitem", "context_expr")?)?, "withitem", "context_expr")?;
    let optional_vars = match c.optional(o, "optional_vars")? {
        Some(v) => expr(c, v)?,
        None => None,
    };
    Ok(WithItem { context_expr, optional_vars })
}

fn match_case<'a>(c: &FromPython<'a, '_>, o: Value) -> Res<MatchCase<'a>> {
    let _depth = c.enter("match_case")?;
    let pattern =
        c.need(pattern(c, c.required(o, "match_case", "pattern")?)?, "match_case", "pattern")?;
    let guard = match c.optional(o, "guard")? {
        Some(v) => expr(c, v)?,
        None => None,
    };
    let body = c.list(o, "match_case", "body", |x| c.item(stmt(c, x)?, "statement"))?;
    Ok(MatchCase { pattern, guard, body })
}

fn pattern<'a>(c: &FromPython<'a, '_>, o: Value) -> Res<Option<&'a Pattern<'a>>> {
    if o == taipan_vm::prelude::none() {
        return Ok(None);
    }
    let _depth = c.enter("pattern")?;
    let kind = c.kind(o, PATTERN_)?;
    let range = c.span(o, "pattern")?;
    let kind = match kind {
        MATCH_VALUE => {
            let value =
                c.need(expr(c, c.required(o, "MatchValue", "value")?)?, "MatchValue", "value")?;
            PatternKind::MatchValue { value }
        }
        MATCH_SINGLETON => {
            let value = c.constant(c.required(o, "MatchSingleton", "value")?)?;
            PatternKind::MatchSingleton { value }
        }
        MATCH_SEQUENCE => {
            let patterns =
                c.list(o, "MatchSequence", "patterns", |x| c.item(pattern(c, x)?, "pattern"))?;
            PatternKind::MatchSequence { patterns }
        }
        MATCH_MAPPING => {
            let keys = c.list(o, "MatchMapping", "keys", |x| c.item(expr(c, x)?, "expression"))?;
            let patterns =
                c.list(o, "MatchMapping", "patterns", |x| c.item(pattern(c, x)?, "pattern"))?;
            let rest = match c.optional(o, "rest")? {
                Some(v) => c.identifier(v)?,
                None => None,
            };
            PatternKind::MatchMapping { keys, patterns, rest }
        }
        MATCH_CLASS => {
            let cls = c.need(expr(c, c.required(o, "MatchClass", "cls")?)?, "MatchClass", "cls")?;
            let patterns =
                c.list(o, "MatchClass", "patterns", |x| c.item(pattern(c, x)?, "pattern"))?;
            let kwd_attrs =
                c.list(o, "MatchClass", "kwd_attrs", |x| c.item(c.identifier(x)?, "identifier"))?;
            let kwd_patterns =
                c.list(o, "MatchClass", "kwd_patterns", |x| c.item(pattern(c, x)?, "pattern"))?;
            PatternKind::MatchClass { cls, patterns, kwd_attrs, kwd_patterns }
        }
        MATCH_STAR => {
            let name = match c.optional(o, "name")? {
                Some(v) => c.identifier(v)?,
                None => None,
            };
            PatternKind::MatchStar { name }
        }
        MATCH_AS => {
            let pattern = match c.optional(o, "pattern")? {
                Some(v) => pattern(c, v)?,
                None => None,
            };
            let name = match c.optional(o, "name")? {
                Some(v) => c.identifier(v)?,
                None => None,
            };
            PatternKind::MatchAs { pattern, name }
        }
        MATCH_OR => {
            let patterns =
                c.list(o, "MatchOr", "patterns", |x| c.item(pattern(c, x)?, "pattern"))?;
            PatternKind::MatchOr { patterns }
        }
        _ => return Err(c.unexpected(o, "pattern")),
    };
    Ok(Some(&*c.arena.alloc(Pattern { kind, range })))
}

fn type_ignore<'a>(c: &FromPython<'a, '_>, o: Value) -> Res<Option<TypeIgnore<'a>>> {
    if o == taipan_vm::prelude::none() {
        return Ok(None);
    }
    let _depth = c.enter("type_ignore")?;
    let kind = c.kind(o, TYPE_IGNORE_)?;
    Ok(Some(match kind {
        TYPE_IGNORE => {
            let lineno = c.int(c.required(o, "TypeIgnore", "lineno")?)? as u32;
            let tag =
                c.need(c.string(c.required(o, "TypeIgnore", "tag")?)?, "TypeIgnore", "tag")?;
            TypeIgnore { lineno, tag }
        }
        _ => return Err(c.unexpected(o, "type_ignore")),
    }))
}

fn type_param<'a>(c: &FromPython<'a, '_>, o: Value) -> Res<Option<TypeParam<'a>>> {
    if o == taipan_vm::prelude::none() {
        return Ok(None);
    }
    let _depth = c.enter("type_param")?;
    let kind = c.kind(o, TYPE_PARAM_)?;
    let range = c.span(o, "type_param")?;
    let kind = match kind {
        TYPE_VAR => {
            let name =
                c.need(c.identifier(c.required(o, "TypeVar", "name")?)?, "TypeVar", "name")?;
            let bound = match c.optional(o, "bound")? {
                Some(v) => expr(c, v)?,
                None => None,
            };
            let default_value = match c.optional(o, "default_value")? {
                Some(v) => expr(c, v)?,
                None => None,
            };
            TypeParamKind::TypeVar { name, bound, default_value }
        }
        PARAM_SPEC => {
            let name =
                c.need(c.identifier(c.required(o, "ParamSpec", "name")?)?, "ParamSpec", "name")?;
            let default_value = match c.optional(o, "default_value")? {
                Some(v) => expr(c, v)?,
                None => None,
            };
            TypeParamKind::ParamSpec { name, default_value }
        }
        TYPE_VAR_TUPLE => {
            let name = c.need(
                c.identifier(c.required(o, "TypeVarTuple", "name")?)?,
                "TypeVarTuple",
                "name",
            )?;
            let default_value = match c.optional(o, "default_value")? {
                Some(v) => expr(c, v)?,
                None => None,
            };
            TypeParamKind::TypeVarTuple { name, default_value }
        }
        _ => return Err(c.unexpected(o, "type_param")),
    };
    Ok(Some(TypeParam { kind, range }))
}
