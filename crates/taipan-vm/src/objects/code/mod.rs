//! `code`: a code object, made from the compiler's `CodeUnit`. Python-visible attributes are in
//! `attributes`, line tables in `locations`, the run-time form of constants in `constants`.
//!
//! The instruction words are the unit's own and never change. Inline caches lie beside them in a
//! collected cell: one atomic word each, see `interp::cache`.

mod attributes;
pub mod constants;
pub mod locations;

use crate::interp::cache::CacheRec;
use crate::interp::frame::Pc;
use crate::prelude::*;
use std::sync::Arc;
use std::sync::atomic::{AtomicPtr, AtomicU32, Ordering};
use taipan_compiler::code::{CodeUnit, ExceptEntry, flags};

pub use constants::const_value;

#[repr(C)]
pub struct Code {
    pub head: Head,
    instrs: *const u32,
    /// First constant, inside the tuple `consts`.
    consts_at: *const Value,
    /// First name, inside the tuple `names`.
    names_at: *const Value,
    /// First cache word, 16 bytes into a raw cell.
    caches_at: *const AtomicPtr<CacheRec>,
    /// Registers of a frame.
    pub nregs: u32,
    /// `local_base` plus the number of localsplus entries: registers to be cleared at entry.
    pub nlocals: u32,
    /// Number of arguments where a call with exactly so many needs no binding; else `u32::MAX`.
    pub simple_argc: u32,
    pub argcount: u32,
    pub flags: u32,
    pub local_base: u32,
    unit: *const CodeUnit,
    /// See `yield_facts`; 0 until asked for.
    yields: AtomicU32,
    /// The line of each word, made when the code is traced: a leaked `Box<Vec<i32>>`, or null.
    lines: AtomicPtr<Vec<i32>>,
    pub consts: Slot,
    pub names: Slot,
    pub localsplusnames: Slot,
    pub filename: Slot,
    pub name: Slot,
    pub qualname: Slot,
}

crate::pytype! { Code, PyCode_Type, name: "code", module: "builtins", base: crate::objects::object::Object,
weakref: true, doc: "A compiled piece of a program: instructions and what they refer to." }

impl Code {
    /// The code object of a unit, its nested ones included.
    pub fn from_unit(cx: &Thread, unit: Arc<CodeUnit>) -> &'static Code {
        let consts: GcVec<Value> = unit.consts.iter().map(|c| const_value(cx, c)).collect();
        let consts = Tuple::from_slice(cx, &consts);
        Code::with_consts(cx, unit, consts)
    }

    /// As `from_unit` with the constants given as values; those of the unit are ignored.
    pub fn with_consts(cx: &Thread, unit: Arc<CodeUnit>, consts: &'static Tuple) -> &'static Code {
        let intern = |s: &Arc<str>| Value::from_ref(crate::objects::str::intern(cx, s));
        let names: GcVec<Value> = unit.names.iter().map(intern).collect();
        let names = Tuple::from_slice(cx, &names);
        let locals: GcVec<Value> = unit.localsplus_names.iter().map(intern).collect();
        let locals = Tuple::from_slice(cx, &locals);
        let caches = cx.mutator.alloc_raw(16 + 8 * unit.caches.len(), Kind::Scan);
        let simple = unit.flags & flags::CO_OPTIMIZED != 0
            && unit.flags & (flags::CO_VARARGS | flags::CO_VARKEYWORDS) == 0
            && unit.kwonlyargcount == 0;
        let (name, qualname, filename) =
            (intern(&unit.name), intern(&unit.qualname), intern(&unit.filename));
        let (instrs, nregs) = (unit.code.as_ptr(), unit.nregs);
        let code = cx.alloc(Code {
            head: crate::types::alloc::fresh_head(),
            instrs,
            consts_at: consts.as_slice().as_ptr(),
            names_at: names.as_slice().as_ptr(),
            // SAFETY: the cell has a 16-byte header and then the cache words.
            caches_at: unsafe { caches.as_ptr().add(16) } as *const AtomicPtr<CacheRec>,
            nregs,
            nlocals: (unit.local_base() + unit.nlocalsplus()) as u32,
            simple_argc: if simple { unit.argcount } else { u32::MAX },
            argcount: unit.argcount,
            flags: unit.flags,
            local_base: unit.local_base() as u32,
            unit: Arc::into_raw(unit),
            yields: AtomicU32::new(0),
            lines: AtomicPtr::new(std::ptr::null_mut()),
            consts: Slot::empty(),
            names: Slot::empty(),
            localsplusnames: Slot::empty(),
            filename: Slot::empty(),
            name: Slot::empty(),
            qualname: Slot::empty(),
        });
        code.consts.set(code, Value::from_ref(consts));
        code.names.set(code, Value::from_ref(names));
        code.localsplusnames.set(code, Value::from_ref(locals));
        code.filename.set(code, filename);
        code.name.set(code, name);
        code.qualname.set(code, qualname);
        cx.mutator.set_native_drop(std::ptr::NonNull::from(&code.head), drop_unit);
        code
    }

    #[inline(always)]
    pub fn unit(&self) -> &CodeUnit {
        // SAFETY: the code object owns one count of the unit.
        unsafe { &*self.unit }
    }

    /// Another owner of the unit.
    pub fn unit_arc(&self) -> Arc<CodeUnit> {
        // SAFETY: `unit` came from `Arc::into_raw` and this object keeps its count.
        unsafe {
            Arc::increment_strong_count(self.unit);
            Arc::from_raw(self.unit)
        }
    }

    #[inline(always)]
    pub fn start(&self) -> Pc {
        Pc(self.instrs)
    }

    #[inline(always)]
    pub fn pc_at(&self, word: usize) -> Pc {
        Pc(self.instrs.wrapping_add(word))
    }

    #[inline(always)]
    pub fn index_of(&self, pc: Pc) -> usize {
        (pc.0 as usize - self.instrs as usize) / 4
    }

    #[inline(always)]
    pub fn constant(&self, i: usize) -> Value {
        debug_assert!(i < self.consts.value().downcast::<Tuple>().map_or(0, |t| t.len()));
        // SAFETY: the compiler makes no index beyond its constants.
        unsafe { *self.consts_at.add(i) }
    }

    #[inline(always)]
    pub fn name_at(&self, i: usize) -> &'static Str {
        // SAFETY: the compiler makes no index beyond its names, all of which are Str objects.
        unsafe { &*((*self.names_at.add(i)).bits() as *const Str) }
    }

    /// The cache word of a site.
    #[inline(always)]
    pub fn cache(&self, site: usize) -> &AtomicPtr<CacheRec> {
        // SAFETY: the compiler makes no index beyond its cache sites.
        unsafe { &*self.caches_at.add(site) }
    }

    /// The name that a cache site looks up.
    #[inline]
    pub fn cache_name(&self, site: usize) -> &'static Str {
        self.name_at(self.unit().caches[site].name as usize)
    }

    pub fn find_handler(&self, word: usize) -> Option<&ExceptEntry> {
        self.unit().find_handler(word as u32)
    }

    pub fn has(&self, flag: u32) -> bool {
        self.flags & flag != 0
    }

    pub fn is_generator_like(&self) -> bool {
        self.has(flags::CO_GENERATOR | flags::CO_COROUTINE | flags::CO_ASYNC_GENERATOR)
    }

    pub fn consts(&self) -> &'static Tuple {
        self.consts.value().downcast::<Tuple>().expect("co_consts is a tuple")
    }

    pub fn localsplus(&self) -> &'static Tuple {
        self.localsplusnames.value().downcast::<Tuple>().expect("the names are a tuple")
    }

    pub fn qualname_str(&self) -> &'static Str {
        self.qualname.value().downcast::<Str>().expect("co_qualname is a str")
    }

    pub fn name_str(&self) -> &'static Str {
        self.name.value().downcast::<Str>().expect("co_name is a str")
    }

    /// The line of an instruction word; `None`: it has none.
    pub fn line_of(&self, word: usize) -> Option<u32> {
        locations::find(self.unit(), word).and_then(|l| l.line)
    }

    /// Of a generator's code: how many registers hold something across some yield, and whether one
    /// of the yields is inside a `try` or `with`.
    #[inline]
    pub fn yield_facts(&self) -> (usize, bool) {
        let w = self.yields.load(Ordering::Relaxed);
        let w = if w == 0 { self.find_yield_facts() } else { w };
        ((w >> 2) as usize, w & 2 != 0)
    }

    #[cold]
    fn find_yield_facts(&self) -> u32 {
        use taipan_compiler::{Op, liveness::Liveness, opcode::decode};
        let unit = self.unit();
        let live = Liveness::new(&unit.code, &unit.except_table, unit.nregs);
        let (mut kept, mut tries, mut pc) = (self.nlocals, false, 0);
        while let Some(i) = decode(&unit.code, pc) {
            if matches!(i.op, Op::YIELD_VALUE | Op::YIELD_DELEGATE | Op::RETURN_GENERATOR) {
                tries |= crate::objects::generator::in_try(self, pc);
                kept = kept.max(i.register_end());
                let top = live.live_across(pc as u32).and_then(|l| l.iter().last());
                kept = kept.max(top.map_or(0, |r| r + 1));
            }
            pc += i.len as usize;
        }
        let w = kept.min(self.nregs) << 2 | (tries as u32) << 1 | 1;
        self.yields.store(w, Ordering::Relaxed);
        w
    }

    /// The line of each word; -1: none.
    pub fn lines(&self) -> &[i32] {
        let p = self.lines.load(Ordering::Acquire);
        // SAFETY: null or a vector that lives as long as this object.
        if let Some(v) = unsafe { p.as_ref() } {
            return v;
        }
        let mut v = Vec::with_capacity(self.unit().code.len());
        for l in locations::locations(self.unit()) {
            v.resize(l.end, l.line.map_or(-1, |l| l as i32));
        }
        v.resize(self.unit().code.len(), -1);
        let new = Box::into_raw(Box::new(v));
        match self.lines.compare_exchange(
            std::ptr::null_mut(),
            new,
            Ordering::AcqRel,
            Ordering::Acquire,
        ) {
            // SAFETY: just made.
            Ok(_) => unsafe { &*new },
            Err(other) => {
                // SAFETY: `new` was never shared; `other` lives as long as this object.
                unsafe {
                    drop(Box::from_raw(new));
                    &*other
                }
            }
        }
    }

    /// Forgets an inline cache that has become wrong, or fills it for the first time.
    #[inline]
    pub fn set_cache(&self, site: usize, rec: *mut CacheRec) {
        taipan_heap::slot::barrier(&self.head);
        self.cache(site).store(rec, Ordering::Release);
    }
}

/// Gives back the unit of a dead code object.
/// # Safety
/// `p` is a Code that nothing uses any more.
unsafe fn drop_unit(p: *mut Head) {
    // SAFETY: by the caller's promise; the object owned one count of the unit, and its lines.
    unsafe {
        let code = &*(p as *const Code);
        drop(Arc::from_raw(code.unit));
        let lines = code.lines.load(Ordering::Acquire);
        if !lines.is_null() {
            drop(Box::from_raw(lines));
        }
    }
}
