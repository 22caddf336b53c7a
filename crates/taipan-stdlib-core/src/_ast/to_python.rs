//! Trees to Python objects, as `gen/make_ast.py` wrote it. Do not edit.

use super::convert::ToPython;
use super::nodes::*;
use taipan_syntax::ast::*;
use taipan_vm::prelude::{Res, none};

pub fn module(c: &ToPython<'_>, n: &Mod<'_>) -> Res {
    let _depth = c.enter()?;
    match *n {
        Mod::Module { body, type_ignores } => {
            let v0 = c.list(body, |x| self::stmt(c, x))?;
            let v1 = c.list(type_ignores, |x| self::type_ignore(c, x))?;
            c.node(MODULE, &[v0, v1], None)
        }
        Mod::Interactive { body } => {
            let v0 = c.list(body, |x| self::stmt(c, x))?;
            c.node(INTERACTIVE, &[v0], None)
        }
        Mod::Expression { body } => {
            let v0 = self::expr(c, body)?;
            c.node(EXPRESSION, &[v0], None)
        }
        Mod::FunctionType { argtypes, returns } => {
            let v0 = c.list(argtypes, |x| self::expr(c, x))?;
            let v1 = self::expr(c, returns)?;
            c.node(FUNCTION_TYPE, &[v0, v1], None)
        }
    }
}

fn stmt(c: &ToPython<'_>, n: &Stmt<'_>) -> Res {
    let _depth = c.enter()?;
    match n.kind {
        StmtKind::FunctionDef(f) => {
            let v0 = c.string(f.name);
            let v1 = self::arguments(c, f.args)?;
            let v2 = c.list(f.body, |x| self::stmt(c, x))?;
            let v3 = c.list(f.decorator_list, |x| self::expr(c, x))?;
            let v4 = match f.returns {
                Some(x) => self::expr(c, x)?,
                None => none(),
            };
            let v5 = match f.type_comment {
                Some(x) => c.string(x),
                None => none(),
            };
            let v6 = c.list(f.type_params, |x| self::type_param(c, x))?;
            c.node(FUNCTION_DEF, &[v0, v1, v2, v3, v4, v5, v6], Some(n.range))
        }
        StmtKind::AsyncFunctionDef(f) => {
            let v0 = c.string(f.name);
            let v1 = self::arguments(c, f.args)?;
            let v2 = c.list(f.body, |x| self::stmt(c, x))?;
            let v3 = c.list(f.decorator_list, |x| self::expr(c, x))?;
            let v4 = match f.returns {
                Some(x) => self::expr(c, x)?,
                None => none(),
            };
            let v5 = match f.type_comment {
                Some(x) => c.string(x),
                None => none(),
            };
            let v6 = c.list(f.type_params, |x| self::type_param(c, x))?;
            c.node(ASYNC_FUNCTION_DEF, &[v0, v1, v2, v3, v4, v5, v6], Some(n.range))
        }
        StmtKind::ClassDef(f) => {
            let v0 = c.string(f.name);
            let v1 = c.list(f.bases, |x| self::expr(c, x))?;
            let v2 = c.list(f.keywords, |x| self::keyword(c, x))?;
            let v3 = c.list(f.body, |x| self::stmt(c, x))?;
            let v4 = c.list(f.decorator_list, |x| self::expr(c, x))?;
            let v5 = c.list(f.type_params, |x| self::type_param(c, x))?;
            c.node(CLASS_DEF, &[v0, v1, v2, v3, v4, v5], Some(n.range))
        }
        StmtKind::Return { value } => {
            let v0 = match value {
                Some(x) => self::expr(c, x)?,
                None => none(),
            };
            c.node(RETURN, &[v0], Some(n.range))
        }
        StmtKind::Delete { targets } => {
            let v0 = c.list(targets, |x| self::expr(c, x))?;
            c.node(DELETE, &[v0], Some(n.range))
        }
        StmtKind::Assign { targets, value, type_comment } => {
            let v0 = c.list(targets, |x| self::expr(c, x))?;
            let v1 = self::expr(c, value)?;
            let v2 = match type_comment {
                Some(x) => c.string(x),
                None => none(),
            };
            c.node(ASSIGN, &[v0, v1, v2], Some(n.range))
        }
        StmtKind::TypeAlias { name, type_params, value } => {
            let v0 = self::expr(c, name)?;
            let v1 = c.list(type_params, |x| self::type_param(c, x))?;
            let v2 = self::expr(c, value)?;
            c.node(TYPE_ALIAS, &[v0, v1, v2], Some(n.range))
        }
        StmtKind::AugAssign { target, op, value } => {
            let v0 = self::expr(c, target)?;
            let v1 = self::operator(c, op)?;
            let v2 = self::expr(c, value)?;
            c.node(AUG_ASSIGN, &[v0, v1, v2], Some(n.range))
        }
        StmtKind::AnnAssign { target, annotation, value, simple } => {
            let v0 = self::expr(c, target)?;
            let v1 = self::expr(c, annotation)?;
            let v2 = match value {
                Some(x) => self::expr(c, x)?,
                None => none(),
            };
            let v3 = c.int(simple as i64);
            c.node(ANN_ASSIGN, &[v0, v1, v2, v3], Some(n.range))
        }
        StmtKind::For(f) => {
            let v0 = self::expr(c, f.target)?;
            let v1 = c.iterable(f.iter)?;
            let v2 = c.list(f.body, |x| self::stmt(c, x))?;
            let v3 = c.list(f.orelse, |x| self::stmt(c, x))?;
            let v4 = match f.type_comment {
                Some(x) => c.string(x),
                None => none(),
            };
            c.node(FOR, &[v0, v1, v2, v3, v4], Some(n.range))
        }
        StmtKind::AsyncFor(f) => {
            let v0 = self::expr(c, f.target)?;
            let v1 = c.iterable(f.iter)?;
            let v2 = c.list(f.body, |x| self::stmt(c, x))?;
            let v3 = c.list(f.orelse, |x| self::stmt(c, x))?;
            let v4 = match f.type_comment {
                Some(x) => c.string(x),
                None => none(),
            };
            c.node(ASYNC_FOR, &[v0, v1, v2, v3, v4], Some(n.range))
        }
        StmtKind::While { test, body, orelse } => {
            let v0 = self::expr(c, test)?;
            let v1 = c.list(body, |x| self::stmt(c, x))?;
            let v2 = c.list(orelse, |x| self::stmt(c, x))?;
            c.node(WHILE, &[v0, v1, v2], Some(n.range))
        }
        StmtKind::If { test, body, orelse } => {
            let v0 = self::expr(c, test)?;
            let v1 = c.list(body, |x| self::stmt(c, x))?;
            let v2 = c.list(orelse, |x| self::stmt(c, x))?;
            c.node(IF, &[v0, v1, v2], Some(n.range))
        }
        StmtKind::With(f) => {
            let v0 = c.list(f.items, |x| self::withitem(c, x))?;
            let v1 = c.list(f.body, |x| self::stmt(c, x))?;
            let v2 = match f.type_comment {
                Some(x) => c.string(x),
                None => none(),
            };
            c.node(WITH, &[v0, v1, v2], Some(n.range))
        }
        StmtKind::AsyncWith(f) => {
            let v0 = c.list(f.items, |x| self::withitem(c, x))?;
            let v1 = c.list(f.body, |x| self::stmt(c, x))?;
            let v2 = match f.type_comment {
                Some(x) => c.string(x),
                None => none(),
            };
            c.node(ASYNC_WITH, &[v0, v1, v2], Some(n.range))
        }
        StmtKind::Match { subject, cases } => {
            let v0 = self::expr(c, subject)?;
            let v1 = c.list(cases, |x| self::match_case(c, x))?;
            c.node(MATCH, &[v0, v1], Some(n.range))
        }
        StmtKind::Raise { exc, cause } => {
            let v0 = match exc {
                Some(x) => self::expr(c, x)?,
                None => none(),
            };
            let v1 = match cause {
                Some(x) => self::expr(c, x)?,
                None => none(),
            };
            c.node(RAISE, &[v0, v1], Some(n.range))
        }
        StmtKind::Try(f) => {
            let v0 = c.list(f.body, |x| self::stmt(c, x))?;
            let v1 = c.list(f.handlers, |x| self::excepthandler(c, x))?;
            let v2 = c.list(f.orelse, |x| self::stmt(c, x))?;
            let v3 = c.list(f.finalbody, |x| self::stmt(c, x))?;
            c.node(TRY, &[v0, v1, v2, v3], Some(n.range))
        }
        StmtKind::TryStar(f) => {
            let v0 = c.list(f.body, |x| self::stmt(c, x))?;
            let v1 = c.list(f.handlers, |x| self::excepthandler(c, x))?;
            let v2 = c.list(f.orelse, |x| self::stmt(c, x))?;
            let v3 = c.list(f.finalbody, |x| self::stmt(c, x))?;
            c.node(TRY_STAR, &[v0, v1, v2, v3], Some(n.range))
        }
        StmtKind::Assert { test, msg } => {
            let v0 = self::expr(c, test)?;
            let v1 = match msg {
                Some(x) => self::expr(c, x)?,
                None => none(),
            };
            c.node(ASSERT, &[v0, v1], Some(n.range))
        }
        StmtKind::Import { names } => {
            let v0 = c.list(names, |x| self::alias(c, x))?;
            c.node(IMPORT, &[v0], Some(n.range))
        }
        StmtKind::ImportFrom { module, names, level } => {
            let v0 = match module {
                Some(x) => c.string(x),
                None => none(),
            };
            let v1 = c.list(names, |x| self::alias(c, x))?;
            let v2 = c.int(level as i64);
            c.node(IMPORT_FROM, &[v0, v1, v2], Some(n.range))
        }
        StmtKind::Global { names } => {
            let v0 = c.list(names, |x| Ok(c.string(x)))?;
            c.node(GLOBAL, &[v0], Some(n.range))
        }
        StmtKind::Nonlocal { names } => {
            let v0 = c.list(names, |x| Ok(c.string(x)))?;
            c.node(NONLOCAL, &[v0], Some(n.range))
        }
        StmtKind::Expr { value } => {
            let v0 = self::expr(c, value)?;
            c.node(EXPR, &[v0], Some(n.range))
        }
        StmtKind::Pass => c.node(PASS, &[], Some(n.range)),
        StmtKind::Break => c.node(BREAK, &[], Some(n.range)),
        StmtKind::Continue => c.node(CONTINUE, &[], Some(n.range)),
    }
}

pub fn expr(c: &ToPython<'_>, n: &Expr<'_>) -> Res {
    let _depth = c.enter()?;
    if let Some(o) = c.folded(n)? {
        return Ok(o);
    }
    match n.kind {
        ExprKind::BoolOp { op, values } => {
            let v0 = self::boolop(c, op)?;
            let v1 = c.list(values, |x| self::expr(c, x))?;
            c.node(BOOL_OP, &[v0, v1], Some(n.range))
        }
        ExprKind::NamedExpr { target, value } => {
            let v0 = self::expr(c, target)?;
            let v1 = self::expr(c, value)?;
            c.node(NAMED_EXPR, &[v0, v1], Some(n.range))
        }
        ExprKind::BinOp { left, op, right } => {
            let v0 = self::expr(c, left)?;
            let v1 = self::operator(c, op)?;
            let v2 = self::expr(c, right)?;
            c.node(BIN_OP, &[v0, v1, v2], Some(n.range))
        }
        ExprKind::UnaryOp { op, operand } => {
            let v0 = self::unaryop(c, op)?;
            let v1 = self::expr(c, operand)?;
            c.node(UNARY_OP, &[v0, v1], Some(n.range))
        }
        ExprKind::Lambda { args, body } => {
            let v0 = self::arguments(c, args)?;
            let v1 = self::expr(c, body)?;
            c.node(LAMBDA, &[v0, v1], Some(n.range))
        }
        ExprKind::IfExp { test, body, orelse } => {
            let v0 = self::expr(c, test)?;
            let v1 = self::expr(c, body)?;
            let v2 = self::expr(c, orelse)?;
            c.node(IF_EXP, &[v0, v1, v2], Some(n.range))
        }
        ExprKind::Dict { keys, values } => {
            let v0 = c.list(keys, |x| match x {
                Some(x) => self::expr(c, x),
                None => Ok(none()),
            })?;
            let v1 = c.list(values, |x| self::expr(c, x))?;
            c.node(DICT, &[v0, v1], Some(n.range))
        }
        ExprKind::Set { elts } => {
            let v0 = c.list(elts, |x| self::expr(c, x))?;
            c.node(SET, &[v0], Some(n.range))
        }
        ExprKind::ListComp { elt, generators } => {
            let v0 = self::expr(c, elt)?;
            let v1 = c.list(generators, |x| self::comprehension(c, x))?;
            c.node(LIST_COMP, &[v0, v1], Some(n.range))
        }
        ExprKind::SetComp { elt, generators } => {
            let v0 = self::expr(c, elt)?;
            let v1 = c.list(generators, |x| self::comprehension(c, x))?;
            c.node(SET_COMP, &[v0, v1], Some(n.range))
        }
        ExprKind::DictComp { key, value, generators } => {
            let v0 = self::expr(c, key)?;
            let v1 = self::expr(c, value)?;
            let v2 = c.list(generators, |x| self::comprehension(c, x))?;
            c.node(DICT_COMP, &[v0, v1, v2], Some(n.range))
        }
        ExprKind::GeneratorExp { elt, generators } => {
            let v0 = self::expr(c, elt)?;
            let v1 = c.list(generators, |x| self::comprehension(c, x))?;
            c.node(GENERATOR_EXP, &[v0, v1], Some(n.range))
        }
        ExprKind::Await { value } => {
            let v0 = self::expr(c, value)?;
            c.node(AWAIT, &[v0], Some(n.range))
        }
        ExprKind::Yield { value } => {
            let v0 = match value {
                Some(x) => self::expr(c, x)?,
                None => none(),
            };
            c.node(YIELD, &[v0], Some(n.range))
        }
        ExprKind::YieldFrom { value } => {
            let v0 = self::expr(c, value)?;
            c.node(YIELD_FROM, &[v0], Some(n.range))
        }
        ExprKind::Compare { left, ops, comparators } => {
            let v0 = self::expr(c, left)?;
            let v1 = c.list(ops, |x| self::cmpop(c, *x))?;
            let v2 = c.list(comparators, |x| self::expr(c, x))?;
            c.node(COMPARE, &[v0, v1, v2], Some(n.range))
        }
        ExprKind::Call { func, args, keywords } => {
            let v0 = self::expr(c, func)?;
            let v1 = c.list(args, |x| self::expr(c, x))?;
            let v2 = c.list(keywords, |x| self::keyword(c, x))?;
            c.node(CALL, &[v0, v1, v2], Some(n.range))
        }
        ExprKind::FormattedValue { value, conversion, format_spec } => {
            let v0 = self::expr(c, value)?;
            let v1 = c.int(conversion as i64);
            let v2 = match format_spec {
                Some(x) => self::expr(c, x)?,
                None => none(),
            };
            c.node(FORMATTED_VALUE, &[v0, v1, v2], Some(n.range))
        }
        ExprKind::JoinedStr { values } => {
            let v0 = c.list(values, |x| self::expr(c, x))?;
            c.node(JOINED_STR, &[v0], Some(n.range))
        }
        ExprKind::Constant { value, kind } => {
            let v0 = c.constant(&value)?;
            let v1 = match kind {
                Some(x) => c.string(x),
                None => none(),
            };
            c.node(CONSTANT, &[v0, v1], Some(n.range))
        }
        ExprKind::Attribute { value, attr, ctx } => {
            let v0 = self::expr(c, value)?;
            let v1 = c.string(attr);
            let v2 = self::expr_context(c, ctx)?;
            c.node(ATTRIBUTE, &[v0, v1, v2], Some(n.range))
        }
        ExprKind::Subscript { value, slice, ctx } => {
            let v0 = self::expr(c, value)?;
            let v1 = self::expr(c, slice)?;
            let v2 = self::expr_context(c, ctx)?;
            c.node(SUBSCRIPT, &[v0, v1, v2], Some(n.range))
        }
        ExprKind::Starred { value, ctx } => {
            let v0 = self::expr(c, value)?;
            let v1 = self::expr_context(c, ctx)?;
            c.node(STARRED, &[v0, v1], Some(n.range))
        }
        ExprKind::Name { id, ctx } => {
            let v0 = c.string(id);
            let v1 = self::expr_context(c, ctx)?;
            c.node(NAME, &[v0, v1], Some(n.range))
        }
        ExprKind::List { elts, ctx } => {
            let v0 = c.list(elts, |x| self::expr(c, x))?;
            let v1 = self::expr_context(c, ctx)?;
            c.node(LIST, &[v0, v1], Some(n.range))
        }
        ExprKind::Tuple { elts, ctx } => {
            let v0 = c.list(elts, |x| self::expr(c, x))?;
            let v1 = self::expr_context(c, ctx)?;
            c.node(TUPLE, &[v0, v1], Some(n.range))
        }
        ExprKind::Slice { lower, upper, step } => {
            let v0 = match lower {
                Some(x) => self::expr(c, x)?,
                None => none(),
            };
            let v1 = match upper {
                Some(x) => self::expr(c, x)?,
                None => none(),
            };
            let v2 = match step {
                Some(x) => self::expr(c, x)?,
                None => none(),
            };
            c.node(SLICE, &[v0, v1, v2], Some(n.range))
        }
    }
}

fn expr_context(c: &ToPython<'_>, n: ExprContext) -> Res {
    c.singleton(match n {
        ExprContext::Load => LOAD,
        ExprContext::Store => STORE,
        ExprContext::Del => DEL,
    })
}

fn boolop(c: &ToPython<'_>, n: BoolOp) -> Res {
    c.singleton(match n {
        BoolOp::And => AND,
        BoolOp::Or => OR,
    })
}

fn operator(c: &ToPython<'_>, n: Operator) -> Res {
    c.singleton(match n {
        Operator::Add => ADD,
        Operator::Sub => SUB,
        Operator::Mult => MULT,
        Operator::MatMult => MAT_MULT,
        Operator::Div => DIV,
        Operator::Mod => MOD,
        Operator::Pow => POW,
        Operator::LShift => LSHIFT,
        Operator::RShift => RSHIFT,
        Operator::BitOr => BIT_OR,
        Operator::BitXor => BIT_XOR,
        Operator::BitAnd => BIT_AND,
        Operator::FloorDiv => FLOOR_DIV,
    })
}

fn unaryop(c: &ToPython<'_>, n: UnaryOp) -> Res {
    c.singleton(match n {
        UnaryOp::Invert => INVERT,
        UnaryOp::Not => NOT,
        UnaryOp::UAdd => UADD,
        UnaryOp::USub => USUB,
    })
}

fn cmpop(c: &ToPython<'_>, n: CmpOp) -> Res {
    c.singleton(match n {
        CmpOp::Eq => EQ,
        CmpOp::NotEq => NOT_EQ,
        CmpOp::Lt => LT,
        CmpOp::LtE => LT_E,
        CmpOp::Gt => GT,
        CmpOp::GtE => GT_E,
        CmpOp::Is => IS,
        CmpOp::IsNot => IS_NOT,
        CmpOp::In => IN,
        CmpOp::NotIn => NOT_IN,
    })
}

fn comprehension(c: &ToPython<'_>, n: &Comprehension<'_>) -> Res {
    let v0 = self::expr(c, n.target)?;
    let v1 = c.iterable(n.iter)?;
    let v2 = c.list(n.ifs, |x| self::expr(c, x))?;
    let v3 = c.int(n.is_async as i64);
    c.node(COMPREHENSION_, &[v0, v1, v2, v3], None)
}

fn excepthandler(c: &ToPython<'_>, n: &ExceptHandler<'_>) -> Res {
    let v0 = match n.typ {
        Some(x) => self::expr(c, x)?,
        None => none(),
    };
    let v1 = match n.name {
        Some(x) => c.string(x),
        None => none(),
    };
    let v2 = c.list(n.body, |x| self::stmt(c, x))?;
    c.node(EXCEPT_HANDLER, &[v0, v1, v2], Some(n.range))
}

fn arguments(c: &ToPython<'_>, n: &Arguments<'_>) -> Res {
    let v0 = c.list(n.posonlyargs, |x| self::arg(c, x))?;
    let v1 = c.list(n.args, |x| self::arg(c, x))?;
    let v2 = match n.vararg {
        Some(x) => self::arg(c, x)?,
        None => none(),
    };
    let v3 = c.list(n.kwonlyargs, |x| self::arg(c, x))?;
    let v4 = c.list(n.kw_defaults, |x| match x {
        Some(x) => self::expr(c, x),
        None => Ok(none()),
    })?;
    let v5 = match n.kwarg {
        Some(x) => self::arg(c, x)?,
        None => none(),
    };
    let v6 = c.list(n.defaults, |x| self::expr(c, x))?;
    c.node(ARGUMENTS_, &[v0, v1, v2, v3, v4, v5, v6], None)
}

fn arg(c: &ToPython<'_>, n: &Arg<'_>) -> Res {
    let v0 = c.string(n.arg);
    let v1 = match n.annotation {
        Some(x) => self::expr(c, x)?,
        None => none(),
    };
    let v2 = match n.type_comment {
        Some(x) => c.string(x),
        None => none(),
    };
    c.node(ARG_, &[v0, v1, v2], Some(n.range))
}

fn keyword(c: &ToPython<'_>, n: &Keyword<'_>) -> Res {
    let v0 = match n.arg {
        Some(x) => c.string(x),
        None => none(),
    };
    let v1 = self::expr(c, n.value)?;
    c.node(KEYWORD_, &[v0, v1], Some(n.range))
}

fn alias(c: &ToPython<'_>, n: &Alias<'_>) -> Res {
    let v0 = c.string(n.name);
    let v1 = match n.asname {
        Some(x) => c.string(x),
        None => none(),
    };
    c.node(ALIAS_, &[v0, v1], Some(n.range))
}

fn withitem(c: &ToPython<'_>, n: &WithItem<'_>) -> Res {
    let v0 = self::expr(c, n.context_expr)?;
    let v1 = match n.optional_vars {
        Some(x) => self::expr(c, x)?,
        None => none(),
    };
    c.node(WITHITEM_, &[v0, v1], None)
}

fn match_case(c: &ToPython<'_>, n: &MatchCase<'_>) -> Res {
    let v0 = self::pattern(c, n.pattern)?;
    let v1 = match n.guard {
        Some(x) => self::expr(c, x)?,
        None => none(),
    };
    let v2 = c.list(n.body, |x| self::stmt(c, x))?;
    c.node(MATCH_CASE_, &[v0, v1, v2], None)
}

fn pattern(c: &ToPython<'_>, n: &Pattern<'_>) -> Res {
    let _depth = c.enter()?;
    match n.kind {
        PatternKind::MatchValue { value } => {
            let v0 = self::expr(c, value)?;
            c.node(MATCH_VALUE, &[v0], Some(n.range))
        }
        PatternKind::MatchSingleton { value } => {
            let v0 = c.constant(&value)?;
            c.node(MATCH_SINGLETON, &[v0], Some(n.range))
        }
        PatternKind::MatchSequence { patterns } => {
            let v0 = c.list(patterns, |x| self::pattern(c, x))?;
            c.node(MATCH_SEQUENCE, &[v0], Some(n.range))
        }
        PatternKind::MatchMapping { keys, patterns, rest } => {
            let v0 = c.list(keys, |x| self::expr(c, x))?;
            let v1 = c.list(patterns, |x| self::pattern(c, x))?;
            let v2 = match rest {
                Some(x) => c.string(x),
                None => none(),
            };
            c.node(MATCH_MAPPING, &[v0, v1, v2], Some(n.range))
        }
        PatternKind::MatchClass { cls, patterns, kwd_attrs, kwd_patterns } => {
            let v0 = self::expr(c, cls)?;
            let v1 = c.list(patterns, |x| self::pattern(c, x))?;
            let v2 = c.list(kwd_attrs, |x| Ok(c.string(x)))?;
            let v3 = c.list(kwd_patterns, |x| self::pattern(c, x))?;
            c.node(MATCH_CLASS, &[v0, v1, v2, v3], Some(n.range))
        }
        PatternKind::MatchStar { name } => {
            let v0 = match name {
                Some(x) => c.string(x),
                None => none(),
            };
            c.node(MATCH_STAR, &[v0], Some(n.range))
        }
        PatternKind::MatchAs { pattern, name } => {
            let v0 = match pattern {
                Some(x) => self::pattern(c, x)?,
                None => none(),
            };
            let v1 = match name {
                Some(x) => c.string(x),
                None => none(),
            };
            c.node(MATCH_AS, &[v0, v1], Some(n.range))
        }
        PatternKind::MatchOr { patterns } => {
            let v0 = c.list(patterns, |x| self::pattern(c, x))?;
            c.node(MATCH_OR, &[v0], Some(n.range))
        }
    }
}

fn type_ignore(c: &ToPython<'_>, n: &TypeIgnore<'_>) -> Res {
    let v0 = c.int(n.lineno as i64);
    let v1 = c.string(n.tag);
    c.node(TYPE_IGNORE, &[v0, v1], None)
}

fn type_param(c: &ToPython<'_>, n: &TypeParam<'_>) -> Res {
    let _depth = c.enter()?;
    match n.kind {
        TypeParamKind::TypeVar { name, bound, default_value } => {
            let v0 = c.string(name);
            let v1 = match bound {
                Some(x) => self::expr(c, x)?,
                None => none(),
            };
            let v2 = match default_value {
                Some(x) => self::expr(c, x)?,
                None => none(),
            };
            c.node(TYPE_VAR, &[v0, v1, v2], Some(n.range))
        }
        TypeParamKind::ParamSpec { name, default_value } => {
            let v0 = c.string(name);
            let v1 = match default_value {
                Some(x) => self::expr(c, x)?,
                None => none(),
            };
            c.node(PARAM_SPEC, &[v0, v1], Some(n.range))
        }
        TypeParamKind::TypeVarTuple { name, default_value } => {
            let v0 = c.string(name);
            let v1 = match default_value {
                Some(x) => self::expr(c, x)?,
                None => none(),
            };
            c.node(TYPE_VAR_TUPLE, &[v0, v1], Some(n.range))
        }
    }
}
