//! `Pickler` and the proxy of its memo.

use super::memo::Memo;
use super::save::Saver;
use super::{callback, pickling_error, protocol, slot, write_method};
use std::sync::atomic::{AtomicBool, AtomicI32, AtomicU8, Ordering};
use taipan_vm::objects::object::Object;
use taipan_vm::prelude::*;
use taipan_vm::pytype;
use taipan_vm::types::alloc::fresh_head;
use taipan_vm::types::attr::{generic_getattr, generic_setattr};

#[repr(C)]
pub struct Pickler {
    head: Head,
    /// The stream's method; empty until `__init__` has run.
    write: Slot,
    /// A `persistent_id` set on the instance.
    persistent_id: Slot,
    dispatch_table: Slot,
    buffer_callback: Slot,
    /// A Memo.
    memo: Slot,
    proto: AtomicU8,
    fix_imports: AtomicBool,
    bin: AtomicI32,
    fast: AtomicI32,
}

pytype! { Pickler, PyTaipanPickler_Type, name: "Pickler", module: "_pickle", base: Object,
flags: tpflags::BASETYPE,
doc: "Pickler(file, protocol=None, fix_imports=True, buffer_callback=None)\n--\n\nWrites pickled objects to a binary file.\n\nThe file needs a write method that takes bytes. A negative protocol\nstands for the highest; the default is 4. With fix_imports, protocols\nbelow 3 get Python 2's names of modules. A buffer_callback is asked\nabout each PickleBuffer, and keeps those for which it gives false." }

/// The int of a plain member.
fn member_int(cx: &Thread, v: Option<Value>) -> Res<i32> {
    let Some(v) = v else {
        raise!(cx, TypeError, "can't delete numeric/char attribute");
    };
    match int_to_i64(index(cx, v)?) {
        Some(i) => Ok(i as i32),
        None => raise!(cx, OverflowError, "Python int too large to convert to C long"),
    }
}

impl Pickler {
    fn memo(&self) -> &'static Memo {
        self.memo.value().downcast_exact::<Memo>().expect("only a memo is ever stored")
    }

    /// The method to ask for persistent ids; none where it is the one of this class, which knows none.
    fn persistent_id(&self, cx: &Thread) -> Res<Option<Value>> {
        if let Some(f) = self.persistent_id.get() {
            return Ok(Some(f));
        }
        let (obj, name) = (Value::from_ref(self), id!(cx, "persistent_id"));
        let slots = |t: &'static Type| t.slots().getattro.raw();
        let own = Pickler::type_object();
        if slots(obj.ty()) == slots(own) && obj.ty().lookup(cx, name) == own.lookup(cx, name) {
            return Ok(None);
        }
        get_attr(cx, obj, name).map(Some)
    }
}

#[pymethods]
impl Pickler {
    #[slot]
    fn __new__(cx: &Thread, cls: &Type, _args: &[Value], _kw: KwNames<'_>) -> Res {
        let p = Pickler {
            head: fresh_head(),
            write: Slot::empty(),
            persistent_id: Slot::empty(),
            dispatch_table: Slot::empty(),
            buffer_callback: Slot::empty(),
            memo: slot(Some(Value::from_ref(Memo::new(cx)))),
            proto: AtomicU8::new(0),
            fix_imports: AtomicBool::new(false),
            bin: AtomicI32::new(0),
            fast: AtomicI32::new(0),
        };
        Ok(Value::from_ref(cx.alloc_in(cls, p)))
    }

    #[slot(sig = "(self, file, protocol=None, fix_imports=True, buffer_callback=None)")]
    fn __init__(
        cx: &Thread,
        this: &Pickler,
        file: Value,
        protocol: Value,
        fix_imports: bool,
        buffer_callback: Value,
    ) -> Res<()> {
        if !this.write.is_empty() {
            this.write.clear(this);
            this.persistent_id.clear(this);
            this.dispatch_table.clear(this);
            this.buffer_callback.clear(this);
            this.memo.set(this, Value::from_ref(Memo::new(cx)));
        }
        let proto = self::protocol(cx, protocol)?;
        this.proto.store(proto, Ordering::Relaxed);
        this.bin.store((proto > 0) as i32, Ordering::Relaxed);
        this.fix_imports.store(fix_imports, Ordering::Relaxed);
        this.write.set(this, write_method(cx, file)?);
        this.buffer_callback.set_option(this, callback(cx, buffer_callback, proto)?);
        this.fast.store(0, Ordering::Relaxed);
        if this.dispatch_table.is_empty() {
            let name = id!(cx, "dispatch_table");
            let t = get_attr_opt(cx, Value::from_ref(this), name)?;
            this.dispatch_table.set_option(this, t);
        }
        Ok(())
    }

    /// The persistent id of an object: this class knows none.
    #[pymethod(sig = "(self, obj, /)")]
    fn persistent_id_(_cx: &Thread, _this: &Pickler, _obj: Value) {}

    /// Writes an object to the file.
    #[pymethod(sig = "(self, obj, /)")]
    fn dump(cx: &Thread, this: &Pickler, obj: Value) -> Res<()> {
        let Some(write) = this.write.get() else {
            return Err(pickling_error!(
                cx,
                "Pickler.__init__() was not called by {}.__init__()",
                Value::from_ref(this).ty().name()
            ));
        };
        let proto = this.proto.load(Ordering::Relaxed);
        let mut s = Saver::new(cx, proto, this.fix_imports.load(Ordering::Relaxed), this.memo());
        s.bin = this.bin.load(Ordering::Relaxed) != 0;
        s.fast = this.fast.load(Ordering::Relaxed) != 0;
        s.write = Some(write);
        s.dispatch_table = this.dispatch_table.get();
        s.buffer_callback = this.buffer_callback.get();
        s.persistent_id = this.persistent_id(cx)?;
        let name = id!(cx, "reducer_override");
        s.reducer_override = get_attr_opt(cx, Value::from_ref(this), name)?;
        s.dump(obj)?;
        s.flush()
    }

    /// Forgets which objects have been written.
    #[pymethod(sig = "(self, /)")]
    fn clear_memo(_cx: &Thread, this: &Pickler) {
        this.memo().clear();
    }

    #[getter]
    fn memo_(cx: &Thread, this: &Pickler) -> Value {
        let p = PicklerMemoProxy { head: fresh_head(), pickler: slot(Some(Value::from_ref(this))) };
        Value::from_ref(cx.alloc(p))
    }

    #[setter]
    fn set_memo_(cx: &Thread, this: &Pickler, v: Option<Value>) -> Res<()> {
        let Some(v) = v else {
            raise!(cx, TypeError, "attribute deletion is not supported");
        };
        let memo = if let Some(p) = v.downcast_exact::<PicklerMemoProxy>() {
            p.memo().copied(cx)
        } else if let Some(d) = v.downcast::<Dict>() {
            Memo::from_dict(cx, d)?
        } else {
            let got = v.ty().name();
            raise!(
                cx,
                TypeError,
                "'memo' attribute must be a PicklerMemoProxy object or dict, not {got}"
            );
        };
        this.memo.set(this, Value::from_ref(memo));
        Ok(())
    }

    #[getter]
    fn bin(_cx: &Thread, this: &Pickler) -> i32 {
        this.bin.load(Ordering::Relaxed)
    }

    #[setter]
    fn set_bin(cx: &Thread, this: &Pickler, v: Option<Value>) -> Res<()> {
        this.bin.store(member_int(cx, v)?, Ordering::Relaxed);
        Ok(())
    }

    #[getter]
    fn fast(_cx: &Thread, this: &Pickler) -> i32 {
        this.fast.load(Ordering::Relaxed)
    }

    #[setter]
    fn set_fast(cx: &Thread, this: &Pickler, v: Option<Value>) -> Res<()> {
        this.fast.store(member_int(cx, v)?, Ordering::Relaxed);
        Ok(())
    }

    #[getter]
    fn dispatch_table(cx: &Thread, this: &Pickler) -> Res {
        match this.dispatch_table.get() {
            Some(v) => Ok(v),
            None => {
                let name = Value::from_ref(this).ty().name();
                raise!(cx, AttributeError, "'{name}' object has no attribute 'dispatch_table'")
            }
        }
    }

    #[setter]
    fn set_dispatch_table(cx: &Thread, this: &Pickler, v: Option<Value>) -> Res<()> {
        if v.is_none() && this.dispatch_table.is_empty() {
            raise!(cx, AttributeError, "dispatch_table");
        }
        this.dispatch_table.set_option(this, v);
        Ok(())
    }

    #[slot]
    fn __getattribute__(cx: &Thread, this: &Pickler, name: &Str) -> Res {
        match this.persistent_id.get() {
            Some(v) if name.eq_str("persistent_id") => Ok(v),
            _ => generic_getattr(cx, Value::from_ref(this), name),
        }
    }

    #[slot]
    fn __setattr__(cx: &Thread, this: &Pickler, name: &Str, v: Option<Value>) -> Res<()> {
        if name.eq_str("persistent_id") {
            this.persistent_id.set_option(this, v);
            return Ok(());
        }
        generic_setattr(cx, Value::from_ref(this), name, v)
    }
}

/// `Pickler.memo`.
#[repr(C)]
pub struct PicklerMemoProxy {
    head: Head,
    pickler: Slot,
}

pytype! { PicklerMemoProxy, PyTaipanPicklerMemoProxy_Type, name: "PicklerMemoProxy",
module: "_pickle", base: Object, flags: tpflags::BASETYPE }

impl PicklerMemoProxy {
    fn memo(&self) -> &'static Memo {
        self.pickler.value().downcast::<Pickler>().expect("made with one").memo()
    }
}

#[pymethods]
impl PicklerMemoProxy {
    /// Empties the memo.
    #[pymethod(sig = "(self, /)")]
    fn clear(_cx: &Thread, this: &PicklerMemoProxy) {
        this.memo().clear();
    }

    /// The memo as a dict.
    #[pymethod(sig = "(self, /)")]
    fn copy(cx: &Thread, this: &PicklerMemoProxy) -> Res<&'static Dict> {
        this.memo().to_dict(cx)
    }

    /// Pickles the memo as a dict.
    #[pymethod(sig = "(self, /)")]
    fn __reduce__(cx: &Thread, this: &PicklerMemoProxy) -> Res {
        let args = Tuple::from_slice(cx, &[Value::from_ref(this.memo().to_dict(cx)?)]);
        let class = Value::from_ref(Dict::type_object());
        Ok(Value::from_ref(Tuple::pair(cx, class, Value::from_ref(args))))
    }

    #[slot]
    fn __hash__(cx: &Thread, this: &PicklerMemoProxy) -> Res<i64> {
        Err(unhashable(cx, Value::from_ref(this)))
    }
}
