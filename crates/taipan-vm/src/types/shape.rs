//! Shapes (hidden classes): where an instance keeps each attribute.
//!
//! A shape belongs to one type and maps names to slot indexes; adding an attribute moves the
//! instance to a child shape. Shapes are immutable but for their table of children. A slot index is
//! never reused for another name in one object (hazard 3): deleting an attribute leaves its slot
//! empty and keeps the shape. The DICT shape of a type says: the attributes are in the real dict
//! of the pre-header.
//!
//! Layout of an instance: pre-header (32 bytes, before the Head), Head, the native struct, then
//! `inline_slots` words; attributes beyond those lie in the overflow array.

use super::layout::TypeInfo;
use crate::objects::storage::SlotArray;
use crate::prelude::*;
use std::sync::atomic::{AtomicPtr, AtomicU32, AtomicUsize, Ordering};

/// The words before the Head of an instance that has a pre-header.
#[repr(C)]
pub struct PreHeader {
    pub shape: AtomicPtr<Shape>,
    /// Attribute slots beyond the inline ones.
    pub overflow: AtomicPtr<SlotArray>,
    /// First weak reference (a WeakRef object) or empty. CPython's offset -16.
    pub weakrefs: Slot,
    /// The materialised `__dict__` or empty. CPython's offset -8.
    pub dict: Slot,
}

impl PreHeader {
    /// The instance moves to another shape.
    #[inline(always)]
    pub fn set_shape(&self, shape: *mut Shape) {
        taipan_heap::slot::barrier(&self.shape);
        self.shape.store(shape, Ordering::Release);
    }
}

pub const PRE_HEADER: usize = 32;
const _: () = assert!(size_of::<PreHeader>() == PRE_HEADER);

/// Attributes of an instance in shape mode; beyond this it turns into a real dict.
pub const MAX_SHAPE_SLOTS: u32 = 512;

/// One hidden class. Lives in a raw scanned cell.
#[repr(C)]
pub struct Shape {
    pub cell: [AtomicUsize; 2],
    /// The type; a shape lives no longer than it.
    pub ty: AtomicPtr<Type>,
    pub parent: AtomicPtr<Shape>,
    /// The name added last (empty for the root).
    pub name: Slot,
    /// How many slots instances of this shape have.
    pub count: u32,
    pub is_dict: u32,
    pub id: AtomicU32,
    /// Transitions: first child, chained through `sibling`.
    pub first_child: AtomicPtr<Shape>,
    pub sibling: AtomicPtr<Shape>,
    /// Index from name to slot, built on first lookup in shapes with more than a few names:
    /// a raw cell of `2 * capacity` words {name, slot + 1}.
    pub index: AtomicPtr<SlotArray>,
    /// The guard against two threads adding the same child.
    lock: AtomicU32,
}

static NEXT_ID: AtomicU32 = AtomicU32::new(1);

/// Chains up to this long are walked; longer ones are indexed.
const WALK: u32 = 6;

impl Shape {
    fn alloc(
        cx: &Thread,
        ty: &Type,
        parent: *mut Shape,
        name: Option<&Str>,
        is_dict: bool,
    ) -> *mut Shape {
        let p = cx.mutator.alloc_raw(size_of::<Shape>(), Kind::Scan).as_ptr() as *mut Shape;
        // SAFETY: a fresh zeroed cell of the right size that no other thread sees.
        unsafe {
            let count = if parent.is_null() { 0 } else { (*parent).count + 1 };
            (*p).ty.store(ty as *const Type as *mut Type, Ordering::Relaxed);
            (*p).parent.store(parent, Ordering::Relaxed);
            (*p).name.init(name.map(Value::from_ref));
            (*p).count = count;
            (*p).is_dict = is_dict as u32;
            (*p).id.store(NEXT_ID.fetch_add(1, Ordering::Relaxed), Ordering::Relaxed);
        }
        std::sync::atomic::fence(Ordering::Release);
        p
    }

    /// The empty shape of a type, made on first use.
    #[inline]
    pub fn root(cx: &Thread, ty: &Type) -> *mut Shape {
        let cur = ty.info().root_shape.load(Ordering::Acquire);
        if cur != 0 { cur as *mut Shape } else { Shape::make_root(cx, ty) }
    }

    #[cold]
    fn make_root(cx: &Thread, ty: &Type) -> *mut Shape {
        let info = ty.info();
        let new = Shape::alloc(cx, ty, std::ptr::null_mut(), None, false);
        taipan_heap::slot::barrier(&info.root_shape);
        match info.root_shape.compare_exchange(0, new as usize, Ordering::AcqRel, Ordering::Acquire)
        {
            Ok(_) => new,
            Err(other) => other as *mut Shape,
        }
    }

    /// The shape that says "attributes are in the dict": a child of the root without a name.
    pub fn dict_shape(cx: &Thread, ty: &Type) -> *mut Shape {
        // SAFETY: root gives a live shape.
        let root = unsafe { &*Shape::root(cx, ty) };
        root.find_child(None).unwrap_or_else(|| root.add_child(cx, None, true))
    }

    fn find_child(&self, name: Option<&Str>) -> Option<*mut Shape> {
        let want = name.map(Value::from_ref);
        let mut p = self.first_child.load(Ordering::Acquire);
        // SAFETY: children are live as long as their parent.
        while let Some(s) = unsafe { p.as_ref() } {
            if s.name.get() == want {
                return Some(p);
            }
            p = s.sibling.load(Ordering::Acquire);
        }
        None
    }

    fn add_child(&self, cx: &Thread, name: Option<&Str>, is_dict: bool) -> *mut Shape {
        // SAFETY: the type outlives its shapes.
        let ty = unsafe { &*self.ty.load(Ordering::Relaxed) };
        let me = self as *const Shape as *mut Shape;
        let new = Shape::alloc(cx, ty, me, name, is_dict);
        while self.lock.compare_exchange_weak(0, 1, Ordering::Acquire, Ordering::Relaxed).is_err() {
            std::hint::spin_loop();
        }
        let r = match self.find_child(name) {
            Some(c) => c,
            None => {
                // SAFETY: new is a live shape.
                unsafe { &*new }
                    .sibling
                    .store(self.first_child.load(Ordering::Relaxed), Ordering::Relaxed);
                taipan_heap::slot::barrier(&self.first_child);
                self.first_child.store(new, Ordering::Release);
                new
            }
        };
        self.lock.store(0, Ordering::Release);
        r
    }

    /// The child with one more name; `name` is interned.
    pub fn with(&self, cx: &Thread, name: &Str) -> *mut Shape {
        match self.find_child(Some(name)) {
            Some(c) => c,
            None => self.add_child(cx, Some(name), false),
        }
    }

    /// The slot of an interned name.
    #[inline]
    pub fn find(&self, cx: &Thread, name: &Str) -> Option<u32> {
        let want = Some(Value::from_ref(name));
        if self.count > WALK {
            return self.find_indexed(cx, name);
        }
        let mut s = self;
        while s.count > 0 {
            if s.name.get() == want {
                return Some(s.count - 1);
            }
            // SAFETY: a shape with names has a parent, which lives as long as it.
            s = unsafe { &*s.parent.load(Ordering::Relaxed) };
        }
        None
    }

    fn find_indexed(&self, cx: &Thread, name: &Str) -> Option<u32> {
        let mut ix = self.index.load(Ordering::Acquire);
        if ix.is_null() {
            ix = self.build_index(cx);
        }
        // SAFETY: the index is a live storage cell that this shape holds.
        let ix = unsafe { &*ix };
        let cap = ix.capacity() / 2;
        let mut i = (name as *const Str as usize >> 4) & (cap - 1);
        loop {
            match ix.get(2 * i) {
                None => return None,
                Some(n) if n == Value::from_ref(name) => {
                    return ix.get(2 * i + 1).and_then(|v| v.as_small()).map(|s| s as u32);
                }
                Some(_) => i = (i + 1) & (cap - 1),
            }
        }
    }

    #[cold]
    fn build_index(&self, cx: &Thread) -> *mut SlotArray {
        let cap = (self.count as usize * 2).next_power_of_two();
        let ix = SlotArray::new(cx, cap * 2);
        let mut s = self;
        while s.count > 0 {
            let n = s.name.value();
            let mut i = (n.bits() as usize >> 4) & (cap - 1);
            while ix.get(2 * i).is_some() {
                i = (i + 1) & (cap - 1);
            }
            ix.init(2 * i, n);
            ix.init(2 * i + 1, Value::small(s.count as i64 - 1));
            // SAFETY: as in `find`.
            s = unsafe { &*s.parent.load(Ordering::Relaxed) };
        }
        let p = ix as *const SlotArray as *mut SlotArray;
        taipan_heap::slot::barrier(&self.index);
        self.index.store(p, Ordering::Release);
        p
    }

    /// The names in slot order.
    pub fn names(&self) -> GcVec<Value> {
        let mut out = GcVec::new();
        let mut s = self;
        while s.count > 0 {
            out.push(s.name.value());
            // SAFETY: as in `find`.
            s = unsafe { &*s.parent.load(Ordering::Relaxed) };
        }
        out.reverse();
        out
    }
}

/// An instance with a pre-header.
#[derive(Clone, Copy)]
pub struct Instance<'a> {
    pub head: &'a Head,
}

impl<'a> Instance<'a> {
    /// The view of a value that has a pre-header.
    #[inline(always)]
    pub fn of(v: Value) -> Option<Instance<'static>> {
        match v.head() {
            Some(head) if head.has_flag(taipan_heap::flag::HAS_SHAPE) => Some(Instance { head }),
            _ => None,
        }
    }

    #[inline(always)]
    pub fn pre(self) -> &'a PreHeader {
        // SAFETY: HAS_SHAPE says that a pre-header lies before the Head.
        unsafe { &*((self.head as *const Head as *const u8).sub(PRE_HEADER) as *const PreHeader) }
    }

    #[inline(always)]
    pub fn shape(self) -> &'a Shape {
        // SAFETY: an instance's shape is set when it is made and is kept alive by it.
        unsafe { &*self.pre().shape.load(Ordering::Acquire) }
    }

    #[inline(always)]
    pub fn info(self) -> &'static TypeInfo {
        Value::from_ref(self.head).ty().info()
    }

    /// The value in slot `i` of the overflow array.
    #[inline(always)]
    pub fn overflow_slot(self, i: usize) -> Option<Value> {
        let o = self.pre().overflow.load(Ordering::Acquire);
        // SAFETY: the overflow array is kept alive by the pre-header word.
        unsafe { o.as_ref() }.and_then(|o| o.get(i))
    }

    /// The slot word of attribute index `i`, inline or overflow.
    #[inline(always)]
    pub fn slot(self, i: u32) -> Option<&'a Slot> {
        // SAFETY: the type of the shape is the layout's owner and outlives it.
        let info = unsafe { &*self.shape().ty.load(Ordering::Relaxed) }.info();
        let inline = info.inline_slots.load(Ordering::Relaxed);
        if i < inline {
            let base = info.basicsize.load(Ordering::Relaxed) as usize;
            // SAFETY: alloc made room for `inline_slots` words after basicsize.
            return Some(unsafe {
                &*((self.head as *const Head as *const u8).add(base + 8 * i as usize)
                    as *const Slot)
            });
        }
        let o = self.pre().overflow.load(Ordering::Acquire);
        // SAFETY: the overflow array is kept alive by the pre-header word.
        unsafe { o.as_ref() }.and_then(|o| o.slot((i - inline) as usize))
    }
}
