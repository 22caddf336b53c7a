//! Scopes: which names each block binds and uses, and what every name means there. Two passes as in CPython: the
//! first collects facts from the tree, the second decides between local, global, free and cell.
//!
//! The flag values are CPython's, so that `_symtable` can show them. Where code goes and registers are not known here.

mod analyze;
mod collect;

use crate::error::Result;
use crate::name::{Interner, Name};
use indexmap::IndexMap;
use rustc_hash::{FxHashMap, FxHashSet};
use taipan_syntax::ast::*;

pub const DEF_GLOBAL: u32 = 1;
pub const DEF_LOCAL: u32 = 2;
pub const DEF_PARAM: u32 = 1 << 2;
pub const DEF_NONLOCAL: u32 = 1 << 3;
pub const USE: u32 = 1 << 4;
pub const DEF_FREE: u32 = 1 << 5;
pub const DEF_FREE_CLASS: u32 = 1 << 6;
pub const DEF_IMPORT: u32 = 1 << 7;
pub const DEF_ANNOT: u32 = 1 << 8;
pub const DEF_COMP_ITER: u32 = 1 << 9;
pub const DEF_TYPE_PARAM: u32 = 1 << 10;
pub const DEF_COMP_CELL: u32 = 1 << 11;
pub const DEF_BOUND: u32 = DEF_LOCAL | DEF_PARAM | DEF_IMPORT;
pub const SCOPE_OFFSET: u32 = 12;
pub const SCOPE_MASK: u32 = 15;

/// What a name means in a block.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum Scope {
    Unknown = 0,
    Local = 1,
    GlobalExplicit = 2,
    GlobalImplicit = 3,
    Free = 4,
    Cell = 5,
}

impl Scope {
    fn from_bits(bits: u32) -> Scope {
        match bits {
            1 => Scope::Local,
            2 => Scope::GlobalExplicit,
            3 => Scope::GlobalImplicit,
            4 => Scope::Free,
            5 => Scope::Cell,
            _ => Scope::Unknown,
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum BlockKind {
    Function = 0,
    Class = 1,
    Module = 2,
    Annotation = 3,
    TypeAlias = 4,
    TypeParameters = 5,
    TypeVariable = 6,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Comp {
    None = 0,
    List = 1,
    Dict = 2,
    Set = 3,
    Generator = 4,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct BlockId(pub u32);

/// Names a node's block: the node's address, and which of the blocks of that node.
pub type Key = (usize, KeyPart);

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum KeyPart {
    Body,
    TypeParams,
    Bound,
    Default,
    Annotation,
}

/// The key of the block that belongs to a node.
pub fn key_of<T>(node: &T, part: KeyPart) -> Key {
    (std::ptr::from_ref(node) as usize, part)
}

/// One block of names.
pub struct Block {
    pub name: Name,
    pub kind: BlockKind,
    pub symbols: IndexMap<Name, u32, rustc_hash::FxBuildHasher>,
    pub varnames: Vec<Name>,
    pub children: Vec<BlockId>,
    pub directives: Vec<(Name, Span)>,
    /// Where set, only these names are mangled: the type parameters of a generic class.
    pub mangled_names: Option<usize>,
    pub scope_info: &'static str,
    pub nested: bool,
    pub free: bool,
    pub child_free: bool,
    pub generator: bool,
    pub coroutine: bool,
    pub comprehension: Comp,
    pub varargs: bool,
    pub varkeywords: bool,
    pub returns_value: bool,
    pub needs_class_closure: bool,
    pub needs_classdict: bool,
    pub comp_inlined: bool,
    pub comp_iter_target: bool,
    pub can_see_class_scope: bool,
    pub comp_iter_expr: u32,
    /// Names that the block itself binds, without what inlined comprehensions bring. Only kept where there are any.
    pub bound_itself: Option<FxHashSet<Name>>,
    pub span: Span,
}

impl Block {
    /// The flags of a name, zero if it does not occur.
    pub fn flags(&self, name: Name) -> u32 {
        self.symbols.get(&name).copied().unwrap_or(0)
    }

    /// Does the block bind the name by its own code, not only by an inlined comprehension's?
    pub fn binds_itself(&self, name: Name) -> bool {
        match &self.bound_itself {
            Some(set) => set.contains(&name),
            None => self.flags(name) & DEF_BOUND != 0,
        }
    }

    pub fn scope(&self, name: Name) -> Scope {
        Scope::from_bits(self.flags(name) >> SCOPE_OFFSET & SCOPE_MASK)
    }

    /// Do names bound here live in fast locals and cells?
    pub fn is_function_like(&self) -> bool {
        matches!(
            self.kind,
            BlockKind::Function
                | BlockKind::TypeVariable
                | BlockKind::TypeAlias
                | BlockKind::TypeParameters
        )
    }
}

/// The symbol table of a module.
pub struct SymbolTable {
    pub blocks: Vec<Block>,
    pub mangled_sets: Vec<FxHashSet<Name>>,
    keys: FxHashMap<Key, BlockId>,
}

impl SymbolTable {
    /// The module's block.
    pub const TOP: BlockId = BlockId(0);

    pub fn block(&self, id: BlockId) -> &Block {
        &self.blocks[id.0 as usize]
    }

    pub fn find(&self, key: Key) -> Option<BlockId> {
        self.keys.get(&key).copied()
    }

    /// `name` as the block stores it, with private names mangled by the class name `private`.
    pub fn mangle(
        &self,
        names: &mut Interner,
        private: Option<Name>,
        block: BlockId,
        name: Name,
    ) -> Name {
        if let Some(set) = self.block(block).mangled_names
            && !self.mangled_sets[set].contains(&name)
        {
            return name;
        }
        mangle(names, private, name)
    }
}

/// `__name` in the class `private` becomes `_class__name`.
pub fn mangle(names: &mut Interner, private: Option<Name>, name: Name) -> Name {
    let Some(private) = private else { return name };
    let text = names.text(name);
    if !text.starts_with("__") || text.ends_with("__") || text.contains('.') {
        return name;
    }
    let class = names.text(private).trim_start_matches('_');
    if class.is_empty() {
        return name;
    }
    let mangled = format!("_{class}{text}");
    names.intern(&mangled)
}

/// Builds the table for a module. `future_annotations`: annotations are not evaluated.
pub fn build(module: &Mod, names: &mut Interner, future_annotations: bool) -> Result<SymbolTable> {
    let mut table = collect::collect(module, names, future_annotations)?;
    analyze::analyze(&mut table, names)?;
    Ok(table)
}

/// Nesting that both passes over the tree accept, CPython's number.
pub const RECURSION_LIMIT: u32 = 10_000;
