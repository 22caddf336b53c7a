//! Reads `grammar.txt` into tables, once. The notation is described there.

use std::collections::HashMap;
use std::sync::OnceLock;

use super::actions::{Action, Custom, NodeKind, Target};
use crate::token::TokenKind;

pub(super) type RuleId = u16;

#[derive(Debug)]
pub(super) enum Item {
    Token(TokenKind),
    SoftKeyword(&'static str),
    AnySoftKeyword,
    Rule(RuleId),
    Group(Vec<Alt>),
    Optional(Box<Item>),
    /// `min` repetitions at least.
    Repeat {
        item: Box<Item>,
        min: usize,
    },
    Gather {
        separator: TokenKind,
        item: Box<Item>,
    },
    Lookahead {
        item: Box<Item>,
        positive: bool,
    },
    Cut,
    Forced(TokenKind),
}

#[derive(Debug)]
pub(super) struct Alt {
    /// Items with their label, 0 for none.
    pub items: Vec<(u8, Item)>,
    pub action: Action,
    /// Only an `invalid_*` rule.
    pub only_errors: bool,
}

#[derive(Debug, Default)]
pub(super) struct Rule {
    pub alts: Vec<Alt>,
    pub memo: bool,
    pub left_recursive: bool,
    pub quiet: bool,
}

#[derive(Debug)]
pub(super) struct Grammar {
    pub rules: Vec<Rule>,
    ids: HashMap<&'static str, RuleId>,
}

impl Grammar {
    pub fn get() -> &'static Grammar {
        static GRAMMAR: OnceLock<Grammar> = OnceLock::new();
        GRAMMAR.get_or_init(|| Grammar::read(include_str!("grammar.txt")))
    }

    pub fn rule(&self, name: &str) -> RuleId {
        self.ids[name]
    }

    fn read(text: &'static str) -> Grammar {
        let mut heads: Vec<(&'static str, Vec<&'static str>)> = Vec::new();
        for line in text.lines() {
            if line.starts_with('#') || line.trim().is_empty() {
                continue;
            }
            if line.starts_with(' ') {
                heads.last_mut().expect("a rule before its alternatives").1.push(line);
                continue;
            }
            let (head, rest) = line.split_once(':').expect("a colon after the rule's name");
            heads.push((head, vec![rest]));
        }
        let ids: HashMap<_, _> = heads
            .iter()
            .enumerate()
            .map(|(i, (head, _))| (head.split(' ').next().unwrap_or(head), i as RuleId))
            .collect();
        let rules = heads
            .iter()
            .map(|(head, lines)| {
                let mut rule = Rule {
                    memo: head.contains(" memo"),
                    left_recursive: head.contains(" left"),
                    quiet: head.contains(" quiet"),
                    alts: Vec::new(),
                };
                for line in lines {
                    let mut reader = Reader { words: split_words(line), at: 0, ids: &ids };
                    if !reader.words.is_empty() {
                        rule.alts.extend(reader.alternatives());
                    }
                    assert!(reader.at == reader.words.len(), "unread words in {head}: {line}");
                }
                rule
            })
            .collect();
        Grammar { rules, ids }
    }
}

/// Splits a line into quoted texts, names (with a `label=` in front) and signs.
fn split_words(line: &'static str) -> Vec<&'static str> {
    let bytes = line.as_bytes();
    let mut words = Vec::new();
    let mut i = 0;
    while i < bytes.len() {
        let start = i;
        match bytes[i] {
            b' ' => {
                i += 1;
                continue;
            }
            q @ (b'\'' | b'"') => {
                i += 1;
                while bytes[i] != q {
                    i += if bytes[i] == b'\\' { 2 } else { 1 };
                }
                i += 1;
            }
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_' => {
                while i < bytes.len() && (bytes[i].is_ascii_alphanumeric() || bytes[i] == b'_') {
                    i += 1;
                }
            }
            b'=' if bytes.get(i + 1) == Some(&b'>') => i += 2,
            b'&' if bytes.get(i + 1) == Some(&b'&') => i += 2,
            _ => i += 1,
        }
        words.push(&line[start..i]);
    }
    words
}

fn token_named(text: &str) -> TokenKind {
    TokenKind::ALL
        .iter()
        .copied()
        .find(|k| k.text() == text)
        .unwrap_or_else(|| panic!("no token {text}"))
}

fn token_class(name: &str) -> Option<TokenKind> {
    Some(match name {
        "NAME" => TokenKind::Name,
        "NUMBER" => TokenKind::Number,
        "STRING" => TokenKind::String,
        "NEWLINE" => TokenKind::Newline,
        "INDENT" => TokenKind::Indent,
        "DEDENT" => TokenKind::Dedent,
        "ENDMARKER" => TokenKind::EndMarker,
        "TYPE_COMMENT" => TokenKind::TypeComment,
        "FSTRING_START" => TokenKind::FStringStart,
        "FSTRING_MIDDLE" => TokenKind::FStringMiddle,
        "FSTRING_END" => TokenKind::FStringEnd,
        _ => return None,
    })
}

struct Reader<'g> {
    words: Vec<&'static str>,
    at: usize,
    ids: &'g HashMap<&'static str, RuleId>,
}

impl Reader<'_> {
    fn peek(&self) -> &'static str {
        self.words.get(self.at).copied().unwrap_or("")
    }

    fn take(&mut self) -> &'static str {
        let word = self.peek();
        self.at += 1;
        word
    }

    fn eat(&mut self, word: &str) -> bool {
        let yes = self.peek() == word;
        self.at += usize::from(yes);
        yes
    }

    fn alternatives(&mut self) -> Vec<Alt> {
        let mut alts = Vec::new();
        self.eat("|");
        loop {
            alts.push(self.alternative());
            if !self.eat("|") {
                return alts;
            }
        }
    }

    fn alternative(&mut self) -> Alt {
        let mut items = Vec::new();
        let mut only_errors = false;
        while !matches!(self.peek(), "" | "|" | ")" | "]" | "=>") {
            only_errors = items.is_empty() && self.peek().starts_with("invalid_");
            let mut label = 0;
            if self.words.get(self.at + 1) == Some(&"=") {
                label = self.take().as_bytes()[0];
                self.take();
            }
            items.push((label, self.item()));
        }
        let action = if self.eat("=>") { self.action() } else { Action::Default };
        Alt { items, action, only_errors }
    }

    fn item(&mut self) -> Item {
        if self.eat("&&") {
            return Item::Forced(self.token());
        }
        for (sign, positive) in [("&", true), ("!", false)] {
            if self.eat(sign) {
                return Item::Lookahead { item: Box::new(self.atom()), positive };
            }
        }
        if self.eat("~") {
            return Item::Cut;
        }
        if self.words.get(self.at + 1) == Some(&".") {
            let separator = self.token();
            self.take();
            let item = Box::new(self.atom());
            assert!(self.eat("+"), "a gather ends in +");
            return Item::Gather { separator, item };
        }
        let atom = self.atom();
        match self.peek() {
            "?" => {
                self.take();
                Item::Optional(Box::new(atom))
            }
            "*" => {
                self.take();
                Item::Repeat { item: Box::new(atom), min: 0 }
            }
            "+" => {
                self.take();
                Item::Repeat { item: Box::new(atom), min: 1 }
            }
            _ => atom,
        }
    }

    fn token(&mut self) -> TokenKind {
        token_named(self.take().trim_matches('\''))
    }

    fn atom(&mut self) -> Item {
        let word = self.peek();
        if word.starts_with('\'') {
            return Item::Token(self.token());
        }
        self.take();
        if word == "(" || word == "[" {
            let mut alts = self.alternatives();
            assert!(self.eat(if word == "(" { ")" } else { "]" }), "a closing bracket");
            let plain = alts.len() == 1
                && alts[0].items.len() == 1
                && matches!(alts[0].action, Action::Default);
            let inner = match alts.pop() {
                Some(mut only) if plain => only.items.remove(0).1,
                Some(last) => {
                    alts.push(last);
                    Item::Group(alts)
                }
                None => Item::Cut,
            };
            return if word == "[" { Item::Optional(Box::new(inner)) } else { inner };
        }
        if let Some(text) = word.strip_prefix('"') {
            return Item::SoftKeyword(text.trim_end_matches('"'));
        }
        if word == "SOFT_KEYWORD" {
            return Item::AnySoftKeyword;
        }
        match token_class(word) {
            Some(kind) => Item::Token(kind),
            None => Item::Rule(*self.ids.get(word).unwrap_or_else(|| panic!("no rule {word}"))),
        }
    }

    fn label(&mut self) -> u8 {
        self.take().as_bytes()[0]
    }

    fn labels(&mut self) -> Vec<u8> {
        let mut labels = Vec::new();
        while self.peek().len() == 1 && self.peek().as_bytes()[0].is_ascii_lowercase() {
            labels.push(self.label());
        }
        labels
    }

    fn message(&mut self) -> String {
        self.take().trim_matches('"').replace("\\\"", "\"")
    }

    fn action(&mut self) -> Action {
        let verb = self.take();
        match verb {
            "$" => Action::Pick(self.label()),
            "null" => Action::Null,
            "since" => {
                let minor = self.take().parse().expect("a minor version");
                let what = self.message();
                let kind = NodeKind::named(self.take());
                Action::Since { minor, what, kind, children: self.labels() }
            }
            "at" => {
                let a = self.label();
                Action::Range(a, a, self.message())
            }
            "range" => {
                let (a, b) = (self.label(), self.label());
                Action::Range(a, b, self.message())
            }
            "from" => {
                let a = self.label();
                Action::From(a, self.message())
            }
            "here" => Action::Here(self.message()),
            "next" => Action::Next(self.message()),
            "indent" => {
                let message = self.message();
                Action::Indentation(message, self.labels().first().copied())
            }
            "target" => {
                let target = match self.take() {
                    "star" => Target::Star,
                    "del" => Target::Del,
                    _ => Target::For,
                };
                Action::Target(target, self.label())
            }
            "do" => {
                let custom = Custom::named(self.take());
                let labels = self.labels();
                if matches!(custom, Custom::Bound(_)) {
                    return Action::Do(Custom::Bound(self.take()), labels);
                }
                Action::Do(custom, labels)
            }
            kind => {
                let kind = NodeKind::named(kind);
                Action::Node(kind, self.labels())
            }
        }
    }
}
