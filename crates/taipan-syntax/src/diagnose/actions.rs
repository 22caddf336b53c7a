//! What alternatives make: nodes that know just enough for error texts, and the errors themselves.

use super::engine::Labels;
use super::{Diagnoser, NIL, NodeId, TOKEN_BIT};
use crate::errors::ErrorKind;
use crate::strings::{self, LiteralError};
use crate::token::TokenKind;

/// What a node is, as far as error texts care.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NodeKind {
    Other,
    Seq,
    Tuple,
    List,
    Starred,
    Compare,
    /// `in x` behind an operand.
    InPair,
    Comprehension,
    Args,
    Keyword,
    /// `**x` among arguments.
    Unpacked,
    Name,
    Attribute,
    Subscript,
    Lambda,
    Call,
    Operation,
    GeneratorExp,
    Yield,
    Await,
    ListComp,
    SetComp,
    DictComp,
    Dict,
    Set,
    JoinedStr,
    Literal,
    BytesLiteral,
    None,
    True,
    False,
    Ellipsis,
    IfExp,
    NamedExpr,
}

impl NodeKind {
    pub fn named(name: &str) -> NodeKind {
        use NodeKind::*;
        const NAMED: &[(&str, NodeKind)] = &[
            ("Other", Other),
            ("Seq", Seq),
            ("Tuple", Tuple),
            ("List", List),
            ("Starred", Starred),
            ("Compare", Compare),
            ("InPair", InPair),
            ("Comprehension", Comprehension),
            ("Args", Args),
            ("Keyword", Keyword),
            ("Unpacked", Unpacked),
            ("Attribute", Attribute),
            ("Subscript", Subscript),
            ("Lambda", Lambda),
            ("Call", Call),
            ("Operation", Operation),
            ("GeneratorExp", GeneratorExp),
            ("Yield", Yield),
            ("Await", Await),
            ("ListComp", ListComp),
            ("SetComp", SetComp),
            ("DictComp", DictComp),
            ("Dict", Dict),
            ("Set", Set),
            ("IfExp", IfExp),
            ("NamedExpr", NamedExpr),
        ];
        NAMED.iter().find(|(n, _)| *n == name).unwrap_or_else(|| panic!("no node kind {name}")).1
    }

    /// What error texts call such an expression.
    fn description(self) -> &'static str {
        use NodeKind::*;
        match self {
            Attribute => "attribute",
            Subscript => "subscript",
            Starred => "starred",
            Name => "name",
            List => "list",
            Tuple => "tuple",
            Lambda => "lambda",
            Call => "function call",
            Operation => "expression",
            GeneratorExp => "generator expression",
            Yield => "yield expression",
            Await => "await expression",
            ListComp => "list comprehension",
            SetComp => "set comprehension",
            DictComp => "dict comprehension",
            Dict => "dict literal",
            Set => "set display",
            JoinedStr => "f-string expression",
            None => "None",
            True => "True",
            False => "False",
            Ellipsis => "ellipsis",
            Literal | BytesLiteral => "literal",
            Compare | InPair => "comparison",
            IfExp => "conditional expression",
            NamedExpr => "named expression",
            Other | Seq | Comprehension | Args | Keyword | Unpacked => "expression",
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Target {
    Star,
    Del,
    For,
}

/// Actions that need more than a text and a place.
#[derive(Clone, Copy, Debug)]
pub(super) enum Custom {
    Future,
    Barry,
    Real,
    Imaginary,
    Bound(&'static str),
    Conversion,
    Adjacent,
    SpecText,
    FString,
    String,
    Strings,
    BareGenerator,
    BareGeneratorInCall,
    PositionalAfterKeyword,
    AssignToConstant,
    Legacy,
    ForgotComma,
    UnparenthesizedTarget,
    PositionalPatterns,
    ColonAfterKey,
}

impl Custom {
    pub fn named(name: &str) -> Custom {
        use Custom::*;
        match name {
            "future" => Future,
            "barry" => Barry,
            "real" => Real,
            "imaginary" => Imaginary,
            "bound" => Bound(""),
            "conversion" => Conversion,
            "adjacent" => Adjacent,
            "spec_text" => SpecText,
            "fstring" => FString,
            "string" => String,
            "strings" => Strings,
            "bare_generator" => BareGenerator,
            "bare_generator_in_call" => BareGeneratorInCall,
            "positional_after_keyword" => PositionalAfterKeyword,
            "assign_to_constant" => AssignToConstant,
            "legacy" => Legacy,
            "forgot_comma" => ForgotComma,
            "unparenthesized_target" => UnparenthesizedTarget,
            "positional_patterns" => PositionalPatterns,
            "colon_after_key" => ColonAfterKey,
            _ => panic!("no action {name}"),
        }
    }
}

#[derive(Clone, Debug)]
pub(super) enum Action {
    Default,
    Pick(u8),
    Node(NodeKind, Vec<u8>),
    /// A node of syntax that came with a minor version.
    Since {
        minor: u32,
        what: String,
        kind: NodeKind,
        children: Vec<u8>,
    },
    Null,
    Range(u8, u8, String),
    From(u8, String),
    Here(String),
    Next(String),
    Indentation(String, Option<u8>),
    Target(Target, u8),
    Do(Custom, Vec<u8>),
}

fn get(labels: &Labels, label: u8) -> NodeId {
    labels.iter().rev().find(|(l, _)| *l == label).map_or(NIL, |(_, v)| *v)
}

const GENERATOR: &str = "Generator expression must be parenthesized";

impl<'s> Diagnoser<'s> {
    /// Carries out an action; `None`: the rule does not match, and no other alternative is tried.
    pub(super) fn act(&mut self, action: &Action, labels: &Labels, start: usize) -> Option<NodeId> {
        match action {
            Action::Default => {}
            Action::Pick(label) => return Some(get(labels, *label)),
            Action::Since { minor, what, .. } if self.options.feature_version < *minor => {
                let message = format!("{what} only supported in Python 3.{minor} and greater");
                self.raise_here(ErrorKind::SyntaxError, message);
            }
            Action::Since { kind, children: names, .. } | Action::Node(kind, names) => {
                let mut children = Vec::new();
                for name in names {
                    let value = get(labels, *name);
                    if value == NIL {
                        continue;
                    }
                    if self.kind_of(value) == NodeKind::Seq {
                        children.extend_from_slice(self.children(value));
                    } else {
                        children.push(value);
                    }
                }
                return Some(self.node(*kind, start, &children));
            }
            Action::Null => {}
            Action::Range(a, b, message) => {
                let (a, b) = (get(labels, *a), get(labels, *b));
                let message = self.with_description(message, a);
                self.raise_range(a, b, message);
            }
            Action::From(a, message) => self.raise_from(get(labels, *a), message.clone()),
            Action::Here(message) => self.raise_here(ErrorKind::SyntaxError, message.clone()),
            Action::Next(message) => self.raise_next(message.clone()),
            Action::Indentation(message, a) => {
                let line = a.map_or(0, |a| self.span(get(labels, a)).lineno);
                self.raise_here(
                    ErrorKind::IndentationError,
                    message.replace("%d", &line.to_string()),
                );
            }
            Action::Target(target, a) => {
                if let Some(bad) = self.invalid_target(get(labels, *a), *target) {
                    let verb = if *target == Target::Del { "delete" } else { "assign to" };
                    let message = format!("cannot {verb} {}", self.kind_of(bad).description());
                    self.raise_range(bad, bad, message);
                }
            }
            Action::Do(custom, names) => {
                let values: Vec<NodeId> = names.iter().map(|n| get(labels, *n)).collect();
                return self.custom(*custom, &values, start);
            }
        }
        None
    }

    fn with_description(&self, message: &str, node: NodeId) -> String {
        if message.contains("%e") {
            message.replace("%e", self.kind_of(node).description())
        } else {
            message.to_owned()
        }
    }

    /// The part of `node` that cannot be such a target.
    fn invalid_target(&self, node: NodeId, target: Target) -> Option<NodeId> {
        match self.kind_of(node) {
            NodeKind::List | NodeKind::Tuple => {
                self.children(node).iter().find_map(|c| self.invalid_target(*c, target))
            }
            NodeKind::Starred if target == Target::Del => Some(node),
            NodeKind::Starred => self.invalid_target(*self.children(node).first()?, target),
            NodeKind::Compare if target == Target::For => {
                let children = self.children(node);
                match children {
                    [left, pair, ..] if self.kind_of(*pair) == NodeKind::InPair => {
                        self.invalid_target(*left, target)
                    }
                    _ => None,
                }
            }
            NodeKind::Name | NodeKind::Subscript | NodeKind::Attribute => None,
            _ => Some(node),
        }
    }

    /// The last expression of the last of some `for` clauses.
    fn last_of_clauses(&self, clauses: NodeId) -> NodeId {
        let last = self.children(clauses).last().copied().unwrap_or(clauses);
        self.children(last).last().copied().unwrap_or(last)
    }

    fn custom(&mut self, custom: Custom, values: &[NodeId], start: usize) -> Option<NodeId> {
        let value = |i: usize| values.get(i).copied().unwrap_or(NIL);
        let (a, b) = (value(0), value(1));
        match custom {
            Custom::Future => {
                let dots = !self.children(a).is_empty();
                if !dots && self.node_text(b) == "__future__" {
                    let names: Vec<NodeId> = self.children(value(2)).to_vec();
                    self.barry |= names.iter().any(|n| self.node_text(*n) == "barry_as_FLUFL");
                }
                return Some(self.node(NodeKind::Other, start, &[]));
            }
            Custom::Barry => {
                let modern = self.node_text(a) == "!=";
                if self.barry && modern {
                    self.raise_here(
                        ErrorKind::SyntaxError,
                        "with Barry as BDFL, use '<>' instead of '!='".into(),
                    );
                    return None;
                }
                return if self.barry != modern { Some(a) } else { None };
            }
            Custom::Real | Custom::Imaginary => {
                let imaginary = self.node_text(a).ends_with(['j', 'J']);
                let want = matches!(custom, Custom::Imaginary);
                if imaginary == want {
                    return Some(a);
                }
                let what = if want { "imaginary" } else { "real" };
                self.raise_range(a, a, format!("{what} number required in complex literal"));
            }
            Custom::Bound(what) => {
                let thing =
                    if self.kind_of(b) == NodeKind::Tuple { "constraints" } else { "bound" };
                self.raise_from(a, format!("cannot use {thing} with {what}"));
            }
            Custom::Conversion => {
                if a != NIL {
                    let text = self.node_text(a).to_owned();
                    if !matches!(text.as_str(), "s" | "r" | "a") {
                        let mut shown = String::new();
                        crate::dump::write_str_repr(&mut shown, crate::ast::PyText::new(&text));
                        self.raise_range(a, a, format!("f-string: invalid conversion character {shown}: expected 's', 'r', or 'a'"));
                        return None;
                    }
                }
                return Some(self.node(NodeKind::Other, start, &[]));
            }
            Custom::Adjacent => {
                let (sign, name) = (self.span(a), self.span(b));
                if sign.lineno != name.lineno || sign.end_col != name.col {
                    self.raise_range(
                        a,
                        b,
                        "f-string: conversion type must come right after the exclamanation mark"
                            .into(),
                    );
                    return None;
                }
                return Some(b);
            }
            Custom::SpecText => {
                let text = self.node_text(a);
                return self.check_text(text, false, a).then_some(a);
            }
            Custom::FString => return self.fstring(a, b, value(2), start),
            Custom::String => return self.string(a),
            Custom::Strings => return self.strings(a, start),
            Custom::BareGenerator => {
                let end = self.last_of_clauses(b);
                self.raise_range(a, end, GENERATOR.into());
            }
            Custom::BareGeneratorInCall => {
                let positional: Vec<NodeId> = self
                    .children(a)
                    .iter()
                    .copied()
                    .filter(|c| !matches!(self.kind_of(*c), NodeKind::Keyword | NodeKind::Unpacked))
                    .collect();
                if positional.len() > 1 {
                    let end = self.last_of_clauses(b);
                    self.raise_range(positional[positional.len() - 1], end, GENERATOR.into());
                }
            }
            Custom::PositionalAfterKeyword => {
                let unpacked =
                    self.children(a).iter().any(|c| self.kind_of(*c) == NodeKind::Unpacked);
                let tail = if unpacked { " unpacking" } else { "" };
                self.raise_here(
                    ErrorKind::SyntaxError,
                    format!("positional argument follows keyword argument{tail}"),
                );
            }
            Custom::AssignToConstant => {
                let message = format!("cannot assign to {}", self.node_text(a));
                self.raise_range(a, b, message);
            }
            Custom::Legacy => {
                let name = self.node_text(a).to_owned();
                if matches!(name.as_str(), "print" | "exec") {
                    self.raise_range(
                        a,
                        b,
                        format!(
                            "Missing parentheses in call to '{name}'. Did you mean {name}(...)?"
                        ),
                    );
                }
            }
            Custom::ForgotComma => {
                let legacy = self.kind_of(a) == NodeKind::Name
                    && matches!(self.node_text(a), "print" | "exec");
                if !legacy && self.tokens[self.mark - 1].level != 0 {
                    self.raise_range(a, b, "invalid syntax. Perhaps you forgot a comma?".into());
                }
            }
            Custom::UnparenthesizedTarget => {
                let end = self.children(b).last().copied().unwrap_or(b);
                self.raise_range(
                    a,
                    end,
                    "did you forget parentheses around the comprehension target?".into(),
                );
            }
            Custom::PositionalPatterns => {
                let list = self.children(a);
                let (first, last) =
                    (list.first().copied().unwrap_or(a), list.last().copied().unwrap_or(a));
                self.raise_range(first, last, "positional patterns follow keyword patterns".into());
            }
            Custom::ColonAfterKey => {
                let s = self.span(a);
                let (lineno, col) = (s.lineno, s.end_col - 1);
                self.raise_at(
                    ErrorKind::SyntaxError,
                    (lineno, col + 1),
                    (s.end_lineno, 0),
                    "':' expected after dictionary key".into(),
                );
            }
        }
        None
    }

    /// Whether the escapes of a piece of text are right; raises if not, warns of meaningless ones.
    fn check_text(&mut self, text: &str, raw: bool, token: NodeId) -> bool {
        let body = if matches!(text, "{{" | "}}") { &text[..1] } else { text };
        match strings::decode_text(body, raw) {
            Ok((_, bad)) => {
                if let Some(bad) = bad {
                    self.warn_escape(&bad, token);
                }
                true
            }
            Err(LiteralError::Escape(message)) => {
                self.raise_here(ErrorKind::SyntaxError, message);
                false
            }
            Err(LiteralError::NonAsciiBytes) => true,
        }
    }

    fn string(&mut self, a: NodeId) -> Option<NodeId> {
        let literal = strings::split(self.node_text(a));
        if !literal.bytes {
            return self.check_text(literal.body, literal.raw, a).then_some(a);
        }
        match strings::decode_bytes(literal.body, literal.raw) {
            Ok((_, bad)) => {
                if let Some(bad) = bad {
                    self.warn_escape(&bad, a);
                }
                let at = (a & !TOKEN_BIT) as usize;
                return Some(self.node(NodeKind::BytesLiteral, at, &[]));
            }
            Err(LiteralError::NonAsciiBytes) => {
                self.raise_range(a, a, "bytes can only contain ASCII literal characters".into());
            }
            Err(LiteralError::Escape(message)) => self.raise_here(ErrorKind::SyntaxError, message),
        }
        None
    }

    fn fstring(
        &mut self,
        open: NodeId,
        parts: NodeId,
        close: NodeId,
        start: usize,
    ) -> Option<NodeId> {
        let raw = self.node_text(open).contains(['r', 'R']);
        for part in self.children(parts).to_vec() {
            if part & TOKEN_BIT != 0 && !self.check_text(self.node_text(part), raw, close) {
                return None;
            }
        }
        Some(self.node(NodeKind::JoinedStr, start, &[]))
    }

    fn strings(&mut self, parts: NodeId, start: usize) -> Option<NodeId> {
        let kinds: Vec<NodeKind> = self.children(parts).iter().map(|p| self.kind_of(*p)).collect();
        let bytes = kinds.contains(&NodeKind::BytesLiteral);
        if bytes && kinds.iter().any(|k| *k != NodeKind::BytesLiteral) {
            self.raise_here(
                ErrorKind::SyntaxError,
                "cannot mix bytes and nonbytes literals".into(),
            );
            return None;
        }
        let kind = if kinds.contains(&NodeKind::JoinedStr) {
            NodeKind::JoinedStr
        } else {
            NodeKind::Literal
        };
        Some(self.node(kind, start, &[]))
    }

    /// What a node or token is.
    pub(super) fn kind_of(&self, id: NodeId) -> NodeKind {
        if id & TOKEN_BIT == 0 {
            return self.nodes[id as usize].kind;
        }
        match self.tokens[(id & !TOKEN_BIT) as usize].kind {
            TokenKind::Name => NodeKind::Name,
            TokenKind::Number | TokenKind::String => NodeKind::Literal,
            TokenKind::KwNone => NodeKind::None,
            TokenKind::KwTrue => NodeKind::True,
            TokenKind::KwFalse => NodeKind::False,
            TokenKind::Ellipsis => NodeKind::Ellipsis,
            _ => NodeKind::Other,
        }
    }
}
