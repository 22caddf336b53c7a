//! Runs the grammar over the tokens: backtracking with CPython's memo points, seed growing for left recursion.
//!
//! Which results are remembered, how deep rules nest, and when tokens are fetched decide which error is found first,
//! so these follow CPython's generated parser. Values are node numbers; what nodes mean is `actions`' business.

use super::actions::{Action, NodeKind};
use super::grammar::{Alt, Grammar, Item, RuleId};
use super::{Diagnoser, NIL, NodeId, TOKEN_BIT};
use crate::token::TokenKind;

/// CPython's limit of nested rules.
const MAX_LEVEL: u32 = 6000;

/// Labelled values of one alternative.
pub(super) type Labels = Vec<(u8, NodeId)>;

impl<'s> Diagnoser<'s> {
    /// Parses by a rule; `None`: no match, or an error was raised.
    pub(super) fn rule(&mut self, id: RuleId) -> Option<NodeId> {
        self.nested(|d| d.rule_inner(id))
    }

    fn nested<T>(&mut self, f: impl FnOnce(&mut Self) -> Option<T>) -> Option<T> {
        if self.level == MAX_LEVEL {
            self.raise_stack_overflow();
        }
        self.level += 1;
        let result = if self.failed() {
            None
        } else {
            stacker::maybe_grow(128 * 1024, 4 * 1024 * 1024, || f(self))
        };
        self.level -= 1;
        result
    }

    fn rule_inner(&mut self, id: RuleId) -> Option<NodeId> {
        let rule = &Grammar::get().rules[id as usize];
        if !rule.memo && !rule.left_recursive {
            if rule.quiet {
                let before = std::mem::replace(&mut self.seek_errors, false);
                let result = self.alternatives(&rule.alts);
                self.seek_errors = before;
                return result;
            }
            return self.alternatives(&rule.alts);
        }
        let mark = self.mark;
        if mark == self.tokens.len() && !self.fill() {
            return None;
        }
        if let Some((end, node)) = self.memo.get(&(mark, id)) {
            self.mark = *end;
            return *node;
        }
        if rule.memo {
            let result = self.alternatives(&rule.alts);
            self.memo.insert((mark, id), (self.mark, result));
            return result;
        }
        let mut best: Option<NodeId> = None;
        let mut best_end = mark;
        loop {
            self.memo.insert((mark, id), (best_end, best));
            self.mark = mark;
            let next = self.nested(|d| d.alternatives(&rule.alts));
            if self.failed() {
                return None;
            }
            if next.is_none() || self.mark <= best_end {
                break;
            }
            best_end = self.mark;
            best = next;
        }
        self.mark = best_end;
        best
    }

    fn alternatives(&mut self, alts: &'static [Alt]) -> Option<NodeId> {
        let mark = self.mark;
        if mark == self.tokens.len() && !self.fill() {
            return None;
        }
        for alt in alts {
            if self.failed() {
                return None;
            }
            if alt.only_errors && !self.seek_errors {
                continue;
            }
            let mut labels = Labels::new();
            let mut single = NIL;
            let mut cut = false;
            let mut matched = true;
            for (label, item) in &alt.items {
                if matches!(item, Item::Cut) {
                    cut = true;
                    continue;
                }
                match self.item(item) {
                    Some(value) => {
                        single = value;
                        if *label != 0 {
                            labels.push((*label, value));
                        }
                    }
                    None => {
                        matched = false;
                        break;
                    }
                }
            }
            // Looking ahead or skipping something optional may have raised an error.
            if matched && !self.failed() {
                return match &alt.action {
                    Action::Default if alt.items.len() == 1 => Some(single),
                    Action::Default => Some(self.node(NodeKind::Other, mark, &[])),
                    action => self.act(action, &labels, mark),
                };
            }
            self.mark = mark;
            if cut {
                return None;
            }
        }
        None
    }

    fn item(&mut self, item: &'static Item) -> Option<NodeId> {
        match item {
            Item::Token(kind) => self.expect(*kind),
            Item::SoftKeyword(word) => self.expect_word(|text| text == *word),
            Item::AnySoftKeyword => {
                // A prefix is enough: CPython compares with the token's length.
                self.expect_word(|text| {
                    ["_", "case", "match", "type"].iter().any(|k| k.starts_with(text))
                })
            }
            Item::Rule(id) => self.rule(*id),
            Item::Group(alts) => self.nested(|d| d.alternatives(alts)),
            Item::Optional(item) => {
                let mark = self.mark;
                let value = self.item(item);
                if value.is_none() {
                    self.mark = mark;
                }
                if self.failed() { None } else { Some(value.unwrap_or(NIL)) }
            }
            Item::Repeat { item, min } => self.nested(|d| {
                let start = d.mark;
                let mut list = Vec::new();
                d.repeat(&mut list, |d| d.item(item));
                if d.failed() || list.len() < *min {
                    None
                } else {
                    Some(d.node(NodeKind::Seq, start, &list))
                }
            }),
            Item::Gather { separator, item } => self.nested(|d| {
                let start = d.mark;
                let first = d.item(item)?;
                let mut list = vec![first];
                d.nested(|d| {
                    d.repeat(&mut list, |d| {
                        d.expect(*separator)?;
                        d.item(item)
                    });
                    Some(())
                })?;
                if d.failed() { None } else { Some(d.node(NodeKind::Seq, start, &list)) }
            }),
            Item::Lookahead { item, positive } => {
                let mark = self.mark;
                let found = self.item(item).is_some();
                self.mark = mark;
                if found == *positive { Some(NIL) } else { None }
            }
            Item::Cut => Some(NIL),
            Item::Forced(kind) => {
                if self.failed() || (self.mark == self.tokens.len() && !self.fill()) {
                    return None;
                }
                match self.expect(*kind) {
                    Some(token) => Some(token),
                    None => {
                        let at = self.mark as NodeId | TOKEN_BIT;
                        self.raise_range(at, at, format!("expected '{}'", kind.text()));
                        None
                    }
                }
            }
        }
    }

    fn repeat(&mut self, list: &mut Vec<NodeId>, mut f: impl FnMut(&mut Self) -> Option<NodeId>) {
        loop {
            let mark = self.mark;
            match f(self) {
                Some(value) if !self.failed() => list.push(value),
                _ => {
                    self.mark = mark;
                    return;
                }
            }
        }
    }

    fn expect(&mut self, kind: TokenKind) -> Option<NodeId> {
        if self.mark == self.tokens.len() && !self.fill() {
            return None;
        }
        let token = self.tokens[self.mark];
        if token.kind != kind {
            return None;
        }
        self.mark += 1;
        match kind {
            TokenKind::Name if !self.check_name(token) => None,
            TokenKind::Number if !self.check_number(token) => None,
            _ => Some((self.mark - 1) as NodeId | TOKEN_BIT),
        }
    }

    fn expect_word(&mut self, accept: impl Fn(&str) -> bool) -> Option<NodeId> {
        if self.mark == self.tokens.len() && !self.fill() {
            return None;
        }
        let token = self.tokens[self.mark];
        if token.kind != TokenKind::Name || !accept(self.text(token)) {
            return None;
        }
        self.mark += 1;
        Some((self.mark - 1) as NodeId | TOKEN_BIT)
    }
}
