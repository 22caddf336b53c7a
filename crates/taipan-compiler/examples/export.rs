//! Prints the code of a file as a Python literal, for the reference machine in `tests/machine.py`.

use std::fmt::Write;
use taipan_compiler::{CodeUnit, Const, Options, compile, opcode::OPS, opcode::decode};
use taipan_syntax::{Mode, ParseOptions};

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

fn konst(c: &Const, out: &mut String) {
    let items = |out: &mut String, tag: &str, list: &[Const]| {
        let _ = write!(out, "('{tag}',[");
        for c in list {
            konst(c, out);
            out.push(',');
        }
        out.push_str("])");
    };
    let _ = match c {
        Const::None => write!(out, "('none',)"),
        Const::True => write!(out, "('true',)"),
        Const::False => write!(out, "('false',)"),
        Const::Ellipsis => write!(out, "('ellipsis',)"),
        Const::Int(v) => write!(out, "('int',{v})"),
        Const::BigInt(v) => write!(out, "('big','{v}')"),
        Const::Float(v) => write!(out, "('float',{})", v.to_bits()),
        Const::Complex(a, b) => write!(out, "('complex',{},{})", a.to_bits(), b.to_bits()),
        Const::Str(s) => write!(out, "('str','{}')", hex(s)),
        Const::Bytes(s) => write!(out, "('bytes','{}')", hex(s)),
        Const::Tuple(t) => {
            items(out, "tuple", t);
            Ok(())
        }
        Const::FrozenSet(t) => {
            items(out, "frozenset", t);
            Ok(())
        }
        Const::Code(code) => {
            unit(code, out);
            Ok(())
        }
    };
}

fn unit(u: &CodeUnit, out: &mut String) {
    let _ = write!(
        out,
        "('code',dict(name={:?},qualname={:?},flags={},argcount={},posonly={},kwonly={},nregs={},base={},first={},locals={:?},kinds={:?},names={:?},",
        u.name,
        u.qualname,
        u.flags,
        u.argcount,
        u.posonlyargcount,
        u.kwonlyargcount,
        u.nregs,
        u.local_base(),
        u.firstlineno,
        u.localsplus_names.iter().map(|s| hex(s.as_bytes())).collect::<Vec<_>>(),
        u.localsplus_kinds,
        u.names.iter().map(|s| hex(s.as_bytes())).collect::<Vec<_>>(),
    );
    out.push_str("caches=[");
    for c in &u.caches {
        let _ = write!(out, "{},", c.name);
    }
    out.push_str("],table=[");
    for e in &u.except_table {
        let _ = write!(
            out,
            "({},{},{},{},{}),",
            e.start,
            e.end,
            e.handler,
            e.exc_reg,
            u8::from(e.lasti)
        );
    }
    out.push_str("],ins={");
    let mut pc = 0;
    while let Some(ins) = decode(&u.code, pc) {
        let next = pc + ins.len as usize;
        let target = ins.jump().map_or(-1, |d| next as i64 + i64::from(d));
        let b = match ins.op.info().roles[1] {
            taipan_compiler::Role::i16 => i64::from(ins.imm16()),
            taipan_compiler::Role::k16 => i64::from(ins.k16()),
            taipan_compiler::Role::simm => i64::from(ins.b as u8 as i8),
            _ => i64::from(ins.b),
        };
        let c = if ins.op.info().roles[2] == taipan_compiler::Role::simm {
            i64::from(ins.c as u8 as i8)
        } else {
            i64::from(ins.c)
        };
        let _ = write!(
            out,
            "{pc}:({:?},{},{b},{c},{},{next},{target}),",
            OPS[ins.op as usize].name, ins.a, ins.ext
        );
        pc = next;
    }
    out.push_str("},consts=[");
    for c in &u.consts {
        konst(c, out);
        out.push(',');
    }
    out.push_str("]))");
}

fn main() {
    let file = std::env::args().nth(1).expect("a file");
    let text = std::fs::read_to_string(&file).expect("readable");
    let arena = bumpalo::Bump::new();
    let mut warnings = Vec::new();
    let code = taipan_syntax::parse(&text, &arena, &ParseOptions::new(Mode::Exec), &mut warnings)
        .and_then(|module| compile(&module, &Options::new(&file), &mut warnings));
    match code {
        Ok(code) => {
            let mut out = String::new();
            unit(&code, &mut out);
            println!("{out}");
        }
        Err(e) => {
            eprintln!("{e}");
            std::process::exit(1);
        }
    }
}
