//! Names, cells and globals.

use crate::interp::cache::{self, CacheKind};
use crate::interp::dispatch::{F, handler, plain};
use crate::interp::frame::Callee;
use crate::objects::cell::Cell;
use crate::objects::dict::DictStorage;
use crate::objects::function::Function;
use crate::prelude::*;
use taipan_compiler::code::local_kind;

/// The value of a dict's entry whose address a cache record holds.
#[inline(always)]
fn value_at<'a>(address: usize) -> &'a Slot {
    // SAFETY: the slot lies in a storage, which is the one that the globals or builtins have now.
    unsafe { &*(address as *const Slot) }
}

/// The globals as a Dict; a subclass may come as well.
#[inline(always)]
fn globals_dict(c: &Callee) -> &'static Dict {
    let bits = Value::option_bits(c.globals.get());
    debug_assert!(bits != 0);
    // SAFETY: a function's globals are a Dict or an instance of a subclass, and never empty.
    unsafe { &*(bits as *const Dict) }
}

handler! { pub fn LOAD_GLOBAL(f) {
    if let Some(rec) = cache::record(f.code, f.ext()) {
        let storage = globals_dict(f.regs.callee()).storage();
        if storage as *const DictStorage as usize == rec.storage {
            if rec.kind == CacheKind::Global {
                if let Some(v) = value_at(rec.shape).get() {
                    f.set_a(v);
                    return f.next(2);
                }
            } else if storage.nentries() == rec.extra {
                // The builtins of a frame are fixed by its globals; theirs must be the same dict still.
                let bs = builtins_storage(f.regs.callee().builtins.get());
                if bs as *const DictStorage as u64 == rec.value {
                    if let Some(v) = value_at(rec.shape).get() {
                        f.set_a(v);
                        return f.next(2);
                    }
                }
            }
        }
    }
    f.tail(load_global_slow::<W>)
} }

/// The storage of the builtins, where they are an exact dict.
#[inline(always)]
fn builtins_storage(b: Option<Value>) -> *const DictStorage {
    match b.and_then(|b| b.downcast_exact::<Dict>()) {
        Some(d) => d.storage(),
        None => std::ptr::null(),
    }
}

plain! { fn load_global_slow(f) -> 2 {
    let name = f.code.cache_name(f.ext());
    let c = f.regs.callee();
    let globals = c.globals.value();
    if let Some(g) = globals.downcast_exact::<Dict>() {
        cache::fill_global(f.cx, f.code, f.ext(), g, c.builtins.value(), name);
    }
    f.set_a(load_global(f.cx, c, name)?);
} }

/// A global or builtin by name.
pub fn load_global(cx: &Thread, c: &Callee, name: &Str) -> Res {
    match global_opt(cx, c, name)? {
        Some(v) => Ok(v),
        None => Err(name_error(cx, name)),
    }
}

fn item_opt(cx: &Thread, mapping: Value, name: &Str) -> Res<Option<Value>> {
    if let Some(d) = mapping.downcast_exact::<Dict>() {
        return Ok(d.get_str(cx, name));
    }
    match get_item(cx, mapping, Value::from_ref(name)) {
        Ok(v) => Ok(Some(v)),
        Err(e) if e.is(exc::KeyError()) => Ok(None),
        Err(e) => Err(e),
    }
}

fn global_opt(cx: &Thread, c: &Callee, name: &Str) -> Res<Option<Value>> {
    if let Some(v) = item_opt(cx, c.globals.value(), name)? {
        return Ok(Some(v));
    }
    item_opt(cx, c.builtins.value(), name)
}

#[cold]
pub fn name_error(cx: &Thread, name: &Str) -> Raised {
    let e = err!(cx, NameError, "name '{}' is not defined", name);
    crate::objects::exceptions::set_name_context(cx, e, name);
    e
}

plain! { pub fn LOAD_NAME(f) -> 2 {
    let name = f.code.cache_name(f.ext());
    let ns = f.regs.value(0);
    let v = match item_opt(f.cx, ns, name)? {
        Some(v) => v,
        None => load_global(f.cx, f.regs.callee(), name)?,
    };
    f.set_a(v);
} }

plain! { pub fn STORE_NAME(f) -> 2 {
    let name = f.code.cache_name(f.ext());
    let ns = f.regs.value(0);
    match ns.downcast_exact::<Dict>() {
        Some(d) => d.set_str(f.cx, name, f.ra()),
        None => set_item(f.cx, ns, Value::from_ref(name), f.ra())?,
    }
} }

plain! { pub fn DELETE_NAME(f) -> 2 {
    let name = f.name();
    let ns = f.regs.value(0);
    let gone = match ns.downcast_exact::<Dict>() {
        Some(d) => d.del_str(f.cx, name),
        None => match del_item(f.cx, ns, Value::from_ref(name)) {
            Ok(()) => true,
            Err(e) if e.is(exc::KeyError()) => false,
            Err(e) => return Err(e),
        },
    };
    if !gone {
        return Err(name_error(f.cx, name));
    }
} }

plain! { pub fn STORE_GLOBAL(f) -> 2 {
    globals_dict(f.regs.callee()).set_str(f.cx, f.code.cache_name(f.ext()), f.ra());
} }

plain! { pub fn DELETE_GLOBAL(f) -> 2 {
    let name = f.name();
    if !globals_dict(f.regs.callee()).del_str(f.cx, name) {
        return Err(name_error(f.cx, name));
    }
} }

plain! { pub fn MAKE_CELL(f) -> 1 {
    let c = Cell::new(f.cx, f.regs.get(f.a()));
    f.set_a(Value::from_ref(c));
} }

plain! { pub fn COPY_FREE_VARS(f) -> 1 {
    let func = f.regs.callee_value().downcast_exact::<Function>();
    let closure = func.and_then(|g| g.closure.get()).and_then(|c| c.downcast::<Tuple>());
    let closure = closure.expect("a function with free variables has a closure");
    for i in 0..f.a() {
        f.regs.set(f.b() + i, closure.get(i));
    }
} }

/// The cell in a register: localsplus entries that the compiler calls cells hold nothing else.
#[inline(always)]
fn cell_of(v: Value) -> &'static Cell {
    // SAFETY: MAKE_CELL and COPY_FREE_VARS put cells there; `function_new` checks closures.
    unsafe { &*(v.bits() as *const Cell) }
}

handler! { pub fn LOAD_DEREF(f) {
    match cell_of(f.rb()).get() {
        Some(v) => { f.set_a(v); f.next(1) }
        None => f.tail(deref_slow::<W>),
    }
} }

plain! { #[cold] fn deref_slow(f) -> 1 { return Err(unbound_cell(f.cx, f, f.b())); } }

handler! { pub fn STORE_DEREF(f) {
    cell_of(f.ra()).set(f.rb());
    f.next(1)
} }

plain! { pub fn DELETE_DEREF(f) -> 1 {
    let c = cell_of(f.ra());
    if c.get().is_none() {
        return Err(unbound_cell(f.cx, f, f.a()));
    }
    c.clear();
} }

/// The error of an empty cell: a local of this function, or a free variable.
#[cold]
fn unbound_cell<const W: bool>(cx: &Thread, f: F<'_, W>, reg: usize) -> Raised {
    let i = reg - f.code.local_base as usize;
    let kinds = &f.code.unit().localsplus_kinds;
    let free = kinds.get(i).is_some_and(|k| k & local_kind::CO_FAST_FREE != 0);
    if !free {
        return super::control::unbound_local(cx, f.code, reg);
    }
    let name = f.code.localsplus().get(i).downcast::<Str>().expect("local names are strings");
    let e = err!(
        cx,
        NameError,
        "cannot access free variable '{}' where it is not associated with a value in enclosing scope",
        name
    );
    crate::objects::exceptions::set_name_context(cx, e, name);
    e
}

plain! { pub fn LOAD_FROM_DICT_OR_DEREF(f) -> 1 {
    let at = f.c() - f.code.local_base as usize;
    let name = f.code.localsplus().get(at).downcast::<Str>().expect("local names are strings");
    let v = match item_opt(f.cx, f.rb(), name)? {
        Some(v) => v,
        None => match cell_of(f.rc()).get() {
            Some(v) => v,
            None => return Err(unbound_cell(f.cx, f, f.c())),
        },
    };
    f.set_a(v);
} }

plain! { pub fn LOAD_FROM_DICT_OR_GLOBALS(f) -> 2 {
    let name = f.name();
    let v = match item_opt(f.cx, f.rb(), name)? {
        Some(v) => v,
        None => load_global(f.cx, f.regs.callee(), name)?,
    };
    f.set_a(v);
} }

plain! { pub fn LOAD_BUILD_CLASS(f) -> 1 {
    let b = f.regs.callee().builtins.value();
    match item_opt(f.cx, b, id!(f.cx, "__build_class__"))? {
        Some(v) => f.set_a(v),
        None => raise!(f.cx, NameError, "__build_class__ not found"),
    }
} }

handler! { pub fn LOAD_ASSERTION_ERROR(f) {
    f.set_a(Value::from_ref(exc::AssertionError()));
    f.next(1)
} }

plain! { pub fn SETUP_ANNOTATIONS(f) -> 1 {
    let (cx, ns, name) = (f.cx, f.regs.value(0), id!(f.cx, "__annotations__"));
    if item_opt(cx, ns, name)?.is_none() {
        set_item(cx, ns, Value::from_ref(name), Value::from_ref(Dict::new(cx)))?;
    }
} }
