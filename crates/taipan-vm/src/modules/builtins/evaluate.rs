//! `compile`, `eval`, `exec`, `__import__`, `globals`, `locals`.

use crate::modules::sys::audit_event;
use crate::objects::code::Code;
use crate::prelude::*;
use crate::source::{Request, pycf};
use taipan_syntax::Mode;

/// The namespace of the current module.
#[pyfunction]
pub fn globals(cx: &Thread) -> Res<&'static Dict> {
    match crate::interp::current_globals(cx) {
        Some(g) => Ok(g),
        None => raise!(cx, SystemError, "globals() outside of a frame"),
    }
}

/// The namespace of the current scope.
#[pyfunction]
pub fn locals(cx: &Thread) -> Res {
    crate::interp::current_locals(cx)
}

fn optimize_level(cx: &Thread, optimize: i32) -> Res<u8> {
    match optimize {
        -1 => Ok(cx.vm.config.get().map_or(0, |c| c.optimize.min(2))),
        0..=2 => Ok(optimize as u8),
        _ => raise!(cx, ValueError, "compile(): invalid optimize value"),
    }
}

/// The text of a source argument: str, or bytes with an encoding declaration.
pub fn source_text(
    cx: &Thread,
    v: Value,
    filename: &Str,
    what: &str,
    kinds: &str,
    ignore_cookie: bool,
) -> Res<String> {
    if let Some(s) = v.downcast::<Str>() {
        let t = s.utf8(cx)?.into_owned();
        if t.contains('\0') {
            raise!(cx, SyntaxError, "source code string cannot contain null bytes");
        }
        return Ok(t);
    }
    let bytes = match v.downcast::<Bytes>() {
        Some(b) => b.as_slice().to_vec(),
        None if v.ty().slots().getbuffer.get().is_some() => {
            let b = crate::objects::bytes::from_buffer(cx, v)?;
            b.downcast::<Bytes>().expect("from_buffer gives bytes").as_slice().to_vec()
        }
        None => raise!(cx, TypeError, "{what}() arg 1 must be a {kinds}"),
    };
    if bytes.contains(&0) {
        raise!(cx, SyntaxError, "source code string cannot contain null bytes");
    }
    let _ = ignore_cookie;
    crate::source::decode(cx, &bytes, taipan_syntax::source::Origin::Bytes, filename)
}

/// Compiles source text or a syntax tree into a code object.
#[pyfunction(
    sig = "(source, filename, mode, flags=0, dont_inherit=False, optimize=-1, *, _feature_version=-1)"
)]
pub fn compile(
    cx: &Thread,
    source: Value,
    filename: Value,
    mode: &'static Str,
    flags: i32,
    dont_inherit: bool,
    optimize: i32,
    _feature_version: i32,
) -> Res {
    let filename = filename_arg(cx, filename)?;
    audit_event(cx, "compile", || [source, Value::from_ref(filename)])?;
    let flags = flags as u32;
    if flags & !(pycf::FUTURE_MASK | pycf::COMPILE_MASK | pycf::SOURCE_IS_UTF8) != 0 {
        raise!(cx, ValueError, "compile(): unrecognised flags");
    }
    let optimize = optimize_level(cx, optimize)?;
    let mut all = flags;
    if !dont_inherit {
        all |= crate::interp::current_code_flags(cx) & pycf::FUTURE_MASK;
    }
    let only_ast = flags & pycf::ONLY_AST != 0;
    let m = match mode.to_str_lossy().as_ref() {
        "exec" => Mode::Exec,
        "eval" => Mode::Eval,
        "single" => Mode::Single,
        "func_type" if only_ast => Mode::FuncType,
        "func_type" => {
            raise!(cx, ValueError, "compile() mode 'func_type' requires flag PyCF_ONLY_AST")
        }
        _ if only_ast => {
            raise!(cx, ValueError, "compile() mode must be 'exec', 'eval', 'single' or 'func_type'")
        }
        _ => raise!(cx, ValueError, "compile() mode must be 'exec', 'eval' or 'single'"),
    };
    let mut req = Request::new(filename, m, optimize);
    req.flags = all;
    if _feature_version >= 0 && only_ast {
        req.feature_version = _feature_version as u32;
    }
    if let Some(hook) = cx.vm.ast_hook.get() {
        if let Some(r) = (hook.compile_tree)(cx, source, &req)? {
            return Ok(r);
        }
    }
    let text = source_text(cx, source, filename, "compile", "string, bytes or AST object", false)?;
    if only_ast {
        return match cx.vm.ast_hook.get() {
            Some(h) => (h.parse)(cx, &text, &req),
            None => raise!(cx, NotImplementedError, "the _ast module is not linked"),
        };
    }
    crate::source::compile(cx, &text, &req).map(|c| Value::from_ref(c))
}

/// `PyUnicode_FSDecoder`: str, bytes or path-like.
pub fn filename_arg(cx: &Thread, v: Value) -> Res<&'static Str> {
    if let Some(s) = v.downcast::<Str>() {
        return Ok(s);
    }
    let f = crate::objects::module::import_attr(cx, "os", "fsdecode")?;
    let r = call(cx, f, &[v])?;
    match r.downcast::<Str>() {
        Some(s) => Ok(s),
        None => raise!(
            cx,
            TypeError,
            "expected str, bytes or os.PathLike object, not {}",
            v.ty().name()
        ),
    }
}

/// The globals and locals of an `eval` or `exec`.
fn scopes(cx: &Thread, what: &str, globals: Value, locals: Value) -> Res<(&'static Dict, Value)> {
    if !locals.is_none() && locals.ty().slots().getitem.get().is_none() {
        if what == "exec" {
            raise!(cx, TypeError, "locals must be a mapping or None, not {}", locals.ty().name());
        }
        raise!(cx, TypeError, "locals must be a mapping");
    }
    if globals.is_none() {
        let Some(g) = crate::interp::current_globals(cx) else {
            raise!(cx, SystemError, "globals and locals cannot be NULL");
        };
        let l = if locals.is_none() { crate::interp::current_locals(cx)? } else { locals };
        return Ok((g, l));
    }
    let Some(g) = globals.downcast::<Dict>() else {
        if what == "exec" {
            raise!(cx, TypeError, "exec() globals must be a dict, not {}", globals.ty().name());
        }
        if globals.ty().slots().getitem.get().is_some() {
            raise!(cx, TypeError, "globals must be a real dict; try eval(expr, {{}}, mapping)");
        }
        raise!(cx, TypeError, "globals must be a dict");
    };
    Ok((g, if locals.is_none() { globals } else { locals }))
}

fn ensure_builtins(cx: &Thread, g: &Dict) -> Res<()> {
    let key = id!(cx, "__builtins__");
    if g.get(cx, Value::from_ref(key))?.is_none() {
        g.set(cx, Value::from_ref(key), cx.vm.roots.builtins_dict.value())?;
    }
    Ok(())
}

fn inherited(cx: &Thread) -> u32 {
    crate::interp::current_code_flags(cx) & pycf::FUTURE_MASK
}

/// Evaluates an expression or an eval-mode code object.
#[pyfunction(sig = "(source, /, globals=None, locals=None)")]
pub fn eval(cx: &Thread, source: Value, globals: Value, locals: Value) -> Res {
    let (g, l) = scopes(cx, "eval", globals, locals)?;
    ensure_builtins(cx, g)?;
    if let Some(code) = source.downcast::<Code>() {
        if code.unit().nfreevars() > 0 {
            raise!(cx, TypeError, "code object passed to eval() may not contain free variables");
        }
        audit_event(cx, "exec", || [source])?;
        return crate::interp::exec_code(cx, code, g, l, None);
    }
    let name = id!(cx, "<string>");
    let text = source_text(cx, source, name, "eval", "string, bytes or code object", true)?;
    let text = text.trim_start_matches([' ', '\t']);
    audit_event(cx, "compile", || shown_source(cx, text))?;
    let mut req = Request::new(name, Mode::Eval, optimize_level(cx, -1)?);
    req.flags = inherited(cx);
    let code = crate::source::compile(cx, text, &req)?;
    audit_event(cx, "exec", || [Value::from_ref(code)])?;
    crate::interp::exec_code(cx, code, g, l, None)
}

/// Executes source text or a code object.
#[pyfunction(sig = "(source, /, globals=None, locals=None, *, closure=None)")]
pub fn exec(cx: &Thread, source: Value, globals: Value, locals: Value, closure: Value) -> Res<()> {
    let (g, l) = scopes(cx, "exec", globals, locals)?;
    ensure_builtins(cx, g)?;
    if let Some(code) = source.downcast::<Code>() {
        let n = code.unit().nfreevars();
        let c = closure.downcast::<Tuple>();
        if n == 0 && !closure.is_none() {
            raise!(cx, TypeError, "cannot use a closure with this code object");
        }
        if n > 0 {
            let cells = c.is_some_and(|c| {
                c.len() == n
                    && c.as_slice()
                        .iter()
                        .all(|v| v.downcast_exact::<crate::objects::cell::Cell>().is_some())
            });
            if closure.is_none() {
                raise!(cx, TypeError, "code object requires a closure of exactly length {n}");
            }
            if !cells {
                raise!(cx, TypeError, "code object requires a closure of exactly length {n}");
            }
        }
        audit_event(cx, "exec", || [source])?;
        crate::interp::exec_code(cx, code, g, l, c)?;
        return Ok(());
    }
    if !closure.is_none() {
        raise!(cx, TypeError, "closure can only be used when source is a code object");
    }
    let name = id!(cx, "<string>");
    let text = source_text(cx, source, name, "exec", "string, bytes or code object", true)?;
    audit_event(cx, "compile", || shown_source(cx, &text))?;
    let mut req = Request::new(name, Mode::Exec, optimize_level(cx, -1)?);
    req.flags = inherited(cx);
    let code = crate::source::compile(cx, &text, &req)?;
    audit_event(cx, "exec", || [Value::from_ref(code)])?;
    crate::interp::exec_code(cx, code, g, l, None)?;
    Ok(())
}

/// What audit hooks are shown of text that is compiled to be run at once.
fn shown_source(cx: &Thread, text: &str) -> [Value; 2] {
    [Value::from_ref(Bytes::new(cx, text.as_bytes())), Value::from_ref(id!(cx, "<string>"))]
}

/// Imports a module, as the import statement does.
#[pyfunction(sig = "(name, globals=None, locals=None, fromlist=(), level=0)")]
pub fn __import__(
    cx: &Thread,
    name: Value,
    globals: Option<Value>,
    locals: Option<Value>,
    fromlist: Option<Value>,
    level: i64,
) -> Res {
    let _ = locals;
    let from = fromlist.unwrap_or_else(|| Value::from_ref(Tuple::empty(cx)));
    crate::modules::imp::import_level(cx, name, globals.unwrap_or(none()), from, level)
}
