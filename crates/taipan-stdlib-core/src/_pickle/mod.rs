//! `_pickle`: what the pickle module takes from C in CPython: picklers and unpicklers of all protocols.
//!
//! `save` and the files beside it write (`Saver`), `load` and its like read (`Loader`); both are plain
//! structs on the native stack, and `Pickler` and `Unpickler` only keep what outlives a call: the
//! stream's methods, the settings and the memo.

mod buffer;
mod build;
mod containers;
mod globals;
mod input;
mod load;
mod memo;
mod op;
mod pickler;
mod reduce;
mod save;
mod scalars;
mod unpickler;

use crate::module_error::ModuleError;
use buffer::PickleBuffer;
use load::Loader;
use pickler::Pickler;
use save::Saver;
use std::sync::OnceLock;
use taipan_vm::objects::module::import_attr;
use taipan_vm::objects::object::Object;
use taipan_vm::prelude::*;
use taipan_vm::pytype;
use taipan_vm::types::alloc::fresh_head;
use taipan_vm::types::ready::ready;
use unpickler::Unpickler;

static PICKLE_ERROR: ModuleError = ModuleError::new();
static PICKLING_ERROR: ModuleError = ModuleError::new();
static UNPICKLING_ERROR: ModuleError = ModuleError::new();

const HIGHEST_PROTOCOL: i64 = 5;
const DEFAULT_PROTOCOL: i64 = 4;

/// What the module found in others when it was imported.
#[repr(C)]
pub struct State {
    head: Head,
    /// `copyreg`'s tables.
    dispatch_table: Slot,
    extension_registry: Slot,
    extension_cache: Slot,
    inverted_registry: Slot,
    /// `_compat_pickle`'s tables.
    names_2to3: Slot,
    modules_2to3: Slot,
    names_3to2: Slot,
    modules_3to2: Slot,
    codecs_encode: Slot,
    getattr: Slot,
    partial: Slot,
}

pytype! { State, PyTaipanPickleState_Type, name: "_state", module: "_pickle", base: Object,
flags: tpflags::DISALLOW_INSTANTIATION }

#[pymethods]
impl State {}

static STATE: OnceLock<Root<&'static State>> = OnceLock::new();

fn state() -> &'static State {
    STATE.get().expect("made when the module was imported").get()
}

/// One of the tables, which `exec` found to be dicts.
fn table(slot: &Slot) -> &'static Dict {
    slot.value().downcast::<Dict>().expect("checked when the module was imported")
}

impl State {
    /// Looks everything up; again where the module is imported anew.
    fn find(&self, cx: &Thread) -> Res<()> {
        let getattr = cx.vm.builtins_dict().get_str(cx, id!(cx, "getattr"));
        self.getattr.set_option(self, getattr);
        let tables = [
            (&self.dispatch_table, "copyreg", "dispatch_table"),
            (&self.extension_registry, "copyreg", "_extension_registry"),
            (&self.inverted_registry, "copyreg", "_inverted_registry"),
            (&self.extension_cache, "copyreg", "_extension_cache"),
            (&self.names_2to3, "_compat_pickle", "NAME_MAPPING"),
            (&self.modules_2to3, "_compat_pickle", "IMPORT_MAPPING"),
            (&self.names_3to2, "_compat_pickle", "REVERSE_NAME_MAPPING"),
            (&self.modules_3to2, "_compat_pickle", "REVERSE_IMPORT_MAPPING"),
        ];
        for (slot, module, name) in tables {
            let v = import_attr(cx, module, name)?;
            if v.downcast_exact::<Dict>().is_none() {
                let got = v.ty().name();
                raise!(cx, RuntimeError, "{module}.{name} should be a dict, not {got}");
            }
            slot.set(self, v);
        }
        let encode = import_attr(cx, "codecs", "encode")?;
        if !is_callable(encode) {
            let got = encode.ty().name();
            raise!(cx, RuntimeError, "codecs.encode should be a callable, not {got}");
        }
        self.codecs_encode.set(self, encode);
        self.partial.set(self, import_attr(cx, "functools", "partial")?);
        Ok(())
    }

    fn new(cx: &Thread) -> &'static State {
        let e = Slot::empty;
        cx.alloc(State {
            head: fresh_head(),
            dispatch_table: e(),
            extension_registry: e(),
            extension_cache: e(),
            inverted_registry: e(),
            names_2to3: e(),
            modules_2to3: e(),
            names_3to2: e(),
            modules_3to2: e(),
            codecs_encode: e(),
            getattr: e(),
            partial: e(),
        })
    }
}

/// A PicklingError.
macro_rules! pickling_error {
    ($cx:expr, $($fmt:tt)+) => { $crate::_pickle::PICKLING_ERROR.raise($cx, &format!($($fmt)+)) };
}
/// An UnpicklingError.
macro_rules! unpickling_error {
    ($cx:expr, $($fmt:tt)+) => { $crate::_pickle::UNPICKLING_ERROR.raise($cx, &format!($($fmt)+)) };
}
use {pickling_error, unpickling_error};

/// A slot that holds `v` from the start.
fn slot(v: Option<Value>) -> Slot {
    let s = Slot::empty();
    s.init(v);
    s
}

fn given(v: Value) -> Option<Value> {
    if v.is_none() { None } else { Some(v) }
}

/// The number of the protocol that an argument asks for.
fn protocol(cx: &Thread, v: Value) -> Res<u8> {
    if v.is_none() {
        return Ok(DEFAULT_PROTOCOL as u8);
    }
    let Some(p) = int_to_i64(index(cx, v)?) else {
        raise!(cx, OverflowError, "Python int too large to convert to C long");
    };
    if p > HIGHEST_PROTOCOL {
        raise!(cx, ValueError, "pickle protocol must be <= {HIGHEST_PROTOCOL}");
    }
    Ok(if p < 0 { HIGHEST_PROTOCOL } else { p } as u8)
}

fn write_method(cx: &Thread, file: Value) -> Res {
    match get_attr_opt(cx, file, id!(cx, "write"))? {
        Some(w) => Ok(w),
        None => raise!(cx, TypeError, "file must have a 'write' attribute"),
    }
}

fn callback(cx: &Thread, v: Value, protocol: u8) -> Res<Option<Value>> {
    if !v.is_none() && protocol < 5 {
        raise!(cx, ValueError, "buffer_callback needs protocol >= 5");
    }
    Ok(given(v))
}

/// Writes the pickled representation of an object to an open binary file.
#[pyfunction(sig = "(obj, file, protocol=None, *, fix_imports=True, buffer_callback=None)")]
fn dump(
    cx: &Thread,
    obj: Value,
    file: Value,
    protocol: Value,
    fix_imports: bool,
    buffer_callback: Value,
) -> Res<()> {
    let proto = self::protocol(cx, protocol)?;
    let write = write_method(cx, file)?;
    let mut s = Saver::new(cx, proto, fix_imports, memo::Memo::new(cx));
    s.write = Some(write);
    s.buffer_callback = callback(cx, buffer_callback, proto)?;
    s.dump(obj)?;
    s.flush()
}

/// Gives the pickled representation of an object as bytes.
#[pyfunction(sig = "(obj, protocol=None, *, fix_imports=True, buffer_callback=None)")]
fn dumps(
    cx: &Thread,
    obj: Value,
    protocol: Value,
    fix_imports: bool,
    buffer_callback: Value,
) -> Res {
    let proto = self::protocol(cx, protocol)?;
    let mut s = Saver::new(cx, proto, fix_imports, memo::Memo::new(cx));
    s.buffer_callback = callback(cx, buffer_callback, proto)?;
    s.dump(obj)?;
    s.take_bytes()
}

/// Reads an object from an open binary file with pickled data.
#[pyfunction(sig = "(file, *, fix_imports=True, encoding='ASCII', errors='strict', buffers=())")]
fn load(
    cx: &Thread,
    file: Value,
    fix_imports: bool,
    encoding: Option<&'static Str>,
    errors: Option<&'static Str>,
    buffers: Option<Value>,
) -> Res {
    let mut l = Loader::new(cx, memo::Loaded::new(cx));
    l.source = input::Source::of_file(cx, file)?;
    l.set_text(encoding, errors)?;
    l.set_buffers(buffers)?;
    l.fix_imports = fix_imports;
    l.load()
}

/// Reads an object from bytes with pickled data.
#[pyfunction(sig = "(data, /, *, fix_imports=True, encoding='ASCII', errors='strict', buffers=())")]
fn loads(
    cx: &Thread,
    data: Value,
    fix_imports: bool,
    encoding: Option<&'static Str>,
    errors: Option<&'static Str>,
    buffers: Option<Value>,
) -> Res {
    let mut l = Loader::new(cx, memo::Loaded::new(cx));
    l.source.set_input(cx, data)?;
    l.set_text(encoding, errors)?;
    l.set_buffers(buffers)?;
    l.fix_imports = fix_imports;
    l.load()
}

fn exec(cx: &Thread, m: &Module) -> Res<()> {
    ready::<State>(cx);
    ready::<memo::Memo>(cx);
    ready::<memo::Loaded>(cx);
    ready::<pickler::PicklerMemoProxy>(cx);
    ready::<unpickler::UnpicklerMemoProxy>(cx);
    m.add_type::<PickleBuffer>(cx);
    m.add_type::<Pickler>(cx);
    m.add_type::<Unpickler>(cx);
    let (module, base) = ("_pickle", exc::Exception());
    let e = PICKLE_ERROR.add(cx, m, module, "PickleError", base)?;
    let e = e.as_type_unchecked();
    PICKLING_ERROR.add(cx, m, module, "PicklingError", e)?;
    UNPICKLING_ERROR.add(cx, m, module, "UnpicklingError", e)?;
    STATE.get_or_init(|| Root::new(State::new(cx))).get().find(cx)
}

pymodule! { "_pickle", doc: "Pickling and unpickling, the native part.",
functions: [dump, dumps, load, loads], exec: exec }
