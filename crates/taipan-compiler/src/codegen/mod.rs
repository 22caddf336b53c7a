//! Code generation: one `Unit` a code object, a stack of units a compilation.
//!
//! Expressions are compiled towards their destination: `gen_expr(e, Some(dst))` leaves the value in `dst`, with `None` in
//! whatever register it already is in (a local is read in place) or in a fresh temporary. Temporaries are a stack.
//! Invariant (hazard 15): a named register is written by the last instruction of its assignment only, and a local that
//! serves as an operand is copied when a later part of the same expression can rebind it.

mod calls;
mod comprehensions;
mod definitions;
mod displays;
mod exceptions;
mod expressions;
mod names;
mod operators;
mod patterns;
mod statements;
mod targets;

use crate::assemble::{RegisterMap, assemble};
use crate::code::{CacheKind, CacheSite, CodeUnit, Const, flags, local_kind};
use crate::error::{CompileError, Result};
use crate::fold::Folder;
use crate::ir::{HandlerId, Ins, Label, Loc, Reg, Sequence};
use crate::name::{Interner, Name};
use crate::opcode::{Op, Role};
use crate::passes;
use crate::symtable::{BlockId, BlockKind, Key, Scope, SymbolTable};
use indexmap::IndexMap;
use rustc_hash::{FxBuildHasher, FxHashMap};
use std::collections::BTreeSet;
use std::sync::Arc;
use taipan_syntax::ast::*;

type Map<K, V> = IndexMap<K, V, FxBuildHasher>;

/// What kind of code object a unit becomes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum UnitKind {
    Module,
    Class,
    Function,
    AsyncFunction,
    Lambda,
    Comprehension,
    TypeParams,
}

/// A syntactic block that `return`, `break` and `continue` have to leave in order.
#[derive(Clone, Copy)]
enum FBlock<'a> {
    Loop {
        on_continue: Label,
        on_break: Label,
    },
    /// Nothing to do on leaving, but it counts as a nesting level.
    Plain {
        outer: HandlerId,
    },
    Finally {
        body: Body<'a>,
        outer: HandlerId,
    },
    FinallyEnd {
        saved: Reg,
        outer: HandlerId,
    },
    With {
        is_async: bool,
        exit: Reg,
        loc: Loc,
        outer: HandlerId,
    },
    HandlerCleanup {
        name: Option<&'a str>,
        saved: Reg,
        outer: HandlerId,
    },
    ExceptStar,
}

/// The most blocks that may be nested in one function.
const MAX_BLOCKS: usize = 21;
/// The most constants that a prologue loads for loops.
const MAX_HOISTED: usize = 12;
/// Displays and calls with more items than this are built piecewise.
const MAX_RUN: usize = 64;

struct Unit<'a> {
    kind: UnitKind,
    block: BlockId,
    name: Arc<str>,
    qualname: Arc<str>,
    private: Option<Name>,
    firstlineno: u32,
    argcount: u32,
    posonlyargcount: u32,
    kwonlyargcount: u32,
    nparams: usize,
    locals: Map<Name, ()>,
    /// Indexes of `locals` in the order of first use: their order in the code object.
    use_order: Map<u32, ()>,
    cellvars: Vec<Name>,
    freevars: Vec<Name>,
    cell_index: FxHashMap<Name, u32>,
    /// A free variable may have the name of a cell: a comprehension in place makes a cell for its
    /// own variable of that name, and a class has one for `__class__`.
    free_index: FxHashMap<Name, u32>,
    /// Names of inlined comprehensions in code without fast locals: true while they are fast.
    fast_hidden: Map<Name, bool>,
    /// Symbol flags that an inlined comprehension replaces while it is compiled.
    overrides: FxHashMap<Name, u32>,
    /// Names bound by the inlined comprehensions around this place.
    active_comp_names: Vec<Name>,
    in_inlined_comp: u32,
    consts: Map<Const, ()>,
    names: Map<Name, ()>,
    caches: Vec<CacheSite>,
    seq: Sequence,
    handler: HandlerId,
    next_temp: u32,
    max_temp: u32,
    hoisted: Map<u32, ()>,
    loop_depth: u32,
    fblocks: Vec<FBlock<'a>>,
    static_attributes: BTreeSet<Arc<str>>,
}

/// A warning to be issued with category SyntaxWarning.
pub struct CodegenWarning {
    pub message: String,
    pub span: Span,
}

/// Settings of one compilation.
pub struct Settings {
    pub filename: Arc<str>,
    pub optimize: u8,
    /// `__future__` bits.
    pub future: u32,
    pub allow_top_level_await: bool,
    pub inverted_bools: Option<Arc<std::sync::atomic::AtomicUsize>>,
    pub interactive: bool,
}

pub struct Codegen<'a, 'n> {
    settings: &'n Settings,
    names: &'n mut Interner,
    table: &'n SymbolTable,
    folder: Folder,
    units: Vec<Unit<'a>>,
    pub warnings: Vec<CodegenWarning>,
    /// Line and column where the last rightly placed `from __future__` ends.
    future_end: (u32, u32),
    /// Nesting of function and class bodies and of expressions, for the recursion limit.
    depth: u32,
}

/// Compiles a module to its code unit.
pub fn module<'a>(
    module: &Mod<'a>,
    settings: &Settings,
    names: &mut Interner,
    table: &SymbolTable,
    future_end: (u32, u32),
    warnings: &mut Vec<CodegenWarning>,
) -> Result<CodeUnit> {
    let folder = Folder::new(settings.optimize == 0, settings.inverted_bools.clone());
    let mut c = Codegen {
        settings,
        names,
        table,
        folder,
        units: Vec::new(),
        warnings: Vec::new(),
        future_end,
        depth: 0,
    };
    let result = c.module(module);
    warnings.append(&mut c.warnings);
    result
}

impl<'a> Codegen<'a, '_> {
    fn module(&mut self, module: &Mod<'a>) -> Result<CodeUnit> {
        self.enter_unit("<module>", UnitKind::Module, (0, crate::symtable::KeyPart::Body), 1)?;
        let loc = Loc { line: 1, end_line: 1, col: 0, end_col: 0 };
        match module {
            Mod::Module { body, .. } => {
                self.body(loc, body)?;
                self.emit_return_none(Loc::NONE);
            }
            Mod::Interactive { body } => {
                if statements::has_annotation(body) {
                    self.emit(Op::SETUP_ANNOTATIONS, 0, 0, 0, loc);
                }
                self.stmts(body)?;
                self.emit_return_none(Loc::NONE);
            }
            Mod::Expression { body } => {
                let r = self.expr(body)?;
                self.emit1(Op::RETURN, r, body.range.into());
            }
            Mod::FunctionType { .. } => {
                return Err(CompileError::system("module kind 4 should not be possible"));
            }
        }
        self.exit_unit()
    }

    // ---- units

    fn u(&mut self) -> &mut Unit<'a> {
        self.units.last_mut().expect("a unit is open")
    }

    fn unit(&self) -> &Unit<'a> {
        self.units.last().expect("a unit is open")
    }

    fn enter_unit(&mut self, name: &str, kind: UnitKind, key: Key, firstlineno: u32) -> Result<()> {
        let block_id = self
            .table
            .find(key)
            .ok_or_else(|| CompileError::system("unknown symbol table entry"))?;
        let block = self.table.block(block_id);
        let mut cellvars: Vec<Name> = Vec::new();
        let mut freevars: Vec<Name> = Vec::new();
        for (name, flags) in &block.symbols {
            let scope = block.scope(*name);
            if scope == Scope::Cell || flags & crate::symtable::DEF_COMP_CELL != 0 {
                cellvars.push(*name);
            }
            if scope == Scope::Free
                || (scope != Scope::Cell && flags & crate::symtable::DEF_FREE_CLASS != 0)
            {
                freevars.push(*name);
            }
        }
        if block.needs_class_closure {
            cellvars.push(self.names.intern("__class__"));
        }
        if block.needs_classdict {
            cellvars.push(self.names.intern("__classdict__"));
        }
        let by_text = |names: &Interner, list: &mut Vec<Name>| {
            list.sort_by(|a, b| names.text(*a).cmp(names.text(*b)));
            list.dedup();
        };
        by_text(self.names, &mut cellvars);
        by_text(self.names, &mut freevars);
        let index_of = |list: &[Name], first: usize| -> FxHashMap<Name, u32> {
            list.iter().enumerate().map(|(i, n)| (*n, (first + i) as u32)).collect()
        };
        let cell_index = index_of(&cellvars, 0);
        let free_index = index_of(&freevars, cellvars.len());
        let locals: Map<Name, ()> = if block.is_function_like() {
            block.varnames.iter().map(|n| (*n, ())).collect()
        } else {
            Map::default()
        };
        let private = self.units.last().and_then(|u| u.private);
        let qualname = self.qualname(name, kind);
        self.units.push(Unit {
            kind,
            block: block_id,
            name: name.into(),
            qualname,
            private,
            firstlineno,
            argcount: 0,
            posonlyargcount: 0,
            kwonlyargcount: 0,
            nparams: locals.len(),
            use_order: (0..locals.len() as u32).map(|i| (i, ())).collect(),
            locals,
            cellvars,
            freevars,
            cell_index,
            free_index,
            fast_hidden: Map::default(),
            overrides: FxHashMap::default(),
            active_comp_names: Vec::new(),
            in_inlined_comp: 0,
            consts: Map::default(),
            names: Map::default(),
            caches: Vec::new(),
            seq: Sequence::default(),
            handler: HandlerId::NONE,
            next_temp: 0,
            max_temp: 0,
            hoisted: Map::default(),
            loop_depth: 0,
            fblocks: Vec::new(),
            static_attributes: BTreeSet::new(),
        });
        Ok(())
    }

    fn qualname(&mut self, name: &str, kind: UnitKind) -> Arc<str> {
        let mut outer = self.units.len();
        if outer <= 1 {
            return name.into();
        }
        if self.units[outer - 1].kind == UnitKind::TypeParams {
            if outer == 2 {
                return name.into();
            }
            outer -= 1;
        }
        let parent = &self.units[outer - 1];
        if matches!(kind, UnitKind::Function | UnitKind::AsyncFunction | UnitKind::Class) {
            let id = self.names.intern(name);
            let mangled = crate::symtable::mangle(self.names, parent.private, id);
            if self.table.block(parent.block).scope(mangled) == Scope::GlobalExplicit {
                return name.into();
            }
        }
        match parent.kind {
            UnitKind::Function | UnitKind::AsyncFunction | UnitKind::Lambda => {
                format!("{}.<locals>.{name}", parent.qualname).into()
            }
            _ => format!("{}.{name}", parent.qualname).into(),
        }
    }

    /// Runs one more level of nesting, on a fresh piece of stack if need be.
    fn deeper<T>(&mut self, f: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        self.depth += 1;
        if self.depth > crate::symtable::RECURSION_LIMIT {
            return Err(CompileError::recursion());
        }
        let result = stacker::maybe_grow(192 * 1024, 2 * 1024 * 1024, || f(self));
        self.depth -= 1;
        result
    }

    fn code_flags(&self, u: &Unit) -> u32 {
        let block = self.table.block(u.block);
        let mut f = 0;
        if block.is_function_like() {
            f |= flags::CO_NEWLOCALS | flags::CO_OPTIMIZED;
            if block.nested {
                f |= flags::CO_NESTED;
            }
            match (block.generator, block.coroutine) {
                (true, false) => f |= flags::CO_GENERATOR,
                (false, true) => f |= flags::CO_COROUTINE,
                (true, true) => f |= flags::CO_ASYNC_GENERATOR,
                _ => {}
            }
            if block.varargs {
                f |= flags::CO_VARARGS;
            }
            if block.varkeywords {
                f |= flags::CO_VARKEYWORDS;
            }
        }
        f |= self.settings.future & flags::PY_CF_MASK;
        if self.settings.allow_top_level_await
            && block.kind == BlockKind::Module
            && block.coroutine
            && !block.generator
        {
            f |= flags::CO_COROUTINE;
        }
        f
    }

    /// Finishes the current unit.
    fn exit_unit(&mut self) -> Result<CodeUnit> {
        let mut u = self.units.pop().expect("a unit is open");
        let flags = self.code_flags(&u);
        let is_gen =
            flags & (flags::CO_GENERATOR | flags::CO_COROUTINE | flags::CO_ASYNC_GENERATOR) != 0;
        self.add_prologue(&mut u, is_gen);
        let param_is_cell: Vec<bool> =
            u.locals.keys().take(u.nparams).map(|n| u.cell_index.contains_key(n)).collect();
        passes::optimize(&mut u.seq, u.nparams, &param_is_cell);
        let consts = passes::drop_unused_consts(&mut u.seq, u.consts.into_keys().collect());

        let mut localsplus_names: Vec<Arc<str>> = Vec::new();
        let mut localsplus_kinds: Vec<u8> = Vec::new();
        let base = u32::from(flags & flags::CO_OPTIMIZED == 0);
        let mut cells = vec![0; u.cellvars.len() + u.freevars.len()];
        for i in 0..u.locals.len() as u32 {
            u.use_order.insert(i, ());
        }
        let mut locals = vec![0; u.locals.len()];
        for (place, i) in u.use_order.keys().enumerate() {
            locals[*i as usize] = base + place as u32;
            let i = *i as usize;
            let (name, ()) = u.locals.get_index(i).expect("an index of the locals");
            let mut kind = local_kind::CO_FAST_LOCAL;
            if u.fast_hidden.contains_key(name) {
                kind |= local_kind::CO_FAST_HIDDEN;
            }
            if i < u.nparams
                && let Some(c) = u.cell_index.get(name)
            {
                kind |= local_kind::CO_FAST_CELL;
                cells[*c as usize] = base + i as u32;
            }
            localsplus_names.push(self.names.shared(*name));
            localsplus_kinds.push(kind);
        }
        for (c, name) in u.cellvars.iter().chain(&u.freevars).enumerate() {
            let free = c >= u.cellvars.len();
            if !free && u.locals.get_index_of(name).is_some_and(|i| i < u.nparams) {
                continue;
            }
            cells[c] = base + localsplus_names.len() as u32;
            let mut kind = if free { local_kind::CO_FAST_FREE } else { local_kind::CO_FAST_CELL };
            if u.fast_hidden.contains_key(name) {
                kind |= local_kind::CO_FAST_HIDDEN;
            }
            localsplus_names.push(self.names.shared(*name));
            localsplus_kinds.push(kind);
        }
        let konsts = base + localsplus_names.len() as u32;
        let temps = konsts + u.hoisted.len() as u32;
        let regs = RegisterMap { locals, cells, konsts, temps };
        passes::unpack_into_locals(&mut u.seq, &regs);
        let out = assemble(&u.seq, &regs, u.firstlineno)?;
        Ok(CodeUnit {
            name: u.name,
            qualname: u.qualname,
            filename: self.settings.filename.clone(),
            firstlineno: u.firstlineno,
            flags,
            argcount: u.argcount + u.posonlyargcount,
            posonlyargcount: u.posonlyargcount,
            kwonlyargcount: u.kwonlyargcount,
            localsplus_names,
            localsplus_kinds,
            consts,
            names: u.names.keys().map(|n| self.names.shared(*n)).collect(),
            code: out.code,
            caches: u.caches,
            except_table: out.except_table,
            linetable: out.linetable,
            nregs: temps + u.max_temp,
        })
    }

    /// Puts before the body: closure, cells, generator creation, hoisted constants, `RESUME`.
    fn add_prologue(&mut self, u: &mut Unit<'a>, is_gen: bool) {
        let plain = |op: Op, a: u32, b: u32, loc: Loc| Ins {
            op,
            a,
            b,
            c: 0,
            ext: 0,
            target: Label::NONE,
            handler: HandlerId::NONE,
            loc,
            maybe_empty: false,
        };
        let line = if u.kind == UnitKind::Module { 0 } else { u.firstlineno as i32 };
        let start = Loc { line, end_line: line.max(1), col: 0, end_col: 0 };
        let mut pro = Vec::new();
        if !u.freevars.is_empty() {
            pro.push(plain(
                Op::COPY_FREE_VARS,
                u.freevars.len() as u32,
                Reg::cell(u.cellvars.len() as u32).0,
                Loc::NONE,
            ));
        }
        for i in 0..u.cellvars.len() {
            pro.push(plain(Op::MAKE_CELL, Reg::cell(i as u32).0, 0, Loc::NONE));
        }
        if is_gen {
            pro.push(plain(Op::RETURN_GENERATOR, 0, 0, Loc { col: -1, end_col: -1, ..start }));
        }
        // What comes before RESUME is not traced.
        for (i, k) in u.hoisted.keys().enumerate() {
            let (value, _) = u.consts.get_index(*k as usize).expect("a hoisted constant exists");
            pro.push(load_const_ins(*k, value, Reg::konst(i as u32)));
        }
        pro.push(Ins {
            handler: u.seq.ins.first().map_or(HandlerId::NONE, |i| i.handler),
            ..plain(Op::RESUME, 0, 0, start)
        });
        let shift = pro.len() as u32;
        for l in &mut u.seq.labels {
            if *l != u32::MAX {
                *l += shift;
            }
        }
        pro.append(&mut u.seq.ins);
        u.seq.ins = pro;
    }

    // ---- emission

    #[allow(clippy::too_many_arguments)]
    fn push(&mut self, op: Op, a: u32, b: u32, c: u32, ext: u32, target: Label, loc: Loc) {
        let u = self.u();
        let handler = u.handler;
        u.seq.ins.push(Ins { op, a, b, c, ext, target, handler, loc, maybe_empty: false });
    }

    fn emit(&mut self, op: Op, a: u32, b: u32, c: u32, loc: Loc) {
        self.push(op, a, b, c, 0, Label::NONE, loc);
    }

    fn emit1(&mut self, op: Op, a: Reg, loc: Loc) {
        self.emit(op, a.0, 0, 0, loc);
    }

    fn emit2(&mut self, op: Op, a: Reg, b: Reg, loc: Loc) {
        self.emit(op, a.0, b.0, 0, loc);
    }

    fn emit3(&mut self, op: Op, a: Reg, b: Reg, c: Reg, loc: Loc) {
        self.emit(op, a.0, b.0, c.0, loc);
    }

    fn emit_x(&mut self, op: Op, a: Reg, b: Reg, c: u32, ext: u32, loc: Loc) {
        self.push(op, a.0, b.0, c, ext, Label::NONE, loc);
    }

    fn emit_return_none(&mut self, loc: Loc) {
        self.add_const(Const::None);
        self.emit(Op::RETURN_NONE, 0, 0, 0, loc);
    }

    fn nop(&mut self, loc: Loc) {
        self.emit(Op::NOP, 0, 0, 0, loc);
    }

    fn move_to(&mut self, dst: Reg, src: Reg, loc: Loc) {
        if dst != src {
            self.emit2(Op::MOVE, dst, src, loc);
        }
    }

    fn label(&mut self) -> Label {
        self.u().seq.new_label()
    }

    fn bind(&mut self, label: Label) {
        self.u().seq.bind(label);
    }

    fn jump(&mut self, label: Label, loc: Loc) {
        let op = if self.unit().seq.is_bound(label) { Op::JUMP_BACK } else { Op::JUMP };
        self.push(op, 0, 0, 0, 0, label, loc);
    }

    /// A conditional jump; to a label that is already bound it is a loop's back edge and polls.
    fn jump_cond(&mut self, op: Op, a: u32, b: u32, label: Label, loc: Loc) {
        if !self.unit().seq.is_bound(label) {
            self.push(op, a, b, 0, 0, label, loc);
            return;
        }
        if let Some(back) = back_edge(op) {
            self.push(back, a, b, 0, 0, label, loc);
            return;
        }
        let over = self.label();
        self.push(negated(op), a, b, 0, 0, over, loc);
        self.jump(label, loc);
        self.bind(over);
    }

    // ---- registers

    fn mark(&self) -> u32 {
        self.unit().next_temp
    }

    fn release(&mut self, mark: u32) {
        self.u().next_temp = mark;
    }

    fn temps(&mut self, n: u32) -> Reg {
        let u = self.u();
        let first = u.next_temp;
        u.next_temp += n;
        u.max_temp = u.max_temp.max(u.next_temp);
        Reg::temp(first)
    }

    fn temp(&mut self) -> Reg {
        self.temps(1)
    }

    /// The register for a result: the wanted one, or a temporary in place of those above `mark`.
    fn result(&mut self, want: Option<Reg>, mark: u32) -> Reg {
        self.release(mark);
        match want {
            Some(r) => r,
            None => self.temp(),
        }
    }

    /// As `result`, but never a named register: for values that are written in several steps.
    fn scratch(&mut self, want: Option<Reg>) -> Reg {
        match want {
            Some(r) if r.as_temp().is_some() => r,
            _ => self.temp(),
        }
    }

    // ---- tables

    fn add_const(&mut self, c: Const) -> u32 {
        self.u().consts.insert_full(c, ()).0 as u32
    }

    fn add_name(&mut self, name: Name) -> u32 {
        self.u().names.insert_full(name, ()).0 as u32
    }

    fn mangled(&mut self, text: &str) -> Name {
        let name = self.names.intern(text);
        let (private, block) = (self.unit().private, self.unit().block);
        self.table.mangle(self.names, private, block, name)
    }

    /// Index of an attribute or import name, mangled.
    fn name_index(&mut self, text: &str) -> u32 {
        let name = self.mangled(text);
        self.add_name(name)
    }

    fn cache(&mut self, name: u32, kind: CacheKind) -> u32 {
        let u = self.u();
        u.caches.push(CacheSite { name, kind });
        u.caches.len() as u32 - 1
    }

    // ---- constants

    /// A register that holds the constant.
    fn constant(&mut self, value: Const, want: Option<Reg>, loc: Loc) -> Reg {
        let k = self.add_const(value);
        if want.is_none() && self.unit().loop_depth > 0 {
            let u = self.u();
            if u.hoisted.contains_key(&k) || u.hoisted.len() < MAX_HOISTED {
                return Reg::konst(u.hoisted.insert_full(k, ()).0 as u32);
            }
        }
        let dst = match want {
            Some(r) => r,
            None => self.temp(),
        };
        let (value, ()) = self.unit().consts.get_index(k as usize).expect("just added");
        let ins = load_const_ins(k, value, dst);
        self.push(ins.op, ins.a, ins.b, ins.c, ins.ext, Label::NONE, loc);
        dst
    }

    fn load_none(&mut self, dst: Reg, loc: Loc) {
        self.constant(Const::None, Some(dst), loc);
    }

    // ---- errors

    fn error<T>(&self, msg: impl Into<String>, span: Span) -> Result<T> {
        Err(CompileError::syntax(msg, span))
    }

    fn warn(&mut self, message: String, span: Span) {
        self.warnings.push(CodegenWarning { message, span });
    }

    fn push_fblock(&mut self, block: FBlock<'a>, span: Span) -> Result<()> {
        if self.unit().fblocks.len() >= MAX_BLOCKS {
            return self.error("too many statically nested blocks", span);
        }
        self.u().fblocks.push(block);
        Ok(())
    }

    fn pop_fblock(&mut self) {
        self.u().fblocks.pop();
    }

    fn is_async_scope(&self) -> bool {
        let u = self.unit();
        u.kind == UnitKind::AsyncFunction
            || (self.settings.allow_top_level_await
                && self.table.block(u.block).kind == BlockKind::Module)
    }
}

fn load_const_ins(k: u32, value: &Const, dst: Reg) -> Ins {
    let mut ins = Ins {
        op: Op::LOAD_CONST,
        a: dst.0,
        b: k,
        c: 0,
        ext: 0,
        target: Label::NONE,
        handler: HandlerId::NONE,
        loc: Loc::NONE,
        maybe_empty: false,
    };
    match value {
        Const::None => ins.op = Op::LOAD_NONE,
        Const::True => ins.op = Op::LOAD_TRUE,
        Const::False => ins.op = Op::LOAD_FALSE,
        Const::Int(v) if i16::try_from(*v).is_ok() => {
            ins.op = Op::LOAD_INT;
            ins.b = *v as u32 & 0xffff;
        }
        _ if k > 0xffff => {
            ins.op = Op::LOAD_CONST_W;
            ins.ext = k;
        }
        _ => {}
    }
    if matches!(ins.op.info().roles[1], Role::none) {
        ins.b = 0;
    }
    ins
}

/// The opposite condition.
fn negated(op: Op) -> Op {
    use Op::*;
    match op {
        JUMP_IF_TRUE => JUMP_IF_FALSE,
        JUMP_IF_FALSE => JUMP_IF_TRUE,
        JUMP_IF_NONE => JUMP_IF_NOT_NONE,
        JUMP_IF_NOT_NONE => JUMP_IF_NONE,
        JLT => JNLT,
        JLE => JNLE,
        JEQ => JNEQ,
        JNE => JNNE,
        JGT => JNGT,
        JGE => JNGE,
        JNLT => JLT,
        JNLE => JLE,
        JNEQ => JEQ,
        JNNE => JNE,
        JNGT => JGT,
        JNGE => JGE,
        JLTI => JNLTI,
        JLEI => JNLEI,
        JEQI => JNEQI,
        JNEI => JNNEI,
        JGTI => JNGTI,
        JGEI => JNGEI,
        JNLTI => JLTI,
        JNLEI => JLEI,
        JNEQI => JEQI,
        JNNEI => JNEI,
        JNGTI => JGTI,
        JNGEI => JGEI,
        JIS => JNIS,
        JNIS => JIS,
        JIN => JNIN,
        JNIN => JIN,
        other => unreachable!("{} is not a condition", other.name()),
    }
}

/// The polling form of a conditional jump, where there is one.
fn back_edge(op: Op) -> Option<Op> {
    use Op::*;
    Some(match op {
        JUMP_IF_TRUE => LOOP_IF_TRUE,
        JUMP_IF_FALSE => LOOP_IF_FALSE,
        JLT => LOOP_LT,
        JLE => LOOP_LE,
        JEQ => LOOP_EQ,
        JNE => LOOP_NE,
        JGT => LOOP_GT,
        JGE => LOOP_GE,
        JLTI => LOOP_LTI,
        JLEI => LOOP_LEI,
        JEQI => LOOP_EQI,
        JNEI => LOOP_NEI,
        JGTI => LOOP_GTI,
        JGEI => LOOP_GEI,
        _ => return None,
    })
}
