//! Interned identifiers: a `Name` is a small number for as long as one compilation runs.

use rustc_hash::FxHashMap;
use std::sync::Arc;

/// An interned identifier.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct Name(pub u32);

/// The names of one compilation.
#[derive(Default)]
pub struct Interner {
    index: FxHashMap<Arc<str>, Name>,
    texts: Vec<Arc<str>>,
}

impl Interner {
    pub fn intern(&mut self, text: &str) -> Name {
        if let Some(name) = self.index.get(text) {
            return *name;
        }
        let name = Name(self.texts.len() as u32);
        let text: Arc<str> = text.into();
        self.texts.push(text.clone());
        self.index.insert(text, name);
        name
    }

    pub fn text(&self, name: Name) -> &str {
        &self.texts[name.0 as usize]
    }

    /// The shared text.
    pub fn shared(&self, name: Name) -> Arc<str> {
        self.texts[name.0 as usize].clone()
    }
}
