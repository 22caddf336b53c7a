//! Second pass: local, global, free or cell, for every name of every block.

use super::*;
use crate::error::CompileError;
use std::collections::BTreeSet;

type Set = FxHashSet<Name>;

struct Analyzer<'a> {
    st: &'a mut SymbolTable,
    names: &'a Interner,
    class: Name,
    classdict: Name,
}

/// Second pass: decides the scope of every name in every block.
pub(super) fn analyze(st: &mut SymbolTable, names: &mut Interner) -> Result<()> {
    let (class, classdict) = (names.intern("__class__"), names.intern("__classdict__"));
    let mut a = Analyzer { st, names, class, classdict };
    let mut type_params = Set::default();
    a.block(SymbolTable::TOP, None, &mut Set::default(), &mut type_params, None)?;
    Ok(())
}

impl Analyzer<'_> {
    fn error_at_directive(&self, id: BlockId, name: Name, msg: String) -> Box<CompileError> {
        let span = self.st.block(id).directives.iter().find(|(n, _)| *n == name).map(|(_, s)| *s);
        CompileError::scope(msg, span.unwrap_or_default())
    }

    /// Analyses a block and its children; returns the names that are free in it.
    fn block(
        &mut self,
        id: BlockId,
        mut bound: Option<Set>,
        global: &mut Set,
        type_params: &mut Set,
        class_entry: Option<BlockId>,
    ) -> Result<BTreeSet<Name>> {
        let mut local = Set::default();
        let mut scopes: FxHashMap<Name, Scope> = FxHashMap::default();
        let mut free = BTreeSet::new();
        let mut new_bound = Set::default();
        let mut new_global = Set::default();
        let mut inlined_cells = Set::default();
        let is_class = self.st.block(id).kind == BlockKind::Class;
        let function_like = self.st.block(id).is_function_like();
        if is_class {
            new_global.extend(global.iter());
            if let Some(b) = &bound {
                new_bound.extend(b.iter());
            }
        }
        let symbols: Vec<(Name, u32)> =
            self.st.block(id).symbols.iter().map(|(n, f)| (*n, *f)).collect();
        if self.st.block(id).children.iter().any(|c| self.st.block(*c).comprehension != Comp::None)
        {
            let bound_itself =
                symbols.iter().filter(|(_, f)| f & DEF_BOUND != 0).map(|(n, _)| *n).collect();
            self.st.blocks[id.0 as usize].bound_itself = Some(bound_itself);
        }
        for (name, flags) in symbols {
            let scope = self.name(
                id,
                name,
                flags,
                &mut bound,
                &mut local,
                &mut free,
                global,
                type_params,
                class_entry,
            )?;
            scopes.insert(name, scope);
        }
        if is_class {
            new_bound.insert(self.class);
            new_bound.insert(self.classdict);
        } else {
            if function_like {
                new_bound.extend(local.iter());
            }
            if let Some(b) = &bound {
                new_bound.extend(b.iter());
            }
            new_global.extend(global.iter());
        }
        // What a class itself reads from around it passes it by; what its children read need not.
        let own_free = std::mem::take(&mut free);
        for child in self.st.block(id).children.clone() {
            let sees_class = self.st.block(child).can_see_class_scope;
            let entry = match (sees_class, is_class) {
                (true, true) => Some(id),
                (true, false) => class_entry,
                (false, _) => None,
            };
            let c = self.st.block(child);
            let inline = c.comprehension != Comp::None
                && !c.generator
                && !self.st.block(id).can_see_class_scope;
            let mut child_global = new_global.clone();
            let mut child_params = type_params.clone();
            let mut child_free = self.block(
                child,
                Some(new_bound.clone()),
                &mut child_global,
                &mut child_params,
                entry,
            )?;
            if inline {
                self.inline_comprehension(
                    id,
                    child,
                    &mut scopes,
                    &mut child_free,
                    &mut inlined_cells,
                );
                self.st.blocks[child.0 as usize].comp_inlined = true;
            }
            free.extend(child_free);
            let c = self.st.block(child);
            if c.free || c.child_free {
                self.st.blocks[id.0 as usize].child_free = true;
            }
        }
        self.splice_inlined(id);
        if function_like {
            for (name, scope) in &mut scopes {
                if *scope == Scope::Local && (free.contains(name) || inlined_cells.contains(name)) {
                    *scope = Scope::Cell;
                    free.remove(name);
                }
            }
        } else if is_class {
            let b = &mut self.st.blocks[id.0 as usize];
            b.needs_class_closure = free.remove(&self.class);
            b.needs_classdict = free.remove(&self.classdict);
        }
        self.update_symbols(id, &scopes, bound.as_ref(), &free, &inlined_cells);
        free.extend(own_free);
        Ok(free)
    }

    fn splice_inlined(&mut self, id: BlockId) {
        let children = std::mem::take(&mut self.st.blocks[id.0 as usize].children);
        let mut spliced = Vec::with_capacity(children.len());
        for c in children {
            if self.st.block(c).comp_inlined {
                spliced.extend_from_slice(&self.st.block(c).children);
            } else {
                spliced.push(c);
            }
        }
        self.st.blocks[id.0 as usize].children = spliced;
    }

    #[allow(clippy::too_many_arguments)]
    fn name(
        &mut self,
        id: BlockId,
        name: Name,
        flags: u32,
        bound: &mut Option<Set>,
        local: &mut Set,
        free: &mut BTreeSet<Name>,
        global: &mut Set,
        type_params: &mut Set,
        class_entry: Option<BlockId>,
    ) -> Result<Scope> {
        let text = self.names.text(name);
        if flags & DEF_GLOBAL != 0 {
            if flags & DEF_NONLOCAL != 0 {
                return Err(self.error_at_directive(
                    id,
                    name,
                    format!("name '{text}' is nonlocal and global"),
                ));
            }
            global.insert(name);
            if let Some(b) = bound {
                b.remove(&name);
            }
            return Ok(Scope::GlobalExplicit);
        }
        if flags & DEF_NONLOCAL != 0 {
            let Some(b) = bound else {
                return Err(self.error_at_directive(
                    id,
                    name,
                    "nonlocal declaration not allowed at module level".into(),
                ));
            };
            if !b.contains(&name) {
                return Err(self.error_at_directive(
                    id,
                    name,
                    format!("no binding for nonlocal '{text}' found"),
                ));
            }
            if type_params.contains(&name) {
                return Err(self.error_at_directive(
                    id,
                    name,
                    format!("nonlocal binding not allowed for type parameter '{text}'"),
                ));
            }
            self.st.blocks[id.0 as usize].free = true;
            free.insert(name);
            return Ok(Scope::Free);
        }
        if flags & DEF_BOUND != 0 {
            local.insert(name);
            global.remove(&name);
            if flags & DEF_TYPE_PARAM != 0 {
                type_params.insert(name);
            } else {
                type_params.remove(&name);
            }
            return Ok(Scope::Local);
        }
        // A name that the class around an annotation scope binds is looked up there and in the globals only.
        if let Some(class) = class_entry {
            let class_flags = self.st.block(class).flags(name);
            if class_flags & DEF_GLOBAL != 0 {
                return Ok(Scope::GlobalExplicit);
            }
            if class_flags & DEF_BOUND != 0 && class_flags & DEF_NONLOCAL == 0 {
                return Ok(Scope::GlobalImplicit);
            }
        }
        if let Some(b) = bound
            && b.contains(&name)
        {
            self.st.blocks[id.0 as usize].free = true;
            free.insert(name);
            return Ok(Scope::Free);
        }
        if !global.contains(&name) && self.st.block(id).nested {
            self.st.blocks[id.0 as usize].free = true;
        }
        Ok(Scope::GlobalImplicit)
    }

    fn free_in_a_child(&self, id: BlockId, name: Name) -> bool {
        self.st.block(id).children.iter().any(|c| self.st.block(*c).scope(name) == Scope::Free)
    }

    /// Merges the names of a comprehension that is compiled in place into the block around it (PEP 709).
    fn inline_comprehension(
        &mut self,
        id: BlockId,
        comp: BlockId,
        scopes: &mut FxHashMap<Name, Scope>,
        comp_free: &mut BTreeSet<Name>,
        inlined_cells: &mut Set,
    ) {
        let mut drop_class = false;
        let symbols: Vec<(Name, u32)> =
            self.st.block(comp).symbols.iter().map(|(n, f)| (*n, *f)).collect();
        let is_class = self.st.block(id).kind == BlockKind::Class;
        for (name, flags) in symbols {
            if flags & DEF_PARAM != 0 {
                continue;
            }
            let mut scope = Scope::from_bits(flags >> SCOPE_OFFSET & SCOPE_MASK);
            let only = flags & ((1 << SCOPE_OFFSET) - 1);
            if scope == Scope::Cell || only & DEF_COMP_CELL != 0 {
                inlined_cells.insert(name);
            }
            let existing = self.st.block(id).symbols.get(&name).copied();
            // The class cell is never free through a class block.
            if scope == Scope::Free && is_class && name == self.class {
                scope = Scope::GlobalImplicit;
                comp_free.remove(&name);
                drop_class = true;
            }
            match existing {
                None => {
                    self.st.blocks[id.0 as usize].symbols.insert(name, only);
                    scopes.insert(name, scope);
                }
                Some(outer) => {
                    if outer & DEF_BOUND != 0 && !is_class && !self.free_in_a_child(comp, name) {
                        comp_free.remove(&name);
                    }
                }
            }
        }
        let c = &mut self.st.blocks[comp.0 as usize];
        c.free = !comp_free.is_empty();
        if drop_class {
            c.symbols.shift_remove(&self.class);
        }
    }

    fn update_symbols(
        &mut self,
        id: BlockId,
        scopes: &FxHashMap<Name, Scope>,
        bound: Option<&Set>,
        free: &BTreeSet<Name>,
        inlined_cells: &Set,
    ) {
        let b = &mut self.st.blocks[id.0 as usize];
        let class_flag = b.kind == BlockKind::Class || b.can_see_class_scope;
        for (name, flags) in &mut b.symbols {
            if inlined_cells.contains(name) {
                *flags |= DEF_COMP_CELL;
            }
            let scope = scopes.get(name).copied().unwrap_or(Scope::Unknown);
            *flags |= (scope as u32) << SCOPE_OFFSET;
        }
        for name in free {
            if let Some(flags) = b.symbols.get_mut(name) {
                if class_flag {
                    *flags |= DEF_FREE_CLASS;
                }
                continue;
            }
            if let Some(bound) = bound
                && !bound.contains(name)
            {
                continue;
            }
            b.symbols.insert(*name, (Scope::Free as u32) << SCOPE_OFFSET);
        }
    }
}
