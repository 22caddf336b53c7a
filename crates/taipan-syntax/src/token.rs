//! Tokens: kinds and positions. Kinds up to `ErrorToken` have the numbers of CPython's `token` module; keywords follow.
//!
//! Making tokens is `tokenizer`'s business.

/// Declares the kinds in CPython's numbering, with the text of those that always read the same.
macro_rules! token_kinds {
    ($($name:ident = $text:expr,)*) => {
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[repr(u8)]
        pub enum TokenKind { $($name,)* }

        impl TokenKind {
            pub const ALL: &'static [TokenKind] = &[$(TokenKind::$name,)*];

            /// The text of an operator or keyword; empty for the rest.
            pub fn text(self) -> &'static str {
                match self { $(TokenKind::$name => $text,)* }
            }
        }
    };
}

token_kinds! {
    EndMarker = "", Name = "", Number = "", String = "", Newline = "", Indent = "", Dedent = "",
    LPar = "(", RPar = ")", LSqb = "[", RSqb = "]", Colon = ":", Comma = ",", Semi = ";",
    Plus = "+", Minus = "-", Star = "*", Slash = "/", VBar = "|", Amper = "&", Less = "<", Greater = ">",
    Equal = "=", Dot = ".", Percent = "%", LBrace = "{", RBrace = "}", EqEqual = "==", NotEqual = "!=",
    LessEqual = "<=", GreaterEqual = ">=", Tilde = "~", Circumflex = "^", LeftShift = "<<", RightShift = ">>",
    DoubleStar = "**", PlusEqual = "+=", MinEqual = "-=", StarEqual = "*=", SlashEqual = "/=",
    PercentEqual = "%=", AmperEqual = "&=", VBarEqual = "|=", CircumflexEqual = "^=", LeftShiftEqual = "<<=",
    RightShiftEqual = ">>=", DoubleStarEqual = "**=", DoubleSlash = "//", DoubleSlashEqual = "//=", At = "@",
    AtEqual = "@=", RArrow = "->", Ellipsis = "...", ColonEqual = ":=", Exclamation = "!",
    Op = "", TypeIgnore = "", TypeComment = "", SoftKeyword = "", FStringStart = "", FStringMiddle = "",
    FStringEnd = "", Comment = "", Nl = "", ErrorToken = "",
    KwFalse = "False", KwNone = "None", KwTrue = "True", KwAnd = "and", KwAs = "as", KwAssert = "assert",
    KwAsync = "async", KwAwait = "await", KwBreak = "break", KwClass = "class", KwContinue = "continue",
    KwDef = "def", KwDel = "del", KwElif = "elif", KwElse = "else", KwExcept = "except", KwFinally = "finally",
    KwFor = "for", KwFrom = "from", KwGlobal = "global", KwIf = "if", KwImport = "import", KwIn = "in",
    KwIs = "is", KwLambda = "lambda", KwNonlocal = "nonlocal", KwNot = "not", KwOr = "or", KwPass = "pass",
    KwRaise = "raise", KwReturn = "return", KwTry = "try", KwWhile = "while", KwWith = "with", KwYield = "yield",
}

impl TokenKind {
    /// The keyword that `word` is, or `Name`.
    pub fn of_word(word: &[u8]) -> TokenKind {
        use TokenKind::*;
        match word.len() {
            2 => match word {
                b"as" => KwAs,
                b"if" => KwIf,
                b"in" => KwIn,
                b"is" => KwIs,
                b"or" => KwOr,
                _ => Name,
            },
            3 => match word {
                b"and" => KwAnd,
                b"def" => KwDef,
                b"del" => KwDel,
                b"for" => KwFor,
                b"not" => KwNot,
                b"try" => KwTry,
                _ => Name,
            },
            4 => match word {
                b"None" => KwNone,
                b"True" => KwTrue,
                b"elif" => KwElif,
                b"else" => KwElse,
                b"from" => KwFrom,
                b"pass" => KwPass,
                b"with" => KwWith,
                _ => Name,
            },
            5 => match word {
                b"False" => KwFalse,
                b"async" => KwAsync,
                b"await" => KwAwait,
                b"break" => KwBreak,
                b"class" => KwClass,
                b"raise" => KwRaise,
                b"while" => KwWhile,
                b"yield" => KwYield,
                _ => Name,
            },
            6 => match word {
                b"assert" => KwAssert,
                b"except" => KwExcept,
                b"global" => KwGlobal,
                b"import" => KwImport,
                b"lambda" => KwLambda,
                b"return" => KwReturn,
                _ => Name,
            },
            7 if word == b"finally" => KwFinally,
            8 => match word {
                b"continue" => KwContinue,
                b"nonlocal" => KwNonlocal,
                _ => Name,
            },
            _ => Name,
        }
    }

    pub fn is_keyword(self) -> bool {
        self > TokenKind::ErrorToken
    }

    /// Whether the kind is one of those whose first line counts as the token's line.
    pub fn is_string_literal(self) -> bool {
        matches!(self, TokenKind::String | TokenKind::FStringMiddle)
    }
}

/// One token. `start..end` are byte offsets in the source; columns are UTF-8 bytes, -1 for tokens without text.
#[derive(Clone, Copy, Debug)]
pub struct Token {
    pub kind: TokenKind,
    /// Depth of open brackets after the token.
    pub level: u8,
    pub start: u32,
    pub end: u32,
    pub lineno: u32,
    pub col: i32,
    pub end_lineno: u32,
    pub end_col: i32,
}
