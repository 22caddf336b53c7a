//! Code units as text, for golden tests and debugging.

use crate::code::{CodeUnit, Const, local_kind};
use crate::opcode::{Ext, Instr, Op, Role, decode};
use std::fmt::Write;

/// A bytes or text literal. Text is generalised UTF-8.
pub fn repr_bytes(s: &[u8], is_bytes: bool) -> String {
    let mut out = String::from(if is_bytes { "b'" } else { "'" });
    let text = if is_bytes { None } else { std::str::from_utf8(s).ok() };
    match text {
        Some(text) => {
            for c in text.chars() {
                match c {
                    '\'' => out.push_str("\\'"),
                    '\\' => out.push_str("\\\\"),
                    '\n' => out.push_str("\\n"),
                    '\r' => out.push_str("\\r"),
                    '\t' => out.push_str("\\t"),
                    c if c.is_control() => {
                        let _ = write!(out, "\\x{:02x}", c as u32);
                    }
                    c => out.push(c),
                }
            }
        }
        None => {
            for b in s {
                match b {
                    b'\'' | b'\\' => {
                        out.push('\\');
                        out.push(*b as char);
                    }
                    b'\n' => out.push_str("\\n"),
                    b'\r' => out.push_str("\\r"),
                    b'\t' => out.push_str("\\t"),
                    0x20..0x7f => out.push(*b as char),
                    _ => {
                        let _ = write!(out, "\\x{b:02x}");
                    }
                }
            }
        }
    }
    out.push('\'');
    out
}

/// A constant as Python would show it.
pub fn repr_const(c: &Const) -> String {
    let join = |items: &[Const]| items.iter().map(repr_const).collect::<Vec<_>>().join(", ");
    match c {
        Const::None => "None".into(),
        Const::True => "True".into(),
        Const::False => "False".into(),
        Const::Ellipsis => "Ellipsis".into(),
        Const::Int(v) => v.to_string(),
        Const::BigInt(v) => match v.strip_prefix('-') {
            Some(digits) => format!("-0x{digits}"),
            None => format!("0x{v}"),
        },
        Const::Float(v) => format!("{v:?}"),
        Const::Complex(re, im) if re.to_bits() == 0 => format!("{im}j"),
        Const::Complex(re, im) => format!("({re}{im:+}j)"),
        Const::Str(s) => repr_bytes(s, false),
        Const::Bytes(s) => repr_bytes(s, true),
        Const::Tuple(items) if items.len() == 1 => format!("({},)", join(items)),
        Const::Tuple(items) => format!("({})", join(items)),
        Const::FrozenSet(items) => format!("frozenset({{{}}})", join(items)),
        Const::Code(code) => format!("<code {}>", code.qualname),
    }
}

/// The unit and those nested in it.
pub fn disassemble(unit: &CodeUnit) -> String {
    let mut out = String::new();
    one(unit, &mut out);
    out
}

fn register_name(unit: &CodeUnit, r: u32) -> String {
    let base = unit.local_base() as u32;
    match r.checked_sub(base).and_then(|i| unit.localsplus_names.get(i as usize)) {
        Some(name) => name.to_string(),
        None if r < base => "NS".into(),
        None => format!("r{r}"),
    }
}

fn one(unit: &CodeUnit, out: &mut String) {
    let _ = writeln!(
        out,
        "code {} ({} args, {} positional only, {} keyword only, flags {:#x}, {} registers)",
        unit.qualname,
        unit.argcount,
        unit.posonlyargcount,
        unit.kwonlyargcount,
        unit.flags,
        unit.nregs
    );
    let kinds = |k: u8| {
        [
            (local_kind::CO_FAST_LOCAL, 'l'),
            (local_kind::CO_FAST_CELL, 'c'),
            (local_kind::CO_FAST_FREE, 'f'),
            (local_kind::CO_FAST_HIDDEN, 'h'),
        ]
        .into_iter()
        .filter(|(bit, _)| k & bit != 0)
        .map(|(_, c)| c)
        .collect::<String>()
    };
    for (i, (name, kind)) in unit.localsplus_names.iter().zip(&unit.localsplus_kinds).enumerate() {
        let _ = writeln!(out, "  local {} {} {}", i + unit.local_base(), kinds(*kind), name);
    }
    let mut lines = crate::linetable::Lines::new(unit);
    let mut pc = 0;
    let mut shown = None;
    while pc < unit.code.len() {
        let Some(ins) = decode(&unit.code, pc) else {
            let _ = writeln!(out, "  {pc:4}  damaged {:#010x}", unit.code[pc]);
            pc += 1;
            continue;
        };
        let line = lines.at(pc as u32).map(|p| p.line);
        let label = match line {
            Some(l) if line != shown => format!("{l:4}"),
            _ => "    ".into(),
        };
        shown = line;
        let _ = writeln!(out, "  {label} {pc:4}  {}", instruction(unit, &ins, pc));
        pc += ins.len as usize;
    }
    for e in &unit.except_table {
        let _ = writeln!(
            out,
            "  except {}..{} -> {} r{}{}",
            e.start,
            e.end,
            e.handler,
            e.exc_reg,
            if e.lasti { " lasti" } else { "" }
        );
    }
    out.push('\n');
    for c in &unit.consts {
        if let Const::Code(inner) = c {
            one(inner, out);
        }
    }
}

fn instruction(unit: &CodeUnit, ins: &Instr, pc: usize) -> String {
    let mut s = ins.op.name().to_string();
    let roles = ins.op.info().roles;
    for (role, v) in roles.into_iter().zip([ins.a, ins.b, ins.c]) {
        let _ = match role {
            Role::none => Ok(()),
            Role::imm | Role::count => write!(s, " {v}"),
            Role::simm => write!(s, " {}", v as u8 as i8),
            Role::i16 => write!(s, " {}", ins.imm16()),
            Role::k16 => write!(s, " {}", constant(unit, u32::from(ins.k16()))),
            Role::j24 => write!(
                s,
                " ->{}",
                pc as i64 + i64::from(ins.len) + i64::from(ins.jump().unwrap_or(0))
            ),
            _ => write!(s, " {}", register_name(unit, u32::from(v))),
        };
    }
    let name = |i: u32| unit.names.get(i as usize).map_or("?".to_string(), ToString::to_string);
    let _ = match ins.op.info().ext {
        Ext::none => Ok(()),
        Ext::cache => write!(
            s,
            " .{}",
            unit.caches.get(ins.ext as usize).map_or("?".into(), |c| name(c.name))
        ),
        Ext::name => write!(s, " .{}", name(ins.ext)),
        Ext::konst => write!(s, " {}", constant(unit, ins.ext)),
        Ext::jump => write!(s, " ->{}", pc as i64 + i64::from(ins.len) + i64::from(ins.ext as i32)),
        Ext::count => write!(s, " +{}", ins.ext),
    };
    s
}

fn constant(unit: &CodeUnit, i: u32) -> String {
    unit.consts.get(i as usize).map_or("?".into(), repr_const)
}

/// Name of an opcode byte, for damaged code.
pub fn op_name(byte: u8) -> &'static str {
    Op::from_byte(byte).map_or("?", Op::name)
}
