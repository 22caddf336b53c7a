//! `builtins`: the functions; the types and exceptions are added at start-up.

mod classes;
pub mod evaluate;
mod functions;
mod io;
mod reductions;

use crate::prelude::*;

pymodule! { "builtins", doc: "Built-in functions, types, exceptions, and other objects.", functions: [
classes::__build_class__, classes::isinstance, classes::issubclass, classes::dir, classes::vars,
evaluate::__import__, evaluate::compile, evaluate::eval, evaluate::exec, evaluate::globals,
evaluate::locals, functions::abs, functions::ascii, functions::bin, functions::breakpoint,
functions::callable, functions::chr, functions::delattr, functions::divmod, functions::format,
functions::getattr, functions::hasattr, functions::hash_, functions::hex, functions::id,
functions::iter, functions::len, functions::next, functions::oct, functions::ord,
functions::pow, functions::repr, functions::round, functions::setattr, functions::aiter,
functions::anext, io::print, io::input, reductions::all, reductions::any, reductions::max,
reductions::min, reductions::sorted, reductions::sum], exec: exec }

fn exec(cx: &Thread, m: &Module) -> Res<()> {
    m.add(cx, "None", none());
    m.add(cx, "Ellipsis", ellipsis());
    m.add(cx, "NotImplemented", not_implemented());
    m.add(cx, "True", py_bool(true));
    m.add(cx, "False", py_bool(false));
    m.add(cx, "__debug__", py_bool(cx.vm.config.get().is_none_or(|c| c.optimize == 0)));
    crate::objects::exceptions::add_to_builtins(cx, m.dict());
    Ok(())
}
