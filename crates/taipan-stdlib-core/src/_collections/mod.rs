//! `_collections`: what `collections` has from C: `deque`, `defaultdict`, `OrderedDict`,
//! `_tuplegetter` and `_count_elements`.

mod defaultdict;
mod deque;
mod ordered_dict;

use taipan_vm::objects::object::Object;
use taipan_vm::prelude::*;
use taipan_vm::types::alloc::fresh_head;

#[repr(C)]
pub struct TupleGetter {
    pub head: Head,
    index: isize,
    doc: Slot,
}

taipan_vm::pytype! { TupleGetter, PyTupleGetter_Type, name: "_tuplegetter", module: "collections", base: Object }

#[pymethods]
impl TupleGetter {
    #[slot(sig = "(cls, index, doc, /)")]
    fn __new__(cx: &Thread, cls: &Type, index: isize, doc: Value) -> Res {
        let g = TupleGetter { head: fresh_head(), index, doc: Slot::empty() };
        g.doc.init(Some(doc));
        Ok(Value::from_ref(cx.alloc_in(cls, g)))
    }

    #[slot]
    fn __get__(cx: &Thread, this: &TupleGetter, obj: Option<Value>, _ty: Option<Value>) -> Res {
        let Some(obj) = obj.filter(|o| !o.is_none()) else { return Ok(Value::from_ref(this)) };
        let Some(t) = obj.downcast::<Tuple>() else {
            raise!(
                cx,
                TypeError,
                "descriptor for index '{}' for tuple subclasses doesn't apply to '{}' object",
                this.index,
                obj.ty().name()
            );
        };
        match t.as_slice().get(this.index as usize) {
            Some(&v) => Ok(v),
            None => raise!(cx, IndexError, "tuple index out of range"),
        }
    }

    #[slot]
    fn __set__(cx: &Thread, _this: Value, _obj: Value, v: Option<Value>) -> Res<()> {
        match v {
            Some(_) => raise!(cx, AttributeError, "can't set attribute"),
            None => raise!(cx, AttributeError, "can't delete attribute"),
        }
    }

    #[slot]
    fn __repr__(cx: &Thread, this: &TupleGetter) -> Res {
        let mut b = taipan_vm::objects::text_builder::TextBuilder::new();
        b.push_str(&format!("{}({}, ", Value::from_ref(this).ty().short_name(), this.index));
        b.push_repr(cx, this.doc.value())?;
        b.push_str(")");
        Ok(b.finish(cx))
    }

    /// State for pickling.
    #[pymethod]
    fn __reduce__(cx: &Thread, this: &TupleGetter) -> Res {
        let args = Tuple::pair(cx, Value::small(this.index as i64), this.doc.value());
        let ty = Value::from_ref(Value::from_ref(this).ty());
        Ok(Value::from_ref(Tuple::pair(cx, ty, Value::from_ref(args))))
    }

    #[getter]
    fn __doc__(_cx: &Thread, this: &TupleGetter) -> Value {
        this.doc.value()
    }

    #[setter]
    fn set___doc__(cx: &Thread, this: &TupleGetter, v: Option<Value>) -> Res<()> {
        match v {
            Some(v) => {
                this.doc.set(&this.head, v);
                Ok(())
            }
            None => raise!(cx, TypeError, "can't delete __doc__"),
        }
    }
}

/// Counts the items of the iterable into the mapping.
#[pyfunction]
fn _count_elements(cx: &Thread, mapping: Value, iterable: Value) -> Res<()> {
    let it = iter(cx, iterable)?;
    let one = Value::small(1);
    let (get, set) = (id!(cx, "get"), id!(cx, "__setitem__"));
    let (ty, dict_ty) = (mapping.ty(), Dict::type_object());
    let plain = mapping.downcast::<Dict>().filter(|_| {
        ty.lookup(cx, get) == dict_ty.lookup(cx, get)
            && ty.lookup(cx, set) == dict_ty.lookup(cx, set)
    });
    if let Some(d) = plain {
        while let Some(k) = iter_next(cx, it)? {
            cx.poll()?;
            let h = taipan_vm::objects::dict::hash_key(cx, k)?;
            let n = match d.get_hashed(cx, k, h)? {
                None => one,
                Some(n) => binary(cx, n, one, BinOp::Add)?,
            };
            d.set_hashed(cx, k, h, n)?;
        }
        return Ok(());
    }
    let get = get_attr(cx, mapping, get)?;
    while let Some(k) = iter_next(cx, it)? {
        cx.poll()?;
        let n = call(cx, get, &[k, Value::small(0)])?;
        let n = binary(cx, n, one, BinOp::Add)?;
        set_item(cx, mapping, k, n)?;
    }
    Ok(())
}

fn exec(cx: &Thread, m: &Module) -> Res<()> {
    m.add_type::<deque::Deque>(cx);
    m.add_type::<deque::DequeIter>(cx);
    m.add_type::<deque::DequeRevIter>(cx);
    m.add_type::<defaultdict::DefaultDict>(cx);
    ordered_dict::add(cx, m);
    m.add_type::<TupleGetter>(cx);
    Ok(())
}

pymodule! {
    "_collections",
    doc: "High performance data structures.\n- deque: ordered collection with fast access at both ends\n- defaultdict: dict subclass with a default value factory",
    functions: [_count_elements],
    exec: exec
}
