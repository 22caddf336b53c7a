//! `_symtable`: the compiler's symbol tables as Python objects.

use bumpalo::Bump;
use taipan_compiler::name::Interner;
use taipan_compiler::symtable::{self, BlockId, BlockKind, SymbolTable};
use taipan_syntax::Mode;
use taipan_vm::modules::builtins::evaluate::{filename_arg, source_text};
use taipan_vm::prelude::*;
use taipan_vm::pytype;
use taipan_vm::source::{self, Request};
use taipan_vm::types::alloc::fresh_head;

#[repr(C)]
pub struct Entry {
    head: Head,
    id: Slot,
    name: Slot,
    symbols: Slot,
    varnames: Slot,
    children: Slot,
    nested: bool,
    kind: u8,
    lineno: u32,
}
pytype! { Entry, PySTEntry_Type, name: "symtable entry", module: "builtins",
base: taipan_vm::objects::object::Object }

fn slot(v: Value) -> Slot {
    let s = Slot::empty();
    s.init(Some(v));
    s
}

fn list(v: &[Value], cx: &Thread) -> Value {
    Value::from_ref(List::from_slice(cx, v))
}

fn entry(cx: &Thread, table: &SymbolTable, names: &Interner, id: BlockId) -> Res {
    let _depth = cx.enter_recursive(" during compilation")?;
    let b = table.block(id);
    let text = |n| Value::from_ref(taipan_vm::objects::str::intern(cx, names.text(n)));
    let symbols = Dict::new(cx);
    for (name, flags) in &b.symbols {
        symbols.set(cx, text(*name), Value::small(i64::from(*flags)))?;
    }
    let varnames: GcVec<Value> = b.varnames.iter().map(|n| text(*n)).collect();
    let mut children: GcVec<Value> = GcVec::new();
    for c in &b.children {
        children.push(entry(cx, table, names, *c)?);
    }
    let module = b.kind == BlockKind::Module;
    let e = Entry {
        head: fresh_head(),
        id: slot(Value::small(std::ptr::from_ref(b) as usize as i64 & ((1 << 48) - 1))),
        name: slot(text(b.name)),
        symbols: slot(Value::from_ref(symbols)),
        varnames: slot(list(&varnames, cx)),
        children: slot(list(&children, cx)),
        nested: b.nested,
        kind: b.kind as u8,
        lineno: if module { 0 } else { b.span.lineno },
    };
    Ok(Value::from_ref(cx.alloc(e)))
}

#[pymethods]
impl Entry {
    #[slot]
    fn __repr__(cx: &Thread, this: &Entry) -> Res {
        let id = repr(cx, this.id.value())?;
        let name = to_str(cx, this.name.value())?;
        let t = format!("<symtable entry {name}({id}), line {}>", this.lineno);
        Ok(Value::from_ref(Str::new(cx, &t)))
    }

    #[getter]
    fn id(_cx: &Thread, this: &Entry) -> Value {
        this.id.value()
    }

    #[getter]
    fn name(_cx: &Thread, this: &Entry) -> Value {
        this.name.value()
    }

    #[getter]
    fn symbols(_cx: &Thread, this: &Entry) -> Value {
        this.symbols.value()
    }

    #[getter]
    fn varnames(_cx: &Thread, this: &Entry) -> Value {
        this.varnames.value()
    }

    #[getter]
    fn children(_cx: &Thread, this: &Entry) -> Value {
        this.children.value()
    }

    #[getter]
    fn nested(_cx: &Thread, this: &Entry) -> i64 {
        i64::from(this.nested)
    }

    #[getter(name = "type")]
    fn kind(_cx: &Thread, this: &Entry) -> i64 {
        i64::from(this.kind)
    }

    #[getter]
    fn lineno(_cx: &Thread, this: &Entry) -> i64 {
        i64::from(this.lineno)
    }
}

/// The symbol table of a source text: its module's entry.
#[pyfunction(name = "symtable", sig = "(source, filename, startstr, /)")]
fn symtable_(cx: &Thread, source: Value, filename: Value, startstr: &'static Str) -> Res {
    let filename = filename_arg(cx, filename)?;
    let text = source_text(cx, source, filename, "symtable", "string or bytes object", false)?;
    let mode = match startstr.to_str_lossy().as_ref() {
        "exec" => Mode::Exec,
        "eval" => Mode::Eval,
        "single" => Mode::Single,
        _ => raise!(cx, ValueError, "symtable() arg 3 must be 'exec' or 'eval' or 'single'"),
    };
    let req = Request::new(filename, mode, 0);
    let arena = Bump::new();
    let mut warnings = Vec::new();
    let parsed = taipan_syntax::parse(&text, &arena, &req.parse_options(cx), &mut warnings);
    source::issue(cx, &warnings, filename)?;
    let module = parsed.map_err(|e| source::raise_syntax(cx, &e, filename))?;
    match taipan_compiler::symbol_table(&module, 0) {
        Ok((table, names)) => entry(cx, &table, &names, SymbolTable::TOP),
        Err(mut e) => {
            source::fill_text(&mut e, &text);
            Err(source::raise_syntax(cx, &e, filename))
        }
    }
}

fn exec(cx: &Thread, m: &Module) -> Res<()> {
    use symtable::Scope;
    taipan_vm::types::ready::ready::<Entry>(cx);
    let rows: &[(&str, u32)] = &[
        ("USE", symtable::USE),
        ("DEF_GLOBAL", symtable::DEF_GLOBAL),
        ("DEF_NONLOCAL", symtable::DEF_NONLOCAL),
        ("DEF_LOCAL", symtable::DEF_LOCAL),
        ("DEF_PARAM", symtable::DEF_PARAM),
        ("DEF_FREE", symtable::DEF_FREE),
        ("DEF_FREE_CLASS", symtable::DEF_FREE_CLASS),
        ("DEF_IMPORT", symtable::DEF_IMPORT),
        ("DEF_BOUND", symtable::DEF_BOUND),
        ("DEF_ANNOT", symtable::DEF_ANNOT),
        ("TYPE_FUNCTION", BlockKind::Function as u32),
        ("TYPE_CLASS", BlockKind::Class as u32),
        ("TYPE_MODULE", BlockKind::Module as u32),
        ("TYPE_ANNOTATION", BlockKind::Annotation as u32),
        ("TYPE_TYPE_ALIAS", BlockKind::TypeAlias as u32),
        ("TYPE_TYPE_PARAMETERS", BlockKind::TypeParameters as u32),
        ("TYPE_TYPE_VARIABLE", BlockKind::TypeVariable as u32),
        ("LOCAL", Scope::Local as u32),
        ("GLOBAL_EXPLICIT", Scope::GlobalExplicit as u32),
        ("GLOBAL_IMPLICIT", Scope::GlobalImplicit as u32),
        ("FREE", Scope::Free as u32),
        ("CELL", Scope::Cell as u32),
        ("SCOPE_OFF", symtable::SCOPE_OFFSET),
        ("SCOPE_MASK", symtable::SCOPE_MASK),
    ];
    for (name, v) in rows {
        m.add_int(cx, name, i64::from(*v));
    }
    Ok(())
}

pymodule! { "_symtable",
doc: "The compiler's symbol tables, for symtable.",
functions: [symtable_],
exec: exec }
