//! `compile()`'s dealings with syntax trees.

use super::convert::{FromPython, ToPython};
use super::{Ast, Classes, from_python, nodes, to_python};
use bumpalo::Bump;
use std::cell::RefCell;
use taipan_compiler::fold::Folder;
use taipan_syntax::{ErrorKind, Mode, SyntaxErr};
use taipan_vm::prelude::*;
use taipan_vm::source::{self, Request, pycf};
use taipan_vm::vm::AstHook;

/// Set as `vm.ast_hook` at start-up.
pub const HOOK: AstHook = AstHook { compile_tree, parse };

fn compile_tree(cx: &Thread, tree: Value, req: &Request<'_>) -> Res<Option<Value>> {
    if !tpflags_ready() || !is_instance(cx, tree, Value::from_ref(Ast::type_object()))? {
        return Ok(None);
    }
    if req.flags & pycf::OPTIMIZED_AST == pycf::ONLY_AST {
        return Ok(Some(tree));
    }
    let classes = Classes::get(cx)?;
    let (want, name) = match req.mode {
        Mode::Exec => (nodes::MODULE, "Module"),
        Mode::Eval => (nodes::EXPRESSION, "Expression"),
        Mode::Single => (nodes::INTERACTIVE, "Interactive"),
        Mode::FuncType => (nodes::FUNCTION_TYPE, "FunctionType"),
    };
    if !is_instance(cx, tree, Value::from_ref(classes.class(want)))? {
        raise!(cx, TypeError, "expected {name} node, got {}", tree.ty().name());
    }
    let arena = Bump::new();
    let module = from_python::module(&FromPython { cx, arena: &arena, classes }, tree)?;
    // SAFETY: the tree is memory outside the heap; of how much work it is nobody knows.
    let valid =
        unsafe { cx.mutator.plain(usize::MAX, || taipan_syntax::validate::validate(&module)) };
    if let Err(e) = valid {
        return Err(bad_tree(cx, &e, req.filename));
    }
    if req.flags & pycf::ONLY_AST != 0 {
        return to_python::module(&to_python_for(cx, classes, req), &module).map(Some);
    }
    source::compile_tree(cx, &module, req, "").map(|c| Some(Value::from_ref(c)))
}

fn to_python_for<'t>(cx: &'t Thread, classes: &'static Classes, req: &Request<'_>) -> ToPython<'t> {
    let optimized = req.flags & pycf::OPTIMIZED_AST == pycf::OPTIMIZED_AST;
    let folder = optimized.then(|| RefCell::new(Folder::new(req.optimize == 0, None)));
    ToPython { cx, classes, folder }
}

/// No object is a node before the classes exist.
fn tpflags_ready() -> bool {
    Ast::type_object().has_feature(tpflags::READY)
}

fn bad_tree(cx: &Thread, e: &SyntaxErr, filename: &Str) -> Raised {
    match e.kind {
        ErrorKind::TypeError => err!(cx, TypeError, "{}", e.msg),
        ErrorKind::ValueError => err!(cx, ValueError, "{}", e.msg),
        ErrorKind::RecursionError => err!(cx, RecursionError, "{}", e.msg),
        _ => source::raise_syntax(cx, e, filename),
    }
}

fn parse(cx: &Thread, text: &str, req: &Request<'_>) -> Res {
    let classes = Classes::get(cx)?;
    let arena = Bump::new();
    let mut warnings = Vec::new();
    let text = cx.plain(text.len(), || text.to_owned());
    let options = req.parse_options(cx);
    let parse = || taipan_syntax::parse(&text, &arena, &options, &mut warnings);
    // SAFETY: the parser knows no object.
    let parsed = unsafe { cx.mutator.plain(source::WORK * text.len(), parse) };
    source::issue(cx, &warnings, req.filename)?;
    let module = parsed.map_err(|e| source::raise_syntax(cx, &e, req.filename))?;
    to_python::module(&to_python_for(cx, classes, req), &module)
}
