//! The constants of `sys`.

use crate::interp::config::Config;
use crate::objects::structseq::StructSeq;
use crate::prelude::*;

pub const VERSION: &str = "3.13.5";

static VERSION_INFO: StructSeq = StructSeq::sealed(
    "sys",
    "version_info",
    "",
    &["major", "minor", "micro", "releaselevel", "serial"],
    5,
);
static FLAGS: StructSeq = StructSeq::sealed(
    "sys",
    "flags",
    "",
    &[
        "debug",
        "inspect",
        "interactive",
        "optimize",
        "dont_write_bytecode",
        "no_user_site",
        "no_site",
        "ignore_environment",
        "verbose",
        "bytes_warning",
        "quiet",
        "hash_randomization",
        "isolated",
        "dev_mode",
        "utf8_mode",
        "warn_default_encoding",
        "safe_path",
        "int_max_str_digits",
        "gil",
    ],
    18,
);
static FLOAT_INFO: StructSeq = StructSeq::new(
    "sys",
    "float_info",
    "",
    &[
        "max",
        "max_exp",
        "max_10_exp",
        "min",
        "min_exp",
        "min_10_exp",
        "dig",
        "mant_dig",
        "epsilon",
        "radix",
        "rounds",
    ],
    11,
);
static INT_INFO: StructSeq = StructSeq::new(
    "sys",
    "int_info",
    "",
    &["bits_per_digit", "sizeof_digit", "default_max_str_digits", "str_digits_check_threshold"],
    4,
);
static HASH_INFO: StructSeq = StructSeq::new(
    "sys",
    "hash_info",
    "",
    &["width", "modulus", "inf", "nan", "imag", "algorithm", "hash_bits", "seed_bits", "cutoff"],
    9,
);
static THREAD_INFO: StructSeq =
    StructSeq::new("sys", "thread_info", "", &["name", "lock", "version"], 3);
pub static ASYNCGEN_HOOKS: StructSeq =
    StructSeq::new("sys", "asyncgen_hooks", "", &["firstiter", "finalizer"], 2);

fn path_value(cx: &Thread, p: &std::path::Path) -> Value {
    os_value(cx, p.as_os_str())
}

/// File-system text: UTF-8, other bytes as surrogates (PEP 383).
pub fn os_value(cx: &Thread, s: &std::ffi::OsStr) -> Value {
    use std::os::unix::ffi::OsStrExt;
    let mut out = Vec::new();
    let mut rest = s.as_bytes();
    if super::ascii(cx) {
        out.extend(rest.iter().map(|b| *b as u32 + if *b < 0x80 { 0 } else { 0xDC00 }));
        rest = &[];
    }
    loop {
        match std::str::from_utf8(rest) {
            Ok(t) => {
                out.extend(t.chars().map(|c| c as u32));
                break;
            }
            Err(e) => {
                let (good, bad) = rest.split_at(e.valid_up_to());
                out.extend(String::from_utf8_lossy(good).chars().map(|c| c as u32));
                out.push(0xDC00 + bad[0] as u32);
                rest = &bad[1..];
            }
        }
    }
    Value::from_ref(Str::from_ucs4(cx, &out))
}

fn version_text() -> String {
    format!(
        "{VERSION} experimental free-threading build (main, Nov 23 2026, 00:00:00) [Taipan {}]",
        env!("CARGO_PKG_VERSION")
    )
}

fn version_info(cx: &Thread) -> Value {
    let n = Value::small;
    VERSION_INFO.make(cx, &[n(3), n(13), n(5), Value::from_ref(id!(cx, "final")), n(0)])
}

fn flags(cx: &Thread, c: &Config) -> Value {
    let n = |v: i64| Value::small(v);
    let b = |v: bool| Value::small(v as i64);
    let digits = c.int_max_str_digits.map_or(-1, |d| d as i64);
    FLAGS.make(
        cx,
        &[
            n(c.debug as i64),
            b(c.inspect),
            b(c.interactive),
            n(c.optimize as i64),
            b(c.dont_write_bytecode),
            b(c.no_user_site),
            b(c.no_site),
            b(c.ignore_environment),
            n(c.verbose as i64),
            n(c.bytes_warning as i64),
            b(c.quiet),
            b(c.hash_seed != Some(0)),
            b(c.isolated),
            py_bool(c.dev_mode),
            b(c.utf8_mode),
            b(c.warn_default_encoding),
            py_bool(c.safe_path),
            n(if digits == -1 { 4300 } else { digits }),
            c.gil.map_or(none(), |on| n(i64::from(on))),
        ],
    )
}

fn list_of(cx: &Thread, items: impl IntoIterator<Item = Value>) -> Value {
    let v: GcVec<Value> = items.into_iter().collect();
    Value::from_ref(List::from_slice(cx, &v))
}

pub fn exec(cx: &Thread, m: &Module) -> Res<()> {
    let default = Config::default();
    let c = cx.vm.config.get().unwrap_or(&default);
    let n = Value::small;
    let s = |t: &str| Value::from_ref(Str::new(cx, t));
    m.add(cx, "version", s(&version_text()));
    m.add(cx, "version_info", version_info(cx));
    m.add_int(cx, "hexversion", 0x030D05F0);
    m.add_int(cx, "api_version", 1013);
    m.add(cx, "copyright", s("Copyright (c) the Taipan authors.\n\nThe standard library: Copyright (c) 2001 Python Software Foundation.\nAll Rights Reserved."));
    let monitoring = Module::new(cx, "sys.monitoring");
    monitoring.fill(cx, &super::monitoring::MODULE)?;
    m.add(cx, "monitoring", Value::from_ref(monitoring));
    m.add(cx, "platform", s("linux"));
    m.add(cx, "byteorder", s("little"));
    m.add(cx, "abiflags", s("t"));
    m.add(cx, "maxsize", int_from_i128(cx, i64::MAX as i128));
    m.add_int(cx, "maxunicode", 0x10FFFF);
    m.add(cx, "platlibdir", s("lib"));
    m.add(cx, "float_repr_style", s("short"));
    m.add(cx, "_framework", s(""));
    m.add(cx, "_git", Value::from_ref(Tuple::from_slice(cx, &[s("Taipan"), s(""), s("")])));
    m.add(cx, "executable", path_value(cx, &c.executable));
    m.add(cx, "_base_executable", path_value(cx, &c.base_executable));
    for k in ["prefix", "exec_prefix"] {
        m.add(cx, k, path_value(cx, &c.prefix));
    }
    for k in ["base_prefix", "base_exec_prefix"] {
        m.add(cx, k, path_value(cx, &c.base_prefix));
    }
    m.add(cx, "_stdlib_dir", path_value(cx, &c.stdlib));
    m.add(cx, "argv", list_of(cx, c.argv.iter().map(|a| os_value(cx, a))));
    m.add(cx, "orig_argv", list_of(cx, c.orig_argv.iter().map(|a| os_value(cx, a))));
    m.add(cx, "path", list_of(cx, c.module_path.iter().map(|p| path_value(cx, p))));
    for k in ["meta_path", "path_hooks"] {
        m.add(cx, k, Value::from_ref(List::new(cx)));
    }
    m.add(cx, "path_importer_cache", Value::from_ref(Dict::new(cx)));
    m.add(cx, "flags", flags(cx, c));
    m.add(cx, "warnoptions", list_of(cx, c.warn_options.iter().map(|w| s(w))));
    let x = Dict::new(cx);
    for (k, v) in &c.xoptions {
        let v = v.as_deref().map_or(py_bool(true), s);
        x.set(cx, s(k), v)?;
    }
    m.add(cx, "_xoptions", Value::from_ref(x));
    m.add(cx, "dont_write_bytecode", py_bool(c.dont_write_bytecode));
    m.add(cx, "pycache_prefix", c.pycache_prefix.as_deref().map_or(none(), s));
    let f = Value::from_f64;
    m.add(
        cx,
        "float_info",
        FLOAT_INFO.make(
            cx,
            &[
                f(f64::MAX),
                n(1024),
                n(308),
                f(f64::MIN_POSITIVE),
                n(-1021),
                n(-307),
                n(15),
                n(53),
                f(f64::EPSILON),
                n(2),
                n(1),
            ],
        ),
    );
    m.add(cx, "int_info", INT_INFO.make(cx, &[n(30), n(4), n(4300), n(640)]));
    m.add(
        cx,
        "hash_info",
        HASH_INFO.make(
            cx,
            &[
                n(64),
                int_from_i128(cx, (1 << 61) - 1),
                n(314159),
                n(0),
                n(1000003),
                s("siphash13"),
                n(64),
                n(128),
                n(0),
            ],
        ),
    );
    m.add(cx, "thread_info", THREAD_INFO.make(cx, &[s("pthread"), s("semaphore"), none()]));
    let names: GcVec<Value> = super::super::imp::builtin_names(cx).iter().map(|t| s(t)).collect();
    m.add(cx, "builtin_module_names", Value::from_ref(Tuple::from_slice(cx, &names)));
    let names: GcVec<Value> = STDLIB_NAMES.split_whitespace().map(s).collect();
    let t = Value::from_ref(Tuple::from_slice(cx, &names));
    let fs = cx.vm.builtins_dict().get_str(cx, id!(cx, "frozenset")).unwrap_or(none());
    m.add(cx, "stdlib_module_names", call(cx, fs, &[t])?);
    let d = m.dict();
    for (plain, kept) in [
        ("excepthook", "__excepthook__"),
        ("displayhook", "__displayhook__"),
        ("unraisablehook", "__unraisablehook__"),
        ("breakpointhook", "__breakpointhook__"),
    ] {
        if let Some(v) = d.get_str(cx, crate::objects::str::intern(cx, plain)) {
            m.add(cx, kept, v);
        }
    }
    implementation(cx, m)
}

/// `sys.implementation`: a SimpleNamespace.
fn implementation(cx: &Thread, m: &Module) -> Res<()> {
    let kw = Dict::new(cx);
    let s = |t: &str| Value::from_ref(Str::new(cx, t));
    kw.set_str(cx, id!(cx, "name"), s("cpython"));
    kw.set_str(cx, id!(cx, "cache_tag"), s("taipan-313"));
    kw.set_str(cx, id!(cx, "version"), version_info(cx));
    kw.set_str(cx, id!(cx, "hexversion"), Value::small(0x030D05F0));
    kw.set_str(cx, id!(cx, "_multiarch"), s("x86_64-linux-gnu"));
    kw.set_str(cx, id!(cx, "supports_isolated_interpreters"), py_bool(false));
    let ns = crate::types::ready::ready::<crate::objects::namespace::SimpleNamespace>(cx);
    let v = call_dict(cx, Value::from_ref(ns), &[], Some(kw))?;
    m.add(cx, "implementation", v);
    Ok(())
}

/// Top-level names of the standard library (`sys.stdlib_module_names` of CPython 3.13).
const STDLIB_NAMES: &str = include_str!("stdlib_names.txt");
