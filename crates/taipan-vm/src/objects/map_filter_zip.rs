//! `map`, `filter`, `zip`: the builtin iterators over iterators.

use crate::objects::object::Object;
use crate::prelude::*;
use crate::types::alloc::fresh_head;
use std::sync::atomic::{AtomicBool, Ordering};

#[repr(C)]
pub struct Map {
    pub head: Head,
    func: Slot,
    iters: Slot,
}

crate::pytype! { Map, PyMap_Type, name: "map", module: "builtins", base: Object,
flags: tpflags::BASETYPE,
doc: "map(function, iterable, /, *iterables)\n--\n\nAn iterator that calls the function with one item of each iterable.\n\nStops when the shortest iterable is exhausted." }

fn no_keywords(cx: &Thread, name: &str, kw: KwNames<'_>) -> Res<()> {
    if kw.is_some_and(|k| !k.is_empty()) {
        raise!(cx, TypeError, "{name}() takes no keyword arguments");
    }
    Ok(())
}

fn iterators(cx: &Thread, args: &[Value]) -> Res<&'static Tuple> {
    let mut its = GcVec::with_capacity(args.len());
    for &a in args {
        its.push(iter(cx, a)?);
    }
    Ok(Tuple::from_slice(cx, &its))
}

fn tuple_in(s: &Slot) -> &'static Tuple {
    s.value().downcast_exact::<Tuple>().expect("made as a tuple")
}

#[pymethods]
impl Map {
    #[slot]
    fn __new__(cx: &Thread, cls: &Type, args: &[Value], kw: KwNames<'_>) -> Res {
        if cls.slots().init.raw() == Map::type_object().slots().init.raw() {
            no_keywords(cx, "map", kw)?;
        }
        let args = &args[..args.len() - kw.map_or(0, |k| k.len())];
        if args.len() < 2 {
            raise!(cx, TypeError, "map() must have at least two arguments.");
        }
        let its = iterators(cx, &args[1..])?;
        let m = Map { head: fresh_head(), func: Slot::empty(), iters: Slot::empty() };
        m.func.init(Some(args[0]));
        m.iters.init(Some(Value::from_ref(its)));
        Ok(Value::from_ref(cx.alloc_in(cls, m)))
    }

    #[slot]
    fn __iter__(_cx: &Thread, this: Value) -> Res {
        Ok(this)
    }

    #[slot]
    fn __next__(cx: &Thread, this: &Map) -> Res<Option<Value>> {
        let its = tuple_in(&this.iters).as_slice();
        if let [it] = its {
            let Some(v) = iter_next(cx, *it)? else { return Ok(None) };
            return call(cx, this.func.value(), &[v]).map(Some);
        }
        let mut args = GcVec::with_capacity(its.len());
        for &it in its {
            match iter_next(cx, it)? {
                Some(v) => args.push(v),
                None => return Ok(None),
            }
        }
        call(cx, this.func.value(), &args).map(Some)
    }

    /// State for pickling.
    #[pymethod]
    fn __reduce__(cx: &Thread, this: &Map) -> Res {
        let mut args: GcVec<Value> = GcVec::new();
        args.push(this.func.value());
        args.extend_from_slice(tuple_in(&this.iters).as_slice());
        let args = Tuple::from_slice(cx, &args);
        let ty = Value::from_ref(Value::from_ref(this).ty());
        Ok(Value::from_ref(Tuple::pair(cx, ty, Value::from_ref(args))))
    }
}

#[repr(C)]
pub struct Filter {
    pub head: Head,
    func: Slot,
    iter: Slot,
}

crate::pytype! { Filter, PyFilter_Type, name: "filter", module: "builtins", base: Object,
flags: tpflags::BASETYPE,
doc: "filter(function, iterable, /)\n--\n\nAn iterator over the items for which function(item) is true.\n\nWith None for the function, over the items that are true." }

#[pymethods]
impl Filter {
    #[slot]
    fn __new__(cx: &Thread, cls: &Type, args: &[Value], kw: KwNames<'_>) -> Res {
        if cls.slots().init.raw() == Filter::type_object().slots().init.raw() {
            no_keywords(cx, "filter", kw)?;
        }
        let args = &args[..args.len() - kw.map_or(0, |k| k.len())];
        let &[func, seq] = args else {
            raise!(cx, TypeError, "filter expected 2 arguments, got {}", args.len());
        };
        let it = iter(cx, seq)?;
        let f = Filter { head: fresh_head(), func: Slot::empty(), iter: Slot::empty() };
        f.func.init(Some(func));
        f.iter.init(Some(it));
        Ok(Value::from_ref(cx.alloc_in(cls, f)))
    }

    #[slot]
    fn __iter__(_cx: &Thread, this: Value) -> Res {
        Ok(this)
    }

    #[slot]
    fn __next__(cx: &Thread, this: &Filter) -> Res<Option<Value>> {
        let (func, it) = (this.func.value(), this.iter.value());
        let by_truth = func.is_none() || func == Value::from_ref(py_bool(true).ty());
        while let Some(v) = iter_next(cx, it)? {
            let good = if by_truth { v } else { call(cx, func, &[v])? };
            if is_true(cx, good)? {
                return Ok(Some(v));
            }
            cx.poll()?;
        }
        Ok(None)
    }

    /// State for pickling.
    #[pymethod]
    fn __reduce__(cx: &Thread, this: &Filter) -> Res {
        let args = Tuple::pair(cx, this.func.value(), this.iter.value());
        let ty = Value::from_ref(Value::from_ref(this).ty());
        Ok(Value::from_ref(Tuple::pair(cx, ty, Value::from_ref(args))))
    }
}

#[repr(C)]
pub struct Zip {
    pub head: Head,
    iters: Slot,
    strict: AtomicBool,
}

crate::pytype! { Zip, PyZip_Type, name: "zip", module: "builtins", base: Object,
flags: tpflags::BASETYPE,
doc: "zip(*iterables, strict=False)\n--\n\nAn iterator of tuples with one item of each iterable, until the shortest is\nexhausted. If strict is true and one is exhausted before the others, raise\na ValueError.\n\n>>> list(zip([1, 2], 'ab'))\n[(1, 'a'), (2, 'b')]" }

#[cold]
fn uneven(cx: &Thread, i: usize, what: &str) -> Raised {
    let plural = if i == 1 { " " } else { "s 1-" };
    err!(cx, ValueError, "zip() argument {} is {what} than argument{plural}{i}", i + 1)
}

#[pymethods]
impl Zip {
    #[slot(sig = "(cls, *iterables, strict=False)")]
    fn __new__(cx: &Thread, cls: &Type, iterables: &[Value], strict: bool) -> Res {
        let its = iterators(cx, iterables)?;
        let z = Zip { head: fresh_head(), iters: Slot::empty(), strict: AtomicBool::new(strict) };
        z.iters.init(Some(Value::from_ref(its)));
        Ok(Value::from_ref(cx.alloc_in(cls, z)))
    }

    #[slot]
    fn __iter__(_cx: &Thread, this: Value) -> Res {
        Ok(this)
    }

    #[slot]
    fn __next__(cx: &Thread, this: &Zip) -> Res<Option<Value>> {
        if let Some(pair) = this.advance_pair(cx) {
            return Ok(pair?.map(|(x, y)| Value::from_ref(Tuple::pair(cx, x, y))));
        }
        let its = tuple_in(&this.iters).as_slice();
        if its.is_empty() {
            return Ok(None);
        }
        let mut row = GcVec::with_capacity(its.len());
        for (i, &it) in its.iter().enumerate() {
            match iter_next(cx, it)? {
                Some(v) => row.push(v),
                None => {
                    this.exhausted(cx, its, i)?;
                    return Ok(None);
                }
            }
        }
        Ok(Some(Value::from_ref(Tuple::from_slice(cx, &row))))
    }

    /// State for pickling.
    #[pymethod]
    fn __reduce__(cx: &Thread, this: &Zip) -> Res {
        let ty = Value::from_ref(Value::from_ref(this).ty());
        let its = this.iters.value();
        let t = if this.strict.load(Ordering::Relaxed) {
            Tuple::from_slice(cx, &[ty, its, py_bool(true)])
        } else {
            Tuple::from_slice(cx, &[ty, its])
        };
        Ok(Value::from_ref(t))
    }

    /// Sets whether it is strict.
    #[pymethod(text = "($self, object, /)")]
    fn __setstate__(cx: &Thread, this: &Zip, state: Value) -> Res<()> {
        this.strict.store(is_true(cx, state)?, Ordering::Relaxed);
        Ok(())
    }
}

impl Zip {
    /// The next items of exactly two iterators; the outer `None`: there are not two.
    #[inline(always)]
    pub fn advance_pair(&self, cx: &Thread) -> Option<Res<Option<(Value, Value)>>> {
        let its = tuple_in(&self.iters).as_slice();
        let [a, b] = its else { return None };
        let run = || {
            let Some(x) = next_item(cx, *a)? else {
                self.exhausted(cx, its, 0)?;
                return Ok(None);
            };
            let Some(y) = next_item(cx, *b)? else {
                self.exhausted(cx, its, 1)?;
                return Ok(None);
            };
            Ok(Some((x, y)))
        };
        Some(run())
    }

    /// Iterator `i` has ended: with `strict`, all must have.
    #[cold]
    fn exhausted(&self, cx: &Thread, its: &[Value], i: usize) -> Res<()> {
        if !self.strict.load(Ordering::Relaxed) {
            return Ok(());
        }
        if i > 0 {
            return Err(uneven(cx, i, "shorter"));
        }
        for (i, &it) in its.iter().enumerate().skip(1) {
            if iter_next(cx, it)?.is_some() {
                return Err(uneven(cx, i, "longer"));
            }
        }
        Ok(())
    }
}
