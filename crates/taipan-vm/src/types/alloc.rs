//! Making instances.

use super::layout::Type;
use super::shape::{PRE_HEADER, PreHeader, Shape};
use crate::prelude::*;
use std::sync::atomic::Ordering;
use taipan_heap::flag;

/// A header to be overwritten by `alloc`: the placeholder in struct literals.
pub const fn fresh_head() -> Head {
    Head::new_static(std::ptr::null_mut())
}

impl Thread {
    /// A new object of exactly the type T.
    #[inline]
    pub fn alloc<T: PyType>(&self, value: T) -> &'static T {
        let ty = T::type_object();
        if T::PLAIN_PRE {
            let p = self.alloc_builtin::<T>(ty, T::KIND);
            // SAFETY: a private cell of the struct's size; the type is stored last.
            unsafe {
                let at = p.as_ptr() as *mut T;
                at.write(value);
                self.publish_builtin(p, ty);
                if ty.info().layout.has_finalizer.load(Ordering::Relaxed) {
                    self.mutator.set_finalizer(p);
                    crate::idle::note();
                }
                return &*at;
            }
        }
        if !T::PLAIN {
            return self.alloc_any(ty, value);
        }
        let p = self.mutator.alloc_object(size_of::<T>(), 0, T::KIND);
        // SAFETY: a private cell of the struct's size; the type is stored last.
        unsafe {
            let at = p.as_ptr() as *mut T;
            at.write(value);
            p.as_ref().init(self.tid, 0, ty as *const Type as *mut Head);
            if ty.info().layout.has_finalizer.load(Ordering::Relaxed) {
                self.mutator.set_finalizer(p);
                crate::idle::note();
            }
            &*at
        }
    }

    /// A new object of type `ty`, T or a subclass of it, whose struct part is `value`.
    #[inline]
    pub fn alloc_in<T: PyType>(&self, ty: &Type, value: T) -> &'static T {
        if (T::PLAIN || T::PLAIN_PRE) && ty.is(T::type_object()) {
            return self.alloc(value);
        }
        self.alloc_any(ty, value)
    }

    fn alloc_any<T: PyType>(&self, ty: &Type, value: T) -> &'static T {
        let p = self.alloc_uninit(ty, size_of::<T>());
        // SAFETY: the cell has room for basicsize >= size_of::<T>() bytes and is still private;
        // the header is written over by `publish`.
        unsafe {
            let at = p.as_ptr() as *mut T;
            at.write(value);
            self.publish(p, ty);
            &*at
        }
    }

    /// A zeroed private cell for an exact instance of a builtin type with a pre-header, with the struct
    /// T. The caller fills it and calls `publish_builtin`.
    #[inline(always)]
    pub fn alloc_builtin<T>(&self, ty: &Type, kind: Kind) -> std::ptr::NonNull<Head> {
        debug_assert!(ty.info().layout.pre_header.load(Ordering::Relaxed));
        debug_assert!(ty.info().inline_slots.load(Ordering::Relaxed) == 0);
        let p = self.mutator.alloc_object(size_of::<T>(), PRE_HEADER, kind);
        // SAFETY: alloc_object left PRE_HEADER bytes before p.
        let pre = unsafe { &*((p.as_ptr() as *const u8).sub(PRE_HEADER) as *const PreHeader) };
        pre.shape.store(Shape::root(self, ty), Ordering::Relaxed);
        p
    }

    /// Writes the header, type last.
    /// # Safety
    /// `p` is a private cell from `alloc_builtin` of the same type, completely filled.
    #[inline(always)]
    pub unsafe fn publish_builtin(&self, p: std::ptr::NonNull<Head>, ty: &Type) {
        // SAFETY: by the caller's promise.
        unsafe { p.as_ref() }.init(self.tid, flag::HAS_SHAPE, ty as *const Type as *mut Head);
    }

    /// A zeroed private cell for an instance of `ty` whose struct takes `struct_size` bytes (for
    /// variable-size types with their items). The caller fills it and calls `publish`.
    pub fn alloc_uninit(&self, ty: &Type, struct_size: usize) -> std::ptr::NonNull<Head> {
        let info = ty.info();
        let kind = super::layout_kind(info);
        let inline = info.inline_slots.load(Ordering::Relaxed) as usize;
        let base = info.basicsize.load(Ordering::Relaxed) as usize;
        let size = struct_size.max(base + 8 * inline);
        let pre = info.layout.pre_header.load(Ordering::Relaxed);
        let p = self.mutator.alloc_object(size, if pre { PRE_HEADER } else { 0 }, kind);
        if pre {
            let shape = Shape::root(self, ty);
            // SAFETY: alloc_object left PRE_HEADER bytes before p.
            unsafe {
                let pre = &*((p.as_ptr() as *const u8).sub(PRE_HEADER) as *const PreHeader);
                pre.shape.store(shape, Ordering::Relaxed);
            }
        }
        p
    }

    /// As `alloc_uninit` for sizes that come from Python: MemoryError instead of abort.
    pub fn try_alloc_uninit(&self, ty: &Type, struct_size: usize) -> Res<std::ptr::NonNull<Head>> {
        if struct_size > 1 << 20 {
            let kind = super::layout_kind(ty.info());
            let pre = ty.info().layout.pre_header.load(Ordering::Relaxed);
            let pre_size = if pre { PRE_HEADER } else { 0 };
            let Some(p) = self.mutator.try_alloc_object(struct_size, pre_size, kind) else {
                return Err(self.no_memory());
            };
            if pre {
                let shape = Shape::root(self, ty);
                // SAFETY: as in alloc_uninit.
                unsafe {
                    let pre = &*((p.as_ptr() as *const u8).sub(PRE_HEADER) as *const PreHeader);
                    pre.shape.store(shape, Ordering::Relaxed);
                }
            }
            return Ok(p);
        }
        Ok(self.alloc_uninit(ty, struct_size))
    }

    /// Writes the header, type last: from here on other threads may see the object.
    /// # Safety
    /// `p` is a private cell from `alloc_uninit` of the same type, completely filled.
    pub unsafe fn publish(&self, p: std::ptr::NonNull<Head>, ty: &Type) {
        let info = ty.info();
        // SAFETY: by the caller's promise.
        unsafe { self.publish_plain(p, ty) };
        if info.layout.has_finalizer.load(Ordering::Relaxed) {
            self.mutator.set_finalizer(p);
            crate::idle::note();
        }
    }

    /// As `publish` of an object whose end nobody needs to hear of, whatever its type says.
    /// # Safety
    /// As of `publish`.
    pub unsafe fn publish_plain(&self, p: std::ptr::NonNull<Head>, ty: &Type) {
        let pre = ty.info().layout.pre_header.load(Ordering::Relaxed);
        let flags = if pre { flag::HAS_SHAPE } else { 0 };
        // SAFETY: by the caller's promise.
        unsafe { p.as_ref() }.init(self.tid, flags, ty as *const Type as *mut Head);
    }

    /// An instance of a class without a struct of its own (`object` and Python classes).
    #[inline]
    pub fn alloc_instance(&self, ty: &Type) -> Value {
        let p = self.alloc_uninit(ty, size_of::<Head>());
        // SAFETY: a zeroed cell is a complete instance of a class without native fields.
        unsafe { self.publish(p, ty) };
        Value::from_head(p)
    }
}
