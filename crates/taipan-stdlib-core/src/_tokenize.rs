//! `_tokenize`: the tokenizer as an iterator, for `tokenize`.
//!
//! The lines are all read when the first token is asked for; the tokens before an error still come
//! one by one, as `tokenize` documents.

use std::sync::atomic::{AtomicUsize, Ordering};
use taipan_syntax::tokenize::{Tokens, with_final_newline};
use taipan_syntax::{ErrorKind, SyntaxErr};
use taipan_vm::prelude::*;
use taipan_vm::pytype;
use taipan_vm::source;
use taipan_vm::types::alloc::fresh_head;

#[repr(C)]
pub struct TokenizerIter {
    head: Head,
    readline: Slot,
    /// A str, or empty: then the lines are str already.
    encoding: Slot,
    /// The list of tokens, once read.
    tokens: Slot,
    /// The exception that ends them.
    error: Slot,
    next: AtomicUsize,
    extra: bool,
}
pytype! { TokenizerIter, PyTaipanTokenizerIter_Type, name: "TokenizerIter", module: "_tokenize",
base: taipan_vm::objects::object::Object }

impl TokenizerIter {
    /// All of the source.
    fn read(cx: &Thread, this: &TokenizerIter) -> Res<String> {
        let readline = this.readline.value();
        let mut out = String::new();
        loop {
            cx.poll()?;
            let line = match call(cx, readline, &[]) {
                Ok(l) => l,
                Err(e) if e.is(exc::StopIteration()) => break,
                Err(e) => return Err(e),
            };
            let line = match this.encoding.get() {
                None => match line.downcast::<Str>() {
                    Some(s) => s,
                    None => raise!(cx, TypeError, "readline() returned a non-string object"),
                },
                Some(enc) => {
                    if line.downcast::<Bytes>().is_none() {
                        raise!(cx, TypeError, "readline() returned a non-bytes object");
                    }
                    let decode = taipan_vm::objects::module::import_attr(cx, "_codecs", "decode")?;
                    let r = call(cx, decode, &[line, enc, Value::from_ref(id!(cx, "replace"))])?;
                    match r.downcast::<Str>() {
                        Some(s) => s,
                        None => raise!(
                            cx,
                            TypeError,
                            "decoder should return a string result, not '{}'",
                            r.ty().name()
                        ),
                    }
                }
            };
            if line.is_empty() {
                break;
            }
            out.push_str(&line.utf8(cx)?);
        }
        Ok(out)
    }

    fn fill(cx: &Thread, this: &TokenizerIter) -> Res<&'static List> {
        if let Some(l) = this.tokens.get().and_then(|l| l.downcast::<List>()) {
            return Ok(l);
        }
        let text = TokenizerIter::read(cx, this)?;
        let (text, implicit) = with_final_newline(&text);
        let out = List::new(cx);
        let mut line_at = (std::ptr::null(), 0usize);
        let mut line = Value::from_ref(Str::new(cx, ""));
        let mut tokens = Tokens::new(&text, implicit, this.extra);
        let mut error = None;
        for t in tokens.by_ref() {
            cx.poll()?;
            let t = match t {
                Ok(t) => t,
                Err(e) => {
                    error = Some(raise_at_line(cx, &e).0);
                    break;
                }
            };
            if line_at != (t.line.as_ptr(), t.line.len()) {
                line_at = (t.line.as_ptr(), t.line.len());
                line = Value::from_ref(Str::new(cx, t.line));
            }
            let pair = |(l, c): (u32, i32)| {
                Value::from_ref(Tuple::pair(
                    cx,
                    Value::small(i64::from(l)),
                    Value::small(i64::from(c)),
                ))
            };
            let items = [
                Value::small(i64::from(t.kind)),
                Value::from_ref(Str::new(cx, t.string)),
                pair(t.start),
                pair(t.end),
                line,
            ];
            out.push(cx, Value::from_ref(Tuple::from_slice(cx, &items)));
        }
        source::issue(cx, &tokens.take_warnings(), Str::new(cx, "<string>"))?;
        this.error.set_option(this, error);
        this.tokens.set(this, Value::from_ref(out));
        Ok(out)
    }
}

/// Errors that show their line have no end, not an end of zero.
fn raise_at_line(cx: &Thread, e: &SyntaxErr) -> Raised {
    let name = Str::new(cx, "<string>");
    let (Some(text), 0) = (&e.text, e.end_offset) else {
        return source::raise_syntax(cx, e, name);
    };
    let class = match e.kind {
        ErrorKind::IndentationError => exc::IndentationError(),
        ErrorKind::TabError => exc::TabError(),
        _ => exc::SyntaxError(),
    };
    let place = [
        Value::from_ref(name),
        Value::small(i64::from(e.lineno)),
        Value::small(i64::from(e.offset)),
        Value::from_ref(Str::new(cx, text)),
        none(),
        none(),
    ];
    let place = Value::from_ref(Tuple::from_slice(cx, &place));
    Raised::with_args(cx, class, &[Value::from_ref(Str::new(cx, &e.msg)), place])
}

#[pymethods]
impl TokenizerIter {
    #[slot(sig = "(cls, readline, /, *, extra_tokens, encoding='utf-8')")]
    fn __new__(
        cx: &Thread,
        cls: &Type,
        readline: Value,
        extra_tokens: Value,
        encoding: Option<&'static Str>,
    ) -> Res {
        let t = TokenizerIter {
            head: fresh_head(),
            readline: Slot::empty(),
            encoding: Slot::empty(),
            tokens: Slot::empty(),
            error: Slot::empty(),
            next: AtomicUsize::new(0),
            extra: is_true(cx, extra_tokens)?,
        };
        t.readline.init(Some(readline));
        t.encoding.init(encoding.map(|e| Value::from_ref(e)));
        Ok(Value::from_ref(cx.alloc_in(cls, t)))
    }

    #[slot]
    fn __iter__(_cx: &Thread, this: &TokenizerIter) -> Res {
        Ok(Value::from_ref(this))
    }

    #[slot]
    fn __next__(cx: &Thread, this: &TokenizerIter) -> Res<Option<Value>> {
        let tokens = TokenizerIter::fill(cx, this)?;
        let at = this.next.fetch_add(1, Ordering::Relaxed);
        if let Some(t) = tokens.get(at) {
            return Ok(Some(t));
        }
        this.next.store(tokens.len(), Ordering::Relaxed);
        match this.error.swap(this, None) {
            Some(e) => Err(Raised(e)),
            None => Ok(None),
        }
    }
}

fn exec(cx: &Thread, m: &Module) -> Res<()> {
    m.add_type::<TokenizerIter>(cx);
    Ok(())
}

pymodule! { "_tokenize", doc: "The tokenizer, for tokenize.", functions: [], exec: exec }
