//! Expressions back to source text, as annotations under `from __future__ import annotations` need it.
//!
//! The result is that of CPython's compiler (minimal parentheses, `repr` of constants), not of the `ast` module's
//! `unparse`. Statements do not belong here.

use crate::ast::*;
use crate::dump;

/// Binding strengths, weakest first.
const TUPLE: u8 = 0;
const TEST: u8 = 1;
const OR: u8 = 2;
const AND: u8 = 3;
const NOT: u8 = 4;
const CMP: u8 = 5;
const BIT_OR: u8 = 6;
const BIT_XOR: u8 = 7;
const BIT_AND: u8 = 8;
const SHIFT: u8 = 9;
const ARITH: u8 = 10;
const TERM: u8 = 11;
const FACTOR: u8 = 12;
const POWER: u8 = 13;
const AWAIT: u8 = 14;
const ATOM: u8 = 15;

/// The source text of an expression.
pub fn expr_to_string(e: &Expr<'_>) -> String {
    let mut w = Writer::default();
    w.expr(e, TEST);
    String::from_utf8_lossy(&w.out).into_owned()
}

/// Text under construction: generalised UTF-8, since f-string bodies may hold surrogates before they are quoted.
#[derive(Default)]
struct Writer {
    out: Vec<u8>,
}

fn binary(op: Operator) -> (&'static str, u8) {
    match op {
        Operator::Add => (" + ", ARITH),
        Operator::Sub => (" - ", ARITH),
        Operator::Mult => (" * ", TERM),
        Operator::MatMult => (" @ ", TERM),
        Operator::Div => (" / ", TERM),
        Operator::Mod => (" % ", TERM),
        Operator::LShift => (" << ", SHIFT),
        Operator::RShift => (" >> ", SHIFT),
        Operator::BitOr => (" | ", BIT_OR),
        Operator::BitXor => (" ^ ", BIT_XOR),
        Operator::BitAnd => (" & ", BIT_AND),
        Operator::FloorDiv => (" // ", TERM),
        Operator::Pow => (" ** ", POWER),
    }
}

fn comparison(op: CmpOp) -> &'static str {
    match op {
        CmpOp::Eq => " == ",
        CmpOp::NotEq => " != ",
        CmpOp::Lt => " < ",
        CmpOp::LtE => " <= ",
        CmpOp::Gt => " > ",
        CmpOp::GtE => " >= ",
        CmpOp::Is => " is ",
        CmpOp::IsNot => " is not ",
        CmpOp::In => " in ",
        CmpOp::NotIn => " not in ",
    }
}

impl Writer {
    fn put(&mut self, text: &str) {
        self.out.extend_from_slice(text.as_bytes());
    }

    /// Runs `body`, in parentheses if the context binds more strongly than `own`.
    fn grouped(&mut self, level: u8, own: u8, body: impl FnOnce(&mut Self)) {
        if level > own {
            self.put("(");
        }
        body(self);
        if level > own {
            self.put(")");
        }
    }

    fn list(&mut self, items: Exprs<'_>, level: u8) {
        for (i, e) in items.iter().enumerate() {
            if i > 0 {
                self.put(", ");
            }
            self.expr(e, level);
        }
    }

    fn expr(&mut self, e: &Expr<'_>, level: u8) {
        stacker::maybe_grow(128 * 1024, 2 * 1024 * 1024, || self.expr_inner(e, level));
    }

    fn expr_inner(&mut self, e: &Expr<'_>, level: u8) {
        match &e.kind {
            ExprKind::BoolOp { op, values } => {
                let (word, own) = if *op == BoolOp::And { (" and ", AND) } else { (" or ", OR) };
                self.grouped(level, own, |w| {
                    for (i, v) in values.iter().enumerate() {
                        if i > 0 {
                            w.put(word);
                        }
                        w.expr(v, own + 1);
                    }
                });
            }
            ExprKind::BinOp { left, op, right } => {
                let (sign, own) = binary(*op);
                let right_associative = u8::from(*op == Operator::Pow);
                self.grouped(level, own, |w| {
                    w.expr(left, own + right_associative);
                    w.put(sign);
                    w.expr(right, own + 1 - right_associative);
                });
            }
            ExprKind::UnaryOp { op, operand } => {
                let (sign, own) = match op {
                    UnaryOp::Invert => ("~", FACTOR),
                    UnaryOp::Not => ("not ", NOT),
                    UnaryOp::UAdd => ("+", FACTOR),
                    UnaryOp::USub => ("-", FACTOR),
                };
                self.grouped(level, own, |w| {
                    w.put(sign);
                    w.expr(operand, own);
                });
            }
            ExprKind::Lambda { args, body } => self.grouped(level, TEST, |w| {
                w.put(if args.args.is_empty() && args.posonlyargs.is_empty() {
                    "lambda"
                } else {
                    "lambda "
                });
                w.arguments(args);
                w.put(": ");
                w.expr(body, TEST);
            }),
            ExprKind::IfExp { test, body, orelse } => self.grouped(level, TEST, |w| {
                w.expr(body, TEST + 1);
                w.put(" if ");
                w.expr(test, TEST + 1);
                w.put(" else ");
                w.expr(orelse, TEST);
            }),
            ExprKind::Compare { left, ops, comparators } => self.grouped(level, CMP, |w| {
                w.expr(left, CMP + 1);
                for (op, e) in ops.iter().zip(comparators.iter()) {
                    w.put(comparison(*op));
                    w.expr(e, CMP + 1);
                }
            }),
            ExprKind::NamedExpr { target, value } => self.grouped(level, TUPLE, |w| {
                w.expr(target, ATOM);
                w.put(" := ");
                w.expr(value, ATOM);
            }),
            ExprKind::Await { value } => self.grouped(level, AWAIT, |w| {
                w.put("await ");
                w.expr(value, ATOM);
            }),
            ExprKind::Tuple { elts: [], .. } => self.put("()"),
            ExprKind::Tuple { elts, .. } => self.grouped(level, TUPLE, |w| {
                w.list(elts, TEST);
                if elts.len() == 1 {
                    w.put(",");
                }
            }),
            _ => self.atom(e),
        }
    }

    /// Expressions that never need parentheses.
    fn atom(&mut self, e: &Expr<'_>) {
        match &e.kind {
            ExprKind::Dict { keys, values } => self.dict(keys, values),
            ExprKind::Set { elts } => self.wrapped("{", "}", |w| w.list(elts, TEST)),
            ExprKind::List { elts, .. } => self.wrapped("[", "]", |w| w.list(elts, TEST)),
            ExprKind::GeneratorExp { elt, generators } => {
                self.comprehension("(", ")", elt, generators)
            }
            ExprKind::ListComp { elt, generators } => self.comprehension("[", "]", elt, generators),
            ExprKind::SetComp { elt, generators } => self.comprehension("{", "}", elt, generators),
            ExprKind::DictComp { key, value, generators } => self.wrapped("{", "}", |w| {
                w.expr(key, TEST);
                w.put(": ");
                w.expr(value, TEST);
                w.generators(generators);
            }),
            ExprKind::Yield { value: None } => self.put("(yield)"),
            ExprKind::Yield { value: Some(v) } => self.wrapped("(yield ", ")", |w| w.expr(v, TEST)),
            ExprKind::YieldFrom { value } => {
                self.wrapped("(yield from ", ")", |w| w.expr(value, TEST))
            }
            ExprKind::Call { func, args, keywords } => self.call(func, args, keywords),
            ExprKind::Constant { value, kind } => {
                if !matches!(value, Constant::Ellipsis) {
                    self.put(kind.unwrap_or(""));
                }
                self.constant(value);
            }
            ExprKind::JoinedStr { values } => self.joined_str(values),
            ExprKind::FormattedValue { .. } => self.fstring_part(e),
            ExprKind::Attribute { value, attr, .. } => {
                self.expr(value, ATOM);
                // `1.real` would read as a float.
                let int = matches!(value.kind, ExprKind::Constant { value: Constant::Int(_), .. });
                self.put(if int { " ." } else { "." });
                self.put(attr);
            }
            ExprKind::Subscript { value, slice, .. } => {
                self.expr(value, ATOM);
                self.wrapped("[", "]", |w| w.expr(slice, TUPLE));
            }
            ExprKind::Starred { value, .. } => {
                self.put("*");
                self.expr(value, BIT_OR);
            }
            ExprKind::Name { id, .. } => self.put(id),
            ExprKind::Slice { lower, upper, step } => {
                if let Some(e) = lower {
                    self.expr(e, TEST);
                }
                self.put(":");
                if let Some(e) = upper {
                    self.expr(e, TEST);
                }
                if let Some(e) = step {
                    self.put(":");
                    self.expr(e, TEST);
                }
            }
            _ => self.expr(e, TUPLE),
        }
    }

    fn wrapped(&mut self, open: &str, close: &str, body: impl FnOnce(&mut Self)) {
        self.put(open);
        body(self);
        self.put(close);
    }

    fn dict(&mut self, keys: &[Option<ExprRef<'_>>], values: Exprs<'_>) {
        self.wrapped("{", "}", |w| {
            for (i, (key, value)) in keys.iter().zip(values.iter()).enumerate() {
                if i > 0 {
                    w.put(", ");
                }
                match key {
                    Some(key) => {
                        w.expr(key, TEST);
                        w.put(": ");
                        w.expr(value, TEST);
                    }
                    None => {
                        w.put("**");
                        w.expr(value, BIT_OR);
                    }
                }
            }
        });
    }

    fn comprehension(
        &mut self,
        open: &str,
        close: &str,
        elt: ExprRef<'_>,
        generators: &[Comprehension<'_>],
    ) {
        self.wrapped(open, close, |w| {
            w.expr(elt, TEST);
            w.generators(generators);
        });
    }

    fn generators(&mut self, generators: &[Comprehension<'_>]) {
        for g in generators {
            self.put(if g.is_async { " async for " } else { " for " });
            self.expr(g.target, TUPLE);
            self.put(" in ");
            self.expr(g.iter, TEST + 1);
            for test in g.ifs {
                self.put(" if ");
                self.expr(test, TEST + 1);
            }
        }
    }

    fn call(&mut self, func: ExprRef<'_>, args: Exprs<'_>, keywords: &[Keyword<'_>]) {
        self.expr(func, ATOM);
        if let ([only], []) = (args, keywords)
            && matches!(only.kind, ExprKind::GeneratorExp { .. })
        {
            return self.expr(only, ATOM);
        }
        self.wrapped("(", ")", |w| {
            w.list(args, TEST);
            for (i, k) in keywords.iter().enumerate() {
                if i > 0 || !args.is_empty() {
                    w.put(", ");
                }
                match k.arg {
                    Some(name) => {
                        w.put(name);
                        w.put("=");
                    }
                    None => w.put("**"),
                }
                w.expr(k.value, TEST);
            }
        });
    }

    fn arguments(&mut self, a: &Arguments<'_>) {
        let mut first = true;
        let mut comma = |w: &mut Self| {
            if !std::mem::take(&mut first) {
                w.put(", ");
            }
        };
        let positional = a.posonlyargs.len() + a.args.len();
        for (i, arg) in a.posonlyargs.iter().chain(a.args).enumerate() {
            comma(self);
            self.arg(arg);
            if let Some(d) =
                (i + a.defaults.len()).checked_sub(positional).and_then(|d| a.defaults.get(d))
            {
                self.put("=");
                self.expr(d, TEST);
            }
            if i + 1 == a.posonlyargs.len() {
                self.put(", /");
            }
        }
        if a.vararg.is_some() || !a.kwonlyargs.is_empty() {
            comma(self);
            self.put("*");
            if let Some(arg) = a.vararg {
                self.arg(arg);
            }
        }
        for (arg, default) in a.kwonlyargs.iter().zip(a.kw_defaults) {
            comma(self);
            self.arg(arg);
            if let Some(d) = default {
                self.put("=");
                self.expr(d, TEST);
            }
        }
        if let Some(arg) = a.kwarg {
            comma(self);
            self.put("**");
            self.arg(arg);
        }
    }

    fn arg(&mut self, arg: &Arg<'_>) {
        self.put(arg.arg);
        if let Some(annotation) = arg.annotation {
            self.put(": ");
            self.expr(annotation, TEST);
        }
    }

    fn constant(&mut self, c: &Constant<'_>) {
        match c {
            Constant::Ellipsis => self.put("..."),
            Constant::Tuple(items) => {
                self.put("(");
                for (i, item) in items.iter().enumerate() {
                    if i > 0 {
                        self.put(", ");
                    }
                    // Inside a tuple it is the value's repr that counts.
                    match item {
                        Constant::Ellipsis => self.put("Ellipsis"),
                        item => self.constant(item),
                    }
                }
                self.put(if items.len() == 1 { ",)" } else { ")" });
            }
            c => {
                let mut text = String::new();
                dump::write_constant(&mut text, c);
                // There is no literal for infinity, but one too large for a float reads as it.
                if matches!(c, Constant::Float(_) | Constant::Complex { .. }) {
                    text = text.replace("inf", "1e309");
                }
                self.put(&text);
            }
        }
    }

    fn joined_str(&mut self, values: Exprs<'_>) {
        let mut body = Writer::default();
        for v in values {
            body.fstring_part(v);
        }
        let mut quoted = String::new();
        dump::write_str_repr(&mut quoted, PyText::from_generalized(&body.out));
        self.put("f");
        self.put(&quoted);
    }

    /// A part of an f-string's body.
    fn fstring_part(&mut self, e: &Expr<'_>) {
        match &e.kind {
            ExprKind::Constant { value: Constant::Str(text), .. } => {
                for b in text.as_bytes() {
                    if matches!(b, b'{' | b'}') {
                        self.out.push(*b);
                    }
                    self.out.push(*b);
                }
            }
            ExprKind::FormattedValue { value, conversion, format_spec } => {
                let mut inner = Writer::default();
                inner.expr(value, TEST + 1);
                self.put(if inner.out.first() == Some(&b'{') { "{ " } else { "{" });
                self.out.extend_from_slice(&inner.out);
                if let Some(c) = u32::try_from(*conversion).ok().and_then(char::from_u32) {
                    self.put("!");
                    self.put(c.encode_utf8(&mut [0; 4]));
                }
                if let Some(spec) = format_spec {
                    self.put(":");
                    match &spec.kind {
                        ExprKind::JoinedStr { values } => {
                            values.iter().for_each(|v| self.fstring_part(v))
                        }
                        _ => self.fstring_part(spec),
                    }
                }
                self.put("}");
            }
            _ => self.expr(e, ATOM),
        }
    }
}
