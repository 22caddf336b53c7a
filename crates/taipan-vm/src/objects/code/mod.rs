//! `code`: a code object, made from the compiler's `CodeUnit`. Python-visible attributes are in
//! `attributes`, line tables in `locations`, the run-time form of constants in `constants`, code objects
//! that wait in an image in `image`.
//!
//! The instruction words are the unit's own and never change. Inline caches lie beside them in a
//! collected cell: one atomic word each, see `interp::cache`.

mod attributes;
pub mod constants;
pub mod image;
pub mod locations;

use crate::interp::cache::CacheRec;
use crate::interp::frame::Pc;
use crate::interp::trace::Lines;
use crate::interp::trace::monitoring::CodeEvents;
use crate::prelude::*;
use std::sync::Arc;
use std::sync::atomic::{AtomicPtr, AtomicU32, Ordering};
use taipan_compiler::code::{CodeUnit, ExceptEntry, flags};

pub use constants::const_value;
use image::CodeImage;

#[repr(C)]
pub struct Code {
    pub head: Head,
    /// The unit's first word, or the place of `PREPARE`. Stored last: who has seen the unit's word sees
    /// the next three as well.
    instrs: AtomicPtr<u32>,
    /// First constant, inside the tuple `consts`.
    consts_at: AtomicPtr<Value>,
    /// First name, inside the tuple `names`.
    names_at: AtomicPtr<Value>,
    /// First cache word, 16 bytes into a raw cell.
    caches_at: AtomicPtr<AtomicPtr<CacheRec>>,
    /// Registers of a frame.
    pub nregs: u32,
    /// `local_base` plus the number of localsplus entries: registers to be cleared at entry.
    pub nlocals: u32,
    /// Number of arguments where a call with exactly so many needs no binding; else `u32::MAX`.
    pub simple_argc: u32,
    pub argcount: u32,
    pub flags: u32,
    pub local_base: u32,
    /// A count of an `Arc`; null until it is needed, where there is an image.
    unit: AtomicPtr<CodeUnit>,
    /// Where the unit comes from; null: it was compiled.
    image: AtomicPtr<CodeImage>,
    image_at: u32,
    /// See `yield_facts`; 0 until asked for.
    yields: AtomicU32,
    /// Made when the code is traced: a leaked `Box<Lines>`, or null.
    lines: AtomicPtr<Lines>,
    /// What `sys.monitoring`'s tools want of this code: a leaked `Box<CodeEvents>`, or null.
    events: AtomicPtr<CodeEvents>,
    /// For each word one more than the index of its handler in the exception table, or 0; made when
    /// an exception first passes through the code: a leaked `Box<Vec<u16>>`, or null.
    handlers: AtomicPtr<Vec<u16>>,
    pub consts: Slot,
    pub names: Slot,
    pub localsplusnames: Slot,
    pub filename: Slot,
    pub name: Slot,
    pub qualname: Slot,
}

crate::pytype! { Code, PyCode_Type, name: "code", module: "builtins", base: crate::objects::object::Object,
weakref: true, doc: "code(argcount, posonlyargcount, kwonlyargcount, nlocals, stacksize,\n     flags, codestring, constants, names, varnames, filename, name,\n     qualname, firstlineno, linetable, exceptiontable, freevars=(),\n     cellvars=(), /)\n--\n\nA compiled piece of a program: instructions and what they refer to." }

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
        // SAFETY: the cell has a 16-byte header and then the cache words.
        let caches = unsafe { caches.as_ptr().add(16) } as *mut AtomicPtr<CacheRec>;
        let simple = unit.flags & flags::CO_OPTIMIZED != 0
            && unit.flags & (flags::CO_VARARGS | flags::CO_VARKEYWORDS) == 0
            && unit.kwonlyargcount == 0;
        let (name, qualname, filename) =
            (intern(&unit.name), intern(&unit.qualname), intern(&unit.filename));
        let code = cx.alloc(Code {
            nregs: unit.nregs,
            nlocals: (unit.local_base() + unit.nlocalsplus()) as u32,
            simple_argc: if simple { unit.argcount } else { u32::MAX },
            argcount: unit.argcount,
            flags: unit.flags,
            local_base: unit.local_base() as u32,
            ..Code::unfilled()
        });
        code.localsplusnames.set(code, Value::from_ref(locals));
        code.filename.set(code, filename);
        code.name.set(code, name);
        code.qualname.set(code, qualname);
        code.publish(cx, unit, names, consts, caches);
        code
    }

    /// A code object without anything, for the fields that do not matter yet.
    fn unfilled() -> Code {
        let null = std::ptr::null_mut();
        Code {
            head: crate::types::alloc::fresh_head(),
            instrs: AtomicPtr::new(image::unread()),
            consts_at: AtomicPtr::new(null),
            names_at: AtomicPtr::new(std::ptr::null_mut()),
            caches_at: AtomicPtr::new(std::ptr::null_mut()),
            nregs: 0,
            nlocals: 0,
            simple_argc: u32::MAX,
            argcount: 0,
            flags: 0,
            local_base: 0,
            unit: AtomicPtr::new(std::ptr::null_mut()),
            image: AtomicPtr::new(std::ptr::null_mut()),
            image_at: 0,
            yields: AtomicU32::new(0),
            lines: AtomicPtr::new(std::ptr::null_mut()),
            events: AtomicPtr::new(std::ptr::null_mut()),
            handlers: AtomicPtr::new(std::ptr::null_mut()),
            consts: Slot::empty(),
            names: Slot::empty(),
            localsplusnames: Slot::empty(),
            filename: Slot::empty(),
            name: Slot::empty(),
            qualname: Slot::empty(),
        }
    }

    /// Gives the code object its parts, unless another thread was faster with some of them.
    fn publish(
        &self,
        cx: &Thread,
        unit: Arc<CodeUnit>,
        names: &'static Tuple,
        consts: &'static Tuple,
        caches: *mut AtomicPtr<CacheRec>,
    ) {
        let null = std::ptr::null_mut();
        let _ = self.names.compare_exchange(self, None, Some(Value::from_ref(names)));
        let _ = self.consts.compare_exchange(self, None, Some(Value::from_ref(consts)));
        taipan_heap::slot::barrier(&self.caches_at);
        let _ = self.caches_at.compare_exchange(
            std::ptr::null_mut(),
            caches,
            Ordering::AcqRel,
            Ordering::Acquire,
        );
        let first = |t: &Slot| {
            let t = t.value().downcast::<Tuple>().expect("names and constants are tuples");
            t.as_slice().as_ptr().cast_mut()
        };
        // The tuples that these point into are in `names` and `consts`.
        self.names_at.store(first(&self.names), Ordering::Release);
        self.consts_at.store(first(&self.consts), Ordering::Release);
        let unit = Arc::into_raw(unit).cast_mut();
        match self.unit.compare_exchange(null, unit, Ordering::AcqRel, Ordering::Acquire) {
            Ok(_) => {
                cx.mutator.set_native_drop(std::ptr::NonNull::from(&self.head), drop_unit);
            }
            // SAFETY: the count was made above and given to nobody.
            Err(_) => drop(unsafe { Arc::from_raw(unit) }),
        }
        let instrs = self.unit().code.as_ptr().cast_mut();
        self.instrs.store(instrs, Ordering::Release);
    }

    fn image(&self) -> Option<&'static CodeImage> {
        // SAFETY: null or an image that this object keeps alive.
        unsafe { self.image.load(Ordering::Acquire).as_ref() }
    }

    /// The unit. Where it was read from an image it lacks names and constants: those are values here.
    #[inline]
    pub fn unit(&self) -> &CodeUnit {
        // SAFETY: null, or the code object owns one count of the unit.
        match unsafe { self.unit.load(Ordering::Acquire).as_ref() } {
            Some(u) => u,
            None => self.read_unit(),
        }
    }

    #[cold]
    fn read_unit(&self) -> &CodeUnit {
        let cx = Thread::current().expect("whoever has an object is attached");
        image::prepare(cx, self);
        self.unit()
    }

    /// The line of an instruction's address, where that needs nothing to be made: for signal handlers.
    pub fn line_if_known(&self, pc: u64) -> Option<u32> {
        // SAFETY: null, or the code object owns one count of the unit.
        let unit = unsafe { self.unit.load(Ordering::Acquire).as_ref() }?;
        let first = self.instrs.load(Ordering::Acquire) as u64;
        let word = (pc & !3).checked_sub(first)? / 4;
        locations::find(unit, word as usize)?.line
    }

    /// Makes what is still missing: what `PREPARE` does.
    pub fn prepare(&self, cx: &Thread) {
        if self.unit.load(Ordering::Acquire).is_null() {
            image::prepare(cx, self);
        }
    }

    /// Changes the filename, also of the code objects inside.
    pub fn set_filename(&self, path: &Str) {
        self.filename.set(self, Value::from_ref(path));
        if let Some(image) = self.image() {
            image.set_filename(path);
        }
        if self.unit.load(Ordering::Acquire).is_null() {
            return;
        }
        for c in self.consts().as_slice() {
            if let Some(c) = c.downcast_exact::<Code>() {
                c.set_filename(path);
            }
        }
    }

    /// The unit with its names, without constants.
    pub fn named_unit(&self) -> CodeUnit {
        let text = |s: &Slot| -> Arc<str> {
            s.get().and_then(|v| v.downcast::<Str>()).map_or("".into(), |s| s.to_str_lossy().into())
        };
        let texts = |t: &Tuple| -> Vec<Arc<str>> {
            let text =
                |v: &Value| v.downcast::<Str>().map_or("".into(), |s| Arc::from(s.to_str_lossy()));
            t.as_slice().iter().map(text).collect()
        };
        CodeUnit {
            name: text(&self.name),
            qualname: text(&self.qualname),
            filename: text(&self.filename),
            names: texts(self.names()),
            localsplus_names: texts(self.localsplus()),
            consts: Vec::new(),
            ..self.unit().clone()
        }
    }

    #[inline(always)]
    pub fn start(&self) -> Pc {
        Pc(self.instrs.load(Ordering::Acquire))
    }

    #[inline(always)]
    pub fn pc_at(&self, word: usize) -> Pc {
        Pc(self.instrs.load(Ordering::Acquire).wrapping_add(word))
    }

    #[inline(always)]
    pub fn index_of(&self, pc: Pc) -> usize {
        // The frame may be about to read the unit, which another thread may just have done.
        if image::is_unread(pc) {
            return 0;
        }
        (pc.0 as usize - self.instrs.load(Ordering::Acquire) as usize) / 4
    }

    #[inline(always)]
    pub fn constant(&self, i: usize) -> Value {
        debug_assert!(i < self.consts.value().downcast::<Tuple>().map_or(0, |t| t.len()));
        // SAFETY: the compiler makes no index beyond its constants.
        unsafe { *self.consts_at.load(Ordering::Relaxed).add(i) }
    }

    #[inline(always)]
    pub fn name_at(&self, i: usize) -> &'static Str {
        // SAFETY: the compiler makes no index beyond its names, all of which are Str objects.
        unsafe { &*((*self.names_at.load(Ordering::Relaxed).add(i)).bits() as *const Str) }
    }

    /// The cache word of a site.
    #[inline(always)]
    pub fn cache(&self, site: usize) -> &AtomicPtr<CacheRec> {
        // SAFETY: the compiler makes no index beyond its cache sites.
        unsafe { &*self.caches_at.load(Ordering::Relaxed).add(site) }
    }

    /// The name that a cache site looks up.
    #[inline]
    pub fn cache_name(&self, site: usize) -> &'static Str {
        self.name_at(self.unit().caches[site].name as usize)
    }

    /// The protected range that holds the word.
    pub fn find_handler(&self, word: usize) -> Option<&ExceptEntry> {
        let table = &self.unit().except_table;
        if table.is_empty() {
            return None;
        }
        if table.len() >= usize::from(u16::MAX) {
            return self.unit().find_handler(word as u32);
        }
        let p = self.handlers.load(Ordering::Acquire);
        // SAFETY: null or a vector that lives as long as this object.
        let handlers = unsafe { p.as_ref() }.map_or_else(|| self.index_handlers(), Vec::as_slice);
        table.get(usize::from(*handlers.get(word)?).checked_sub(1)?)
    }

    #[cold]
    fn index_handlers(&self) -> &[u16] {
        let unit = self.unit();
        let mut v = vec![0; unit.code.len()];
        for (i, e) in unit.except_table.iter().enumerate() {
            v[e.start as usize..e.end as usize].fill(i as u16 + 1);
        }
        share::<Vec<u16>>(&self.handlers, v)
    }

    pub fn has(&self, flag: u32) -> bool {
        self.flags & flag != 0
    }

    pub fn is_generator_like(&self) -> bool {
        self.has(flags::CO_GENERATOR | flags::CO_COROUTINE | flags::CO_ASYNC_GENERATOR)
    }

    pub fn consts(&self) -> &'static Tuple {
        self.unit();
        self.consts.value().downcast::<Tuple>().expect("co_consts is a tuple")
    }

    pub fn names(&self) -> &'static Tuple {
        self.unit();
        self.names.value().downcast::<Tuple>().expect("co_names is a tuple")
    }

    #[inline]
    pub fn localsplus(&self) -> &'static Tuple {
        match self.localsplusnames.get() {
            Some(v) => v.downcast::<Tuple>().expect("the names are a tuple"),
            None => image::localsplus(
                Thread::current().expect("whoever has an object is attached"),
                self,
            ),
        }
    }

    pub fn qualname_str(&self) -> &'static Str {
        self.qualname.value().downcast::<Str>().expect("co_qualname is a str")
    }

    pub fn filename_str(&self) -> &'static Str {
        self.filename.value().downcast::<Str>().expect("co_filename is a str")
    }

    pub fn name_str(&self) -> &'static Str {
        self.name.value().downcast::<Str>().expect("co_name is a str")
    }

    /// The line of an instruction word; `None`: it has none.
    pub fn line_of(&self, word: usize) -> Option<u32> {
        locations::find(self.unit(), word).and_then(|l| l.line)
    }

    /// What `yield_facts` knows, if it was asked before: the number times four, plus two.
    #[inline(always)]
    pub fn yield_facts_word(&self) -> u32 {
        self.yields.load(Ordering::Relaxed)
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

    /// The lines of the words, and where they start.
    pub fn lines(&self) -> &Lines {
        let p = self.lines.load(Ordering::Acquire);
        // SAFETY: null or a box that lives as long as this object.
        if let Some(v) = unsafe { p.as_ref() } {
            return v;
        }
        let mut v = Vec::with_capacity(self.unit().code.len());
        for l in locations::locations(self.unit()) {
            v.resize(l.end, l.line.map_or(-1, |l| l as i32));
        }
        v.resize(self.unit().code.len(), -1);
        share(&self.lines, Lines::new(self.unit(), v))
    }

    /// What tools want of this code, if one ever wanted something.
    pub fn events(&self) -> Option<&CodeEvents> {
        // SAFETY: null or a box that lives as long as this object.
        unsafe { self.events.load(Ordering::Acquire).as_ref() }
    }

    /// As `events`, made where there is none.
    pub fn make_events(&self) -> &CodeEvents {
        self.events().unwrap_or_else(|| share(&self.events, CodeEvents::default()))
    }

    /// Forgets an inline cache that has become wrong, or fills it for the first time.
    #[inline]
    pub fn set_cache(&self, site: usize, rec: *mut CacheRec) {
        taipan_heap::slot::barrier(self.cache(site));
        self.cache(site).store(rec, Ordering::Release);
    }
}

/// Publishes a table of a code object that has none yet; the one that is there from then on.
fn share<T>(place: &AtomicPtr<T>, table: T) -> &T {
    let new = Box::into_raw(Box::new(table));
    let null = std::ptr::null_mut();
    match place.compare_exchange(null, new, Ordering::AcqRel, Ordering::Acquire) {
        // SAFETY: just made; it lives as long as the code object.
        Ok(_) => unsafe { &*new },
        Err(other) => {
            // SAFETY: `new` was never shared; `other` lives as long as the code object.
            unsafe {
                drop(Box::from_raw(new));
                &*other
            }
        }
    }
}

/// Gives back the unit of a dead code object.
/// # Safety
/// `p` is a Code that nothing uses any more.
unsafe fn drop_unit(p: *mut Head) {
    // SAFETY: by the caller's promise; the object owned one count of the unit, and its tables.
    unsafe {
        let code = &*(p as *const Code);
        drop(Arc::from_raw(code.unit.load(Ordering::Acquire)));
        let lines = code.lines.load(Ordering::Acquire);
        if !lines.is_null() {
            drop(Box::from_raw(lines));
        }
        let handlers = code.handlers.load(Ordering::Acquire);
        if !handlers.is_null() {
            drop(Box::from_raw(handlers));
        }
        let events = code.events.load(Ordering::Acquire);
        if !events.is_null() {
            drop(Box::from_raw(events));
        }
    }
}
