//! `print` and `input`.

use crate::modules::sys::audit_event;
use crate::prelude::*;

fn text_arg(cx: &Thread, v: Value, name: &str) -> Res<Option<Value>> {
    if v.is_none() {
        return Ok(None);
    }
    match v.downcast::<Str>() {
        Some(_) => Ok(Some(v)),
        None => raise!(cx, TypeError, "{name} must be None or a string, not {}", v.ty().name()),
    }
}

/// Prints the values to a stream, or to sys.stdout.
#[pyfunction(sig = "(*args, sep=' ', end='\\n', file=None, flush=False)")]
pub fn print(
    cx: &Thread,
    args: &[Value],
    sep: Option<Value>,
    end: Option<Value>,
    file: Value,
    flush: bool,
) -> Res<()> {
    let mut file = file;
    if file.is_none() {
        match cx.vm.sys_dict().get_str(cx, id!(cx, "stdout")) {
            Some(f) if f.is_none() => return Ok(()),
            Some(f) => file = f,
            None => raise!(cx, RuntimeError, "lost sys.stdout"),
        }
    }
    let sep = text_arg(cx, sep.unwrap_or(none()), "sep")?;
    let end = text_arg(cx, end.unwrap_or(none()), "end")?;
    let space = sep.unwrap_or_else(|| Value::from_ref(id!(cx, " ")));
    let newline = end.unwrap_or_else(|| Value::from_ref(id!(cx, "\n")));
    let write = get_attr(cx, file, id!(cx, "write"))?;
    for (i, a) in args.iter().enumerate() {
        if i > 0 {
            call(cx, write, &[space])?;
        }
        let s = to_str(cx, *a)?;
        call(cx, write, &[Value::from_ref(s)])?;
    }
    call(cx, write, &[newline])?;
    if flush {
        call_method(cx, file, id!(cx, "flush"), &[])?;
    }
    Ok(())
}

fn stream(cx: &Thread, name: &'static str) -> Res {
    let s = cx.vm.sys_dict().get_str(cx, crate::objects::str::intern(cx, name));
    match s.filter(|s| !s.is_none()) {
        Some(s) => Ok(s),
        None => raise!(cx, RuntimeError, "lost sys.{name}"),
    }
}

/// Reads a line from standard input, without its newline.
#[pyfunction(sig = "(prompt='', /)")]
pub fn input(cx: &Thread, prompt: Option<Value>) -> Res {
    let stdin = stream(cx, "stdin")?;
    let stdout = stream(cx, "stdout")?;
    let stderr = stream(cx, "stderr")?;
    audit_event(cx, "builtins.input", || [prompt.unwrap_or(none())])?;
    // Streams without a working `flush` do as well.
    let _ = call_method(cx, stderr, id!(cx, "flush"), &[]);
    if let Some(p) = prompt {
        let s = to_str(cx, p)?;
        call_method(cx, stdout, id!(cx, "write"), &[Value::from_ref(s)])?;
    }
    let _ = call_method(cx, stdout, id!(cx, "flush"), &[]);
    let line = call_method(cx, stdin, id!(cx, "readline"), &[])?;
    let Some(s) = line.downcast::<Str>() else {
        raise!(cx, TypeError, "object.readline() returned non-string");
    };
    audit_event(cx, "builtins.input/result", || [line])?;
    let n = s.len();
    if n == 0 {
        raise!(cx, EOFError, "EOF when reading a line");
    }
    let cut = if s.char_at(n - 1) == '\n' as u32 { n - 1 } else { n };
    Ok(Value::from_ref(Str::substring(cx, s, 0, cut)))
}
