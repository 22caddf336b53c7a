//! Slots of Python classes: functions that look the special method up on the type and call it,
//! and the rules that decide which slot gets which function (`update_one_slot`,
//! `slot_nb_add` ..., Objects/typeobject.c).

use super::layout::Type;
use super::slots::*;
use crate::objects::descr;
use crate::prelude::*;

/// Looks `name` up on the type and calls it bound to `this`.
fn dispatch(cx: &Thread, this: Value, name: &Str, args: &[Value]) -> Res {
    match call_special(cx, this, name, args)? {
        Some(v) => Ok(v),
        None => raise!(cx, AttributeError, "{}", name),
    }
}

macro_rules! unary {
    ($($f:ident = $n:literal;)*) => {$(
        fn $f(cx: &Thread, v: Value) -> Res { dispatch(cx, v, id!(cx, $n), &[]) }
    )*};
}
unary! {
    s_neg = "__neg__"; s_pos = "__pos__"; s_abs = "__abs__"; s_invert = "__invert__";
    s_int = "__int__"; s_float = "__float__"; s_index = "__index__";
    s_await = "__await__"; s_aiter = "__aiter__"; s_anext = "__anext__";
}

/// `SLOT1BIN`: the left operand's method, then the right one's reflected method.
fn binary(
    cx: &Thread,
    a: Value,
    b: Value,
    me: BinaryFn,
    get: fn(&Slots) -> Option<BinaryFn>,
    op: &'static Str,
    rop: &'static Str,
) -> Res {
    let is_mine = |t: &Type| get(t.slots()).is_some_and(|f| f as usize == me as usize);
    let (ta, tb) = (a.ty(), b.ty());
    let mut do_other = !ta.is(tb) && is_mine(tb);
    if is_mine(ta) {
        if do_other && tb.is_subtype(ta) && overrides(cx, ta, tb, rop) {
            if let Some(r) = call_special(cx, b, rop, &[a])? {
                if r != not_implemented() {
                    return Ok(r);
                }
            }
            do_other = false;
        }
        let r = if cx.interp.refused.take() {
            Some(not_implemented())
        } else {
            call_special(cx, a, op, &[b])?
        };
        if let Some(r) = r {
            if r != not_implemented() || tb.is(ta) {
                return Ok(r);
            }
        }
    }
    if do_other {
        if let Some(r) = call_special(cx, b, rop, &[a])? {
            return Ok(r);
        }
    }
    Ok(not_implemented())
}

/// Does the right type define the reflected method differently from the left one
/// (`method_is_overloaded`)?
fn overrides(cx: &Thread, left: &Type, right: &Type, rop: &Str) -> bool {
    match (right.lookup(cx, rop), left.lookup(cx, rop)) {
        (None, _) => false,
        (Some(_), None) => true,
        (Some(a), Some(b)) => a != b,
    }
}

macro_rules! binary_slots {
    ($($f:ident, $field:ident, $n:literal, $r:literal;)*) => {$(
        fn $f(cx: &Thread, a: Value, b: Value) -> Res {
            binary(cx, a, b, $f, |s| s.$field.get(), id!(cx, $n), id!(cx, $r))
        }
    )*};
}
binary_slots! {
    s_add, add, "__add__", "__radd__"; s_sub, sub, "__sub__", "__rsub__";
    s_mul, mul, "__mul__", "__rmul__"; s_matmul, matmul, "__matmul__", "__rmatmul__";
    s_truediv, truediv, "__truediv__", "__rtruediv__";
    s_floordiv, floordiv, "__floordiv__", "__rfloordiv__";
    s_rem, rem, "__mod__", "__rmod__"; s_divmod, divmod, "__divmod__", "__rdivmod__";
    s_lshift, lshift, "__lshift__", "__rlshift__"; s_rshift, rshift, "__rshift__", "__rrshift__";
    s_and, and, "__and__", "__rand__"; s_xor, xor, "__xor__", "__rxor__"; s_or, or, "__or__", "__ror__";
}

fn s_pow(cx: &Thread, a: Value, b: Value, m: Value) -> Res {
    if m.is_none() {
        return binary(
            cx,
            a,
            b,
            // The identity of the ternary slot stands for the binary one in `binary`'s test.
            s_pow_marker,
            |s| {
                s.pow
                    .get()
                    .filter(|f| *f as usize == s_pow as *const () as usize)
                    .map(|_| s_pow_marker as BinaryFn)
            },
            id!(cx, "__pow__"),
            id!(cx, "__rpow__"),
        );
    }
    if a.ty().slots().pow.get().is_some_and(|f| f as usize == s_pow as *const () as usize) {
        return dispatch(cx, a, id!(cx, "__pow__"), &[b, m]);
    }
    Ok(not_implemented())
}

fn s_pow_marker(cx: &Thread, a: Value, b: Value) -> Res {
    s_pow(cx, a, b, none())
}

fn s_ipow(cx: &Thread, a: Value, b: Value, _: Value) -> Res {
    dispatch(cx, a, id!(cx, "__ipow__"), &[b])
}

macro_rules! inplace_slots {
    ($($f:ident = $n:literal;)*) => {$(
        fn $f(cx: &Thread, a: Value, b: Value) -> Res { dispatch(cx, a, id!(cx, $n), &[b]) }
    )*};
}
inplace_slots! {
    s_iadd = "__iadd__"; s_isub = "__isub__"; s_imul = "__imul__"; s_imatmul = "__imatmul__";
    s_itruediv = "__itruediv__"; s_ifloordiv = "__ifloordiv__"; s_irem = "__imod__";
    s_ilshift = "__ilshift__"; s_irshift = "__irshift__"; s_iand = "__iand__";
    s_ixor = "__ixor__"; s_ior = "__ior__"; s_getitem = "__getitem__";
}

fn s_repr(cx: &Thread, v: Value) -> Res {
    match call_special(cx, v, id!(cx, "__repr__"), &[])? {
        Some(r) => Ok(r),
        None => {
            let t = format!("<{} object at {:#x}>", v.ty().name(), v.bits());
            Ok(Value::from_ref(Str::new(cx, &t)))
        }
    }
}

fn s_str(cx: &Thread, v: Value) -> Res {
    match call_special(cx, v, id!(cx, "__str__"), &[])? {
        Some(r) => Ok(r),
        None => repr(cx, v).map(|s| Value::from_ref(s)),
    }
}

/// The hash slot of a class whose `__hash__` is None.
pub fn hash_not_implemented(cx: &Thread, v: Value) -> Res<i64> {
    Err(unhashable(cx, v))
}

fn s_hash(cx: &Thread, v: Value) -> Res<i64> {
    let f = v.ty().lookup(cx, id!(cx, "__hash__")).filter(|f| !f.is_none());
    if f.is_none() {
        return Err(unhashable(cx, v));
    }
    let r = dispatch(cx, v, id!(cx, "__hash__"), &[])?;
    if !crate::objects::int::is_int(r) {
        raise!(cx, TypeError, "__hash__ method should return an integer");
    }
    // Values beyond the machine word are folded by int's own hash.
    let h = match int_to_i64(r) {
        Some(h) => h,
        None => hash(cx, crate::objects::int::exact(cx, r))?,
    };
    Ok(if h == -1 { -2 } else { h })
}

fn s_call(cx: &Thread, f: Value, args: &[Value], kw: KwNames<'_>) -> Res {
    let name = id!(cx, "__call__");
    let Some(m) = f.ty().lookup(cx, name) else { return Err(not_callable(cx, f)) };
    let _depth = cx.enter_recursive(" while calling a Python object")?;
    if m.ty().has_feature(tpflags::METHOD_DESCRIPTOR) {
        let mut all = GcVec::with_capacity(args.len() + 1);
        all.push(f);
        all.extend(args.iter().copied());
        return call_kw(cx, m, &all, kw);
    }
    let m = match m.ty().slots().descr_get.get() {
        Some(get) => get(cx, m, Some(f), Some(Value::from_ref(f.ty())))?,
        None => m,
    };
    call_kw(cx, m, args, kw)
}

/// `__getattribute__`, then `__getattr__` when it raises AttributeError.
fn s_getattro_hook(cx: &Thread, obj: Value, name: &Str) -> Res {
    let t = obj.ty();
    let ga = t.lookup(cx, id!(cx, "__getattribute__"));
    let generic = ga.is_none_or(|g| descr::is_object_getattribute(g));
    let r = if generic {
        match super::attr::generic_getattr_opt(cx, obj, name) {
            Ok(Some(v)) => return Ok(v),
            Ok(None) => None,
            Err(e) => Some(e),
        }
    } else {
        match dispatch(cx, obj, id!(cx, "__getattribute__"), &[Value::from_ref(name)]) {
            Ok(v) => return Ok(v),
            Err(e) => Some(e),
        }
    };
    if let Some(e) = r {
        if !e.is(exc::AttributeError()) {
            return Err(e);
        }
    }
    match call_special(cx, obj, id!(cx, "__getattr__"), &[Value::from_ref(name)])? {
        Some(v) => Ok(v),
        None => Err(r.unwrap_or_else(|| super::attr::no_attribute(cx, obj, name))),
    }
}

fn s_getattro(cx: &Thread, obj: Value, name: &Str) -> Res {
    dispatch(cx, obj, id!(cx, "__getattribute__"), &[Value::from_ref(name)])
}

fn s_setattro(cx: &Thread, obj: Value, name: &Str, v: Option<Value>) -> Res<()> {
    let n = Value::from_ref(name);
    match v {
        Some(v) => dispatch(cx, obj, id!(cx, "__setattr__"), &[n, v])?,
        None => dispatch(cx, obj, id!(cx, "__delattr__"), &[n])?,
    };
    Ok(())
}

fn s_richcmp(cx: &Thread, a: Value, b: Value, op: CmpOp) -> Res {
    let name = match op {
        CmpOp::Lt => id!(cx, "__lt__"),
        CmpOp::Le => id!(cx, "__le__"),
        CmpOp::Eq => id!(cx, "__eq__"),
        CmpOp::Ne => id!(cx, "__ne__"),
        CmpOp::Gt => id!(cx, "__gt__"),
        CmpOp::Ge => id!(cx, "__ge__"),
    };
    if cx.interp.refused.take() {
        return Ok(not_implemented());
    }
    let Some(f) = a.ty().lookup(cx, name) else { return Ok(not_implemented()) };
    if f.ty().has_feature(tpflags::METHOD_DESCRIPTOR) {
        return call(cx, f, &[a, b]);
    }
    let f = match f.ty().slots().descr_get.get() {
        // A method that cannot be bound counts as one that does not know the answer.
        Some(get) => match get(cx, f, Some(a), Some(Value::from_ref(a.ty()))) {
            Ok(f) => f,
            Err(_) => return Ok(not_implemented()),
        },
        None => f,
    };
    call(cx, f, &[b])
}

fn s_iter(cx: &Thread, v: Value) -> Res {
    match v.ty().lookup(cx, id!(cx, "__iter__")) {
        Some(f) if f.is_none() => {
            raise!(cx, TypeError, "'{}' object is not iterable", v.ty().name())
        }
        Some(_) => dispatch(cx, v, id!(cx, "__iter__"), &[]),
        None if v.ty().lookup(cx, id!(cx, "__getitem__")).is_some() => {
            Ok(crate::objects::seqiter::SeqIter::new(cx, v))
        }
        None => raise!(cx, TypeError, "'{}' object is not iterable", v.ty().name()),
    }
}

fn s_next(cx: &Thread, v: Value) -> Res<Option<Value>> {
    match dispatch(cx, v, id!(cx, "__next__"), &[]) {
        Ok(v) => Ok(Some(v)),
        Err(e) if e.is(exc::StopIteration()) => Ok(None),
        Err(e) => Err(e),
    }
}

fn s_descr_get(cx: &Thread, d: Value, obj: Option<Value>, ty: Option<Value>) -> Res {
    // Not bound: whatever stands there is called with the descriptor itself first.
    match d.ty().lookup(cx, id!(cx, "__get__")) {
        Some(get) => call(cx, get, &[d, obj.unwrap_or(none()), ty.unwrap_or(none())]),
        None => Ok(d),
    }
}

fn s_descr_set(cx: &Thread, d: Value, obj: Value, v: Option<Value>) -> Res<()> {
    match v {
        Some(v) => dispatch(cx, d, id!(cx, "__set__"), &[obj, v])?,
        None => dispatch(cx, d, id!(cx, "__delete__"), &[obj])?,
    };
    Ok(())
}

fn s_init(cx: &Thread, this: Value, args: &[Value], kw: KwNames<'_>) -> Res<()> {
    let name = id!(cx, "__init__");
    let Some(f) = this.ty().lookup(cx, name) else { return Ok(()) };
    let r = if f.ty().has_feature(tpflags::METHOD_DESCRIPTOR) {
        let mut all = GcVec::with_capacity(args.len() + 1);
        all.push(this);
        all.extend(args.iter().copied());
        call_kw(cx, f, &all, kw)?
    } else {
        let f = match f.ty().slots().descr_get.get() {
            Some(get) => get(cx, f, Some(this), Some(Value::from_ref(this.ty())))?,
            None => f,
        };
        call_kw(cx, f, args, kw)?
    };
    if !r.is_none() {
        raise!(cx, TypeError, "__init__() should return None, not '{}'", r.ty().name());
    }
    Ok(())
}

fn s_new(cx: &Thread, ty: &Type, args: &[Value], kw: KwNames<'_>) -> Res {
    let f = get_attr(cx, Value::from_ref(ty), id!(cx, "__new__"))?;
    let mut all = GcVec::with_capacity(args.len() + 1);
    all.push(Value::from_ref(ty));
    all.extend(args.iter().copied());
    call_kw(cx, f, &all, kw)
}

fn s_del(cx: &Thread, v: Value) -> Res<()> {
    call_special(cx, v, id!(cx, "__del__"), &[]).map(|_| ())
}

fn s_bool(cx: &Thread, v: Value) -> Res<bool> {
    let r = match call_special(cx, v, id!(cx, "__bool__"), &[])? {
        Some(r) => r,
        None => match call_special(cx, v, id!(cx, "__len__"), &[])? {
            Some(n) => return Ok(index_isize(cx, n, exc::OverflowError())? != 0),
            None => return Ok(true),
        },
    };
    if r == py_bool(true) || r == py_bool(false) {
        return Ok(r == py_bool(true));
    }
    raise!(cx, TypeError, "__bool__ should return bool, returned {}", r.ty().name())
}

fn s_len(cx: &Thread, v: Value) -> Res<usize> {
    let r = dispatch(cx, v, id!(cx, "__len__"), &[])?;
    let i = index(cx, r)?;
    if crate::objects::int::is_negative(i) {
        raise!(cx, ValueError, "__len__() should return >= 0");
    }
    Ok(index_isize(cx, i, exc::OverflowError())? as usize)
}

fn s_setitem(cx: &Thread, v: Value, k: Value, item: Option<Value>) -> Res<()> {
    match item {
        Some(x) => dispatch(cx, v, id!(cx, "__setitem__"), &[k, x])?,
        None => dispatch(cx, v, id!(cx, "__delitem__"), &[k])?,
    };
    Ok(())
}

fn s_contains(cx: &Thread, v: Value, item: Value) -> Res<bool> {
    match v.ty().lookup(cx, id!(cx, "__contains__")) {
        Some(f) if f.is_none() => {
            raise!(cx, TypeError, "'{}' object is not a container", v.ty().name())
        }
        Some(_) => {
            let r = dispatch(cx, v, id!(cx, "__contains__"), &[item])?;
            is_true(cx, r)
        }
        None => {
            let it = match iter(cx, v) {
                Ok(it) => it,
                Err(e) if e.is(exc::TypeError()) => {
                    raise!(cx, TypeError, "argument of type '{}' is not iterable", v.ty().name())
                }
                Err(e) => return Err(e),
            };
            while let Some(x) = iter_next(cx, it)? {
                if eq(cx, x, item)? {
                    return Ok(true);
                }
            }
            Ok(false)
        }
    }
}

fn s_getbuffer(cx: &Thread, v: Value, flags: u32) -> Res<crate::buffer::Buffer> {
    crate::objects::memoryview::buffer_from_python(cx, v, flags)
}

fn s_releasebuffer(_: &Thread, _: Value, _: &crate::buffer::Buffer) -> Res<()> {
    Ok(())
}

/// The dispatching function of a slot, as a raw word; 0: the slot cannot be set from Python.
fn dispatcher(id: SlotId) -> usize {
    use SlotId as S;
    macro_rules! raw {
        ($f:ident as $t:ty) => {
            $f as $t as usize
        };
    }
    match id {
        S::repr => raw!(s_repr as UnaryFn),
        S::str => raw!(s_str as UnaryFn),
        S::hash => raw!(s_hash as HashFn),
        S::call => raw!(s_call as CallFn),
        S::getattro => raw!(s_getattro_hook as GetAttrFn),
        S::setattro => raw!(s_setattro as SetAttrFn),
        S::richcmp => raw!(s_richcmp as RichCmpFn),
        S::iter => raw!(s_iter as UnaryFn),
        S::next => raw!(s_next as NextFn),
        S::descr_get => raw!(s_descr_get as DescrGetFn),
        S::descr_set => raw!(s_descr_set as DescrSetFn),
        S::new => raw!(s_new as NewFn),
        S::init => raw!(s_init as InitFn),
        S::del => raw!(s_del as DelFn),
        S::add => raw!(s_add as BinaryFn),
        S::sub => raw!(s_sub as BinaryFn),
        S::mul => raw!(s_mul as BinaryFn),
        S::matmul => raw!(s_matmul as BinaryFn),
        S::truediv => raw!(s_truediv as BinaryFn),
        S::floordiv => raw!(s_floordiv as BinaryFn),
        S::rem => raw!(s_rem as BinaryFn),
        S::divmod => raw!(s_divmod as BinaryFn),
        S::pow => raw!(s_pow as TernaryFn),
        S::lshift => raw!(s_lshift as BinaryFn),
        S::rshift => raw!(s_rshift as BinaryFn),
        S::and => raw!(s_and as BinaryFn),
        S::xor => raw!(s_xor as BinaryFn),
        S::or => raw!(s_or as BinaryFn),
        S::iadd => raw!(s_iadd as BinaryFn),
        S::isub => raw!(s_isub as BinaryFn),
        S::imul => raw!(s_imul as BinaryFn),
        S::imatmul => raw!(s_imatmul as BinaryFn),
        S::itruediv => raw!(s_itruediv as BinaryFn),
        S::ifloordiv => raw!(s_ifloordiv as BinaryFn),
        S::irem => raw!(s_irem as BinaryFn),
        S::ipow => raw!(s_ipow as TernaryFn),
        S::ilshift => raw!(s_ilshift as BinaryFn),
        S::irshift => raw!(s_irshift as BinaryFn),
        S::iand => raw!(s_iand as BinaryFn),
        S::ixor => raw!(s_ixor as BinaryFn),
        S::ior => raw!(s_ior as BinaryFn),
        S::neg => raw!(s_neg as UnaryFn),
        S::pos => raw!(s_pos as UnaryFn),
        S::abs => raw!(s_abs as UnaryFn),
        S::invert => raw!(s_invert as UnaryFn),
        S::bool => raw!(s_bool as BoolFn),
        S::int => raw!(s_int as UnaryFn),
        S::float => raw!(s_float as UnaryFn),
        S::index => raw!(s_index as UnaryFn),
        S::len => raw!(s_len as LenFn),
        S::getitem => raw!(s_getitem as BinaryFn),
        S::setitem => raw!(s_setitem as SetItemFn),
        S::contains => raw!(s_contains as ContainsFn),
        S::await_ => raw!(s_await as UnaryFn),
        S::aiter => raw!(s_aiter as UnaryFn),
        S::anext => raw!(s_anext as UnaryFn),
        S::getbuffer => raw!(s_getbuffer as GetBufferFn),
        S::releasebuffer => raw!(s_releasebuffer as ReleaseBufferFn),
        S::concat | S::repeat | S::iconcat | S::irepeat => 0,
    }
}

/// Decides one slot of a heap type from what its mro defines.
fn decide(cx: &Thread, ty: &Type, id: SlotId) {
    let slots = &ty.info().slots;
    let mut generic = false;
    let mut specific: Option<usize> = None;
    let mut found_any = false;
    let base_slots = |t: &Type| t.base().map_or(0, |b| b.slots().raw(id));
    if id == SlotId::new {
        match ty.lookup_uncached(cx, id!(cx, "__new__")) {
            Some(v) => match descr::tp_new_owner(v) {
                Some(owner) => slots.new.set_raw(owner.slots().new.raw()),
                None => slots.new.set(s_new),
            },
            None => slots.new.set_raw(base_slots(ty)),
        }
        return;
    }
    for (def, name) in SlotNames::get(cx).rows(id) {
        let Some(v) = ty.lookup_uncached(cx, name) else { continue };
        found_any = true;
        if v.is_none() && id == SlotId::hash {
            slots.hash.set(hash_not_implemented);
            return;
        }
        match descr::slot_wrapper_parts(v).or_else(|| descr::coexisting(v, def)) {
            // A wrapper of the very same slot of a base: use its function directly.
            Some((owner, wdef, raw))
                if wdef.slot == id && ty.is_subtype(owner) && wdef.name == def.name =>
            {
                match specific {
                    None => specific = Some(raw),
                    Some(s) if s == raw => {}
                    Some(_) => generic = true,
                }
            }
            // Another type's wrapper of the same special method through concat/add twin rows.
            Some((owner, wdef, _))
                if wdef.name == def.name && wdef.slot != id && ty.is_subtype(owner) => {}
            _ => generic = true,
        }
    }
    if id == SlotId::getattro && !generic {
        // `__getattr__` alone asks for the hook too.
        if ty.lookup_uncached(cx, id!(cx, "__getattr__")).is_some() {
            generic = true;
        }
    }
    let word = if generic {
        if id == SlotId::getattro && ty.lookup_uncached(cx, id!(cx, "__getattr__")).is_none() {
            s_getattro as GetAttrFn as usize
        } else {
            let w = dispatcher(id);
            if w == 0 { specific.unwrap_or(0) } else { w }
        }
    } else if let Some(s) = specific {
        s
    } else if found_any {
        slots.raw(id)
    } else {
        0
    };
    slots.set_raw(id, word);
}

/// Sets all slots of a new heap type: starts from the base's and decides those that something in
/// its own dict or in a further base may change.
pub fn fixup_slots(cx: &Thread, ty: &Type) {
    let slots = &ty.info().slots;
    let single = ty.bases().len() == 1;
    if let Some(b) = ty.base() {
        for &id in SlotId::ALL {
            slots.set_raw(id, b.slots().raw(id));
        }
    }
    let mut touched = [false; SlotId::ALL.len()];
    SlotNames::get(cx).mark(cx, ty.dict(), &mut touched);
    let bases = ty.bases();
    let others = || bases.as_slice().iter().filter_map(|b| b.as_type());
    for &id in SlotId::ALL {
        // Where all bases agree the order among them does not matter.
        let differs = !single && others().any(|b| b.slots().raw(id) != slots.raw(id));
        if touched[id as usize] || differs {
            decide(cx, ty, id);
        }
    }
    super::ready::finish_layout_flags(cx, ty);
}

/// The special methods' names as interned strings, which live for ever: addresses.
pub struct SlotNames {
    /// By row of `SLOT_DEFS`.
    names: Vec<usize>,
    /// Rows of each slot.
    by_slot: Vec<Vec<usize>>,
    /// Names and the slots that they may change, sorted.
    by_name: Vec<(usize, SlotId)>,
}

impl SlotNames {
    pub fn get(cx: &Thread) -> &'static SlotNames {
        static NAMES: std::sync::OnceLock<SlotNames> = std::sync::OnceLock::new();
        match NAMES.get() {
            Some(n) => n,
            None => {
                let made = SlotNames::new(cx);
                NAMES.get_or_init(|| made)
            }
        }
    }

    fn new(cx: &Thread) -> SlotNames {
        let at =
            |name: &str| std::ptr::from_ref::<Str>(crate::objects::str::intern(cx, name)) as usize;
        let names: Vec<usize> = SLOT_DEFS.iter().map(|d| at(d.name)).collect();
        let mut by_slot = vec![Vec::new(); SlotId::ALL.len()];
        let mut by_name = vec![(at("__new__"), SlotId::new), (at("__getattr__"), SlotId::getattro)];
        for (i, d) in SLOT_DEFS.iter().enumerate() {
            by_slot[d.slot as usize].push(i);
            by_name.push((names[i], d.slot));
        }
        by_name.sort_by_key(|(name, _)| *name);
        SlotNames { names, by_slot, by_name }
    }

    fn row(&self, i: usize) -> (&'static SlotDef, &'static Str) {
        // SAFETY: the address of an interned string.
        (&SLOT_DEFS[i], unsafe { &*(self.names[i] as *const Str) })
    }

    /// The rows of a slot with their names.
    fn rows(&self, id: SlotId) -> impl Iterator<Item = (&'static SlotDef, &'static Str)> + '_ {
        self.by_slot[id as usize].iter().map(|&i| self.row(i))
    }

    /// All rows of the table with their names.
    pub fn all(&self) -> impl Iterator<Item = (&'static SlotDef, &'static Str)> + '_ {
        (0..self.names.len()).map(|i| self.row(i))
    }

    /// Marks the slots that entries of a type's dict bear on.
    fn mark(&self, cx: &Thread, own: &Dict, touched: &mut [bool]) {
        for k in own.keys().iter() {
            let Some(k) = k.downcast::<Str>() else { continue };
            if !k.as_ascii().is_some_and(|t| t.starts_with("__")) {
                continue;
            }
            let at = std::ptr::from_ref(crate::objects::str::intern_str(cx, k)) as usize;
            let first = self.by_name.partition_point(|(name, _)| *name < at);
            let same = self.by_name[first..].iter().take_while(|(name, _)| *name == at);
            same.for_each(|(_, id)| touched[*id as usize] = true);
        }
    }
}

/// A special method of a class changed: its slot and those of all subclasses follow.
pub fn update_slot(cx: &Thread, ty: &Type, name: &Str) {
    let n = name.to_str_lossy();
    let mut ids: Vec<SlotId> = SLOT_DEFS.iter().filter(|d| d.name == n).map(|d| d.slot).collect();
    match n.as_ref() {
        "__new__" => ids.push(SlotId::new),
        "__getattr__" => ids.push(SlotId::getattro),
        _ => {}
    }
    if !ids.is_empty() {
        update_ids(cx, ty, &ids);
    }
}

fn update_ids(cx: &Thread, ty: &Type, ids: &[SlotId]) {
    if ty.is_heap() {
        for &id in ids {
            decide(cx, ty, id);
        }
        super::ready::finish_layout_flags(cx, ty);
    }
    for s in ty.direct_subclasses(cx).iter() {
        update_ids(cx, s.as_type_unchecked(), ids);
    }
}
