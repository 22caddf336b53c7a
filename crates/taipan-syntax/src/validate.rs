//! Checks a tree that was not made by the parser, before `compile` takes it.
//!
//! What our nodes cannot express is checked by whoever builds them from Python objects: `None` in a list ("None
//! disallowed in expression list", "None disallowed in statement list"). Negative positions and levels arrive as the
//! `u32` of the same bits.

use crate::ast::*;
use crate::errors::{ErrorKind, SyntaxErr};

type Check = Result<(), Box<SyntaxErr>>;

/// Deeper trees raise RecursionError, as CPython's C recursion limit does.
const MAX_DEPTH: u32 = 10_000;

/// Whether `module` is a tree that a program could have.
pub fn validate(module: &Mod<'_>) -> Check {
    let mut v = Validator { depth: 0 };
    match module {
        Mod::Module { body, .. } | Mod::Interactive { body } => v.stmts(body),
        Mod::Expression { body } => v.expr(body, ExprContext::Load),
        Mod::FunctionType { argtypes, returns } => {
            v.exprs(argtypes, ExprContext::Load)?;
            v.expr(returns, ExprContext::Load)
        }
    }
}

fn value_error<T>(msg: impl Into<String>) -> Result<T, Box<SyntaxErr>> {
    Err(SyntaxErr::bare(ErrorKind::ValueError, msg))
}

fn type_error<T>(msg: &str) -> Result<T, Box<SyntaxErr>> {
    Err(SyntaxErr::bare(ErrorKind::TypeError, msg))
}

fn positions(r: Span) -> Check {
    let (line, end_line) = (r.lineno as i32, r.end_lineno as i32);
    let (col, end_col) = (r.col_offset as i32, r.end_col_offset as i32);
    if line > end_line {
        return value_error(format!("AST node line range ({line}, {end_line}) is not valid"));
    }
    if (line < 0 && end_line != line) || (col < 0 && col != end_col) {
        return value_error(format!(
            "AST node column range ({col}, {end_col}) for line range ({line}, {end_line}) is not valid"
        ));
    }
    if line == end_line && col > end_col {
        return value_error(format!("line {line}, column {col}-{end_col} is not a valid range"));
    }
    Ok(())
}

fn name(name: &str) -> Check {
    if matches!(name, "None" | "True" | "False") {
        return value_error(format!("identifier field can't represent '{name}' constant"));
    }
    Ok(())
}

fn capture(target: &str) -> Check {
    if target == "_" {
        return value_error("can't capture name '_' in patterns");
    }
    name(target)
}

fn nonempty<T>(list: &[T], what: &str, owner: &str) -> Check {
    if list.is_empty() { value_error(format!("empty {what} on {owner}")) } else { Ok(()) }
}

fn context_name(ctx: ExprContext) -> &'static str {
    match ctx {
        ExprContext::Load => "Load",
        ExprContext::Store => "Store",
        ExprContext::Del => "Del",
    }
}

/// The context a node carries itself.
fn own_context(e: &Expr<'_>) -> Option<ExprContext> {
    match e.kind {
        ExprKind::Attribute { ctx, .. }
        | ExprKind::Subscript { ctx, .. }
        | ExprKind::Starred { ctx, .. }
        | ExprKind::Name { ctx, .. }
        | ExprKind::List { ctx, .. }
        | ExprKind::Tuple { ctx, .. } => Some(ctx),
        _ => None,
    }
}

fn is_number(e: &Expr<'_>, real: bool, imaginary: bool) -> bool {
    match e.kind {
        ExprKind::Constant { value: Constant::Int(_) | Constant::Float(_), .. } => real,
        ExprKind::Constant { value: Constant::Complex { .. }, .. } => imaginary,
        _ => false,
    }
}

fn is_negative(e: &Expr<'_>, imaginary: bool) -> bool {
    matches!(e.kind, ExprKind::UnaryOp { op: UnaryOp::USub, operand } if is_number(operand, true, imaginary))
}

fn is_complex(e: &Expr<'_>) -> bool {
    let ExprKind::BinOp { left, op: Operator::Add | Operator::Sub, right } = e.kind else {
        return false;
    };
    (is_number(left, true, false) || is_negative(left, false)) && is_number(right, false, true)
}

struct Validator {
    depth: u32,
}

impl Validator {
    fn nested(&mut self, f: impl FnOnce(&mut Self) -> Check) -> Check {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            let msg = "maximum recursion depth exceeded during compilation";
            return Err(SyntaxErr::bare(ErrorKind::RecursionError, msg));
        }
        let result = stacker::maybe_grow(128 * 1024, 2 * 1024 * 1024, || f(self));
        self.depth -= 1;
        result
    }

    fn exprs(&mut self, list: Exprs<'_>, ctx: ExprContext) -> Check {
        list.iter().try_for_each(|e| self.expr(e, ctx))
    }

    fn loads(&mut self, list: Exprs<'_>) -> Check {
        self.exprs(list, ExprContext::Load)
    }

    fn load(&mut self, e: &Expr<'_>) -> Check {
        self.expr(e, ExprContext::Load)
    }

    fn opt_load(&mut self, e: Option<ExprRef<'_>>) -> Check {
        e.map_or(Ok(()), |e| self.load(e))
    }

    fn opt_loads(&mut self, list: &[Option<ExprRef<'_>>]) -> Check {
        list.iter().try_for_each(|e| self.opt_load(*e))
    }

    fn comprehension(&mut self, generators: &[Comprehension<'_>]) -> Check {
        if generators.is_empty() {
            return value_error("comprehension with no generators");
        }
        for g in generators {
            self.expr(g.target, ExprContext::Store)?;
            self.load(g.iter)?;
            self.loads(g.ifs)?;
        }
        Ok(())
    }

    fn keywords(&mut self, keywords: &[Keyword<'_>]) -> Check {
        keywords.iter().try_for_each(|k| self.load(k.value))
    }

    fn args(&mut self, args: &[Arg<'_>]) -> Check {
        for arg in args {
            positions(arg.range)?;
            self.opt_load(arg.annotation)?;
        }
        Ok(())
    }

    fn arguments(&mut self, a: &Arguments<'_>) -> Check {
        self.args(a.posonlyargs)?;
        self.args(a.args)?;
        self.opt_load(a.vararg.and_then(|v| v.annotation))?;
        self.args(a.kwonlyargs)?;
        self.opt_load(a.kwarg.and_then(|k| k.annotation))?;
        if a.defaults.len() > a.posonlyargs.len() + a.args.len() {
            return value_error("more positional defaults than args on arguments");
        }
        if a.kw_defaults.len() != a.kwonlyargs.len() {
            return value_error("length of kwonlyargs is not the same as kw_defaults on arguments");
        }
        self.loads(a.defaults)?;
        self.opt_loads(a.kw_defaults)
    }

    fn expr(&mut self, e: &Expr<'_>, ctx: ExprContext) -> Check {
        positions(e.range)?;
        self.nested(|v| {
            if let ExprKind::Name { id, .. } = e.kind {
                name(id)?;
            }
            match own_context(e) {
                Some(own) if own != ctx => {
                    let (want, have) = (context_name(ctx), context_name(own));
                    return value_error(format!(
                        "expression must have {want} context but has {have} instead"
                    ));
                }
                None if ctx != ExprContext::Load => {
                    let want = context_name(ctx);
                    return value_error(format!(
                        "expression which can't be assigned to in {want} context"
                    ));
                }
                _ => {}
            }
            v.expr_parts(e, ctx)
        })
    }

    fn expr_parts(&mut self, e: &Expr<'_>, ctx: ExprContext) -> Check {
        match &e.kind {
            ExprKind::BoolOp { values, .. } => {
                if values.len() < 2 {
                    return value_error("BoolOp with less than 2 values");
                }
                self.loads(values)
            }
            ExprKind::BinOp { left, right, .. } => {
                self.load(left)?;
                self.load(right)
            }
            ExprKind::UnaryOp { operand, .. } => self.load(operand),
            ExprKind::Lambda { args, body } => {
                self.arguments(args)?;
                self.load(body)
            }
            ExprKind::IfExp { test, body, orelse } => {
                self.load(test)?;
                self.load(body)?;
                self.load(orelse)
            }
            ExprKind::Dict { keys, values } => {
                if keys.len() != values.len() {
                    return value_error("Dict doesn't have the same number of keys as values");
                }
                self.opt_loads(keys)?;
                self.loads(values)
            }
            ExprKind::Set { elts } => self.loads(elts),
            ExprKind::ListComp { elt, generators }
            | ExprKind::SetComp { elt, generators }
            | ExprKind::GeneratorExp { elt, generators } => {
                self.comprehension(generators)?;
                self.load(elt)
            }
            ExprKind::DictComp { key, value, generators } => {
                self.comprehension(generators)?;
                self.load(key)?;
                self.load(value)
            }
            ExprKind::Yield { value } => self.opt_load(*value),
            ExprKind::YieldFrom { value } | ExprKind::Await { value } => self.load(value),
            ExprKind::Compare { left, ops, comparators } => {
                if comparators.is_empty() {
                    return value_error("Compare with no comparators");
                }
                if comparators.len() != ops.len() {
                    return value_error(
                        "Compare has a different number of comparators and operands",
                    );
                }
                self.loads(comparators)?;
                self.load(left)
            }
            ExprKind::Call { func, args, keywords } => {
                self.load(func)?;
                self.loads(args)?;
                self.keywords(keywords)
            }
            ExprKind::Constant { value, .. } => self.constant(value),
            ExprKind::JoinedStr { values } => self.loads(values),
            ExprKind::FormattedValue { value, format_spec, .. } => {
                self.load(value)?;
                self.opt_load(*format_spec)
            }
            ExprKind::Attribute { value, .. } => self.load(value),
            ExprKind::Subscript { value, slice, .. } => {
                self.load(slice)?;
                self.load(value)
            }
            ExprKind::Starred { value, .. } => self.expr(value, ctx),
            ExprKind::Slice { lower, upper, step } => {
                self.opt_load(*lower)?;
                self.opt_load(*upper)?;
                self.opt_load(*step)
            }
            ExprKind::List { elts, .. } | ExprKind::Tuple { elts, .. } => self.exprs(elts, ctx),
            ExprKind::NamedExpr { target, value } => {
                if !matches!(target.kind, ExprKind::Name { .. }) {
                    return type_error("NamedExpr target must be a Name");
                }
                self.load(value)
            }
            ExprKind::Name { .. } => Ok(()),
        }
    }

    fn constant(&mut self, c: &Constant<'_>) -> Check {
        match c {
            Constant::Tuple(items) | Constant::FrozenSet(items) => {
                self.nested(|v| items.iter().try_for_each(|item| v.constant(item)))
            }
            Constant::Invalid(name) => {
                type_error(&format!("got an invalid type in Constant: {name}"))
            }
            _ => Ok(()),
        }
    }

    fn body(&mut self, body: Body<'_>, owner: &str) -> Check {
        nonempty(body, "body", owner)?;
        self.stmts(body)
    }

    fn stmts(&mut self, body: Body<'_>) -> Check {
        body.iter().try_for_each(|s| self.stmt(s))
    }

    fn stmt(&mut self, s: &Stmt<'_>) -> Check {
        positions(s.range)?;
        self.nested(|v| v.stmt_parts(s))
    }

    fn stmt_parts(&mut self, s: &Stmt<'_>) -> Check {
        match &s.kind {
            StmtKind::FunctionDef(f) => self.function(f, "FunctionDef"),
            StmtKind::AsyncFunctionDef(f) => self.function(f, "AsyncFunctionDef"),
            StmtKind::ClassDef(c) => {
                self.body(c.body, "ClassDef")?;
                self.type_params(c.type_params)?;
                self.loads(c.bases)?;
                self.keywords(c.keywords)?;
                self.loads(c.decorator_list)
            }
            StmtKind::Return { value } => self.opt_load(*value),
            StmtKind::Delete { targets } => {
                nonempty(targets, "targets", "Delete")?;
                self.exprs(targets, ExprContext::Del)
            }
            StmtKind::Assign { targets, value, .. } => {
                nonempty(targets, "targets", "Assign")?;
                self.exprs(targets, ExprContext::Store)?;
                self.load(value)
            }
            StmtKind::AugAssign { target, value, .. } => {
                self.expr(target, ExprContext::Store)?;
                self.load(value)
            }
            StmtKind::AnnAssign { target, annotation, value, simple } => {
                if *simple && !matches!(target.kind, ExprKind::Name { .. }) {
                    return type_error("AnnAssign with simple non-Name target");
                }
                self.expr(target, ExprContext::Store)?;
                self.opt_load(*value)?;
                self.load(annotation)
            }
            StmtKind::TypeAlias { name, type_params, value } => {
                if !matches!(name.kind, ExprKind::Name { .. }) {
                    return type_error("TypeAlias with non-Name name");
                }
                self.expr(name, ExprContext::Store)?;
                self.type_params(type_params)?;
                self.load(value)
            }
            StmtKind::For(f) => self.for_stmt(f, "For"),
            StmtKind::AsyncFor(f) => self.for_stmt(f, "AsyncFor"),
            StmtKind::While { test, body, orelse } => {
                self.load(test)?;
                self.body(body, "While")?;
                self.stmts(orelse)
            }
            StmtKind::If { test, body, orelse } => {
                self.load(test)?;
                self.body(body, "If")?;
                self.stmts(orelse)
            }
            StmtKind::With(w) => self.with(w, "With"),
            StmtKind::AsyncWith(w) => self.with(w, "AsyncWith"),
            StmtKind::Match { subject, cases } => {
                self.load(subject)?;
                nonempty(cases, "cases", "Match")?;
                for case in *cases {
                    self.pattern(case.pattern, false)?;
                    self.opt_load(case.guard)?;
                    self.body(case.body, "match_case")?;
                }
                Ok(())
            }
            StmtKind::Raise { exc: None, cause: Some(_) } => {
                value_error("Raise with cause but no exception")
            }
            StmtKind::Raise { exc, cause } => {
                self.opt_load(*exc)?;
                self.opt_load(*cause)
            }
            StmtKind::Try(t) => self.try_stmt(t, "Try"),
            StmtKind::TryStar(t) => self.try_stmt(t, "TryStar"),
            StmtKind::Assert { test, msg } => {
                self.load(test)?;
                self.opt_load(*msg)
            }
            StmtKind::Import { names } => nonempty(names, "names", "Import"),
            StmtKind::ImportFrom { names, level, .. } => {
                if (*level as i32) < 0 {
                    return value_error("Negative ImportFrom level");
                }
                nonempty(names, "names", "ImportFrom")
            }
            StmtKind::Global { names } => nonempty(names, "names", "Global"),
            StmtKind::Nonlocal { names } => nonempty(names, "names", "Nonlocal"),
            StmtKind::Expr { value } => self.load(value),
            StmtKind::Pass | StmtKind::Break | StmtKind::Continue => Ok(()),
        }
    }

    fn function(&mut self, f: &FunctionDef<'_>, owner: &str) -> Check {
        self.body(f.body, owner)?;
        self.type_params(f.type_params)?;
        self.arguments(f.args)?;
        self.loads(f.decorator_list)?;
        self.opt_load(f.returns)
    }

    fn for_stmt(&mut self, f: &For<'_>, owner: &str) -> Check {
        self.expr(f.target, ExprContext::Store)?;
        self.load(f.iter)?;
        self.body(f.body, owner)?;
        self.stmts(f.orelse)
    }

    fn with(&mut self, w: &With<'_>, owner: &str) -> Check {
        nonempty(w.items, "items", owner)?;
        for item in w.items {
            self.load(item.context_expr)?;
            if let Some(target) = item.optional_vars {
                self.expr(target, ExprContext::Store)?;
            }
        }
        self.body(w.body, owner)
    }

    fn try_stmt(&mut self, t: &Try<'_>, owner: &str) -> Check {
        self.body(t.body, owner)?;
        if t.handlers.is_empty() && t.finalbody.is_empty() {
            return value_error(format!("{owner} has neither except handlers nor finalbody"));
        }
        if t.handlers.is_empty() && !t.orelse.is_empty() {
            return value_error(format!("{owner} has orelse but no except handlers"));
        }
        for h in t.handlers {
            if owner == "Try" {
                positions(h.range)?;
            }
            self.opt_load(h.typ)?;
            self.body(h.body, "ExceptHandler")?;
        }
        self.stmts(t.finalbody)?;
        self.stmts(t.orelse)
    }

    fn type_params(&mut self, list: &[TypeParam<'_>]) -> Check {
        for t in list {
            positions(t.range)?;
            match t.kind {
                TypeParamKind::TypeVar { name: id, bound, default_value } => {
                    name(id)?;
                    self.opt_load(bound)?;
                    self.opt_load(default_value)?;
                }
                TypeParamKind::ParamSpec { name: id, default_value }
                | TypeParamKind::TypeVarTuple { name: id, default_value } => {
                    name(id)?;
                    self.opt_load(default_value)?;
                }
            }
        }
        Ok(())
    }

    fn patterns(&mut self, list: &[PatternRef<'_>], star: bool) -> Check {
        list.iter().try_for_each(|p| self.pattern(p, star))
    }

    fn match_value(&mut self, e: &Expr<'_>) -> Check {
        self.load(e)?;
        let fine = match e.kind {
            ExprKind::Constant { value, .. } => {
                return match value {
                    Constant::Int(_)
                    | Constant::Float(_)
                    | Constant::Bytes(_)
                    | Constant::Complex { .. }
                    | Constant::Str(_) => Ok(()),
                    _ => value_error("unexpected constant inside of a literal pattern"),
                };
            }
            ExprKind::Attribute { .. } | ExprKind::JoinedStr { .. } => true,
            ExprKind::UnaryOp { .. } => is_negative(e, true),
            ExprKind::BinOp { .. } => is_complex(e),
            _ => false,
        };
        if fine {
            Ok(())
        } else {
            value_error("patterns may only match literals and attribute lookups")
        }
    }

    fn pattern(&mut self, p: &Pattern<'_>, star: bool) -> Check {
        positions(p.range)?;
        self.nested(|v| v.pattern_parts(p, star))
    }

    fn pattern_parts(&mut self, p: &Pattern<'_>, star: bool) -> Check {
        match &p.kind {
            PatternKind::MatchValue { value } => self.match_value(value),
            PatternKind::MatchSingleton { value } => match value {
                Constant::None | Constant::True | Constant::False => Ok(()),
                _ => value_error("MatchSingleton can only contain True, False and None"),
            },
            PatternKind::MatchSequence { patterns } => self.patterns(patterns, true),
            PatternKind::MatchMapping { keys, patterns, rest } => {
                if keys.len() != patterns.len() {
                    return value_error(
                        "MatchMapping doesn't have the same number of keys as patterns",
                    );
                }
                rest.map_or(Ok(()), capture)?;
                for key in *keys {
                    let singleton = matches!(
                        key.kind,
                        ExprKind::Constant {
                            value: Constant::None | Constant::True | Constant::False,
                            ..
                        }
                    );
                    if !singleton {
                        self.match_value(key)?;
                    }
                }
                self.patterns(patterns, false)
            }
            PatternKind::MatchClass { cls, patterns, kwd_attrs, kwd_patterns } => {
                if kwd_attrs.len() != kwd_patterns.len() {
                    return value_error(
                        "MatchClass doesn't have the same number of keyword attributes as patterns",
                    );
                }
                self.load(cls)?;
                let mut base = *cls;
                while let ExprKind::Attribute { value, .. } = base.kind {
                    base = value;
                }
                if !matches!(base.kind, ExprKind::Name { .. }) {
                    return value_error(
                        "MatchClass cls field can only contain Name or Attribute nodes.",
                    );
                }
                kwd_attrs.iter().try_for_each(|a| name(a))?;
                self.patterns(patterns, false)?;
                self.patterns(kwd_patterns, false)
            }
            PatternKind::MatchStar { .. } if !star => value_error("can't use MatchStar here"),
            PatternKind::MatchStar { name } => name.map_or(Ok(()), capture),
            PatternKind::MatchAs { pattern, name } => {
                name.map_or(Ok(()), capture)?;
                match (pattern, name) {
                    (None, _) => Ok(()),
                    (Some(_), None) => {
                        value_error("MatchAs must specify a target name if a pattern is given")
                    }
                    (Some(p), Some(_)) => self.pattern(p, false),
                }
            }
            PatternKind::MatchOr { patterns } => {
                if patterns.len() < 2 {
                    return value_error("MatchOr requires at least 2 patterns");
                }
                self.patterns(patterns, false)
            }
        }
    }
}
