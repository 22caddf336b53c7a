//! `Unpickler` and the proxy of its memo.

use super::input::{Kept, Source, file_methods};
use super::load::Loader;
use super::memo::Loaded;
use super::{build, slot, unpickling_error};
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicUsize, Ordering};
use taipan_vm::objects::object::Object;
use taipan_vm::prelude::*;
use taipan_vm::pytype;
use taipan_vm::types::alloc::fresh_head;
use taipan_vm::types::attr::{generic_getattr, generic_setattr};

#[repr(C)]
pub struct Unpickler {
    head: Head,
    /// The file's methods as `file_methods` gives them; the first is empty until `__init__` has run.
    methods: [Slot; 4],
    /// An iterator over out-of-band buffers.
    buffers: Slot,
    /// A `persistent_load` set on the instance.
    persistent_load: Slot,
    /// A Loaded.
    memo: Slot,
    encoding: Slot,
    errors: Slot,
    /// Bytes that are still to be read, and where (`Kept`).
    input: Slot,
    pos: AtomicUsize,
    prefetched: AtomicUsize,
    fix_imports: AtomicBool,
    /// The protocol of the pickle that is being read.
    pub proto: AtomicU8,
}

pytype! { Unpickler, PyTaipanUnpickler_Type, name: "Unpickler", module: "_pickle", base: Object,
flags: tpflags::BASETYPE,
doc: "Unpickler(file, *, fix_imports=True, encoding='ASCII', errors='strict',\n          buffers=())\n--\n\nReads pickled objects from a binary file.\n\nThe file needs the methods read and readline. With fix_imports, Python 2's\nnames of modules are understood in protocols below 3; its 8-bit strings are\ndecoded with encoding and errors, or left as bytes if encoding is 'bytes'.\nOut-of-band buffers are taken from buffers." }

impl Unpickler {
    fn memo(&self) -> &'static Loaded {
        self.memo.value().downcast_exact::<Loaded>().expect("only a memo is ever stored")
    }

    fn source(&self) -> Source {
        let kept = Kept {
            holder: self.input.get(),
            pos: self.pos.load(Ordering::Relaxed),
            prefetched: self.prefetched.load(Ordering::Relaxed),
        };
        Source::of_methods(std::array::from_fn(|i| self.methods[i].get()), kept)
    }

    fn keep(&self, kept: Kept) {
        self.input.set_option(self, kept.holder);
        self.pos.store(kept.pos, Ordering::Relaxed);
        self.prefetched.store(kept.prefetched, Ordering::Relaxed);
    }

    fn load_with(&self, cx: &Thread) -> Res {
        let mut l = Loader::new(cx, self.memo());
        l.source = self.source();
        l.encoding = self.encoding.get().and_then(|v| v.downcast::<Str>());
        l.errors = self.errors.get().and_then(|v| v.downcast::<Str>());
        l.buffers = self.buffers.get();
        l.fix_imports = self.fix_imports.load(Ordering::Relaxed);
        l.unpickler = Value::from_ref(self).downcast::<Unpickler>();
        self.proto.store(0, Ordering::Relaxed);
        let name = id!(cx, "persistent_load");
        l.persistent_load = Some(get_attr(cx, Value::from_ref(self), name)?);
        let r = l.load();
        self.keep(l.source.kept());
        r
    }
}

#[pymethods]
impl Unpickler {
    #[slot]
    fn __new__(cx: &Thread, cls: &Type, _args: &[Value], _kw: KwNames<'_>) -> Res {
        let e = Slot::empty;
        let u = Unpickler {
            head: fresh_head(),
            methods: [e(), e(), e(), e()],
            buffers: e(),
            persistent_load: e(),
            memo: slot(Some(Value::from_ref(Loaded::new(cx)))),
            encoding: e(),
            errors: e(),
            input: e(),
            pos: AtomicUsize::new(0),
            prefetched: AtomicUsize::new(0),
            fix_imports: AtomicBool::new(false),
            proto: AtomicU8::new(0),
        };
        Ok(Value::from_ref(cx.alloc_in(cls, u)))
    }

    #[slot(
        sig = "(self, file, *, fix_imports=True, encoding='ASCII', errors='strict', buffers=())"
    )]
    fn __init__(
        cx: &Thread,
        this: &Unpickler,
        file: Value,
        fix_imports: bool,
        encoding: Option<&'static Str>,
        errors: Option<&'static Str>,
        buffers: Option<Value>,
    ) -> Res<()> {
        if !this.methods[0].is_empty() {
            this.methods.iter().for_each(|m| m.clear(this));
            this.persistent_load.clear(this);
        }
        let methods = file_methods(cx, file)?;
        let buffers = match buffers {
            Some(b) if !b.is_none() => Some(iter(cx, b)?),
            _ => None,
        };
        this.buffers.set_option(this, buffers);
        this.encoding.set_option(this, encoding.map(|s| Value::from_ref(s)));
        this.errors.set_option(this, errors.map(|s| Value::from_ref(s)));
        this.fix_imports.store(fix_imports, Ordering::Relaxed);
        this.memo.set(this, Value::from_ref(Loaded::new(cx)));
        this.keep(Kept { holder: None, pos: 0, prefetched: 0 });
        this.proto.store(0, Ordering::Relaxed);
        for (slot, m) in this.methods.iter().zip(methods) {
            slot.set_option(this, m);
        }
        Ok(())
    }

    /// The object of a persistent id: this class knows none.
    #[pymethod(sig = "(self, pid, /)")]
    fn persistent_load_(cx: &Thread, _this: &Unpickler, _pid: Value) -> Res {
        Err(build::no_persistent_load(cx))
    }

    /// Reads an object from the file.
    #[pymethod(sig = "(self, /)")]
    fn load(cx: &Thread, this: &Unpickler) -> Res {
        if this.methods[0].is_empty() {
            return Err(unpickling_error!(
                cx,
                "Unpickler.__init__() was not called by {}.__init__()",
                Value::from_ref(this).ty().name()
            ));
        }
        this.load_with(cx)
    }

    /// The object that a module has under a name; subclasses may allow less.
    #[pymethod(sig = "(self, module_name, global_name, /)")]
    fn find_class(cx: &Thread, this: &Unpickler, module_name: Value, global_name: Value) -> Res {
        let proto = this.proto.load(Ordering::Relaxed);
        let fix = this.fix_imports.load(Ordering::Relaxed);
        build::find_class(cx, proto, fix, module_name, global_name)
    }

    #[getter]
    fn memo_(cx: &Thread, this: &Unpickler) -> Value {
        let me = slot(Some(Value::from_ref(this)));
        Value::from_ref(cx.alloc(UnpicklerMemoProxy { head: fresh_head(), unpickler: me }))
    }

    #[setter]
    fn set_memo_(cx: &Thread, this: &Unpickler, v: Option<Value>) -> Res<()> {
        let Some(v) = v else {
            raise!(cx, TypeError, "attribute deletion is not supported");
        };
        let memo = if let Some(p) = v.downcast_exact::<UnpicklerMemoProxy>() {
            p.memo().copied(cx)?
        } else if let Some(d) = v.downcast::<Dict>() {
            Loaded::from_dict(cx, d)?
        } else {
            let got = v.ty().name();
            raise!(
                cx,
                TypeError,
                "'memo' attribute must be an UnpicklerMemoProxy object or dict, not {got}"
            );
        };
        this.memo.set(this, Value::from_ref(memo));
        Ok(())
    }

    #[slot]
    fn __getattribute__(cx: &Thread, this: &Unpickler, name: &Str) -> Res {
        match this.persistent_load.get() {
            Some(v) if name.eq_str("persistent_load") => Ok(v),
            _ => generic_getattr(cx, Value::from_ref(this), name),
        }
    }

    #[slot]
    fn __setattr__(cx: &Thread, this: &Unpickler, name: &Str, v: Option<Value>) -> Res<()> {
        if name.eq_str("persistent_load") {
            this.persistent_load.set_option(this, v);
            return Ok(());
        }
        generic_setattr(cx, Value::from_ref(this), name, v)
    }
}

/// `Unpickler.memo`.
#[repr(C)]
pub struct UnpicklerMemoProxy {
    head: Head,
    unpickler: Slot,
}

pytype! { UnpicklerMemoProxy, PyTaipanUnpicklerMemoProxy_Type, name: "UnpicklerMemoProxy",
module: "_pickle", base: Object, flags: tpflags::BASETYPE }

impl UnpicklerMemoProxy {
    fn memo(&self) -> &'static Loaded {
        self.unpickler.value().downcast::<Unpickler>().expect("made with one").memo()
    }
}

#[pymethods]
impl UnpicklerMemoProxy {
    /// Empties the memo.
    #[pymethod(sig = "(self, /)")]
    fn clear(_cx: &Thread, this: &UnpicklerMemoProxy) {
        this.memo().clear();
    }

    /// The memo as a dict.
    #[pymethod(sig = "(self, /)")]
    fn copy(cx: &Thread, this: &UnpicklerMemoProxy) -> Res<&'static Dict> {
        this.memo().to_dict(cx)
    }

    /// Pickles the memo as a dict.
    #[pymethod(sig = "(self, /)")]
    fn __reduce__(cx: &Thread, this: &UnpicklerMemoProxy) -> Res {
        let args = Tuple::from_slice(cx, &[Value::from_ref(this.memo().to_dict(cx)?)]);
        let class = Value::from_ref(Dict::type_object());
        Ok(Value::from_ref(Tuple::pair(cx, class, Value::from_ref(args))))
    }

    #[slot]
    fn __hash__(cx: &Thread, this: &UnpicklerMemoProxy) -> Res<i64> {
        Err(unhashable(cx, Value::from_ref(this)))
    }
}
