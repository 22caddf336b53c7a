//! The abstract syntax tree: CPython 3.13's ASDL, node for node and field for field, in an arena.
//!
//! Nodes live in a `bumpalo::Bump` and are `&'a` references; lists are slices in the same arena, so dropping a deep
//! tree recurses nowhere. Everything here is `Copy`. Positions are those that the `ast` module reports: lines from 1,
//! columns in UTF-8 bytes from 0. What the tree means (scopes, constant folding) does not belong here.

use std::fmt;

pub type Ident<'a> = &'a str;
pub type ExprRef<'a> = &'a Expr<'a>;
pub type StmtRef<'a> = &'a Stmt<'a>;
pub type PatternRef<'a> = &'a Pattern<'a>;
pub type Exprs<'a> = &'a [ExprRef<'a>];
pub type Body<'a> = &'a [StmtRef<'a>];

/// Where a node stands in the source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Hash)]
pub struct Span {
    pub lineno: u32,
    pub col_offset: u32,
    pub end_lineno: u32,
    pub end_col_offset: u32,
}

impl Span {
    /// From the start of `self` to the end of `end`.
    #[must_use]
    pub fn to(self, end: Span) -> Span {
        Span {
            lineno: self.lineno,
            col_offset: self.col_offset,
            end_lineno: end.end_lineno,
            end_col_offset: end.end_col_offset,
        }
    }
}

/// What one compilation parses.
#[derive(Clone, Copy, Debug)]
pub enum Mod<'a> {
    Module { body: Body<'a>, type_ignores: &'a [TypeIgnore<'a>] },
    Interactive { body: Body<'a> },
    Expression { body: ExprRef<'a> },
    FunctionType { argtypes: Exprs<'a>, returns: ExprRef<'a> },
}

#[derive(Clone, Copy, Debug)]
pub struct Stmt<'a> {
    pub kind: StmtKind<'a>,
    pub range: Span,
}

/// `FunctionDef` and `AsyncFunctionDef` share this.
#[derive(Clone, Copy, Debug)]
pub struct FunctionDef<'a> {
    pub name: Ident<'a>,
    pub args: &'a Arguments<'a>,
    pub body: Body<'a>,
    pub decorator_list: Exprs<'a>,
    pub returns: Option<ExprRef<'a>>,
    pub type_comment: Option<&'a str>,
    pub type_params: &'a [TypeParam<'a>],
}

#[derive(Clone, Copy, Debug)]
pub struct ClassDef<'a> {
    pub name: Ident<'a>,
    pub bases: Exprs<'a>,
    pub keywords: &'a [Keyword<'a>],
    pub body: Body<'a>,
    pub decorator_list: Exprs<'a>,
    pub type_params: &'a [TypeParam<'a>],
}

/// `For` and `AsyncFor` share this.
#[derive(Clone, Copy, Debug)]
pub struct For<'a> {
    pub target: ExprRef<'a>,
    pub iter: ExprRef<'a>,
    pub body: Body<'a>,
    pub orelse: Body<'a>,
    pub type_comment: Option<&'a str>,
}

/// `With` and `AsyncWith` share this.
#[derive(Clone, Copy, Debug)]
pub struct With<'a> {
    pub items: &'a [WithItem<'a>],
    pub body: Body<'a>,
    pub type_comment: Option<&'a str>,
}

/// `Try` and `TryStar` share this.
#[derive(Clone, Copy, Debug)]
pub struct Try<'a> {
    pub body: Body<'a>,
    pub handlers: &'a [ExceptHandler<'a>],
    pub orelse: Body<'a>,
    pub finalbody: Body<'a>,
}

#[derive(Clone, Copy, Debug)]
pub enum StmtKind<'a> {
    FunctionDef(&'a FunctionDef<'a>),
    AsyncFunctionDef(&'a FunctionDef<'a>),
    ClassDef(&'a ClassDef<'a>),
    Return {
        value: Option<ExprRef<'a>>,
    },
    Delete {
        targets: Exprs<'a>,
    },
    Assign {
        targets: Exprs<'a>,
        value: ExprRef<'a>,
        type_comment: Option<&'a str>,
    },
    TypeAlias {
        name: ExprRef<'a>,
        type_params: &'a [TypeParam<'a>],
        value: ExprRef<'a>,
    },
    AugAssign {
        target: ExprRef<'a>,
        op: Operator,
        value: ExprRef<'a>,
    },
    /// `simple`: a bare name without parentheses is annotated.
    AnnAssign {
        target: ExprRef<'a>,
        annotation: ExprRef<'a>,
        value: Option<ExprRef<'a>>,
        simple: bool,
    },
    For(&'a For<'a>),
    AsyncFor(&'a For<'a>),
    While {
        test: ExprRef<'a>,
        body: Body<'a>,
        orelse: Body<'a>,
    },
    If {
        test: ExprRef<'a>,
        body: Body<'a>,
        orelse: Body<'a>,
    },
    With(&'a With<'a>),
    AsyncWith(&'a With<'a>),
    Match {
        subject: ExprRef<'a>,
        cases: &'a [MatchCase<'a>],
    },
    Raise {
        exc: Option<ExprRef<'a>>,
        cause: Option<ExprRef<'a>>,
    },
    Try(&'a Try<'a>),
    TryStar(&'a Try<'a>),
    Assert {
        test: ExprRef<'a>,
        msg: Option<ExprRef<'a>>,
    },
    Import {
        names: &'a [Alias<'a>],
    },
    ImportFrom {
        module: Option<Ident<'a>>,
        names: &'a [Alias<'a>],
        level: u32,
    },
    Global {
        names: &'a [Ident<'a>],
    },
    Nonlocal {
        names: &'a [Ident<'a>],
    },
    Expr {
        value: ExprRef<'a>,
    },
    Pass,
    Break,
    Continue,
}

#[derive(Clone, Copy, Debug)]
pub struct Expr<'a> {
    pub kind: ExprKind<'a>,
    pub range: Span,
}

#[derive(Clone, Copy, Debug)]
pub enum ExprKind<'a> {
    BoolOp {
        op: BoolOp,
        values: Exprs<'a>,
    },
    NamedExpr {
        target: ExprRef<'a>,
        value: ExprRef<'a>,
    },
    BinOp {
        left: ExprRef<'a>,
        op: Operator,
        right: ExprRef<'a>,
    },
    UnaryOp {
        op: UnaryOp,
        operand: ExprRef<'a>,
    },
    Lambda {
        args: &'a Arguments<'a>,
        body: ExprRef<'a>,
    },
    IfExp {
        test: ExprRef<'a>,
        body: ExprRef<'a>,
        orelse: ExprRef<'a>,
    },
    /// A `None` key is `**value`.
    Dict {
        keys: &'a [Option<ExprRef<'a>>],
        values: Exprs<'a>,
    },
    Set {
        elts: Exprs<'a>,
    },
    ListComp {
        elt: ExprRef<'a>,
        generators: &'a [Comprehension<'a>],
    },
    SetComp {
        elt: ExprRef<'a>,
        generators: &'a [Comprehension<'a>],
    },
    DictComp {
        key: ExprRef<'a>,
        value: ExprRef<'a>,
        generators: &'a [Comprehension<'a>],
    },
    GeneratorExp {
        elt: ExprRef<'a>,
        generators: &'a [Comprehension<'a>],
    },
    Await {
        value: ExprRef<'a>,
    },
    Yield {
        value: Option<ExprRef<'a>>,
    },
    YieldFrom {
        value: ExprRef<'a>,
    },
    Compare {
        left: ExprRef<'a>,
        ops: &'a [CmpOp],
        comparators: Exprs<'a>,
    },
    Call {
        func: ExprRef<'a>,
        args: Exprs<'a>,
        keywords: &'a [Keyword<'a>],
    },
    /// `conversion`: -1, or the code of `s`, `r`, `a`.
    FormattedValue {
        value: ExprRef<'a>,
        conversion: i32,
        format_spec: Option<ExprRef<'a>>,
    },
    JoinedStr {
        values: Exprs<'a>,
    },
    /// `kind`: `u` for a `u''` literal.
    Constant {
        value: Constant<'a>,
        kind: Option<&'a str>,
    },
    Attribute {
        value: ExprRef<'a>,
        attr: Ident<'a>,
        ctx: ExprContext,
    },
    Subscript {
        value: ExprRef<'a>,
        slice: ExprRef<'a>,
        ctx: ExprContext,
    },
    Starred {
        value: ExprRef<'a>,
        ctx: ExprContext,
    },
    Name {
        id: Ident<'a>,
        ctx: ExprContext,
    },
    List {
        elts: Exprs<'a>,
        ctx: ExprContext,
    },
    Tuple {
        elts: Exprs<'a>,
        ctx: ExprContext,
    },
    Slice {
        lower: Option<ExprRef<'a>>,
        upper: Option<ExprRef<'a>>,
        step: Option<ExprRef<'a>>,
    },
}

/// The value of a `Constant`. `Tuple` and `FrozenSet` never come from the parser, only from trees that Python code
/// hands to `compile`.
#[derive(Clone, Copy, Debug)]
pub enum Constant<'a> {
    None,
    True,
    False,
    Ellipsis,
    Str(PyText<'a>),
    Bytes(&'a [u8]),
    Int(Int<'a>),
    Float(f64),
    Complex {
        real: f64,
        imag: f64,
    },
    Tuple(&'a [Constant<'a>]),
    FrozenSet(&'a [Constant<'a>]),
    /// A value of this other type, which `validate` refuses.
    Invalid(&'a str),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Int<'a> {
    Small(i64),
    /// Digits in `radix` (2, 8, 10, 16) without prefix and underscores; does not fit `Small`. `negative` is only ever
    /// set in trees that Python code built.
    Big {
        radix: u32,
        digits: &'a str,
        negative: bool,
    },
}

/// Text that may hold lone surrogates: UTF-8, generalised to encode surrogates as three bytes each (WTF-8 without its
/// pairing rule: two escapes that make a pair stay two code points).
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct PyText<'a>(&'a [u8]);

impl<'a> PyText<'a> {
    pub fn new(text: &'a str) -> Self {
        PyText(text.as_bytes())
    }

    /// `bytes` must be well-formed generalised UTF-8.
    pub fn from_generalized(bytes: &'a [u8]) -> Self {
        PyText(bytes)
    }

    pub fn as_bytes(self) -> &'a [u8] {
        self.0
    }

    /// `None` if the text holds surrogates.
    pub fn as_str(self) -> Option<&'a str> {
        std::str::from_utf8(self.0).ok()
    }

    pub fn is_empty(self) -> bool {
        self.0.is_empty()
    }

    pub fn code_points(self) -> CodePoints<'a> {
        CodePoints(self.0)
    }

    /// Appends one code point, surrogates included, to a buffer of generalised UTF-8.
    pub fn push_code_point(buf: &mut Vec<u8>, cp: u32) {
        match char::from_u32(cp) {
            Some(c) => buf.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
            None => buf.extend_from_slice(&[
                0xE0 | (cp >> 12) as u8,
                0x80 | (cp >> 6 & 0x3F) as u8,
                0x80 | (cp & 0x3F) as u8,
            ]),
        }
    }
}

impl fmt::Debug for PyText<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&String::from_utf8_lossy(self.0), f)
    }
}

/// Iterates over code points, surrogates included.
#[derive(Clone, Debug)]
pub struct CodePoints<'a>(&'a [u8]);

impl Iterator for CodePoints<'_> {
    type Item = u32;

    fn next(&mut self) -> Option<u32> {
        let b = self.0;
        let at = |i: usize| u32::from(b.get(i).copied().unwrap_or(0) & 0x3F);
        let first = u32::from(*b.first()?);
        let (cp, len) = match first {
            0..0x80 => (first, 1),
            0x80..0xE0 => ((first & 0x1F) << 6 | at(1), 2),
            0xE0..0xF0 => ((first & 0xF) << 12 | at(1) << 6 | at(2), 3),
            _ => ((first & 7) << 18 | at(1) << 12 | at(2) << 6 | at(3), 4),
        };
        self.0 = b.get(len..).unwrap_or(&[]);
        Some(cp)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExprContext {
    Load,
    Store,
    Del,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BoolOp {
    And,
    Or,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    Add,
    Sub,
    Mult,
    MatMult,
    Div,
    Mod,
    Pow,
    LShift,
    RShift,
    BitOr,
    BitXor,
    BitAnd,
    FloorDiv,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnaryOp {
    Invert,
    Not,
    UAdd,
    USub,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CmpOp {
    Eq,
    NotEq,
    Lt,
    LtE,
    Gt,
    GtE,
    Is,
    IsNot,
    In,
    NotIn,
}

#[derive(Clone, Copy, Debug)]
pub struct Comprehension<'a> {
    pub target: ExprRef<'a>,
    pub iter: ExprRef<'a>,
    pub ifs: Exprs<'a>,
    pub is_async: bool,
}

#[derive(Clone, Copy, Debug)]
pub struct ExceptHandler<'a> {
    pub typ: Option<ExprRef<'a>>,
    pub name: Option<Ident<'a>>,
    pub body: Body<'a>,
    pub range: Span,
}

/// A parameter list. `defaults` belong to the last of `posonlyargs` + `args`; `kw_defaults` has one entry for each of
/// `kwonlyargs`.
#[derive(Clone, Copy, Debug, Default)]
pub struct Arguments<'a> {
    pub posonlyargs: &'a [Arg<'a>],
    pub args: &'a [Arg<'a>],
    pub vararg: Option<&'a Arg<'a>>,
    pub kwonlyargs: &'a [Arg<'a>],
    pub kw_defaults: &'a [Option<ExprRef<'a>>],
    pub kwarg: Option<&'a Arg<'a>>,
    pub defaults: Exprs<'a>,
}

#[derive(Clone, Copy, Debug)]
pub struct Arg<'a> {
    pub arg: Ident<'a>,
    pub annotation: Option<ExprRef<'a>>,
    pub type_comment: Option<&'a str>,
    pub range: Span,
}

/// A keyword argument of a call or class; without a name it is `**value`.
#[derive(Clone, Copy, Debug)]
pub struct Keyword<'a> {
    pub arg: Option<Ident<'a>>,
    pub value: ExprRef<'a>,
    pub range: Span,
}

#[derive(Clone, Copy, Debug)]
pub struct Alias<'a> {
    pub name: Ident<'a>,
    pub asname: Option<Ident<'a>>,
    pub range: Span,
}

#[derive(Clone, Copy, Debug)]
pub struct WithItem<'a> {
    pub context_expr: ExprRef<'a>,
    pub optional_vars: Option<ExprRef<'a>>,
}

#[derive(Clone, Copy, Debug)]
pub struct MatchCase<'a> {
    pub pattern: PatternRef<'a>,
    pub guard: Option<ExprRef<'a>>,
    pub body: Body<'a>,
}

#[derive(Clone, Copy, Debug)]
pub struct Pattern<'a> {
    pub kind: PatternKind<'a>,
    pub range: Span,
}

#[derive(Clone, Copy, Debug)]
pub enum PatternKind<'a> {
    MatchValue {
        value: ExprRef<'a>,
    },
    /// `None`, `True` or `False`.
    MatchSingleton {
        value: Constant<'a>,
    },
    MatchSequence {
        patterns: &'a [PatternRef<'a>],
    },
    MatchMapping {
        keys: Exprs<'a>,
        patterns: &'a [PatternRef<'a>],
        rest: Option<Ident<'a>>,
    },
    MatchClass {
        cls: ExprRef<'a>,
        patterns: &'a [PatternRef<'a>],
        kwd_attrs: &'a [Ident<'a>],
        kwd_patterns: &'a [PatternRef<'a>],
    },
    MatchStar {
        name: Option<Ident<'a>>,
    },
    /// Neither pattern nor name: the wildcard `_`.
    MatchAs {
        pattern: Option<PatternRef<'a>>,
        name: Option<Ident<'a>>,
    },
    MatchOr {
        patterns: &'a [PatternRef<'a>],
    },
}

#[derive(Clone, Copy, Debug)]
pub struct TypeIgnore<'a> {
    pub lineno: u32,
    pub tag: &'a str,
}

#[derive(Clone, Copy, Debug)]
pub struct TypeParam<'a> {
    pub kind: TypeParamKind<'a>,
    pub range: Span,
}

#[derive(Clone, Copy, Debug)]
pub enum TypeParamKind<'a> {
    TypeVar { name: Ident<'a>, bound: Option<ExprRef<'a>>, default_value: Option<ExprRef<'a>> },
    ParamSpec { name: Ident<'a>, default_value: Option<ExprRef<'a>> },
    TypeVarTuple { name: Ident<'a>, default_value: Option<ExprRef<'a>> },
}
