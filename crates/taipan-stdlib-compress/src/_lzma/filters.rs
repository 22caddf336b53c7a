//! Filter chains: dicts from Python to the library's structs, and back. What a chain points to it owns.

use super::{bad_preset, uint32};
use liblzma_sys as x;
use std::ffi::c_void;
use taipan_vm::objects::int;
use taipan_vm::prelude::*;

pub const LZMA1: u64 = x::LZMA_FILTER_LZMA1;
pub const LZMA2: u64 = x::LZMA_FILTER_LZMA2;
pub const DELTA: u64 = x::LZMA_FILTER_DELTA;
/// The most filters of a chain.
const MOST: usize = 4;
/// Ends a chain.
const END: u64 = x::LZMA_VLI_UNKNOWN;

/// `lzma_options_delta`, which the bindings lack.
#[repr(C)]
#[derive(Default)]
struct Delta {
    kind: u32,
    dist: u32,
    reserved_ints: [u32; 4],
    reserved_pointers: [usize; 2],
}

/// The options of one filter, at an address that stays.
enum Options {
    Lzma(Box<x::lzma_options_lzma>),
    Delta(Box<Delta>),
    Branch(Box<x::lzma_options_bcj>),
}

/// A chain as the library reads it.
pub struct Chain {
    filters: Vec<x::lzma_filter>,
    _options: Vec<Options>,
}

/// The options that a preset stands for; `None`: there is no such preset.
pub fn preset(level: u32) -> Option<Box<x::lzma_options_lzma>> {
    // SAFETY: a C struct of integers and pointers, for which zeros are values.
    let mut options: Box<x::lzma_options_lzma> = Box::new(unsafe { std::mem::zeroed() });
    // SAFETY: fills the struct it is given.
    (unsafe { x::lzma_lzma_preset(&mut *options, level) } == 0).then_some(options)
}

/// `spec[name]`, if the mapping has it.
fn entry(cx: &Thread, spec: Value, name: &str) -> Res<Option<Value>> {
    match get_item(cx, spec, Value::from_ref(Str::new(cx, name))) {
        Ok(v) => Ok(Some(v)),
        Err(e) if e.is(exc::KeyError()) => Ok(None),
        Err(e) => Err(e),
    }
}

/// Hands the numbers of a filter's dict to `set`; false: it has other keys, or a value that is no such number.
fn numbers(cx: &Thread, spec: Value, mut set: impl FnMut(&str, u32) -> bool) -> bool {
    let Some(d) = spec.downcast::<Dict>() else { return false };
    d.entries().into_iter().all(|(k, v)| {
        let Some(name) = k.downcast::<Str>().and_then(Str::as_ascii) else { return false };
        matches!(name, "id" | "preset") && set(name, 0) || uint32(cx, v).is_ok_and(|n| set(name, n))
    })
}

fn lzma_options(cx: &Thread, spec: Value) -> Res<Box<x::lzma_options_lzma>> {
    let level = match entry(cx, spec, "preset")? {
        Some(v) => uint32(cx, v)?,
        None => x::LZMA_PRESET_DEFAULT,
    };
    let mut o = preset(level).ok_or_else(|| bad_preset(cx, level))?;
    let known = numbers(cx, spec, |name, n| {
        match name {
            "id" | "preset" => {}
            "dict_size" => o.dict_size = n,
            "lc" => o.lc = n,
            "lp" => o.lp = n,
            "pb" => o.pb = n,
            "mode" => o.mode = n,
            "nice_len" => o.nice_len = n,
            "mf" => o.mf = n,
            "depth" => o.depth = n,
            _ => return false,
        }
        true
    });
    if !known {
        raise!(cx, ValueError, "Invalid filter specifier for LZMA filter");
    }
    Ok(o)
}

/// The one option of the other filters.
fn one_number(cx: &Thread, spec: Value, option: &str, default: u32, kind: &str) -> Res<u32> {
    let mut number = default;
    let known = numbers(cx, spec, |name, n| {
        if name == option {
            number = n;
        }
        name == option || name == "id"
    });
    if !known {
        raise!(cx, ValueError, "Invalid filter specifier for {kind} filter");
    }
    Ok(number)
}

impl Chain {
    /// The chain of a sequence of dicts.
    pub fn parse(cx: &Thread, specs: Value) -> Res<Chain> {
        let n = len(cx, specs)?;
        if n > MOST {
            raise!(cx, ValueError, "Too many filters - liblzma supports a maximum of {MOST}");
        }
        let mut chain = Chain { filters: Vec::new(), _options: Vec::new() };
        for i in 0..n {
            chain.add(cx, get_item(cx, specs, Value::small(i as i64))?)?;
        }
        Ok(chain.ended())
    }

    /// The chain of one filter.
    pub fn one(cx: &Thread, spec: Value) -> Res<Chain> {
        let mut chain = Chain { filters: Vec::new(), _options: Vec::new() };
        chain.add(cx, spec)?;
        Ok(chain.ended())
    }

    fn ended(mut self) -> Chain {
        self.filters.push(x::lzma_filter { id: END, options: std::ptr::null_mut() });
        self
    }

    fn add(&mut self, cx: &Thread, spec: Value) -> Res<()> {
        if spec.ty().slots().getitem.get().is_none() {
            raise!(cx, TypeError, "Filter specifier must be a dict or dict-like object");
        }
        let Some(id) = entry(cx, spec, "id")? else {
            raise!(cx, ValueError, "Filter specifier must have an \"id\" entry");
        };
        let id = super::uint64(cx, id)?;
        let mut options = match id {
            LZMA1 | LZMA2 => Options::Lzma(lzma_options(cx, spec)?),
            DELTA => {
                let dist = one_number(cx, spec, "dist", 1, "delta")?;
                Options::Delta(Box::new(Delta { dist, ..Delta::default() }))
            }
            0x04..=0x09 => {
                let start_offset = one_number(cx, spec, "start_offset", 0, "BCJ")?;
                Options::Branch(Box::new(x::lzma_options_bcj { start_offset }))
            }
            _ => raise!(cx, ValueError, "Invalid filter ID: {id}"),
        };
        let at: *mut c_void = match &mut options {
            Options::Lzma(o) => (&raw mut **o).cast(),
            Options::Delta(o) => (&raw mut **o).cast(),
            Options::Branch(o) => (&raw mut **o).cast(),
        };
        self.filters.push(x::lzma_filter { id, options: at });
        self._options.push(options);
        Ok(())
    }

    pub fn as_ptr(&self) -> *const x::lzma_filter {
        self.filters.as_ptr()
    }

    /// The options, if the chain is a single LZMA1 filter.
    pub fn single_lzma1(&self) -> Option<*const x::lzma_options_lzma> {
        match &self.filters[..] {
            [f, _] if f.id == LZMA1 => Some(f.options.cast_const().cast()),
            _ => None,
        }
    }
}

/// The dict of a filter whose options the library has allocated with malloc; they are freed.
pub fn describe(cx: &Thread, filter: &x::lzma_filter) -> Res {
    let d = Dict::new(cx);
    let put = |name: &str, n: u64| {
        d.set_str(cx, taipan_vm::objects::str::intern(cx, name), int::from_u64(cx, n));
    };
    put("id", filter.id);
    let lzma = filter.options.cast::<x::lzma_options_lzma>();
    // SAFETY: the library has made options of the filter's type, or none where they are the default.
    unsafe {
        match filter.id {
            LZMA1 => {
                put("lc", u64::from((*lzma).lc));
                put("lp", u64::from((*lzma).lp));
                put("pb", u64::from((*lzma).pb));
                put("dict_size", u64::from((*lzma).dict_size));
            }
            LZMA2 => put("dict_size", u64::from((*lzma).dict_size)),
            DELTA => put("dist", u64::from((*filter.options.cast::<Delta>()).dist)),
            0x04..=0x09 => {
                if let Some(o) = filter.options.cast::<x::lzma_options_bcj>().as_ref() {
                    put("start_offset", u64::from(o.start_offset));
                }
            }
            id => raise!(cx, ValueError, "Invalid filter ID: {id}"),
        }
        libc::free(filter.options);
    }
    Ok(Value::from_ref(d))
}

/// A new `LZMAError`.
pub fn error_class(cx: &Thread) -> Res {
    let ns = Dict::new(cx);
    ns.set_str(cx, id!(cx, "__module__"), Value::from_ref(id!(cx, "_lzma")));
    ns.set_str(cx, id!(cx, "__doc__"), Value::from_ref(Str::new(cx, "Call to liblzma failed.")));
    let bases = Tuple::from_slice(cx, &[Value::from_ref(exc::Exception())]);
    let args = [Value::from_ref(id!(cx, "LZMAError")), Value::from_ref(bases), Value::from_ref(ns)];
    call(cx, Value::from_ref(Type::type_object()), &args)
}
