//! What the compiler hands to the virtual machine: a tree of code units, plain data without any runtime value.
//!
//! Register file of a frame, in order: the namespace (only in code that is not `CO_OPTIMIZED`: register 0), then
//! `localsplus` (arguments, other locals, cells, free variables), then temporaries. So the register of
//! `localsplus[i]` is `local_base() + i`.

use std::sync::Arc;

/// CPython's `co_flags` bits.
pub mod flags {
    pub const CO_OPTIMIZED: u32 = 0x0001;
    pub const CO_NEWLOCALS: u32 = 0x0002;
    pub const CO_VARARGS: u32 = 0x0004;
    pub const CO_VARKEYWORDS: u32 = 0x0008;
    pub const CO_NESTED: u32 = 0x0010;
    pub const CO_GENERATOR: u32 = 0x0020;
    pub const CO_COROUTINE: u32 = 0x0080;
    pub const CO_ITERABLE_COROUTINE: u32 = 0x0100;
    pub const CO_ASYNC_GENERATOR: u32 = 0x0200;
    pub const CO_FUTURE_DIVISION: u32 = 0x2_0000;
    pub const CO_FUTURE_ABSOLUTE_IMPORT: u32 = 0x4_0000;
    pub const CO_FUTURE_WITH_STATEMENT: u32 = 0x8_0000;
    pub const CO_FUTURE_PRINT_FUNCTION: u32 = 0x10_0000;
    pub const CO_FUTURE_UNICODE_LITERALS: u32 = 0x20_0000;
    pub const CO_FUTURE_BARRY_AS_BDFL: u32 = 0x40_0000;
    pub const CO_FUTURE_GENERATOR_STOP: u32 = 0x80_0000;
    pub const CO_FUTURE_ANNOTATIONS: u32 = 0x100_0000;
    pub const CO_NO_MONITORING_EVENTS: u32 = 0x200_0000;
    /// All `__future__` bits.
    pub const PY_CF_MASK: u32 = 0x1fe_0000;
}

/// Kind bits of a `localsplus` entry, CPython's values.
pub mod local_kind {
    pub const CO_FAST_HIDDEN: u8 = 0x10;
    pub const CO_FAST_LOCAL: u8 = 0x20;
    pub const CO_FAST_CELL: u8 = 0x40;
    pub const CO_FAST_FREE: u8 = 0x80;
}

/// A constant. Equality is by type and bits (`0.0 != -0.0`, `1 != True`): it is what merges constants.
#[derive(Clone, Debug)]
pub enum Const {
    None,
    True,
    False,
    Ellipsis,
    Int(i64),
    /// Lower-case hexadecimal digits with an optional minus sign (`-1f00...`), outside the `i64` range.
    BigInt(Arc<str>),
    Float(f64),
    Complex(f64, f64),
    /// Generalised UTF-8: lone surrogates are allowed.
    Str(Arc<[u8]>),
    Bytes(Arc<[u8]>),
    Tuple(Arc<[Const]>),
    FrozenSet(Arc<[Const]>),
    Code(Arc<CodeUnit>),
}

/// What an inline cache serves.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum CacheKind {
    Name,
    StoreName,
    Global,
    StoreGlobal,
    Attr,
    StoreAttr,
    Method,
    SuperAttr,
}

impl CacheKind {
    /// The kind of this number.
    pub fn from_byte(b: u8) -> Option<CacheKind> {
        use CacheKind::*;
        let all = [Name, StoreName, Global, StoreGlobal, Attr, StoreAttr, Method, SuperAttr];
        all.get(usize::from(b)).copied()
    }
}

/// One inline cache: which name it looks up, for which kind of access.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct CacheSite {
    /// Index into `names`.
    pub name: u32,
    pub kind: CacheKind,
}

/// One range of the exception table: words `start..end` are protected by `handler`. Ranges are sorted and do
/// not overlap, so that at most one entry holds a pc. On entry the exception is put into register `exc_reg`, and with
/// `lasti` the word index of the instruction that raised, as an int, into the register after it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ExceptEntry {
    pub start: u32,
    pub end: u32,
    pub handler: u32,
    pub exc_reg: u16,
    pub lasti: bool,
}

/// A code object's content.
#[derive(Clone, Debug)]
pub struct CodeUnit {
    pub name: Arc<str>,
    pub qualname: Arc<str>,
    pub filename: Arc<str>,
    pub firstlineno: u32,
    pub flags: u32,
    pub argcount: u32,
    pub posonlyargcount: u32,
    pub kwonlyargcount: u32,
    pub localsplus_names: Vec<Arc<str>>,
    /// Bits of `local_kind`, one byte a name.
    pub localsplus_kinds: Vec<u8>,
    pub consts: Vec<Const>,
    pub names: Vec<Arc<str>>,
    pub code: Vec<u32>,
    pub caches: Vec<CacheSite>,
    pub except_table: Vec<ExceptEntry>,
    /// CPython's location table format, counted in code words.
    pub linetable: Vec<u8>,
    /// Registers of a frame: all of the above and the largest outgoing call area (callee's own registers excluded).
    pub nregs: u32,
}

impl CodeUnit {
    /// The register of `localsplus[0]`: 1 where register 0 holds the namespace.
    pub fn local_base(&self) -> usize {
        (self.flags & flags::CO_OPTIMIZED == 0) as usize
    }

    /// Number of `localsplus` entries.
    pub fn nlocalsplus(&self) -> usize {
        self.localsplus_kinds.len()
    }

    fn count_kind(&self, kind: u8) -> usize {
        self.localsplus_kinds.iter().filter(|k| **k & kind != 0).count()
    }

    /// CPython's `co_nlocals`: entries that are locals, captured or not.
    pub fn nlocals(&self) -> usize {
        self.count_kind(local_kind::CO_FAST_LOCAL)
    }

    /// Number of cell variables.
    pub fn ncellvars(&self) -> usize {
        self.count_kind(local_kind::CO_FAST_CELL)
    }

    /// Number of free variables; they are the last entries.
    pub fn nfreevars(&self) -> usize {
        self.count_kind(local_kind::CO_FAST_FREE)
    }

    /// The protected range that holds the word `pc`.
    pub fn find_handler(&self, pc: u32) -> Option<&ExceptEntry> {
        let at = self.except_table.partition_point(|e| e.end <= pc);
        self.except_table.get(at).filter(|e| e.start <= pc)
    }
}

impl Const {
    /// A string constant.
    pub fn str(text: &str) -> Const {
        Const::Str(text.as_bytes().into())
    }
}

impl PartialEq for Const {
    fn eq(&self, other: &Const) -> bool {
        use Const::*;
        match (self, other) {
            (None, None) | (True, True) | (False, False) | (Ellipsis, Ellipsis) => true,
            (Int(a), Int(b)) => a == b,
            (BigInt(a), BigInt(b)) => a == b,
            (Float(a), Float(b)) => a.to_bits() == b.to_bits(),
            (Complex(a, b), Complex(c, d)) => {
                a.to_bits() == c.to_bits() && b.to_bits() == d.to_bits()
            }
            (Str(a), Str(b)) | (Bytes(a), Bytes(b)) => a == b,
            (Tuple(a), Tuple(b)) | (FrozenSet(a), FrozenSet(b)) => a == b,
            (Code(a), Code(b)) => Arc::ptr_eq(a, b),
            _ => false,
        }
    }
}

impl Eq for Const {}

impl std::hash::Hash for Const {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        use Const::*;
        std::mem::discriminant(self).hash(state);
        match self {
            None | True | False | Ellipsis => {}
            Int(v) => v.hash(state),
            BigInt(v) => v.hash(state),
            Float(v) => v.to_bits().hash(state),
            Complex(re, im) => (re.to_bits(), im.to_bits()).hash(state),
            Str(v) | Bytes(v) => v.hash(state),
            Tuple(v) | FrozenSet(v) => v.hash(state),
            Code(v) => Arc::as_ptr(v).hash(state),
        }
    }
}
