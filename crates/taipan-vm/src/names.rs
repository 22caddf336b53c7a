//! `id!(cx, "name")`: an interned string made on first use and kept for ever by its use site.

use crate::prelude::*;
use std::sync::atomic::{AtomicPtr, Ordering};

/// One use site's interned string.
pub struct LazyName {
    text: &'static str,
    cell: AtomicPtr<Str>,
}

impl LazyName {
    pub const fn new(text: &'static str) -> LazyName {
        LazyName { text, cell: AtomicPtr::new(std::ptr::null_mut()) }
    }

    #[inline(always)]
    pub fn get(&'static self, cx: &Thread) -> &'static Str {
        let p = self.cell.load(Ordering::Acquire);
        // SAFETY: the cell holds null or an interned Str, which lives for ever.
        match unsafe { p.as_ref() } {
            Some(s) => s,
            None => self.fill(cx),
        }
    }

    #[cold]
    fn fill(&'static self, cx: &Thread) -> &'static Str {
        let s = crate::objects::str::intern(cx, self.text);
        self.cell.store(s as *const Str as *mut Str, Ordering::Release);
        s
    }
}

#[macro_export]
macro_rules! id {
    ($cx:expr, $text:expr) => {{
        static NAME: $crate::names::LazyName = $crate::names::LazyName::new($text);
        NAME.get($cx)
    }};
}
