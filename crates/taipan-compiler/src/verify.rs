//! A check of emitted code: decodable, registers in bounds, jumps to instructions, temporaries written before
//! they are read, sane tables. Run by tests.

use crate::code::{CodeUnit, Const};
use crate::liveness::Liveness;
use crate::opcode::{Ext, Op, Role, decode, effect};

/// Checks a unit and those nested in it; the message says what is wrong where.
pub fn verify(unit: &CodeUnit) -> Result<(), String> {
    let fail = |pc: usize, what: String| Err(format!("{} at {pc}: {what}", unit.qualname));
    let n = unit.code.len();
    let mut starts = vec![false; n + 1];
    let mut pc = 0;
    let mut last = Op::NOP;
    while pc < n {
        starts[pc] = true;
        let Some(ins) = decode(&unit.code, pc) else {
            return fail(pc, format!("cannot decode {:#010x}", unit.code[pc]));
        };
        last = ins.op;
        if ins.op == Op::PREPARE {
            return fail(pc, "PREPARE is not for units".into());
        }
        if ins.register_end() > unit.nregs {
            return fail(
                pc,
                format!(
                    "{} names register {} of {}",
                    ins.op.name(),
                    ins.register_end() - 1,
                    unit.nregs
                ),
            );
        }
        let bound = match ins.op.info().ext {
            Ext::cache => unit.caches.len(),
            Ext::name => unit.names.len(),
            Ext::konst => unit.consts.len(),
            _ => usize::MAX,
        };
        if ins.ext as usize >= bound {
            return fail(pc, format!("{} has index {} of {bound}", ins.op.name(), ins.ext));
        }
        if ins.op.info().roles[1] == Role::k16 && usize::from(ins.k16()) >= unit.consts.len() {
            return fail(
                pc,
                format!("{} has constant {} of {}", ins.op.name(), ins.k16(), unit.consts.len()),
            );
        }
        let base = unit.local_base() + unit.nlocalsplus();
        for (i, role) in ins.op.info().roles.into_iter().enumerate() {
            let r = usize::from([ins.a, ins.b, ins.c][i]);
            if matches!(
                role,
                Role::callarea | Role::methodarea | Role::exarea | Role::method | Role::exitarea
            ) && r < base
            {
                return fail(pc, format!("{} has its call area among the locals", ins.op.name()));
            }
        }
        pc += ins.len as usize;
    }
    if n == 0 || !last.has(effect::TERM) {
        return fail(n, format!("code ends with {}", last.name()));
    }
    pc = 0;
    while pc < n {
        let ins = decode(&unit.code, pc).expect("decoded above");
        let next = pc + ins.len as usize;
        if let Some(distance) = ins.jump() {
            let to = next as i64 + i64::from(distance);
            if to < 0 || to >= n as i64 || !starts[to as usize] {
                return fail(pc, format!("{} jumps to {to}", ins.op.name()));
            }
            let backward = to <= pc as i64;
            let polls = ins.op.has(effect::POLLS);
            if backward && !polls && ins.op != Op::JUMP {
                return fail(pc, format!("{} jumps back without polling", ins.op.name()));
            }
        }
        pc = next;
    }
    let mut end = 0;
    for e in &unit.except_table {
        if e.start < end
            || e.end <= e.start
            || e.end as usize > n
            || !starts[e.handler as usize]
            || !starts[e.start as usize]
        {
            return fail(e.start as usize, format!("bad exception table entry {e:?}"));
        }
        if u32::from(e.exc_reg) + u32::from(e.lasti) >= unit.nregs {
            return fail(e.start as usize, "exception register out of bounds".into());
        }
        end = e.end;
    }
    let covered = crate::linetable::Entries::new(&unit.linetable, unit.firstlineno)
        .last()
        .map_or(0, |e| e.end);
    if covered as usize != n {
        return fail(n, format!("location table covers {covered} of {n} words"));
    }
    let first_temp = (unit.local_base() + unit.nlocalsplus()) as u32;
    if let Some(r) =
        Liveness::new(&unit.code, &unit.except_table, unit.nregs).unwritten_read(first_temp)
    {
        return fail(0, format!("register {r} is read before it is written"));
    }
    for c in &unit.consts {
        if let Const::Code(inner) = c {
            verify(inner)?;
        }
    }
    Ok(())
}
