//! Functions, lambdas, classes, type parameters and type aliases.

use super::calls::Leading;
use super::{Codegen, FBlock, UnitKind};
use crate::code::{CodeUnit, Const, flags};
use crate::docstring;
use crate::error::{CompileError, Result};
use crate::ir::{HandlerId, Label, Loc, Reg};
use crate::opcode::{Op, intrinsic1, intrinsic2};
use crate::symtable::{Key, KeyPart, key_of};
use std::sync::Arc;
use taipan_syntax::ast::*;

/// Parts of a function that `SET_FUNCTION_ATTRIBUTE` sets.
const DEFAULTS: u32 = 1;
const KWDEFAULTS: u32 = 2;
const ANNOTATIONS: u32 = 4;
const CLOSURE: u32 = 8;

/// The handler that turns an escaping StopIteration into a RuntimeError.
pub(super) struct StopIteration {
    label: Label,
    exc: Reg,
}

/// The docstring of a body, if it starts with one.
pub(super) fn docstring_of<'a>(body: Body<'a>) -> Option<(&'a [u8], Span)> {
    let first = body.first()?;
    let StmtKind::Expr { value } = first.kind else { return None };
    let ExprKind::Constant { value: Constant::Str(text), .. } = value.kind else { return None };
    Some((text.as_bytes(), value.range))
}

impl<'a> Codegen<'a, '_> {
    /// Makes the function of a code unit in `dst`, with its closure and the given parts.
    pub(super) fn make_function(
        &mut self,
        code: CodeUnit,
        parts: &[(u32, Reg)],
        dst: Reg,
        loc: Loc,
    ) {
        let mark = self.mark();
        let nfree = code.nfreevars();
        let closure = if nfree > 0 {
            let first = code.localsplus_names.len() - nfree;
            let run = self.temps(nfree as u32);
            for (i, text) in code.localsplus_names[first..].iter().enumerate() {
                let name = self.names.intern(text);
                // What a class's functions call `__class__` is the class, not what is around it.
                let own = self.unit().kind == UnitKind::Class
                    && matches!(&**text, "__class__" | "__classdict__");
                let cell = if own { self.own_cell_reg(name) } else { self.cell_reg(name) }
                    .expect("the symbol table made the variable a cell or free here");
                self.emit2(Op::MOVE, run.plus(i as u32), cell, loc);
            }
            self.emit(Op::BUILD_TUPLE, run.0, run.0, nfree as u32, loc);
            Some(run)
        } else {
            None
        };
        let k = self.add_const(Const::Code(Arc::new(code)));
        self.emit_x(Op::MAKE_FUNCTION, dst, Reg(0), 0, k, loc);
        if let Some(c) = closure {
            self.emit(Op::SET_FUNCTION_ATTRIBUTE, dst.0, c.0, CLOSURE, loc);
        }
        for (part, r) in parts {
            self.emit(Op::SET_FUNCTION_ATTRIBUTE, dst.0, r.0, *part, loc);
        }
        self.release(mark);
    }

    pub(super) fn begin_stop_iteration(&mut self) -> StopIteration {
        let label = self.label();
        let exc = self.temps(2);
        let outer = self.unit().handler;
        self.u().fblocks.push(FBlock::Plain { outer });
        let handler = self.u().seq.new_handler(label, exc, true);
        self.u().handler = handler;
        StopIteration { label, exc }
    }

    pub(super) fn end_stop_iteration(&mut self, state: StopIteration) {
        self.u().handler = HandlerId::NONE;
        self.pop_fblock();
        self.bind(state.label);
        self.emit(
            Op::CALL_INTRINSIC_1,
            state.exc.0,
            state.exc.0,
            u32::from(intrinsic1::STOPITERATION_ERROR),
            Loc::NONE,
        );
        self.emit(Op::RERAISE, state.exc.0, 1, 0, Loc::NONE);
    }

    // ---- functions

    pub(super) fn function(
        &mut self,
        s: &Stmt<'a>,
        f: &'a FunctionDef<'a>,
        is_async: bool,
    ) -> Result<()> {
        self.check_debug_args(f.args)?;
        let mark = self.mark();
        let loc: Loc = s.range.into();
        let areas = self.decorators(f.decorator_list)?;
        let firstlineno = f.decorator_list.first().map_or(s.range.lineno, |d| d.range.lineno);
        let dst = self.temp();
        let inner = self.mark();
        let defaults = self.defaults(f.args, loc)?;
        let kwdefaults = self.kwdefaults(f.args, loc)?;
        if f.type_params.is_empty() {
            self.function_object(s, f, is_async, firstlineno, defaults, kwdefaults, dst)?;
        } else {
            self.generic_function(s, f, is_async, firstlineno, defaults, kwdefaults, dst)?;
        }
        self.release(inner);
        self.apply_decorators(&areas, f.decorator_list);
        let result = areas.first().map_or(dst, |base| *base);
        self.refuse_debug(f.name, ExprContext::Store, s.range)?;
        self.store_name(f.name, result, loc);
        self.release(mark);
        Ok(())
    }

    /// Loads each decorator into its own call area; the innermost area's argument is the next temporary.
    fn decorators(&mut self, decorators: Exprs<'a>) -> Result<Vec<Reg>> {
        let mut areas = Vec::with_capacity(decorators.len());
        for d in decorators {
            let base = self.temps(4);
            self.expr_to(d, base.plus(3))?;
            areas.push(base);
        }
        Ok(areas)
    }

    fn apply_decorators(&mut self, areas: &[Reg], decorators: Exprs<'a>) {
        for (i, base) in areas.iter().enumerate().rev() {
            let loc: Loc = decorators[i].range.into();
            // The result is the argument of the area around it, or the area itself at the end.
            let dst = if i == 0 { *base } else { areas[i - 1].plus(4) };
            self.emit(Op::CALL, dst.0, base.0, 1, loc);
        }
    }

    fn defaults(&mut self, args: &'a Arguments<'a>, loc: Loc) -> Result<Option<Reg>> {
        if args.defaults.is_empty() {
            return Ok(None);
        }
        let dst = self.temp();
        let constant: Option<Arc<[Const]>> =
            args.defaults.iter().map(|e| self.folder.constant(e)).collect();
        match constant {
            Some(items) => {
                self.constant(Const::Tuple(items), Some(dst), loc);
            }
            None => {
                self.tuple(args.defaults, Some(dst), loc)?;
                let t = dst.as_temp().expect("a temporary");
                self.release(t + 1);
            }
        }
        Ok(Some(dst))
    }

    fn kwdefaults(&mut self, args: &'a Arguments<'a>, loc: Loc) -> Result<Option<Reg>> {
        if args.kw_defaults.iter().all(Option::is_none) {
            return Ok(None);
        }
        let dst = self.temp();
        let mark = self.mark();
        let run = self.temps(0);
        let mut n = 0;
        for (arg, default) in args.kwonlyargs.iter().zip(args.kw_defaults) {
            let Some(default) = default else { continue };
            let name = self.mangled(arg.arg);
            let text = self.names.shared(name);
            let key = self.temp();
            self.constant(Const::str(&text), Some(key), loc);
            let value = self.temp();
            self.expr_to(default, value)?;
            n += 1;
        }
        self.release(mark);
        self.emit(Op::BUILD_MAP, dst.0, run.0, n, loc);
        Ok(Some(dst))
    }

    #[allow(clippy::too_many_arguments)]
    fn function_object(
        &mut self,
        s: &Stmt<'a>,
        f: &'a FunctionDef<'a>,
        is_async: bool,
        firstlineno: u32,
        defaults: Option<Reg>,
        kwdefaults: Option<Reg>,
        dst: Reg,
    ) -> Result<()> {
        let loc: Loc = s.range.into();
        let annotations = self.annotations(f.args, f.returns, loc)?;
        let code = self.function_body(s, f, is_async, firstlineno)?;
        let parts: Vec<(u32, Reg)> =
            [(ANNOTATIONS, annotations), (KWDEFAULTS, kwdefaults), (DEFAULTS, defaults)]
                .into_iter()
                .filter_map(|(p, r)| r.map(|r| (p, r)))
                .collect();
        self.make_function(code, &parts, dst, loc);
        Ok(())
    }

    fn function_body(
        &mut self,
        s: &Stmt<'a>,
        f: &'a FunctionDef<'a>,
        is_async: bool,
        firstlineno: u32,
    ) -> Result<CodeUnit> {
        let kind = if is_async { UnitKind::AsyncFunction } else { UnitKind::Function };
        self.enter_unit(f.name, kind, key_of(s, KeyPart::Body), firstlineno)?;
        let doc = docstring_of(f.body);
        let first = match doc {
            Some((text, _)) if self.settings.optimize < 2 => {
                Const::Str(docstring::clean(text).into())
            }
            _ => Const::None,
        };
        self.add_const(first);
        self.set_arguments(f.args);
        let block = self.table.block(self.unit().block);
        let stop = (block.coroutine || block.generator).then(|| self.begin_stop_iteration());
        let body = &f.body[usize::from(doc.is_some())..];
        self.stmts(body)?;
        self.emit_return_none(Loc::NONE);
        if let Some(state) = stop {
            self.end_stop_iteration(state);
        }
        self.exit_unit()
    }

    fn set_arguments(&mut self, args: &Arguments) {
        let u = self.u();
        u.argcount = args.args.len() as u32;
        u.posonlyargcount = args.posonlyargs.len() as u32;
        u.kwonlyargcount = args.kwonlyargs.len() as u32;
    }

    fn check_debug_args(&self, args: &Arguments) -> Result<()> {
        let all = args
            .posonlyargs
            .iter()
            .chain(args.args)
            .chain(args.vararg)
            .chain(args.kwonlyargs)
            .chain(args.kwarg);
        for a in all {
            self.refuse_debug(a.arg, ExprContext::Store, a.range)?;
        }
        Ok(())
    }

    /// A flat tuple of names and annotations, if there are any.
    fn annotations(
        &mut self,
        args: &'a Arguments<'a>,
        returns: Option<ExprRef<'a>>,
        loc: Loc,
    ) -> Result<Option<Reg>> {
        let mark = self.mark();
        let mut list: Vec<(&str, ExprRef<'a>)> = Vec::new();
        let named = args
            .args
            .iter()
            .chain(args.posonlyargs)
            .chain(args.vararg)
            .chain(args.kwonlyargs)
            .chain(args.kwarg);
        for a in named {
            if let Some(e) = a.annotation {
                list.push((a.arg, e));
            }
        }
        if let Some(e) = returns {
            list.push(("return", e));
        }
        if list.is_empty() {
            return Ok(None);
        }
        let dst = self.temp();
        let run = self.temps(0);
        let n = 2 * list.len() as u32;
        for (arg, e) in list {
            let name = self.mangled(arg);
            let text = self.names.shared(name);
            let key = self.temp();
            self.constant(Const::str(&text), Some(key), loc);
            let value = self.temp();
            self.annotation_to(e, value)?;
        }
        self.release(mark + 1);
        self.emit(Op::BUILD_TUPLE, dst.0, run.0, n, loc);
        Ok(Some(dst))
    }

    fn annotation_to(&mut self, e: ExprRef<'a>, dst: Reg) -> Result<()> {
        if self.settings.future & flags::CO_FUTURE_ANNOTATIONS != 0 {
            self.annotation_text(e, dst);
            return Ok(());
        }
        self.starred_to(e, dst)
    }

    /// The source text of an annotation, as a string constant.
    pub(super) fn annotation_text(&mut self, e: ExprRef<'a>, dst: Reg) {
        let text = taipan_syntax::unparse::expr_to_string(e);
        self.constant(Const::Str(text.as_bytes().into()), Some(dst), e.range.into());
    }

    /// `*Ts` stands for its only item.
    fn starred_to(&mut self, e: ExprRef<'a>, dst: Reg) -> Result<()> {
        if let ExprKind::Starred { value, .. } = e.kind {
            let mark = self.mark();
            let r = self.expr(value)?;
            self.emit(Op::UNPACK_SEQUENCE, dst.0, r.0, 1, e.range.into());
            self.release(mark);
            return Ok(());
        }
        self.expr_to(e, dst)
    }

    pub(super) fn lambda(
        &mut self,
        e: &Expr<'a>,
        args: &'a Arguments<'a>,
        body: ExprRef<'a>,
        want: Option<Reg>,
    ) -> Result<Reg> {
        let loc: Loc = e.range.into();
        self.check_debug_args(args)?;
        let dst = self.scratch(want);
        let mark = self.mark();
        let defaults = self.defaults(args, loc)?;
        let kwdefaults = self.kwdefaults(args, loc)?;
        self.enter_unit("<lambda>", UnitKind::Lambda, key_of(e, KeyPart::Body), e.range.lineno)?;
        self.no_docstring();
        self.set_arguments(args);
        let r = self.expr(body)?;
        self.emit1(Op::RETURN, r, body.range.into());
        let code = self.exit_unit()?;
        let parts: Vec<(u32, Reg)> = [(KWDEFAULTS, kwdefaults), (DEFAULTS, defaults)]
            .into_iter()
            .filter_map(|(p, r)| r.map(|r| (p, r)))
            .collect();
        self.make_function(code, &parts, dst, loc);
        self.release(mark);
        Ok(self.deliver(dst, want, loc))
    }

    // ---- generics

    fn enter_type_params(
        &mut self,
        name: &str,
        params: &'a [TypeParam<'a>],
        firstlineno: u32,
    ) -> Result<()> {
        let name = format!("<generic parameters of {name}>");
        self.enter_unit(
            &name,
            UnitKind::TypeParams,
            key_of(&params[0], KeyPart::TypeParams),
            firstlineno,
        )
    }

    #[allow(clippy::too_many_arguments)]
    fn generic_function(
        &mut self,
        s: &Stmt<'a>,
        f: &'a FunctionDef<'a>,
        is_async: bool,
        firstlineno: u32,
        defaults: Option<Reg>,
        kwdefaults: Option<Reg>,
        dst: Reg,
    ) -> Result<()> {
        let loc: Loc = s.range.into();
        self.enter_type_params(f.name, f.type_params, firstlineno)?;
        let mut next_arg = 0;
        let mut arg = |given: Option<Reg>| {
            given.map(|_| {
                next_arg += 1;
                Reg::local(next_arg - 1)
            })
        };
        let (inner_defaults, inner_kwdefaults) = (arg(defaults), arg(kwdefaults));
        self.u().argcount = next_arg;
        let pair = self.temps(2);
        self.type_params(f.type_params, pair.plus(1))?;
        self.function_object(s, f, is_async, firstlineno, inner_defaults, inner_kwdefaults, pair)?;
        self.emit(
            Op::CALL_INTRINSIC_2,
            pair.0,
            pair.0,
            u32::from(intrinsic2::SET_FUNCTION_TYPE_PARAMS),
            loc,
        );
        self.emit1(Op::RETURN, pair, loc);
        let code = self.exit_unit()?;
        let base = self.temps(4);
        self.make_function(code, &[], base.plus(3), loc);
        let mut n = 0;
        for r in [defaults, kwdefaults].into_iter().flatten() {
            let slot = self.temp();
            self.move_to(slot, r, loc);
            n += 1;
        }
        self.emit(Op::CALL, dst.0, base.0, n, loc);
        Ok(())
    }

    /// Makes the type parameters, binds their names, and leaves their tuple in `dst`.
    fn type_params(&mut self, params: &'a [TypeParam<'a>], dst: Reg) -> Result<()> {
        let mark = self.mark();
        let run = self.temps(0);
        let mut seen_default = false;
        for p in params {
            let loc: Loc = p.range.into();
            let slot = self.temp();
            let inner = self.mark();
            let (name, default, allow_starred) = match p.kind {
                TypeParamKind::TypeVar { name, default_value, .. } => (name, default_value, false),
                TypeParamKind::TypeVarTuple { name, default_value } => (name, default_value, true),
                TypeParamKind::ParamSpec { name, default_value } => (name, default_value, false),
            };
            match p.kind {
                TypeParamKind::TypeVar { bound: Some(bound), .. } => {
                    let pair = self.temps(2);
                    self.constant(Const::str(name), Some(pair), loc);
                    self.lazy_value(bound, name, key_of(p, KeyPart::Bound), false, pair.plus(1))?;
                    let is_tuple = matches!(bound.kind, ExprKind::Tuple { .. });
                    let which = if is_tuple {
                        intrinsic2::TYPEVAR_WITH_CONSTRAINTS
                    } else {
                        intrinsic2::TYPEVAR_WITH_BOUND
                    };
                    self.emit(Op::CALL_INTRINSIC_2, slot.0, pair.0, u32::from(which), loc);
                }
                _ => {
                    let which = match p.kind {
                        TypeParamKind::TypeVar { .. } => intrinsic1::TYPEVAR,
                        TypeParamKind::TypeVarTuple { .. } => intrinsic1::TYPEVARTUPLE,
                        TypeParamKind::ParamSpec { .. } => intrinsic1::PARAMSPEC,
                    };
                    self.constant(Const::str(name), Some(slot), loc);
                    self.emit(Op::CALL_INTRINSIC_1, slot.0, slot.0, u32::from(which), loc);
                }
            }
            self.release(inner);
            if let Some(default) = default {
                seen_default = true;
                let pair = self.temps(2);
                self.move_to(pair, slot, loc);
                self.lazy_value(
                    default,
                    name,
                    key_of(p, KeyPart::Default),
                    allow_starred,
                    pair.plus(1),
                )?;
                self.emit(
                    Op::CALL_INTRINSIC_2,
                    slot.0,
                    pair.0,
                    u32::from(intrinsic2::SET_TYPEPARAM_DEFAULT),
                    loc,
                );
                self.release(inner);
            } else if seen_default {
                return self.error(
                    format!("non-default type parameter '{name}' follows default type parameter"),
                    p.range,
                );
            }
            self.refuse_debug(name, ExprContext::Store, p.range)?;
            self.store_name(name, slot, loc);
        }
        self.release(mark);
        let loc: Loc = params[0].range.into();
        self.emit(Op::BUILD_TUPLE, dst.0, run.0, params.len() as u32, loc);
        Ok(())
    }

    /// A function that computes a bound or default when it is asked for.
    fn lazy_value(
        &mut self,
        e: ExprRef<'a>,
        name: &str,
        key: Key,
        allow_starred: bool,
        dst: Reg,
    ) -> Result<()> {
        self.enter_unit(name, UnitKind::TypeParams, key, e.range.lineno)?;
        let loc: Loc = e.range.into();
        let r = self.temp();
        if allow_starred {
            self.starred_to(e, r)?;
        } else {
            self.expr_to(e, r)?;
        }
        self.emit1(Op::RETURN, r, loc);
        let code = self.exit_unit()?;
        self.make_function(code, &[], dst, loc);
        Ok(())
    }

    pub(super) fn type_alias(
        &mut self,
        s: &Stmt<'a>,
        target: ExprRef<'a>,
        params: &'a [TypeParam<'a>],
        value: ExprRef<'a>,
    ) -> Result<()> {
        let ExprKind::Name { id, .. } = target.kind else {
            return Err(CompileError::runtime("TypeAlias with non-Name name"));
        };
        let loc: Loc = s.range.into();
        let mark = self.mark();
        let generic = !params.is_empty();
        if generic {
            self.enter_type_params(id, params, s.range.lineno)?;
        }
        let run = self.temps(3);
        self.constant(Const::str(id), Some(run), loc);
        if generic {
            self.type_params(params, run.plus(1))?;
        } else {
            self.load_none(run.plus(1), loc);
        }
        self.enter_unit(id, UnitKind::Function, key_of(s, KeyPart::Body), s.range.lineno)?;
        self.no_docstring();
        let r = self.expr(value)?;
        self.emit1(Op::RETURN, r, loc);
        let code = self.exit_unit()?;
        self.make_function(code, &[], run.plus(2), loc);
        self.emit(Op::BUILD_TUPLE, run.0, run.0, 3, loc);
        self.emit(Op::CALL_INTRINSIC_1, run.0, run.0, u32::from(intrinsic1::TYPEALIAS), loc);
        let mut result = run;
        if generic {
            self.emit1(Op::RETURN, run, loc);
            let code = self.exit_unit()?;
            let base = self.temps(4);
            self.make_function(code, &[], base.plus(3), loc);
            self.emit(Op::CALL, base.0, base.0, 0, loc);
            result = base;
        }
        self.refuse_debug(id, ExprContext::Store, s.range)?;
        self.store_name(id, result, loc);
        self.release(mark);
        Ok(())
    }

    // ---- classes

    pub(super) fn class(&mut self, s: &Stmt<'a>, c: &'a ClassDef<'a>) -> Result<()> {
        let mark = self.mark();
        let loc: Loc = s.range.into();
        let areas = self.decorators(c.decorator_list)?;
        let firstlineno = c.decorator_list.first().map_or(s.range.lineno, |d| d.range.lineno);
        let dst = self.temp();
        let inner = self.mark();
        if c.type_params.is_empty() {
            self.class_object(s, c, firstlineno, None, dst)?;
        } else {
            self.enter_type_params(c.name, c.type_params, firstlineno)?;
            let private = self.names.intern(c.name);
            self.u().private = Some(private);
            let params = self.temp();
            self.type_params(c.type_params, params)?;
            self.store_name(".type_params", params, loc);
            let result = self.temp();
            self.class_object(s, c, firstlineno, Some(params), result)?;
            self.emit1(Op::RETURN, result, loc);
            let code = self.exit_unit()?;
            let base = self.temps(4);
            self.make_function(code, &[], base.plus(3), loc);
            self.emit(Op::CALL, dst.0, base.0, 0, loc);
        }
        self.release(inner);
        self.apply_decorators(&areas, c.decorator_list);
        let result = areas.first().map_or(dst, |base| *base);
        self.refuse_debug(c.name, ExprContext::Store, s.range)?;
        self.store_name(c.name, result, loc);
        self.release(mark);
        Ok(())
    }

    /// Calls `__build_class__` for the class body.
    fn class_object(
        &mut self,
        s: &Stmt<'a>,
        c: &'a ClassDef<'a>,
        firstlineno: u32,
        params: Option<Reg>,
        dst: Reg,
    ) -> Result<()> {
        let loc: Loc = s.range.into();
        let code = self.class_body(s, c, firstlineno)?;
        let mark = self.mark();
        let generic_base = match params {
            Some(_) => {
                let t = self.temp();
                let p = self.load_name(".type_params", loc, None);
                self.emit(
                    Op::CALL_INTRINSIC_1,
                    t.0,
                    p.0,
                    u32::from(intrinsic1::SUBSCRIPT_GENERIC),
                    loc,
                );
                self.store_name(".generic_base", t, loc);
                Some(t)
            }
            None => None,
        };
        let pair = self.temps(2);
        self.make_function(code, &[], pair, loc);
        self.constant(Const::str(c.name), Some(pair.plus(1)), loc);
        let base = self.temps(4);
        self.emit1(Op::LOAD_BUILD_CLASS, base.plus(3), loc);
        let leading = [pair, pair.plus(1)];
        let extra: Vec<Reg> = generic_base.into_iter().collect();
        self.validate_keywords(c.keywords)?;
        self.call_area(
            base,
            &Leading { regs: &leading },
            c.bases,
            c.keywords,
            &extra,
            loc,
            Some(dst),
            mark,
        )?;
        self.release(mark);
        Ok(())
    }

    fn class_body(
        &mut self,
        s: &Stmt<'a>,
        c: &'a ClassDef<'a>,
        firstlineno: u32,
    ) -> Result<CodeUnit> {
        self.enter_unit(c.name, UnitKind::Class, key_of(s, KeyPart::Body), firstlineno)?;
        let private = self.names.intern(c.name);
        self.u().private = Some(private);
        let line = firstlineno as i32;
        let loc = Loc { line, end_line: line, col: 0, end_col: 0 };
        let mark = self.mark();
        let r = self.load_name("__name__", loc, None);
        self.store_name("__module__", r, loc);
        self.release(mark);
        let qualname = self.unit().qualname.clone();
        let r = self.constant(Const::str(&qualname), None, loc);
        self.store_name("__qualname__", r, loc);
        self.release(mark);
        let r = self.constant(Const::Int(i64::from(firstlineno)), None, loc);
        self.store_name("__firstlineno__", r, loc);
        self.release(mark);
        if !c.type_params.is_empty() {
            let r = self.load_name(".type_params", loc, None);
            self.store_name("__type_params__", r, loc);
            self.release(mark);
        }
        let block = self.table.block(self.unit().block);
        let (needs_classdict, needs_class) = (block.needs_classdict, block.needs_class_closure);
        let classdict = self.names.intern("__classdict__");
        let class = self.names.intern("__class__");
        if needs_classdict {
            let cell =
                self.own_cell_reg(classdict).expect("the class has a cell for its namespace");
            self.emit2(Op::STORE_DEREF, cell, Reg::NAMESPACE, loc);
        }
        self.body(loc, c.body)?;
        let attributes: Arc<[Const]> =
            self.unit().static_attributes.iter().map(|a| Const::str(a)).collect();
        let r = self.constant(Const::Tuple(attributes), None, Loc::NONE);
        self.store_name("__static_attributes__", r, Loc::NONE);
        self.release(mark);
        if needs_classdict {
            let cell =
                self.own_cell_reg(classdict).expect("the class has a cell for its namespace");
            self.store_name("__classdictcell__", cell, Loc::NONE);
        }
        if needs_class {
            let cell = self.own_cell_reg(class).expect("the class has a cell for itself");
            self.store_name("__classcell__", cell, Loc::NONE);
            self.emit1(Op::RETURN, cell, Loc::NONE);
        } else {
            self.emit_return_none(Loc::NONE);
        }
        self.exit_unit()
    }
}
