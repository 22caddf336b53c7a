//! The type slots: function pointers that give a type its behaviour, and the one table that maps
//! each special method to its slot (CPython's `slotdefs`, Objects/typeobject.c).
//!
//! A type written in Rust fills slots through `#[slot]`; `types::ready` makes wrapper descriptors
//! from the table. A Python class gets the `dispatch` functions of `types::slot_dispatch`, which
//! look the special method up.

use crate::prelude::*;
use std::marker::PhantomData;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A rich comparison, with CPython's numbers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum CmpOp {
    Lt = 0,
    Le = 1,
    Eq = 2,
    Ne = 3,
    Gt = 4,
    Ge = 5,
}

impl CmpOp {
    pub const ALL: [CmpOp; 6] = [CmpOp::Lt, CmpOp::Le, CmpOp::Eq, CmpOp::Ne, CmpOp::Gt, CmpOp::Ge];

    pub fn swapped(self) -> CmpOp {
        match self {
            CmpOp::Lt => CmpOp::Gt,
            CmpOp::Le => CmpOp::Ge,
            CmpOp::Gt => CmpOp::Lt,
            CmpOp::Ge => CmpOp::Le,
            op => op,
        }
    }

    pub fn symbol(self) -> &'static str {
        ["<", "<=", "==", "!=", ">", ">="][self as usize]
    }

    pub fn dunder(self) -> &'static str {
        ["__lt__", "__le__", "__eq__", "__ne__", "__gt__", "__ge__"][self as usize]
    }

    /// The answer for an ordering of the operands.
    pub fn holds(self, o: std::cmp::Ordering) -> bool {
        match self {
            CmpOp::Lt => o.is_lt(),
            CmpOp::Le => o.is_le(),
            CmpOp::Eq => o.is_eq(),
            CmpOp::Ne => o.is_ne(),
            CmpOp::Gt => o.is_gt(),
            CmpOp::Ge => o.is_ge(),
        }
    }
}

pub type UnaryFn = fn(&Thread, Value) -> Res;
pub type BinaryFn = fn(&Thread, Value, Value) -> Res;
pub type TernaryFn = fn(&Thread, Value, Value, Value) -> Res;
pub type BoolFn = fn(&Thread, Value) -> Res<bool>;
pub type LenFn = fn(&Thread, Value) -> Res<usize>;
pub type HashFn = fn(&Thread, Value) -> Res<i64>;
pub type RepeatFn = fn(&Thread, Value, isize) -> Res;
pub type ContainsFn = fn(&Thread, Value, Value) -> Res<bool>;
pub type SetItemFn = fn(&Thread, Value, Value, Option<Value>) -> Res<()>;
pub type GetAttrFn = fn(&Thread, Value, &Str) -> Res;
pub type SetAttrFn = fn(&Thread, Value, &Str, Option<Value>) -> Res<()>;
pub type RichCmpFn = fn(&Thread, Value, Value, CmpOp) -> Res;
pub type NextFn = fn(&Thread, Value) -> Res<Option<Value>>;
pub type DescrGetFn = fn(&Thread, Value, Option<Value>, Option<Value>) -> Res;
pub type DescrSetFn = fn(&Thread, Value, Value, Option<Value>) -> Res<()>;
pub type CallFn = fn(&Thread, Value, &[Value], KwNames<'_>) -> Res;
pub type NewFn = fn(&Thread, &Type, &[Value], KwNames<'_>) -> Res;
pub type InitFn = fn(&Thread, Value, &[Value], KwNames<'_>) -> Res<()>;
pub type DelFn = fn(&Thread, Value) -> Res<()>;
pub type GetBufferFn = fn(&Thread, Value, u32) -> Res<crate::buffer::Buffer>;
pub type ReleaseBufferFn = fn(&Thread, Value, &crate::buffer::Buffer) -> Res<()>;

/// One slot: a function pointer or empty, replaced atomically when a class changes.
#[repr(transparent)]
pub struct SlotFn<F>(AtomicUsize, PhantomData<F>);

// SAFETY: it holds a function pointer in an atomic.
unsafe impl<F> Sync for SlotFn<F> {}

impl<F: Copy> SlotFn<F> {
    pub const fn empty() -> Self {
        const { assert!(size_of::<F>() == size_of::<usize>()) };
        SlotFn(AtomicUsize::new(0), PhantomData)
    }

    #[inline(always)]
    pub fn get(&self) -> Option<F> {
        let w = self.0.load(Ordering::Acquire);
        // SAFETY: F is a function pointer type of one word and `set` stored an F.
        if w == 0 { None } else { Some(unsafe { std::mem::transmute_copy::<usize, F>(&w) }) }
    }

    pub fn set(&self, f: F) {
        // SAFETY: F is one word.
        self.0.store(unsafe { std::mem::transmute_copy::<F, usize>(&f) }, Ordering::Release);
    }

    pub fn raw(&self) -> usize {
        self.0.load(Ordering::Acquire)
    }

    pub fn set_raw(&self, w: usize) {
        self.0.store(w, Ordering::Release);
    }
}

macro_rules! slots {
    ($($(#[$m:meta])* $name:ident : $ty:ty,)*) => {
        /// All slots of a type.
        #[repr(C)]
        pub struct Slots { $($(#[$m])* pub $name: SlotFn<$ty>,)* }

        /// Names a slot.
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        #[allow(non_camel_case_types)]
        #[repr(u8)]
        pub enum SlotId { $($name,)* }

        impl Slots {
            pub const fn empty() -> Slots { Slots { $($name: SlotFn::empty(),)* } }

            pub fn raw(&self, id: SlotId) -> usize {
                match id { $(SlotId::$name => self.$name.raw(),)* }
            }

            pub fn set_raw(&self, id: SlotId, w: usize) {
                match id { $(SlotId::$name => self.$name.set_raw(w),)* }
            }
        }

        impl SlotId { pub const ALL: &'static [SlotId] = &[$(SlotId::$name,)*]; }
    };
}

slots! {
    repr: UnaryFn, str: UnaryFn, hash: HashFn, call: CallFn,
    getattro: GetAttrFn, setattro: SetAttrFn, richcmp: RichCmpFn,
    iter: UnaryFn, next: NextFn,
    descr_get: DescrGetFn, descr_set: DescrSetFn,
    new: NewFn, init: InitFn, del: DelFn,
    add: BinaryFn, sub: BinaryFn, mul: BinaryFn, matmul: BinaryFn, truediv: BinaryFn,
    floordiv: BinaryFn, rem: BinaryFn, divmod: BinaryFn, pow: TernaryFn,
    lshift: BinaryFn, rshift: BinaryFn, and: BinaryFn, xor: BinaryFn, or: BinaryFn,
    iadd: BinaryFn, isub: BinaryFn, imul: BinaryFn, imatmul: BinaryFn, itruediv: BinaryFn,
    ifloordiv: BinaryFn, irem: BinaryFn, ipow: TernaryFn,
    ilshift: BinaryFn, irshift: BinaryFn, iand: BinaryFn, ixor: BinaryFn, ior: BinaryFn,
    neg: UnaryFn, pos: UnaryFn, abs: UnaryFn, invert: UnaryFn,
    bool: BoolFn, int: UnaryFn, float: UnaryFn, index: UnaryFn,
    /// `mp_length`/`sq_length`.
    len: LenFn,
    /// `mp_subscript`/`sq_item`: any key.
    getitem: BinaryFn,
    /// `mp_ass_subscript`: `None` deletes.
    setitem: SetItemFn,
    contains: ContainsFn,
    /// `sq_concat` and friends: tried after the number slots, as in CPython.
    concat: BinaryFn, repeat: RepeatFn, iconcat: BinaryFn, irepeat: RepeatFn,
    await_: UnaryFn, aiter: UnaryFn, anext: UnaryFn,
    getbuffer: GetBufferFn, releasebuffer: ReleaseBufferFn,
}

/// How a wrapper descriptor calls its slot, i.e. the special method's Python signature.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Wrap {
    Unary,
    /// `self + other` / `other + self`; the slot sees the operands in source order.
    BinaryL,
    BinaryR,
    /// In-place: always `slot(self, other)`.
    BinaryInplace,
    PowL,
    PowR,
    PowInplace,
    Bool,
    Len,
    Hash,
    Cmp(CmpOp),
    Call,
    Init,
    GetAttr,
    SetAttr,
    DelAttr,
    Next,
    DescrGet,
    DescrSet,
    DescrDelete,
    GetItem,
    SetItem,
    DelItem,
    Contains,
    Repeat,
    Del,
    GetBuffer,
    ReleaseBuffer,
}

/// One row of the special-method table.
pub struct SlotDef {
    pub name: &'static str,
    pub slot: SlotId,
    pub wrap: Wrap,
    pub doc: &'static str,
}

const fn d(name: &'static str, slot: SlotId, wrap: Wrap, doc: &'static str) -> SlotDef {
    SlotDef { name, slot, wrap, doc }
}

/// Every special method with a slot. For a name with two rows (`__add__` also as `sq_concat`) the
/// first row whose slot the type fills wins. Order within a slot matters as in CPython.
pub static SLOT_DEFS: &[SlotDef] = {
    use SlotId as S;
    use Wrap as W;
    &[
        d("__getattribute__", S::getattro, W::GetAttr, "Return getattr(self, name)."),
        d("__setattr__", S::setattro, W::SetAttr, "Implement setattr(self, name, value)."),
        d("__delattr__", S::setattro, W::DelAttr, "Implement delattr(self, name)."),
        d("__repr__", S::repr, W::Unary, "Return repr(self)."),
        d("__hash__", S::hash, W::Hash, "Return hash(self)."),
        d("__call__", S::call, W::Call, "Call self as a function."),
        d("__str__", S::str, W::Unary, "Return str(self)."),
        d("__lt__", S::richcmp, W::Cmp(CmpOp::Lt), "Return self<value."),
        d("__le__", S::richcmp, W::Cmp(CmpOp::Le), "Return self<=value."),
        d("__eq__", S::richcmp, W::Cmp(CmpOp::Eq), "Return self==value."),
        d("__ne__", S::richcmp, W::Cmp(CmpOp::Ne), "Return self!=value."),
        d("__gt__", S::richcmp, W::Cmp(CmpOp::Gt), "Return self>value."),
        d("__ge__", S::richcmp, W::Cmp(CmpOp::Ge), "Return self>=value."),
        d("__iter__", S::iter, W::Unary, "Implement iter(self)."),
        d("__next__", S::next, W::Next, "Implement next(self)."),
        d(
            "__get__",
            S::descr_get,
            W::DescrGet,
            "Return an attribute of instance, which is of type owner.",
        ),
        d("__set__", S::descr_set, W::DescrSet, "Set an attribute of instance to value."),
        d("__delete__", S::descr_set, W::DescrDelete, "Delete an attribute of instance."),
        d(
            "__init__",
            S::init,
            W::Init,
            "Initialize self.  See help(type(self)) for accurate signature.",
        ),
        d("__del__", S::del, W::Del, "Called when the instance is about to be destroyed."),
        d(
            "__buffer__",
            S::getbuffer,
            W::GetBuffer,
            "Return a buffer object that exposes the underlying memory of the object.",
        ),
        d(
            "__release_buffer__",
            S::releasebuffer,
            W::ReleaseBuffer,
            "Release the buffer object that exposes the underlying memory of the object.",
        ),
        d("__await__", S::await_, W::Unary, "Return an iterator to be used in await expression."),
        d(
            "__aiter__",
            S::aiter,
            W::Unary,
            "Return an awaitable, that resolves in asynchronous iterator.",
        ),
        d("__anext__", S::anext, W::Unary, "Return a value or raise StopAsyncIteration."),
        d("__add__", S::add, W::BinaryL, "Return self+value."),
        d("__radd__", S::add, W::BinaryR, "Return value+self."),
        d("__sub__", S::sub, W::BinaryL, "Return self-value."),
        d("__rsub__", S::sub, W::BinaryR, "Return value-self."),
        d("__mul__", S::mul, W::BinaryL, "Return self*value."),
        d("__rmul__", S::mul, W::BinaryR, "Return value*self."),
        d("__mod__", S::rem, W::BinaryL, "Return self%value."),
        d("__rmod__", S::rem, W::BinaryR, "Return value%self."),
        d("__divmod__", S::divmod, W::BinaryL, "Return divmod(self, value)."),
        d("__rdivmod__", S::divmod, W::BinaryR, "Return divmod(value, self)."),
        d("__pow__", S::pow, W::PowL, "Return pow(self, value, mod)."),
        d("__rpow__", S::pow, W::PowR, "Return pow(value, self, mod)."),
        d("__neg__", S::neg, W::Unary, "-self"),
        d("__pos__", S::pos, W::Unary, "+self"),
        d("__abs__", S::abs, W::Unary, "abs(self)"),
        d("__bool__", S::bool, W::Bool, "True if self else False"),
        d("__invert__", S::invert, W::Unary, "~self"),
        d("__lshift__", S::lshift, W::BinaryL, "Return self<<value."),
        d("__rlshift__", S::lshift, W::BinaryR, "Return value<<self."),
        d("__rshift__", S::rshift, W::BinaryL, "Return self>>value."),
        d("__rrshift__", S::rshift, W::BinaryR, "Return value>>self."),
        d("__and__", S::and, W::BinaryL, "Return self&value."),
        d("__rand__", S::and, W::BinaryR, "Return value&self."),
        d("__xor__", S::xor, W::BinaryL, "Return self^value."),
        d("__rxor__", S::xor, W::BinaryR, "Return value^self."),
        d("__or__", S::or, W::BinaryL, "Return self|value."),
        d("__ror__", S::or, W::BinaryR, "Return value|self."),
        d("__int__", S::int, W::Unary, "int(self)"),
        d("__float__", S::float, W::Unary, "float(self)"),
        d("__iadd__", S::iadd, W::BinaryInplace, "Return self+=value."),
        d("__isub__", S::isub, W::BinaryInplace, "Return self-=value."),
        d("__imul__", S::imul, W::BinaryInplace, "Return self*=value."),
        d("__imod__", S::irem, W::BinaryInplace, "Return self%=value."),
        d("__ipow__", S::ipow, W::PowInplace, "Return self**=value."),
        d("__ilshift__", S::ilshift, W::BinaryInplace, "Return self<<=value."),
        d("__irshift__", S::irshift, W::BinaryInplace, "Return self>>=value."),
        d("__iand__", S::iand, W::BinaryInplace, "Return self&=value."),
        d("__ixor__", S::ixor, W::BinaryInplace, "Return self^=value."),
        d("__ior__", S::ior, W::BinaryInplace, "Return self|=value."),
        d("__floordiv__", S::floordiv, W::BinaryL, "Return self//value."),
        d("__rfloordiv__", S::floordiv, W::BinaryR, "Return value//self."),
        d("__truediv__", S::truediv, W::BinaryL, "Return self/value."),
        d("__rtruediv__", S::truediv, W::BinaryR, "Return value/self."),
        d("__ifloordiv__", S::ifloordiv, W::BinaryInplace, "Return self//=value."),
        d("__itruediv__", S::itruediv, W::BinaryInplace, "Return self/=value."),
        d(
            "__index__",
            S::index,
            W::Unary,
            "Return self converted to an integer, if self is suitable for use as an index into a list.",
        ),
        d("__matmul__", S::matmul, W::BinaryL, "Return self@value."),
        d("__rmatmul__", S::matmul, W::BinaryR, "Return value@self."),
        d("__imatmul__", S::imatmul, W::BinaryInplace, "Return self@=value."),
        d("__len__", S::len, W::Len, "Return len(self)."),
        d("__getitem__", S::getitem, W::GetItem, "Return self[key]."),
        d("__setitem__", S::setitem, W::SetItem, "Set self[key] to value."),
        d("__delitem__", S::setitem, W::DelItem, "Delete self[key]."),
        d("__contains__", S::contains, W::Contains, "Return bool(key in self)."),
        d("__add__", S::concat, W::BinaryInplace, "Return self+value."),
        d("__mul__", S::repeat, W::Repeat, "Return self*value."),
        d("__rmul__", S::repeat, W::Repeat, "Return value*self."),
        d("__iadd__", S::iconcat, W::BinaryInplace, "Implement self+=value."),
        d("__imul__", S::irepeat, W::Repeat, "Implement self*=value."),
    ]
};
