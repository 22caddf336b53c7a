//! Prints a tree as `ast.dump(tree, include_attributes=True)` does, byte for byte.
//!
//! One field table would be shorter than these matches, but the order and optionality of fields is what golden tests
//! compare, so they are written out.

use std::fmt::Write;

use crate::ast::*;

/// The dump of a whole tree.
pub fn dump(module: &Mod<'_>) -> String {
    let mut d = Dump { out: String::new() };
    match module {
        Mod::Module { body, type_ignores } => d.node("Module", None, |d| {
            d.list("body", body, |d, s| d.stmt(s));
            d.list("type_ignores", type_ignores, |d, t| {
                let _ = write!(d.out, "TypeIgnore(lineno={}, tag=", t.lineno);
                d.str(PyText::new(t.tag));
                d.out.push(')');
            });
        }),
        Mod::Interactive { body } => {
            d.node("Interactive", None, |d| d.list("body", body, |d, s| d.stmt(s)))
        }
        Mod::Expression { body } => d.node("Expression", None, |d| d.field_expr("body", body)),
        Mod::FunctionType { argtypes, returns } => d.node("FunctionType", None, |d| {
            d.exprs("argtypes", argtypes);
            d.field_expr("returns", returns);
        }),
    }
    d.out
}

struct Dump {
    out: String,
}

fn operator(op: Operator) -> &'static str {
    match op {
        Operator::Add => "Add()",
        Operator::Sub => "Sub()",
        Operator::Mult => "Mult()",
        Operator::MatMult => "MatMult()",
        Operator::Div => "Div()",
        Operator::Mod => "Mod()",
        Operator::Pow => "Pow()",
        Operator::LShift => "LShift()",
        Operator::RShift => "RShift()",
        Operator::BitOr => "BitOr()",
        Operator::BitXor => "BitXor()",
        Operator::BitAnd => "BitAnd()",
        Operator::FloorDiv => "FloorDiv()",
    }
}

fn cmp_op(op: CmpOp) -> &'static str {
    match op {
        CmpOp::Eq => "Eq()",
        CmpOp::NotEq => "NotEq()",
        CmpOp::Lt => "Lt()",
        CmpOp::LtE => "LtE()",
        CmpOp::Gt => "Gt()",
        CmpOp::GtE => "GtE()",
        CmpOp::Is => "Is()",
        CmpOp::IsNot => "IsNot()",
        CmpOp::In => "In()",
        CmpOp::NotIn => "NotIn()",
    }
}

fn context(ctx: ExprContext) -> &'static str {
    match ctx {
        ExprContext::Load => "Load()",
        ExprContext::Store => "Store()",
        ExprContext::Del => "Del()",
    }
}

impl Dump {
    fn node(&mut self, name: &str, range: Option<Span>, fields: impl FnOnce(&mut Self)) {
        self.out.push_str(name);
        self.out.push('(');
        fields(self);
        if let Some(r) = range {
            self.key("lineno");
            let _ = write!(
                self.out,
                "{}, col_offset={}, end_lineno={}, end_col_offset={}",
                r.lineno, r.col_offset, r.end_lineno, r.end_col_offset
            );
        }
        self.out.push(')');
    }

    fn key(&mut self, key: &str) {
        if !self.out.ends_with('(') {
            self.out.push_str(", ");
        }
        self.out.push_str(key);
        self.out.push('=');
    }

    fn raw(&mut self, key: &str, text: &str) {
        self.key(key);
        self.out.push_str(text);
    }

    /// A list field; empty ones are left out, as `ast.dump` does.
    fn list<T>(&mut self, key: &str, items: &[T], mut item: impl FnMut(&mut Self, &T)) {
        if items.is_empty() {
            return;
        }
        self.key(key);
        self.bracketed(items, &mut item);
    }

    fn bracketed<T>(&mut self, items: &[T], item: &mut dyn FnMut(&mut Self, &T)) {
        self.out.push('[');
        for (i, x) in items.iter().enumerate() {
            if i > 0 {
                self.out.push_str(", ");
            }
            item(self, x);
        }
        self.out.push(']');
    }

    fn exprs(&mut self, key: &str, items: Exprs<'_>) {
        self.list(key, items, |d, e| d.expr(e));
    }

    fn opt_exprs(&mut self, key: &str, items: &[Option<ExprRef<'_>>]) {
        self.list(key, items, |d, e| match e {
            Some(e) => d.expr(e),
            None => d.out.push_str("None"),
        });
    }

    fn body(&mut self, key: &str, items: Body<'_>) {
        self.list(key, items, |d, s| d.stmt(s));
    }

    fn field_expr(&mut self, key: &str, e: ExprRef<'_>) {
        self.key(key);
        self.expr(e);
    }

    fn opt_expr(&mut self, key: &str, e: Option<ExprRef<'_>>) {
        if let Some(e) = e {
            self.field_expr(key, e);
        }
    }

    fn ident(&mut self, key: &str, name: &str) {
        self.key(key);
        self.str(PyText::new(name));
    }

    fn opt_ident(&mut self, key: &str, name: Option<&str>) {
        if let Some(name) = name {
            self.ident(key, name);
        }
    }

    fn idents(&mut self, key: &str, names: &[Ident<'_>]) {
        self.list(key, names, |d, n| d.str(PyText::new(n)));
    }

    fn str(&mut self, text: PyText<'_>) {
        write_str_repr(&mut self.out, text);
    }

    fn stmt(&mut self, s: &Stmt<'_>) {
        let r = Some(s.range);
        match &s.kind {
            StmtKind::FunctionDef(f) => self.function("FunctionDef", f, r),
            StmtKind::AsyncFunctionDef(f) => self.function("AsyncFunctionDef", f, r),
            StmtKind::ClassDef(c) => self.node("ClassDef", r, |d| {
                d.ident("name", c.name);
                d.exprs("bases", c.bases);
                d.list("keywords", c.keywords, |d, k| d.keyword(k));
                d.body("body", c.body);
                d.exprs("decorator_list", c.decorator_list);
                d.list("type_params", c.type_params, |d, t| d.type_param(t));
            }),
            StmtKind::Return { value } => self.node("Return", r, |d| d.opt_expr("value", *value)),
            StmtKind::Delete { targets } => self.node("Delete", r, |d| d.exprs("targets", targets)),
            StmtKind::Assign { targets, value, type_comment } => self.node("Assign", r, |d| {
                d.exprs("targets", targets);
                d.field_expr("value", value);
                d.opt_ident("type_comment", *type_comment);
            }),
            StmtKind::TypeAlias { name, type_params, value } => self.node("TypeAlias", r, |d| {
                d.field_expr("name", name);
                d.list("type_params", type_params, |d, t| d.type_param(t));
                d.field_expr("value", value);
            }),
            StmtKind::AugAssign { target, op, value } => self.node("AugAssign", r, |d| {
                d.field_expr("target", target);
                d.raw("op", operator(*op));
                d.field_expr("value", value);
            }),
            StmtKind::AnnAssign { target, annotation, value, simple } => {
                self.node("AnnAssign", r, |d| {
                    d.field_expr("target", target);
                    d.field_expr("annotation", annotation);
                    d.opt_expr("value", *value);
                    d.raw("simple", if *simple { "1" } else { "0" });
                })
            }
            StmtKind::For(f) => self.for_stmt("For", f, r),
            StmtKind::AsyncFor(f) => self.for_stmt("AsyncFor", f, r),
            StmtKind::While { test, body, orelse } => self.node("While", r, |d| {
                d.field_expr("test", test);
                d.body("body", body);
                d.body("orelse", orelse);
            }),
            StmtKind::If { test, body, orelse } => self.node("If", r, |d| {
                d.field_expr("test", test);
                d.body("body", body);
                d.body("orelse", orelse);
            }),
            StmtKind::With(w) => self.with("With", w, r),
            StmtKind::AsyncWith(w) => self.with("AsyncWith", w, r),
            StmtKind::Match { subject, cases } => self.node("Match", r, |d| {
                d.field_expr("subject", subject);
                d.list("cases", cases, |d, c| {
                    d.node("match_case", None, |d| {
                        d.key("pattern");
                        d.pattern(c.pattern);
                        d.opt_expr("guard", c.guard);
                        d.body("body", c.body);
                    });
                });
            }),
            StmtKind::Raise { exc, cause } => self.node("Raise", r, |d| {
                d.opt_expr("exc", *exc);
                d.opt_expr("cause", *cause);
            }),
            StmtKind::Try(t) => self.try_stmt("Try", t, r),
            StmtKind::TryStar(t) => self.try_stmt("TryStar", t, r),
            StmtKind::Assert { test, msg } => self.node("Assert", r, |d| {
                d.field_expr("test", test);
                d.opt_expr("msg", *msg);
            }),
            StmtKind::Import { names } => {
                self.node("Import", r, |d| d.list("names", names, |d, a| d.alias(a)))
            }
            StmtKind::ImportFrom { module, names, level } => self.node("ImportFrom", r, |d| {
                d.opt_ident("module", *module);
                d.list("names", names, |d, a| d.alias(a));
                d.raw("level", &level.to_string());
            }),
            StmtKind::Global { names } => self.node("Global", r, |d| d.idents("names", names)),
            StmtKind::Nonlocal { names } => self.node("Nonlocal", r, |d| d.idents("names", names)),
            StmtKind::Expr { value } => self.node("Expr", r, |d| d.field_expr("value", value)),
            StmtKind::Pass => self.node("Pass", r, |_| {}),
            StmtKind::Break => self.node("Break", r, |_| {}),
            StmtKind::Continue => self.node("Continue", r, |_| {}),
        }
    }

    fn function(&mut self, name: &str, f: &FunctionDef<'_>, r: Option<Span>) {
        self.node(name, r, |d| {
            d.ident("name", f.name);
            d.key("args");
            d.arguments(f.args);
            d.body("body", f.body);
            d.exprs("decorator_list", f.decorator_list);
            d.opt_expr("returns", f.returns);
            d.opt_ident("type_comment", f.type_comment);
            d.list("type_params", f.type_params, |d, t| d.type_param(t));
        });
    }

    fn for_stmt(&mut self, name: &str, f: &For<'_>, r: Option<Span>) {
        self.node(name, r, |d| {
            d.field_expr("target", f.target);
            d.field_expr("iter", f.iter);
            d.body("body", f.body);
            d.body("orelse", f.orelse);
            d.opt_ident("type_comment", f.type_comment);
        });
    }

    fn with(&mut self, name: &str, w: &With<'_>, r: Option<Span>) {
        self.node(name, r, |d| {
            d.list("items", w.items, |d, i| {
                d.node("withitem", None, |d| {
                    d.field_expr("context_expr", i.context_expr);
                    d.opt_expr("optional_vars", i.optional_vars);
                });
            });
            d.body("body", w.body);
            d.opt_ident("type_comment", w.type_comment);
        });
    }

    fn try_stmt(&mut self, name: &str, t: &Try<'_>, r: Option<Span>) {
        self.node(name, r, |d| {
            d.body("body", t.body);
            d.list("handlers", t.handlers, |d, h| {
                d.node("ExceptHandler", Some(h.range), |d| {
                    d.opt_expr("type", h.typ);
                    d.opt_ident("name", h.name);
                    d.body("body", h.body);
                });
            });
            d.body("orelse", t.orelse);
            d.body("finalbody", t.finalbody);
        });
    }

    fn alias(&mut self, a: &Alias<'_>) {
        self.node("alias", Some(a.range), |d| {
            d.ident("name", a.name);
            d.opt_ident("asname", a.asname);
        });
    }

    fn keyword(&mut self, k: &Keyword<'_>) {
        self.node("keyword", Some(k.range), |d| {
            d.opt_ident("arg", k.arg);
            d.field_expr("value", k.value);
        });
    }

    fn type_param(&mut self, t: &TypeParam<'_>) {
        let r = Some(t.range);
        match &t.kind {
            TypeParamKind::TypeVar { name, bound, default_value } => self.node("TypeVar", r, |d| {
                d.ident("name", name);
                d.opt_expr("bound", *bound);
                d.opt_expr("default_value", *default_value);
            }),
            TypeParamKind::ParamSpec { name, default_value } => self.node("ParamSpec", r, |d| {
                d.ident("name", name);
                d.opt_expr("default_value", *default_value);
            }),
            TypeParamKind::TypeVarTuple { name, default_value } => {
                self.node("TypeVarTuple", r, |d| {
                    d.ident("name", name);
                    d.opt_expr("default_value", *default_value);
                })
            }
        }
    }

    fn arguments(&mut self, a: &Arguments<'_>) {
        self.node("arguments", None, |d| {
            d.list("posonlyargs", a.posonlyargs, |d, a| d.arg(a));
            d.list("args", a.args, |d, a| d.arg(a));
            if let Some(v) = a.vararg {
                d.key("vararg");
                d.arg(v);
            }
            d.list("kwonlyargs", a.kwonlyargs, |d, a| d.arg(a));
            d.opt_exprs("kw_defaults", a.kw_defaults);
            if let Some(k) = a.kwarg {
                d.key("kwarg");
                d.arg(k);
            }
            d.exprs("defaults", a.defaults);
        });
    }

    fn arg(&mut self, a: &Arg<'_>) {
        self.node("arg", Some(a.range), |d| {
            d.ident("arg", a.arg);
            d.opt_expr("annotation", a.annotation);
            d.opt_ident("type_comment", a.type_comment);
        });
    }

    fn generators(&mut self, list: &[Comprehension<'_>]) {
        self.list("generators", list, |d, c| {
            d.node("comprehension", None, |d| {
                d.field_expr("target", c.target);
                d.field_expr("iter", c.iter);
                d.exprs("ifs", c.ifs);
                d.raw("is_async", if c.is_async { "1" } else { "0" });
            });
        });
    }

    fn expr(&mut self, e: &Expr<'_>) {
        stacker::maybe_grow(128 * 1024, 2 * 1024 * 1024, || self.expr_inner(e));
    }

    fn expr_inner(&mut self, e: &Expr<'_>) {
        let r = Some(e.range);
        match &e.kind {
            ExprKind::BoolOp { op, values } => self.node("BoolOp", r, |d| {
                d.raw("op", if *op == BoolOp::And { "And()" } else { "Or()" });
                d.exprs("values", values);
            }),
            ExprKind::NamedExpr { target, value } => self.node("NamedExpr", r, |d| {
                d.field_expr("target", target);
                d.field_expr("value", value);
            }),
            ExprKind::BinOp { left, op, right } => self.node("BinOp", r, |d| {
                d.field_expr("left", left);
                d.raw("op", operator(*op));
                d.field_expr("right", right);
            }),
            ExprKind::UnaryOp { op, operand } => self.node("UnaryOp", r, |d| {
                d.raw(
                    "op",
                    match op {
                        UnaryOp::Invert => "Invert()",
                        UnaryOp::Not => "Not()",
                        UnaryOp::UAdd => "UAdd()",
                        UnaryOp::USub => "USub()",
                    },
                );
                d.field_expr("operand", operand);
            }),
            ExprKind::Lambda { args, body } => self.node("Lambda", r, |d| {
                d.key("args");
                d.arguments(args);
                d.field_expr("body", body);
            }),
            ExprKind::IfExp { test, body, orelse } => self.node("IfExp", r, |d| {
                d.field_expr("test", test);
                d.field_expr("body", body);
                d.field_expr("orelse", orelse);
            }),
            ExprKind::Dict { keys, values } => self.node("Dict", r, |d| {
                d.opt_exprs("keys", keys);
                d.exprs("values", values);
            }),
            ExprKind::Set { elts } => self.node("Set", r, |d| d.exprs("elts", elts)),
            ExprKind::ListComp { elt, generators } => {
                self.comprehension("ListComp", elt, generators, r)
            }
            ExprKind::SetComp { elt, generators } => {
                self.comprehension("SetComp", elt, generators, r)
            }
            ExprKind::GeneratorExp { elt, generators } => {
                self.comprehension("GeneratorExp", elt, generators, r)
            }
            ExprKind::DictComp { key, value, generators } => self.node("DictComp", r, |d| {
                d.field_expr("key", key);
                d.field_expr("value", value);
                d.generators(generators);
            }),
            ExprKind::Await { value } => self.node("Await", r, |d| d.field_expr("value", value)),
            ExprKind::Yield { value } => self.node("Yield", r, |d| d.opt_expr("value", *value)),
            ExprKind::YieldFrom { value } => {
                self.node("YieldFrom", r, |d| d.field_expr("value", value))
            }
            ExprKind::Compare { left, ops, comparators } => self.node("Compare", r, |d| {
                d.field_expr("left", left);
                d.list("ops", ops, |d, op| d.out.push_str(cmp_op(*op)));
                d.exprs("comparators", comparators);
            }),
            ExprKind::Call { func, args, keywords } => self.node("Call", r, |d| {
                d.field_expr("func", func);
                d.exprs("args", args);
                d.list("keywords", keywords, |d, k| d.keyword(k));
            }),
            ExprKind::FormattedValue { value, conversion, format_spec } => {
                self.node("FormattedValue", r, |d| {
                    d.field_expr("value", value);
                    d.raw("conversion", &conversion.to_string());
                    d.opt_expr("format_spec", *format_spec);
                })
            }
            ExprKind::JoinedStr { values } => {
                self.node("JoinedStr", r, |d| d.exprs("values", values))
            }
            ExprKind::Constant { value, kind } => self.node("Constant", r, |d| {
                d.key("value");
                d.constant(value);
                d.opt_ident("kind", *kind);
            }),
            ExprKind::Attribute { value, attr, ctx } => self.node("Attribute", r, |d| {
                d.field_expr("value", value);
                d.ident("attr", attr);
                d.raw("ctx", context(*ctx));
            }),
            ExprKind::Subscript { value, slice, ctx } => self.node("Subscript", r, |d| {
                d.field_expr("value", value);
                d.field_expr("slice", slice);
                d.raw("ctx", context(*ctx));
            }),
            ExprKind::Starred { value, ctx } => self.node("Starred", r, |d| {
                d.field_expr("value", value);
                d.raw("ctx", context(*ctx));
            }),
            ExprKind::Name { id, ctx } => self.node("Name", r, |d| {
                d.ident("id", id);
                d.raw("ctx", context(*ctx));
            }),
            ExprKind::List { elts, ctx } => self.node("List", r, |d| {
                d.exprs("elts", elts);
                d.raw("ctx", context(*ctx));
            }),
            ExprKind::Tuple { elts, ctx } => self.node("Tuple", r, |d| {
                d.exprs("elts", elts);
                d.raw("ctx", context(*ctx));
            }),
            ExprKind::Slice { lower, upper, step } => self.node("Slice", r, |d| {
                d.opt_expr("lower", *lower);
                d.opt_expr("upper", *upper);
                d.opt_expr("step", *step);
            }),
        }
    }

    fn comprehension(
        &mut self,
        name: &str,
        elt: ExprRef<'_>,
        generators: &[Comprehension<'_>],
        r: Option<Span>,
    ) {
        self.node(name, r, |d| {
            d.field_expr("elt", elt);
            d.generators(generators);
        });
    }

    fn pattern(&mut self, p: &Pattern<'_>) {
        let r = Some(p.range);
        match &p.kind {
            PatternKind::MatchValue { value } => {
                self.node("MatchValue", r, |d| d.field_expr("value", value))
            }
            PatternKind::MatchSingleton { value } => self.node("MatchSingleton", r, |d| {
                d.key("value");
                d.constant(value);
            }),
            PatternKind::MatchSequence { patterns } => {
                self.node("MatchSequence", r, |d| d.patterns("patterns", patterns))
            }
            PatternKind::MatchMapping { keys, patterns, rest } => {
                self.node("MatchMapping", r, |d| {
                    d.exprs("keys", keys);
                    d.patterns("patterns", patterns);
                    d.opt_ident("rest", *rest);
                })
            }
            PatternKind::MatchClass { cls, patterns, kwd_attrs, kwd_patterns } => {
                self.node("MatchClass", r, |d| {
                    d.field_expr("cls", cls);
                    d.patterns("patterns", patterns);
                    d.idents("kwd_attrs", kwd_attrs);
                    d.patterns("kwd_patterns", kwd_patterns);
                })
            }
            PatternKind::MatchStar { name } => {
                self.node("MatchStar", r, |d| d.opt_ident("name", *name))
            }
            PatternKind::MatchAs { pattern, name } => self.node("MatchAs", r, |d| {
                if let Some(p) = pattern {
                    d.key("pattern");
                    d.pattern(p);
                }
                d.opt_ident("name", *name);
            }),
            PatternKind::MatchOr { patterns } => {
                self.node("MatchOr", r, |d| d.patterns("patterns", patterns))
            }
        }
    }

    fn patterns(&mut self, key: &str, list: &[PatternRef<'_>]) {
        self.list(key, list, |d, p| d.pattern(p));
    }

    fn constant(&mut self, c: &Constant<'_>) {
        write_constant(&mut self.out, c);
    }
}

/// A constant as `repr` shows it.
pub(crate) fn write_constant(out: &mut String, c: &Constant<'_>) {
    match c {
        Constant::None => out.push_str("None"),
        Constant::True => out.push_str("True"),
        Constant::False => out.push_str("False"),
        Constant::Ellipsis => out.push_str("Ellipsis"),
        Constant::Str(t) => write_str_repr(out, *t),
        Constant::Bytes(b) => write_bytes_repr(out, b),
        Constant::Int(i) => write_int(out, i),
        Constant::Float(f) => out.push_str(&float_repr(*f, true)),
        Constant::Complex { real, imag } => write_complex(out, *real, *imag),
        Constant::Tuple(items) => {
            out.push('(');
            for (i, item) in items.iter().enumerate() {
                if i > 0 {
                    out.push_str(", ");
                }
                write_constant(out, item);
            }
            out.push_str(if items.len() == 1 { ",)" } else { ")" });
        }
        Constant::Invalid(name) => out.push_str(name),
        Constant::FrozenSet(items) => {
            out.push_str("frozenset({");
            for (i, item) in items.iter().enumerate() {
                if i > 0 {
                    out.push_str(", ");
                }
                write_constant(out, item);
            }
            out.push_str("})");
        }
    }
}

fn write_complex(out: &mut String, real: f64, imag: f64) {
    let plain = real == 0.0 && real.is_sign_positive();
    if plain {
        let _ = write!(out, "{}j", float_repr(imag, false));
        return;
    }
    let sign = if imag.is_sign_negative() { "" } else { "+" };
    let _ = write!(out, "({}{sign}{}j)", float_repr(real, false), float_repr(imag, false));
}

/// `repr` of a float; `point`: whole numbers get `.0`.
pub(crate) fn float_repr(f: f64, point: bool) -> String {
    if f.is_nan() {
        return "nan".into();
    }
    if f.is_infinite() {
        return if f > 0.0 { "inf".into() } else { "-inf".into() };
    }
    // Rust's shortest digits are the same ones; only the layout differs.
    let exp_form = format!("{f:e}");
    let (mantissa, exponent) = exp_form.split_once('e').unwrap_or((&exp_form, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if f == 0.0 || (-4..16).contains(&exponent) {
        let mut text = format!("{f}");
        if point && !text.contains('.') {
            text.push_str(".0");
        }
        return text;
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{mantissa}e{sign}{:02}", exponent.abs())
}

fn write_int(out: &mut String, i: &Int<'_>) {
    match i {
        Int::Small(v) => {
            let _ = write!(out, "{v}");
        }
        Int::Big { radix, digits, negative } => {
            if *negative {
                out.push('-');
            }
            if *radix == 10 {
                out.push_str(digits)
            } else {
                out.push_str(&to_decimal(*radix, digits))
            }
        }
    }
}

/// Digits in another radix to decimal, by schoolbook arithmetic: for printing only.
fn to_decimal(radix: u32, digits: &str) -> String {
    const BASE: u64 = 1_000_000_000;
    let mut limbs: Vec<u64> = vec![0];
    for digit in digits.chars().filter_map(|c| c.to_digit(radix)) {
        let mut carry = u64::from(digit);
        for limb in &mut limbs {
            let v = *limb * u64::from(radix) + carry;
            *limb = v % BASE;
            carry = v / BASE;
        }
        if carry > 0 {
            limbs.push(carry);
        }
    }
    let mut text = String::new();
    for (i, limb) in limbs.iter().rev().enumerate() {
        let _ = if i == 0 { write!(text, "{limb}") } else { write!(text, "{limb:09}") };
    }
    text
}

/// `repr` of a text.
pub fn write_repr(out: &mut String, text: &str) {
    write_str_repr(out, PyText::new(text));
}

pub(crate) fn write_str_repr(out: &mut String, text: PyText<'_>) {
    let has = |c: u8| text.as_bytes().contains(&c);
    let quote = if has(b'\'') && !has(b'"') { '"' } else { '\'' };
    out.push(quote);
    for cp in text.code_points() {
        match char::from_u32(cp) {
            Some(c) if c == quote || c == '\\' => {
                out.push('\\');
                out.push(c);
            }
            Some('\n') => out.push_str("\\n"),
            Some('\r') => out.push_str("\\r"),
            Some('\t') => out.push_str("\\t"),
            Some(c)
                if (' '..'\x7f').contains(&c) || (cp > 0x7f && crate::chars::is_printable(cp)) =>
            {
                out.push(c)
            }
            _ => {
                let _ = match cp {
                    0..0x100 => write!(out, "\\x{cp:02x}"),
                    0x100..0x10000 => write!(out, "\\u{cp:04x}"),
                    _ => write!(out, "\\U{cp:08x}"),
                };
            }
        }
    }
    out.push(quote);
}

pub(crate) fn write_bytes_repr(out: &mut String, bytes: &[u8]) {
    let quote = if bytes.contains(&b'\'') && !bytes.contains(&b'"') { b'"' } else { b'\'' };
    out.push('b');
    out.push(quote as char);
    for b in bytes {
        match *b {
            b if b == quote || b == b'\\' => {
                out.push('\\');
                out.push(b as char);
            }
            b'\n' => out.push_str("\\n"),
            b'\r' => out.push_str("\\r"),
            b'\t' => out.push_str("\\t"),
            b @ b' '..0x7f => out.push(b as char),
            b => {
                let _ = write!(out, "\\x{b:02x}");
            }
        }
    }
    out.push(quote as char);
}
