//! Where a name lives and how it is loaded, stored and deleted there.

use super::{Codegen, UnitKind};
use crate::code::CacheKind;
use crate::error::Result;
use crate::ir::{Loc, Reg};
use crate::name::Name;
use crate::opcode::Op;
use crate::symtable::{BlockKind, SCOPE_MASK, SCOPE_OFFSET, Scope};
use taipan_syntax::ast::{ExprContext, Span};

/// How a name is reached.
#[derive(Clone, Copy)]
pub(super) enum Access {
    Fast(Reg),
    /// A cell.
    Deref(Reg),
    /// A cell, after the class's namespace.
    ClassDeref(Reg),
    Global,
    /// The globals, after the namespace of the class around an annotation scope.
    ClassGlobal,
    /// The namespace in register 0, then globals and builtins.
    Namespace,
}

impl<'a> Codegen<'a, '_> {
    /// The symbol's flags here, seen through inlined comprehensions.
    pub(super) fn symbol_flags(&self, name: Name) -> u32 {
        let u = self.unit();
        match u.overrides.get(&name) {
            Some(flags) => *flags,
            None => self.table.block(u.block).flags(name),
        }
    }

    pub(super) fn scope_of(&self, name: Name) -> Scope {
        match self.symbol_flags(name) >> SCOPE_OFFSET & SCOPE_MASK {
            1 => Scope::Local,
            2 => Scope::GlobalExplicit,
            3 => Scope::GlobalImplicit,
            4 => Scope::Free,
            5 => Scope::Cell,
            _ => Scope::Unknown,
        }
    }

    pub(super) fn local_reg(&mut self, name: Name) -> Reg {
        Reg::local(self.u().locals.insert_full(name, ()).0 as u32)
    }

    /// `co_varnames` lists locals in the order in which the code first reads or writes them.
    fn note_use(&mut self, r: Reg) {
        if let Some(i) = r.as_local() {
            self.u().use_order.insert(i, ());
        }
    }

    /// As `note_use`, after a value has been compiled straight into the register.
    pub(super) fn note_store(&mut self, r: Reg) {
        self.note_use(r);
    }

    /// The register of the cell through which the name is reached here.
    pub(super) fn cell_reg(&self, name: Name) -> Option<Reg> {
        let free = self.unit().free_index.get(&name);
        match self.scope_of(name) {
            Scope::Free if free.is_some() => free.map(|i| Reg::cell(*i)),
            _ => self.own_cell_reg(name),
        }
    }

    /// As `cell_reg`, but a cell made here comes before one of the same name from outside.
    pub(super) fn own_cell_reg(&self, name: Name) -> Option<Reg> {
        let u = self.unit();
        u.cell_index.get(&name).or_else(|| u.free_index.get(&name)).map(|i| Reg::cell(*i))
    }

    pub(super) fn access(&mut self, name: Name, ctx: ExprContext) -> Access {
        let block = self.table.block(self.unit().block);
        let (function_like, is_class, sees_class) =
            (block.is_function_like(), block.kind == BlockKind::Class, block.can_see_class_scope);
        let load = ctx == ExprContext::Load;
        let scope = self.scope_of(name);
        match scope {
            Scope::Free | Scope::Cell => {
                let Some(cell) = self.cell_reg(name) else { return Access::Global };
                let through_class =
                    load && ((is_class && self.unit().in_inlined_comp == 0) || sees_class);
                if through_class { Access::ClassDeref(cell) } else { Access::Deref(cell) }
            }
            Scope::Local if function_like || self.unit().fast_hidden.get(&name) == Some(&true) => {
                Access::Fast(self.local_reg(name))
            }
            Scope::GlobalImplicit if function_like => {
                if load && sees_class {
                    Access::ClassGlobal
                } else {
                    Access::Global
                }
            }
            Scope::GlobalExplicit => Access::Global,
            _ if load && is_class && self.unit().in_inlined_comp > 0 => Access::Global,
            _ => Access::Namespace,
        }
    }

    /// The register of the name if it is a fast local: a destination that needs no store instruction.
    pub(super) fn fast_target(&mut self, id: &str) -> Option<Reg> {
        let name = self.mangled(id);
        match self.access(name, ExprContext::Store) {
            Access::Fast(r) => Some(r),
            _ => None,
        }
    }

    pub(super) fn refuse_debug(&self, id: &str, ctx: ExprContext, span: Span) -> Result<()> {
        match (id, ctx) {
            ("__debug__", ExprContext::Store) => self.error("cannot assign to __debug__", span),
            ("__debug__", ExprContext::Del) => self.error("cannot delete __debug__", span),
            _ => Ok(()),
        }
    }

    /// The register of the class namespace that names are looked up in before cells or globals.
    fn class_namespace(&mut self, loc: Loc) -> Reg {
        if self.unit().kind == UnitKind::Class {
            return Reg::NAMESPACE;
        }
        let name = self.names.intern("__classdict__");
        let cell = self.cell_reg(name).expect("a block that sees a class has its namespace");
        let t = self.temp();
        self.emit2(Op::LOAD_DEREF, t, cell, loc);
        t
    }

    pub(super) fn load_name(&mut self, id: &str, loc: Loc, want: Option<Reg>) -> Reg {
        let name = self.mangled(id);
        self.load_mangled(name, loc, want)
    }

    pub(super) fn load_mangled(&mut self, name: Name, loc: Loc, want: Option<Reg>) -> Reg {
        let mark = self.mark();
        let access = self.access(name, ExprContext::Load);
        match access {
            Access::Fast(r) => {
                self.note_use(r);
                self.emit1(Op::CHECK_LOCAL, r, loc);
                match want {
                    Some(dst) => {
                        self.move_to(dst, r, loc);
                        dst
                    }
                    None => r,
                }
            }
            Access::Deref(cell) => {
                let dst = self.result(want, mark);
                self.emit2(Op::LOAD_DEREF, dst, cell, loc);
                dst
            }
            Access::ClassDeref(cell) => {
                let dict = self.class_namespace(loc);
                let dst = self.result(want, mark);
                self.emit3(Op::LOAD_FROM_DICT_OR_DEREF, dst, dict, cell, loc);
                dst
            }
            Access::ClassGlobal => {
                let dict = self.class_namespace(loc);
                let n = self.add_name(name);
                let dst = self.result(want, mark);
                self.emit_x(Op::LOAD_FROM_DICT_OR_GLOBALS, dst, dict, 0, n, loc);
                dst
            }
            Access::Global | Access::Namespace => {
                let n = self.add_name(name);
                let (op, kind) = match access {
                    Access::Global => (Op::LOAD_GLOBAL, CacheKind::Global),
                    _ => (Op::LOAD_NAME, CacheKind::Name),
                };
                let site = self.cache(n, kind);
                let dst = self.result(want, mark);
                self.push(op, dst.0, 0, 0, site, crate::ir::Label::NONE, loc);
                dst
            }
        }
    }

    pub(super) fn store_name(&mut self, id: &str, src: Reg, loc: Loc) {
        let name = self.mangled(id);
        let access = self.access(name, ExprContext::Store);
        match access {
            Access::Fast(r) => {
                self.note_use(r);
                self.move_to(r, src, loc);
            }
            Access::Deref(cell) | Access::ClassDeref(cell) => {
                self.emit2(Op::STORE_DEREF, cell, src, loc)
            }
            Access::Global | Access::ClassGlobal | Access::Namespace => {
                let n = self.add_name(name);
                let (op, kind) = match access {
                    Access::Namespace => (Op::STORE_NAME, CacheKind::StoreName),
                    _ => (Op::STORE_GLOBAL, CacheKind::StoreGlobal),
                };
                let site = self.cache(n, kind);
                self.push(op, src.0, 0, 0, site, crate::ir::Label::NONE, loc);
            }
        }
    }

    pub(super) fn delete_name(&mut self, id: &str, loc: Loc) {
        let name = self.mangled(id);
        match self.access(name, ExprContext::Del) {
            Access::Fast(r) => {
                self.note_use(r);
                self.emit1(Op::DELETE_FAST, r, loc);
            }
            Access::Deref(cell) | Access::ClassDeref(cell) => {
                self.emit1(Op::DELETE_DEREF, cell, loc)
            }
            access => {
                let n = self.add_name(name);
                let op = if matches!(access, Access::Namespace) {
                    Op::DELETE_NAME
                } else {
                    Op::DELETE_GLOBAL
                };
                self.push(op, 0, 0, 0, n, crate::ir::Label::NONE, loc);
            }
        }
    }
}
