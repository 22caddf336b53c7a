"""Writes src/_ast/{nodes,to_python,from_python}.rs from CPython's Parser/Python.asdl.

    python3 gen/make_ast.py PATH/TO/Python.asdl

The Rust tree (taipan_syntax::ast) has ASDL's names, with these differences: `type` is `typ`, some constructors share
a struct behind a reference, flags are bool, and products are structs.
"""
import re
import subprocess
import sys
from pathlib import Path

OUT = Path(__file__).resolve().parent.parent / "src" / "_ast"
BOXED = {"FunctionDef", "AsyncFunctionDef", "ClassDef", "For", "AsyncFor", "With", "AsyncWith", "Try", "TryStar"}
RUST = {"stmt": "Stmt", "expr": "Expr", "pattern": "Pattern", "type_param": "TypeParam",
        "comprehension": "Comprehension", "arguments": "Arguments", "arg": "Arg", "keyword": "Keyword",
        "alias": "Alias", "withitem": "WithItem", "match_case": "MatchCase", "type_ignore": "TypeIgnore",
        "excepthandler": "ExceptHandler", "boolop": "BoolOp", "operator": "Operator", "unaryop": "UnaryOp",
        "cmpop": "CmpOp", "expr_context": "ExprContext", "mod": "Mod"}
# Nodes that the Rust tree keeps behind references, also in lists.
REFS = {"stmt", "expr", "pattern"}
BUILTIN = {"identifier", "int", "string", "constant"}
# Single-constructor sums that the Rust tree has as structs.
FLAT = {"excepthandler", "type_ignore"}


def parse(text):
    text = re.sub(r"--.*", "", text)
    body = text[text.index("{") + 1:text.rindex("}")]
    toks = re.findall(r"[A-Za-z_]\w*|[=|(),*?]", body)
    pos = 0
    types = []

    def peek():
        return toks[pos] if pos < len(toks) else None

    def take():
        nonlocal pos
        pos += 1
        return toks[pos - 1]

    def fields():
        out = []
        assert take() == "("
        while peek() != ")":
            ty = take()
            quant = take() if peek() in ("*", "?") else ""
            out.append((ty, quant, take()))
            if peek() == ",":
                take()
        take()
        return out

    while pos < len(toks):
        name = take()
        assert take() == "="
        cons = []
        if peek() == "(":
            cons.append((None, fields()))
        else:
            while True:
                c = take()
                cons.append((c, fields() if peek() == "(" else []))
                if peek() != "|":
                    break
                take()
        attrs = []
        if peek() == "attributes":
            take()
            attrs = fields()
        types.append((name, cons, attrs))
    return types


def show(fields):
    return "(" + ", ".join(f"{t}{q} {n}" for t, q, n in fields) + ")" if fields else ""


def const(name):
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).upper()


def kind_doc(name, cons):
    if not any(f for _, f in cons):
        return f"{name} = " + " | ".join(c for c, _ in cons)
    pad = "\n" + " " * (len(name) + 1) + "| "
    return f"{name} = " + pad.join(c + show(f) for c, f in cons)


def main():
    types = parse(Path(sys.argv[1]).read_text())
    simple = {n for n, cons, _ in types if cons[0][0] and not any(f for _, f in cons)}
    nodes = []       # (constant, name, base constant or None, fields, attrs or None, doc, is_abstract)
    for name, cons, attrs in types:
        if cons[0][0] is None:
            nodes.append((const(name) + "_", name, None, cons[0][1], attrs, name + show(cons[0][1]), False))
            continue
        nodes.append((const(name) + "_", name, None, [], attrs, kind_doc(name, cons), True))
        for c, f in cons:
            nodes.append((const(c), c, const(name) + "_", f, None, c + show(f), False))

    o = ["//! The node classes, as `gen/make_ast.py` wrote them from CPython's Python.asdl. Do not edit.",
         "", "use super::{Field, Node, Quant};", ""]
    for i, n in enumerate(nodes):
        o.append(f"pub const {n[0]}: usize = {i};")
    o.append("")
    o.append("const fn f(name: &'static str, ty: &'static str, quant: Quant) -> Field {\n    Field { name, ty, quant }\n}")
    o.append("")
    quants = {"": "Quant::One", "?": "Quant::Optional", "*": "Quant::Many"}
    o.append("pub static NODES: &[Node] = &[")
    for _, name, base, fields, attrs, doc, abstract in nodes:
        fs = ", ".join(f'f("{n}", "{t}", {quants[q]})' for t, q, n in fields)
        if attrs is None:
            at = "None"
        else:
            at = "Some(&[" + ", ".join(f'f("{n}", "{t}", {quants[q]})' for t, q, n in attrs) + "])"
        esc = doc.replace("\n", "\\n")
        b = f"Some({base})" if base else "None"
        o.append(f'Node {{ name: "{name}", base: {b}, fields: &[{fs}], attributes: {at}, '
                 f'is_abstract: {str(abstract).lower()}, doc: "{esc}" }},')
    o.append("];")
    write("nodes.rs", o)
    write("to_python.rs", to_python(types, simple))
    write("from_python.rs", from_python(types, simple))


def rname(n):
    return {"type": "typ"}.get(n, n)


OPTIONAL_ITEMS = {("Dict", "keys"), ("arguments", "kw_defaults")}


def to_value(owner, ty, quant, fname, expr, simple):
    """A Rust expression (may use ?) that makes a value of `expr`, a place in the matched node."""
    if fname == "iter":
        return f"c.iterable({expr})?"
    if (owner, fname) in OPTIONAL_ITEMS:
        return f"c.list({expr}, |x| match x {{ Some(x) => self::expr(c, x), None => Ok(none()) }})?"
    if ty in BUILTIN:
        one = {"identifier": "c.string({})", "string": "c.string({})", "constant": "c.constant(&{})?",
               "int": "c.int({} as i64)"}[ty]
    else:
        one = f"self::{ty}(c, {{}})?"
    if quant == "*":
        if ty in REFS:
            item = f"self::{ty}(c, x)"
        elif ty in BUILTIN:
            item = "Ok(" + one.format("x") + ")"
        elif ty in simple:
            item = f"self::{ty}(c, *x)"
        else:
            item = f"self::{ty}(c, x)"
        return f"c.list({expr}, |x| {item})?"
    if quant == "?":
        if ty == "int":
            return one.format(expr)
        return f"match {expr} {{ Some(x) => {one.format('x')}, None => none() }}"
    if ty in simple:
        return f"self::{ty}(c, {expr})?"
    return one.format(expr)


def to_python(types, simple):
    o = ["//! Trees to Python objects, as `gen/make_ast.py` wrote it. Do not edit.", "",
         "use super::convert::ToPython;", "use super::nodes::*;", "use taipan_syntax::ast::*;",
         "use taipan_vm::prelude::{Res, none};", ""]
    for name, cons, attrs in types:
        rust = RUST[name]
        if name in simple:
            o.append(f"fn {name}(c: &ToPython<'_>, n: {rust}) -> Res {{")
            o.append("c.singleton(match n {")
            for k, _ in cons:
                o.append(f"{rust}::{k} => {const(k)},")
            o.append("})\n}\n")
            continue
        life = "<'_>"
        pub = "pub " if name in ("mod", "expr") else ""
        fn = "module" if name == "mod" else name
        o.append(f"{pub}fn {fn}(c: &ToPython<'_>, n: &{rust}{life}) -> Res {{")
        if cons[0][0] is None or name in FLAT:
            cname = const(name) + "_" if cons[0][0] is None else const(cons[0][0])
            vals = []
            for t, q, f in cons[0][1]:
                vals.append(to_value(name, t, q, f, f"n.{rname(f)}", simple))
            o.append(emit_node(cname, vals, attrs and "n.range"))
            o.append("}\n")
            continue
        o.append("let _depth = c.enter()?;")
        if name == "expr":
            o.append("if let Some(o) = c.folded(n)? {\nreturn Ok(o);\n}")
        target = "n" if name == "mod" else "n.kind"
        en = rust if name == "mod" else rust + "Kind"
        star = "*n" if name == "mod" else target
        o.append(f"match {star} {{")
        for k, fields in cons:
            if k in BOXED:
                pat = f"{en}::{k}(f)"
                vals = [to_value(k, t, q, f, f"f.{rname(f)}", simple) for t, q, f in fields]
            else:
                names = ", ".join(rname(f) for _, _, f in fields)
                pat = f"{en}::{k} {{ {names} }}" if fields else f"{en}::{k}"
                vals = [to_value(k, t, q, f, rname(f), simple) for t, q, f in fields]
            o.append(f"{pat} => {{")
            o.append(emit_node(const(k), vals, attrs and "n.range"))
            o.append("}")
        o.append("}\n}\n")
    return o


def emit_node(cname, vals, span):
    lines = [f"let v{i} = {v};" for i, v in enumerate(vals)]
    arr = ", ".join(f"v{i}" for i in range(len(vals)))
    span = f"Some({span})" if span else "None"
    lines.append(f"c.node({cname}, &[{arr}], {span})")
    return "\n".join(lines)


def from_field(ty, quant, fname, owner, simple):
    """A Rust expression for the field `fname` of the object `o`."""
    if quant == "*":
        if ty in ("expr", "stmt", "pattern"):
            f = {"expr": "expr", "stmt": "stmt", "pattern": "pattern"}[ty]
            if (owner, fname) in (("Dict", "keys"), ("arguments", "kw_defaults")):
                return f'c.list(o, "{owner}", "{fname}", |x| {f}(c, x))?'
            what = {"expr": "expression", "stmt": "statement", "pattern": "pattern"}[ty]
            return f'c.list(o, "{owner}", "{fname}", |x| c.item({f}(c, x)?, "{what}"))?'
        if ty == "identifier":
            return f'c.list(o, "{owner}", "{fname}", |x| c.item(c.identifier(x)?, "identifier"))?'
        if ty in simple or ty not in RUST or True:
            if ty in ("excepthandler", "type_ignore", "type_param"):
                return f'c.list(o, "{owner}", "{fname}", |x| c.item({ty}(c, x)?, "{ty}"))?'
            return f'c.list(o, "{owner}", "{fname}", |x| {ty}(c, x))?'
    if quant == "?":
        if ty == "int":
            return f'c.optional_int(o, "{fname}", 0)?'
        fn = {"identifier": "c.identifier", "string": "c.string"}.get(ty)
        if fn:
            get = f"{fn}(v)?"
        elif ty == "arg":
            return f'match c.optional(o, "{fname}")? {{ Some(v) => Some(&*c.arena.alloc(arg(c, v)?)), None => None }}'
        else:
            get = f"{ty}(c, v)?"
        return f'match c.optional(o, "{fname}")? {{ Some(v) => {get}, None => None }}'
    req = f'c.required(o, "{owner}", "{fname}")?'
    if ty == "int":
        return f"c.int({req})?"
    if ty == "constant":
        return f"c.constant({req})?"
    if ty == "string":
        return f'c.need(c.string({req})?, "{owner}", "{fname}")?'
    if ty == "identifier":
        return f'c.need(c.identifier({req})?, "{owner}", "{fname}")?'
    if ty in simple:
        return f"{ty}(c, {req})?"
    if ty == "arguments":
        return f"&*c.arena.alloc(arguments(c, {req})?)"
    return f'c.need({ty}(c, {req})?, "{owner}", "{fname}")?'


INTS = {("AnnAssign", "simple"): "{} != 0", ("comprehension", "is_async"): "{} != 0",
        ("ImportFrom", "level"): "{} as u32", ("FormattedValue", "conversion"): "{}",
        ("TypeIgnore", "lineno"): "{} as u32"}


def field_lines(owner, fields, simple):
    out = []
    for t, q, f in fields:
        e = from_field(t, q, f, owner, simple)
        if t == "int":
            e = INTS[owner, f].format(e)
        out.append(f"let {rname(f)} = {e};")
    return out


def from_python(types, simple):
    o = ["//! Python objects to trees, as `gen/make_ast.py` wrote it. Do not edit.", "",
         "use super::convert::FromPython;", "use super::nodes::*;", "use taipan_syntax::ast::*;",
         "use taipan_vm::prelude::{Res, Value};", ""]
    for name, cons, attrs in types:
        rust = RUST[name]
        if name in simple:
            o.append(f"fn {name}(c: &FromPython<'_, '_>, o: Value) -> Res<{rust}> {{")
            o.append(f'Ok(match c.kind(o, {const(name)}_)? {{')
            for k, _ in cons:
                o.append(f"{const(k)} => {rust}::{k},")
            o.append(f'_ => return Err(c.unexpected(o, "{name}")),\n}})\n}}\n')
            continue
        span = 'c.span(o, "%s")?' % name
        if cons[0][0] is None:
            o.append(f"fn {name}<'a>(c: &FromPython<'a, '_>, o: Value) -> Res<{rust}<'a>> {{")
            o.append(f'let _depth = c.enter("{name}")?;')
            o += field_lines(name, cons[0][1], simple)
            names = ", ".join(rname(f) for _, _, f in cons[0][1])
            if attrs:
                o.append(f"let range = {span};")
                names += ", range"
            o.append(f"Ok({rust} {{ {names} }})\n}}\n")
            continue
        if name == "mod":
            o.append(f"pub fn module<'a>(c: &FromPython<'a, '_>, o: Value) -> Res<{rust}<'a>> {{")
        elif name in REFS:
            o.append(f"fn {name}<'a>(c: &FromPython<'a, '_>, o: Value) -> Res<Option<&'a {rust}<'a>>> {{")
        else:
            o.append(f"fn {name}<'a>(c: &FromPython<'a, '_>, o: Value) -> Res<Option<{rust}<'a>>> {{")
        if name != "mod":
            o.append("if o == taipan_vm::prelude::none() {\nreturn Ok(None);\n}")
        o.append(f'let _depth = c.enter("{name}")?;')
        o.append(f"let kind = c.kind(o, {const(name)}_)?;")
        if attrs:
            o.append(f"let range = {span};")
        o.append("let kind = match kind {" if name not in FLAT else "Ok(Some(match kind {")
        if name == "mod":
            o[-1] = "Ok(match kind {"
        en = rust if name == "mod" or name in FLAT else rust + "Kind"
        for k, fields in cons:
            o.append(f"{const(k)} => {{")
            o += field_lines(k, fields, simple)
            names = ", ".join(rname(f) for _, _, f in fields)
            if name in FLAT:
                o.append(f"{rust} {{ {names}{', range' if attrs else ''} }}")
            elif k in BOXED:
                st = k.removeprefix("Async")
                st = "Try" if st == "TryStar" else st
                o.append(f"{en}::{k}(c.arena.alloc({st} {{ {names} }}))")
            elif fields:
                o.append(f"{en}::{k} {{ {names} }}")
            else:
                o.append(f"{en}::{k}")
            o.append("}")
        o.append(f'_ => return Err(c.unexpected(o, "{name}")),')
        if name == "mod":
            o.append("})\n}\n")
        elif name in FLAT:
            o.append("}))\n}\n")
        elif name in REFS:
            o.append(f"}};\nOk(Some(&*c.arena.alloc({rust} {{ kind, range }})))\n}}\n")
        else:
            o.append(f"}};\nOk(Some({rust} {{ kind, range }}))\n}}\n")
    return o


def write(name, lines):
    path = OUT / name
    path.write_text("\n".join(lines) + "\n")
    subprocess.run(["rustfmt", "--edition", "2024", "--config", "max_width=120", str(path)], check=True)


main()
