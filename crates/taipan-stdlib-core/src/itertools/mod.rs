//! `itertools`: iterators over iterators in `simple.rs`, slices and counters in `counting.rs`,
//! `groupby` and `tee` in their own files, the combinatoric ones in `combinatoric.rs`.
//!
//! Concurrent `next` calls on one iterator may share or miss items, as in CPython 3.13t, but state
//! that indexes something is changed under the object's lock or bounds-checked.

mod combinatoric;
mod counting;
mod groupby;
mod simple;
mod tee;

use taipan_vm::prelude::*;

/// Every pickling method of this module warns since 3.12.
fn pickle_warning(cx: &Thread) -> Res<()> {
    taipan_vm::objects::warn_deprecated(
        cx,
        "Pickle, copy, and deepcopy support will be removed from itertools in Python 3.14.",
    )
}

fn type_of(v: Value) -> Value {
    Value::from_ref(v.ty())
}

fn tuple(cx: &Thread, items: &[Value]) -> Value {
    Value::from_ref(Tuple::from_slice(cx, items))
}

/// A slot that starts with a value.
fn slot(v: Value) -> Slot {
    let s = Slot::empty();
    s.init(Some(v));
    s
}

/// The items of a state tuple.
fn state_tuple(cx: &Thread, state: Value) -> Res<&'static Tuple> {
    match state.downcast::<Tuple>() {
        Some(t) => Ok(t),
        None => raise!(cx, TypeError, "state is not a tuple"),
    }
}

fn is_iterator(v: Value) -> bool {
    v.ty().slots().next.get().is_some()
}

fn exec(cx: &Thread, m: &Module) -> Res<()> {
    m.add_type::<combinatoric::Combinations>(cx);
    m.add_type::<combinatoric::CombinationsWithReplacement>(cx);
    m.add_type::<combinatoric::Permutations>(cx);
    m.add_type::<combinatoric::Product>(cx);
    m.add_type::<counting::Count>(cx);
    m.add_type::<counting::Cycle>(cx);
    m.add_type::<counting::Islice>(cx);
    m.add_type::<counting::Repeat>(cx);
    m.add_type::<counting::Batched>(cx);
    m.add_type::<simple::Accumulate>(cx);
    m.add_type::<simple::Chain>(cx);
    m.add_type::<simple::Compress>(cx);
    m.add_type::<simple::DropWhile>(cx);
    m.add_type::<simple::FilterFalse>(cx);
    m.add_type::<simple::Pairwise>(cx);
    m.add_type::<simple::StarMap>(cx);
    m.add_type::<simple::TakeWhile>(cx);
    m.add_type::<simple::ZipLongest>(cx);
    m.add_type::<groupby::GroupBy>(cx);
    m.add_type::<groupby::Grouper>(cx);
    m.add_type::<tee::Tee>(cx);
    m.add_type::<tee::TeeData>(cx);
    Ok(())
}

pymodule! {
    "itertools",
    doc: "Functional tools for creating and using iterators.\n\nInfinite iterators: count, cycle, repeat.\nOver other iterators: accumulate, batched, chain, compress, dropwhile, filterfalse,\ngroupby, islice, pairwise, starmap, takewhile, tee, zip_longest.\nCombinatoric: product, permutations, combinations, combinations_with_replacement.",
    functions: [tee::tee],
    exec: exec
}
