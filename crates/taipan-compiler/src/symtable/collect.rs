//! First pass: what each block binds, uses and declares, from the tree.

use super::*;
use crate::error::CompileError;

/// Visits the tree.
pub(super) fn collect(
    module: &Mod,
    names: &mut Interner,
    future_annotations: bool,
) -> Result<SymbolTable> {
    let mut b = Builder {
        st: SymbolTable {
            blocks: Vec::new(),
            mangled_sets: Vec::new(),
            keys: FxHashMap::default(),
        },
        names,
        stack: Vec::new(),
        private: None,
        future_annotations,
        depth: 0,
    };
    let top = b.names.intern("top");
    b.enter(top, BlockKind::Module, (0, KeyPart::Body), Span::default());
    match module {
        Mod::Module { body, .. } | Mod::Interactive { body } => b.stmts(body)?,
        Mod::Expression { body } => b.expr(body)?,
        Mod::FunctionType { .. } => {
            return Err(CompileError::runtime("this compiler does not handle FunctionTypes"));
        }
    }
    b.exit();
    Ok(b.st)
}

struct Builder<'n> {
    st: SymbolTable,
    names: &'n mut Interner,
    stack: Vec<BlockId>,
    private: Option<Name>,
    future_annotations: bool,
    depth: u32,
}

impl Builder<'_> {
    fn cur_id(&self) -> BlockId {
        *self.stack.last().expect("a block is open")
    }

    fn cur(&mut self) -> &mut Block {
        let id = self.cur_id();
        &mut self.st.blocks[id.0 as usize]
    }

    fn enter(&mut self, name: Name, kind: BlockKind, key: Key, span: Span) -> BlockId {
        let parent = self.stack.last().copied();
        let (nested, comp_iter_expr, inherited) = match parent {
            Some(p) => {
                let p = self.st.block(p);
                (p.nested || p.is_function_like(), p.comp_iter_expr, p.mangled_names)
            }
            None => (false, 0, None),
        };
        let id = BlockId(self.st.blocks.len() as u32);
        self.st.blocks.push(Block {
            name,
            kind,
            symbols: IndexMap::default(),
            varnames: Vec::new(),
            children: Vec::new(),
            directives: Vec::new(),
            mangled_names: if kind == BlockKind::Class { None } else { inherited },
            scope_info: "",
            nested,
            free: false,
            child_free: false,
            generator: false,
            coroutine: false,
            comprehension: Comp::None,
            varargs: false,
            varkeywords: false,
            returns_value: false,
            needs_class_closure: false,
            needs_classdict: false,
            comp_inlined: false,
            comp_iter_target: false,
            can_see_class_scope: false,
            comp_iter_expr,
            bound_itself: None,
            span,
        });
        self.st.keys.insert(key, id);
        self.stack.push(id);
        // Annotations under the future import become strings: their block exists for its checks only.
        if kind != BlockKind::Annotation
            && let Some(p) = parent
        {
            self.st.blocks[p.0 as usize].children.push(id);
        }
        id
    }

    fn exit(&mut self) {
        self.stack.pop();
    }

    fn lookup_in(&mut self, block: BlockId, name: Name) -> u32 {
        let mangled = self.st.mangle(self.names, self.private, block, name);
        self.st.block(block).flags(mangled)
    }

    fn lookup(&mut self, name: Name) -> u32 {
        let cur = self.cur_id();
        self.lookup_in(cur, name)
    }

    fn add_def(&mut self, name: Name, flag: u32, span: Span) -> Result<()> {
        let cur = self.cur_id();
        if flag & DEF_TYPE_PARAM != 0
            && let Some(set) = self.st.block(cur).mangled_names
        {
            self.st.mangled_sets[set].insert(name);
        }
        self.add_def_in(cur, name, flag, span)
    }

    fn add_text(&mut self, name: &str, flag: u32, span: Span) -> Result<()> {
        let name = self.names.intern(name);
        self.add_def(name, flag, span)
    }

    fn add_def_in(&mut self, block: BlockId, name: Name, flag: u32, span: Span) -> Result<()> {
        let cur = self.cur_id();
        let mangled = self.st.mangle(self.names, self.private, cur, name);
        let b = &mut self.st.blocks[block.0 as usize];
        let old = b.flags(mangled);
        if flag & old & DEF_PARAM != 0 {
            let text = self.names.text(name);
            return Err(CompileError::scope(
                format!("duplicate argument '{text}' in function definition"),
                span,
            ));
        }
        if flag & old & DEF_TYPE_PARAM != 0 {
            let text = self.names.text(name);
            return Err(CompileError::scope(format!("duplicate type parameter '{text}'"), span));
        }
        let mut val = old | flag;
        if b.comp_iter_target {
            if val & (DEF_GLOBAL | DEF_NONLOCAL) != 0 {
                let text = self.names.text(name);
                return Err(CompileError::scope(
                    format!(
                        "comprehension inner loop cannot rebind assignment expression target '{text}'"
                    ),
                    span,
                ));
            }
            val |= DEF_COMP_ITER;
        }
        b.symbols.insert(mangled, val);
        if flag & DEF_PARAM != 0 {
            b.varnames.push(mangled);
        } else if flag & DEF_GLOBAL != 0 {
            *self.st.blocks[0].symbols.entry(mangled).or_insert(0) |= flag;
        }
        Ok(())
    }

    fn deeper<T>(&mut self, f: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        self.depth += 1;
        if self.depth > RECURSION_LIMIT {
            return Err(CompileError::recursion());
        }
        let result = stacker::maybe_grow(128 * 1024, 2 * 1024 * 1024, || f(self));
        self.depth -= 1;
        result
    }

    fn stmts(&mut self, body: Body) -> Result<()> {
        for s in body {
            self.deeper(|b| b.stmt(s))?;
        }
        Ok(())
    }

    fn exprs(&mut self, exprs: Exprs) -> Result<()> {
        for e in exprs {
            self.expr(e)?;
        }
        Ok(())
    }

    fn opt(&mut self, e: Option<ExprRef>) -> Result<()> {
        match e {
            Some(e) => self.expr(e),
            None => Ok(()),
        }
    }

    fn enter_type_params(
        &mut self,
        name: Name,
        params: &[TypeParam],
        span: Span,
        is_class: bool,
        defaults: bool,
        kwdefaults: bool,
    ) -> Result<()> {
        let in_class = self.cur().kind == BlockKind::Class;
        self.enter(name, BlockKind::TypeParameters, key_of(&params[0], KeyPart::TypeParams), span);
        if in_class {
            self.cur().can_see_class_scope = true;
            self.add_text("__classdict__", USE, span)?;
        }
        if is_class {
            self.add_text(".type_params", DEF_LOCAL, span)?;
            self.add_text(".type_params", USE, span)?;
            self.add_text(".generic_base", DEF_LOCAL, span)?;
            self.add_text(".generic_base", USE, span)?;
        }
        if defaults {
            self.add_text(".defaults", DEF_PARAM, span)?;
        }
        if kwdefaults {
            self.add_text(".kwdefaults", DEF_PARAM, span)?;
        }
        Ok(())
    }

    fn function(&mut self, s: &Stmt, f: &FunctionDef, is_async: bool) -> Result<()> {
        let name = self.names.intern(f.name);
        self.add_def(name, DEF_LOCAL, s.range)?;
        self.exprs(f.args.defaults)?;
        for d in f.args.kw_defaults {
            self.opt(*d)?;
        }
        self.exprs(f.decorator_list)?;
        let generic = !f.type_params.is_empty();
        if generic {
            let kw = f.args.kw_defaults.iter().any(Option::is_some);
            self.enter_type_params(
                name,
                f.type_params,
                s.range,
                false,
                // CPython's list of defaults is there even where it is empty.
                true,
                kw,
            )?;
            self.type_params(f.type_params)?;
        }
        self.annotations(s, f.args, f.returns)?;
        self.enter(name, BlockKind::Function, key_of(s, KeyPart::Body), s.range);
        if is_async {
            self.cur().coroutine = true;
        }
        self.arguments(f.args)?;
        self.stmts(f.body)?;
        self.exit();
        if generic {
            self.exit();
        }
        Ok(())
    }

    fn class(&mut self, s: &Stmt, c: &ClassDef) -> Result<()> {
        let name = self.names.intern(c.name);
        self.add_def(name, DEF_LOCAL, s.range)?;
        self.exprs(c.decorator_list)?;
        let outer = self.private;
        let generic = !c.type_params.is_empty();
        if generic {
            self.enter_type_params(name, c.type_params, s.range, true, false, false)?;
            self.private = Some(name);
            self.st.mangled_sets.push(FxHashSet::default());
            let set = self.st.mangled_sets.len() - 1;
            self.cur().mangled_names = Some(set);
            self.type_params(c.type_params)?;
        }
        self.exprs(c.bases)?;
        for k in c.keywords {
            self.expr(k.value)?;
        }
        self.enter(name, BlockKind::Class, key_of(s, KeyPart::Body), s.range);
        self.private = Some(name);
        if generic {
            self.add_text("__type_params__", DEF_LOCAL, s.range)?;
            self.add_text(".type_params", USE, s.range)?;
        }
        self.stmts(c.body)?;
        self.exit();
        if generic {
            self.exit();
        }
        self.private = outer;
        Ok(())
    }

    fn type_alias(
        &mut self,
        s: &Stmt,
        name: ExprRef,
        params: &[TypeParam],
        value: ExprRef,
    ) -> Result<()> {
        self.expr(name)?;
        let ExprKind::Name { id, .. } = name.kind else {
            return Err(CompileError::runtime("TypeAlias with non-Name name"));
        };
        let id = self.names.intern(id);
        let in_class = self.cur().kind == BlockKind::Class;
        let generic = !params.is_empty();
        if generic {
            self.enter_type_params(id, params, s.range, false, false, false)?;
            self.type_params(params)?;
        }
        self.enter(id, BlockKind::TypeAlias, key_of(s, KeyPart::Body), s.range);
        self.cur().can_see_class_scope = in_class;
        if in_class {
            self.add_text("__classdict__", USE, value.range)?;
        }
        self.expr(value)?;
        self.exit();
        if generic {
            self.exit();
        }
        Ok(())
    }

    fn directive(&mut self, names: &[Ident], flag: u32, word: &str, span: Span) -> Result<()> {
        for text in names {
            let name = self.names.intern(text);
            let cur = self.lookup(name);
            if cur & (DEF_PARAM | DEF_LOCAL | USE | DEF_ANNOT) != 0 {
                let msg = if cur & DEF_PARAM != 0 {
                    format!("name '{text}' is parameter and {word}")
                } else if cur & USE != 0 {
                    format!("name '{text}' is used prior to {word} declaration")
                } else if cur & DEF_ANNOT != 0 {
                    format!("annotated name '{text}' can't be {word}")
                } else {
                    format!("name '{text}' is assigned to before {word} declaration")
                };
                return Err(CompileError::scope(msg, span));
            }
            self.add_def(name, flag, span)?;
            self.record_directive(name, span);
        }
        Ok(())
    }

    fn record_directive(&mut self, name: Name, span: Span) {
        let cur = self.cur_id();
        let mangled = self.st.mangle(self.names, self.private, cur, name);
        self.cur().directives.push((mangled, span));
    }

    fn ann_assign(
        &mut self,
        s: &Stmt,
        target: ExprRef,
        annotation: ExprRef,
        value: Option<ExprRef>,
        simple: bool,
    ) -> Result<()> {
        if let ExprKind::Name { id, .. } = target.kind {
            let name = self.names.intern(id);
            let cur = self.lookup(name);
            if cur & (DEF_GLOBAL | DEF_NONLOCAL) != 0 && self.cur_id() != SymbolTable::TOP && simple
            {
                let word = if cur & DEF_GLOBAL != 0 { "global" } else { "nonlocal" };
                return Err(CompileError::scope(
                    format!("annotated name '{id}' can't be {word}"),
                    s.range,
                ));
            }
            if simple {
                self.add_def(name, DEF_ANNOT | DEF_LOCAL, target.range)?;
            } else if value.is_some() {
                self.add_def(name, DEF_LOCAL, target.range)?;
            }
        } else {
            self.expr(target)?;
        }
        self.annotation(annotation)?;
        self.opt(value)
    }

    fn stmt(&mut self, s: &Stmt) -> Result<()> {
        // Only with top-level await, else the code generator refuses the statement.
        if matches!(s.kind, StmtKind::AsyncFor(_) | StmtKind::AsyncWith(_))
            && self.cur().kind == BlockKind::Module
        {
            self.cur().coroutine = true;
        }
        match s.kind {
            StmtKind::FunctionDef(f) => self.function(s, f, false),
            StmtKind::AsyncFunctionDef(f) => self.function(s, f, true),
            StmtKind::ClassDef(c) => self.class(s, c),
            StmtKind::TypeAlias { name, type_params, value } => {
                self.type_alias(s, name, type_params, value)
            }
            StmtKind::Return { value } => {
                if let Some(v) = value {
                    self.expr(v)?;
                    self.cur().returns_value = true;
                }
                Ok(())
            }
            StmtKind::Delete { targets } => self.exprs(targets),
            StmtKind::Assign { targets, value, .. } => {
                self.exprs(targets)?;
                self.expr(value)
            }
            StmtKind::AnnAssign { target, annotation, value, simple } => {
                self.ann_assign(s, target, annotation, value, simple)
            }
            StmtKind::AugAssign { target, value, .. } => {
                self.expr(target)?;
                self.expr(value)
            }
            StmtKind::For(f) | StmtKind::AsyncFor(f) => {
                self.expr(f.target)?;
                self.expr(f.iter)?;
                self.stmts(f.body)?;
                self.stmts(f.orelse)
            }
            StmtKind::While { test, body, orelse } | StmtKind::If { test, body, orelse } => {
                self.expr(test)?;
                self.stmts(body)?;
                self.stmts(orelse)
            }
            StmtKind::Match { subject, cases } => {
                self.expr(subject)?;
                for case in cases {
                    self.pattern(case.pattern)?;
                    self.opt(case.guard)?;
                    self.stmts(case.body)?;
                }
                Ok(())
            }
            StmtKind::Raise { exc, cause } => {
                self.opt(exc)?;
                self.opt(cause)
            }
            StmtKind::Try(t) | StmtKind::TryStar(t) => {
                self.stmts(t.body)?;
                for h in t.handlers {
                    self.opt(h.typ)?;
                    if let Some(name) = h.name {
                        self.add_text(name, DEF_LOCAL, h.range)?;
                    }
                    self.stmts(h.body)?;
                }
                self.stmts(t.orelse)?;
                self.stmts(t.finalbody)
            }
            StmtKind::Assert { test, msg } => {
                self.expr(test)?;
                self.opt(msg)
            }
            StmtKind::Import { names } | StmtKind::ImportFrom { names, .. } => {
                for alias in names {
                    self.alias(alias)?;
                }
                Ok(())
            }
            StmtKind::Global { names } => self.directive(names, DEF_GLOBAL, "global", s.range),
            StmtKind::Nonlocal { names } => {
                self.directive(names, DEF_NONLOCAL, "nonlocal", s.range)
            }
            StmtKind::Expr { value } => self.expr(value),
            StmtKind::Pass | StmtKind::Break | StmtKind::Continue => Ok(()),
            StmtKind::With(w) | StmtKind::AsyncWith(w) => {
                for item in w.items {
                    self.expr(item.context_expr)?;
                    self.opt(item.optional_vars)?;
                }
                self.stmts(w.body)
            }
        }
    }

    fn alias(&mut self, a: &Alias) -> Result<()> {
        let name = a.asname.unwrap_or(a.name);
        if name == "*" {
            if self.cur().kind != BlockKind::Module {
                return Err(CompileError::scope("import * only allowed at module level", a.range));
            }
            return Ok(());
        }
        let store = name.split('.').next().unwrap_or(name);
        self.add_text(store, DEF_IMPORT, a.range)
    }

    fn named_expr(&mut self, e: &Expr, target: ExprRef, value: ExprRef) -> Result<()> {
        if self.cur().comp_iter_expr > 0 {
            return Err(CompileError::scope(
                "assignment expression cannot be used in a comprehension iterable expression",
                e.range,
            ));
        }
        if self.cur().comprehension != Comp::None {
            self.extend_named_expr_scope(target)?;
        }
        self.expr(value)?;
        self.expr(target)
    }

    /// Binds the target of `:=` inside comprehensions in the block around them.
    fn extend_named_expr_scope(&mut self, target: ExprRef) -> Result<()> {
        let ExprKind::Name { id, .. } = target.kind else {
            return Err(CompileError::runtime("NamedExpr target must be a Name"));
        };
        let name = self.names.intern(id);
        for i in (0..self.stack.len()).rev() {
            let at = self.stack[i];
            let (comp, kind) = (self.st.block(at).comprehension, self.st.block(at).kind);
            if comp != Comp::None {
                let flags = self.lookup_in(at, name);
                if flags & DEF_COMP_ITER != 0 && flags & DEF_LOCAL != 0 {
                    return Err(CompileError::scope(
                        format!(
                            "assignment expression cannot rebind comprehension iteration variable '{id}'"
                        ),
                        target.range,
                    ));
                }
                continue;
            }
            let flag = match kind {
                BlockKind::Function => {
                    let global = self.lookup_in(at, name) & DEF_GLOBAL != 0;
                    self.add_def(
                        name,
                        if global { DEF_GLOBAL } else { DEF_NONLOCAL },
                        target.range,
                    )?;
                    DEF_LOCAL
                }
                BlockKind::Module => {
                    self.add_def(name, DEF_GLOBAL, target.range)?;
                    DEF_GLOBAL
                }
                BlockKind::Annotation => continue,
                BlockKind::Class
                | BlockKind::TypeParameters
                | BlockKind::TypeAlias
                | BlockKind::TypeVariable => {
                    let place = match kind {
                        BlockKind::Class => "in a class body",
                        BlockKind::TypeParameters => "within the definition of a generic",
                        BlockKind::TypeAlias => "in a type alias",
                        _ => "in a TypeVar bound",
                    };
                    return Err(CompileError::scope(
                        format!(
                            "assignment expression within a comprehension cannot be used {place}"
                        ),
                        target.range,
                    ));
                }
            };
            self.record_directive(name, target.range);
            return self.add_def_in(at, name, flag, target.range);
        }
        Ok(())
    }

    fn refuse_in_annotation(&mut self, what: &str, e: &Expr) -> Result<()> {
        let b = self.cur();
        let place = match b.kind {
            BlockKind::Annotation => "an annotation",
            BlockKind::TypeVariable => b.scope_info,
            BlockKind::TypeAlias => "a type alias",
            BlockKind::TypeParameters => "the definition of a generic",
            _ => return Ok(()),
        };
        Err(CompileError::scope(format!("{what} cannot be used within {place}"), e.range))
    }

    fn yield_expr(&mut self, e: &Expr, value: Option<ExprRef>) -> Result<()> {
        self.refuse_in_annotation("yield expression", e)?;
        self.opt(value)?;
        self.cur().generator = true;
        let place = match self.cur().comprehension {
            Comp::None => return Ok(()),
            Comp::List => "list comprehension",
            Comp::Set => "set comprehension",
            Comp::Dict => "dict comprehension",
            Comp::Generator => "generator expression",
        };
        Err(CompileError::scope(format!("'yield' inside {place}"), e.range))
    }

    fn expr(&mut self, e: &Expr) -> Result<()> {
        self.deeper(|b| b.expr_inner(e))
    }

    fn expr_inner(&mut self, e: &Expr) -> Result<()> {
        match e.kind {
            ExprKind::NamedExpr { target, value } => {
                self.refuse_in_annotation("named expression", e)?;
                self.named_expr(e, target, value)
            }
            ExprKind::BoolOp { values, .. } => self.exprs(values),
            ExprKind::BinOp { left, right, .. } => {
                self.expr(left)?;
                self.expr(right)
            }
            ExprKind::UnaryOp { operand, .. } => self.expr(operand),
            ExprKind::Lambda { args, body } => {
                self.exprs(args.defaults)?;
                for d in args.kw_defaults {
                    self.opt(*d)?;
                }
                let name = self.names.intern("lambda");
                self.enter(name, BlockKind::Function, key_of(e, KeyPart::Body), e.range);
                self.arguments(args)?;
                self.expr(body)?;
                self.exit();
                Ok(())
            }
            ExprKind::IfExp { test, body, orelse } => {
                self.expr(test)?;
                self.expr(body)?;
                self.expr(orelse)
            }
            ExprKind::Dict { keys, values } => {
                for k in keys {
                    self.opt(*k)?;
                }
                self.exprs(values)
            }
            ExprKind::Set { elts } | ExprKind::List { elts, .. } | ExprKind::Tuple { elts, .. } => {
                self.exprs(elts)
            }
            ExprKind::ListComp { elt, generators } => {
                self.comprehension(e, Comp::List, generators, elt, None)
            }
            ExprKind::SetComp { elt, generators } => {
                self.comprehension(e, Comp::Set, generators, elt, None)
            }
            ExprKind::GeneratorExp { elt, generators } => {
                self.comprehension(e, Comp::Generator, generators, elt, None)
            }
            ExprKind::DictComp { key, value, generators } => {
                self.comprehension(e, Comp::Dict, generators, key, Some(value))
            }
            ExprKind::Yield { value } => self.yield_expr(e, value),
            ExprKind::YieldFrom { value } => self.yield_expr(e, Some(value)),
            ExprKind::Await { value } => {
                self.refuse_in_annotation("await expression", e)?;
                self.expr(value)?;
                self.cur().coroutine = true;
                Ok(())
            }
            ExprKind::Compare { left, comparators, .. } => {
                self.expr(left)?;
                self.exprs(comparators)
            }
            ExprKind::Call { func, args, keywords } => {
                self.expr(func)?;
                self.exprs(args)?;
                for k in keywords {
                    self.expr(k.value)?;
                }
                Ok(())
            }
            ExprKind::FormattedValue { value, format_spec, .. } => {
                self.expr(value)?;
                self.opt(format_spec)
            }
            ExprKind::JoinedStr { values } => self.exprs(values),
            ExprKind::Constant { .. } => Ok(()),
            ExprKind::Attribute { value, .. } | ExprKind::Starred { value, .. } => self.expr(value),
            ExprKind::Subscript { value, slice, .. } => {
                self.expr(value)?;
                self.expr(slice)
            }
            ExprKind::Slice { lower, upper, step } => {
                self.opt(lower)?;
                self.opt(upper)?;
                self.opt(step)
            }
            ExprKind::Name { id, ctx } => {
                let name = self.names.intern(id);
                let flag = if ctx == ExprContext::Load { USE } else { DEF_LOCAL };
                self.add_def(name, flag, e.range)?;
                // `super` uses the class cell without naming it.
                if ctx == ExprContext::Load && id == "super" && self.cur().is_function_like() {
                    self.add_text("__class__", USE, e.range)?;
                }
                Ok(())
            }
        }
    }

    fn comprehension(
        &mut self,
        e: &Expr,
        kind: Comp,
        generators: &[Comprehension],
        elt: ExprRef,
        value: Option<ExprRef>,
    ) -> Result<()> {
        let outermost = &generators[0];
        self.cur().comp_iter_expr += 1;
        self.expr(outermost.iter)?;
        self.cur().comp_iter_expr -= 1;
        let name = self.names.intern(match kind {
            Comp::List => "listcomp",
            Comp::Set => "setcomp",
            Comp::Dict => "dictcomp",
            _ => "genexpr",
        });
        self.enter(name, BlockKind::Function, key_of(e, KeyPart::Body), e.range);
        self.cur().comprehension = kind;
        if outermost.is_async {
            self.cur().coroutine = true;
        }
        self.add_text(".0", DEF_PARAM, e.range)?;
        self.cur().comp_iter_target = true;
        self.expr(outermost.target)?;
        self.cur().comp_iter_target = false;
        self.exprs(outermost.ifs)?;
        for g in &generators[1..] {
            self.cur().comp_iter_target = true;
            self.expr(g.target)?;
            self.cur().comp_iter_target = false;
            self.cur().comp_iter_expr += 1;
            self.expr(g.iter)?;
            self.cur().comp_iter_expr -= 1;
            self.exprs(g.ifs)?;
            if g.is_async {
                self.cur().coroutine = true;
            }
        }
        self.opt(value)?;
        self.expr(elt)?;
        let is_generator = kind == Comp::Generator;
        self.cur().generator = is_generator;
        let spreads = self.cur().coroutine && !is_generator;
        self.exit();
        if spreads {
            self.cur().coroutine = true;
        }
        Ok(())
    }

    fn type_params(&mut self, params: &[TypeParam]) -> Result<()> {
        for p in params {
            match p.kind {
                TypeParamKind::TypeVar { name, bound, default_value } => {
                    self.add_text(name, DEF_TYPE_PARAM | DEF_LOCAL, p.range)?;
                    let is_tuple = bound.is_some_and(|b| matches!(b.kind, ExprKind::Tuple { .. }));
                    let info = if is_tuple { "a TypeVar constraint" } else { "a TypeVar bound" };
                    self.bound_or_default(p, name, bound, KeyPart::Bound, info)?;
                    self.bound_or_default(
                        p,
                        name,
                        default_value,
                        KeyPart::Default,
                        "a TypeVar default",
                    )?;
                }
                TypeParamKind::TypeVarTuple { name, default_value } => {
                    self.add_text(name, DEF_TYPE_PARAM | DEF_LOCAL, p.range)?;
                    self.bound_or_default(
                        p,
                        name,
                        default_value,
                        KeyPart::Default,
                        "a TypeVarTuple default",
                    )?;
                }
                TypeParamKind::ParamSpec { name, default_value } => {
                    self.add_text(name, DEF_TYPE_PARAM | DEF_LOCAL, p.range)?;
                    self.bound_or_default(
                        p,
                        name,
                        default_value,
                        KeyPart::Default,
                        "a ParamSpec default",
                    )?;
                }
            }
        }
        Ok(())
    }

    fn bound_or_default(
        &mut self,
        p: &TypeParam,
        name: &str,
        e: Option<ExprRef>,
        part: KeyPart,
        info: &'static str,
    ) -> Result<()> {
        if name == "__classdict__" {
            return Err(CompileError::scope(
                format!("reserved name '{name}' cannot be used for type parameter"),
                p.range,
            ));
        }
        let Some(e) = e else { return Ok(()) };
        let in_class = self.cur().can_see_class_scope;
        let name = self.names.intern(name);
        self.enter(name, BlockKind::TypeVariable, key_of(p, part), e.range);
        self.cur().can_see_class_scope = in_class;
        if in_class {
            self.add_text("__classdict__", USE, e.range)?;
        }
        self.cur().scope_info = info;
        self.expr(e)?;
        self.exit();
        Ok(())
    }

    fn pattern(&mut self, p: &Pattern) -> Result<()> {
        self.deeper(|b| b.pattern_inner(p))
    }

    fn pattern_inner(&mut self, p: &Pattern) -> Result<()> {
        match p.kind {
            PatternKind::MatchValue { value } => self.expr(value),
            PatternKind::MatchSingleton { .. } => Ok(()),
            PatternKind::MatchSequence { patterns } | PatternKind::MatchOr { patterns } => {
                patterns.iter().try_for_each(|p| self.pattern(p))
            }
            PatternKind::MatchStar { name } => match name {
                Some(name) => self.add_text(name, DEF_LOCAL, p.range),
                None => Ok(()),
            },
            PatternKind::MatchMapping { keys, patterns, rest } => {
                self.exprs(keys)?;
                patterns.iter().try_for_each(|p| self.pattern(p))?;
                match rest {
                    Some(name) => self.add_text(name, DEF_LOCAL, p.range),
                    None => Ok(()),
                }
            }
            PatternKind::MatchClass { cls, patterns, kwd_patterns, .. } => {
                self.expr(cls)?;
                patterns.iter().chain(kwd_patterns).try_for_each(|p| self.pattern(p))
            }
            PatternKind::MatchAs { pattern, name } => {
                if let Some(p) = pattern {
                    self.pattern(p)?;
                }
                match name {
                    Some(name) => self.add_text(name, DEF_LOCAL, p.range),
                    None => Ok(()),
                }
            }
        }
    }

    fn arguments(&mut self, a: &Arguments) -> Result<()> {
        for arg in a.posonlyargs.iter().chain(a.args).chain(a.kwonlyargs) {
            self.add_text(arg.arg, DEF_PARAM, arg.range)?;
        }
        if let Some(arg) = a.vararg {
            self.add_text(arg.arg, DEF_PARAM, arg.range)?;
            self.cur().varargs = true;
        }
        if let Some(arg) = a.kwarg {
            self.add_text(arg.arg, DEF_PARAM, arg.range)?;
            self.cur().varkeywords = true;
        }
        Ok(())
    }

    fn annotation(&mut self, e: ExprRef) -> Result<()> {
        if !self.future_annotations {
            return self.expr(e);
        }
        let name = self.names.intern("_annotation");
        self.enter(name, BlockKind::Annotation, key_of(e, KeyPart::Annotation), e.range);
        self.expr(e)?;
        self.exit();
        Ok(())
    }

    fn annotations(&mut self, s: &Stmt, a: &Arguments, returns: Option<ExprRef>) -> Result<()> {
        if self.future_annotations {
            let name = self.names.intern("_annotation");
            self.enter(name, BlockKind::Annotation, key_of(s, KeyPart::Annotation), s.range);
        }
        let named =
            a.posonlyargs.iter().chain(a.args).chain(a.vararg).chain(a.kwarg).chain(a.kwonlyargs);
        for arg in named {
            self.opt(arg.annotation)?;
        }
        if self.future_annotations {
            self.exit();
        }
        match returns {
            Some(e) => self.annotation(e),
            None => Ok(()),
        }
    }
}
