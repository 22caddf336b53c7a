//! Native modules that need nothing beyond the VM, one file or folder each.

pub mod _abc;
pub mod _ast;
pub mod _asyncio;
pub mod _bisect;
pub mod _codecs;
pub mod _collections;
pub mod _contextvars;
pub mod _csv;
pub mod _decimal;
pub mod _functools;
pub mod _heapq;
pub mod _json;
pub mod _lsprof;
pub mod _multibytecodec;
pub mod _opcode;
pub mod _operator;
pub mod _pickle;
pub mod _random;
pub mod _sre;
pub mod _statistics;
pub mod _string;
pub mod _struct;
pub mod _suggestions;
pub mod _symtable;
pub mod _tokenize;
pub mod _typing;
pub mod array;
pub mod binascii;
pub mod cmath;
pub mod itertools;
pub mod math;
mod module_error;
pub mod unicodedata;

use taipan_vm::module_def::ModuleDef;

/// The modules of this crate.
pub static MODULES: &[&ModuleDef] = &[
    &_abc::MODULE,
    &_ast::MODULE,
    &_asyncio::MODULE,
    &_bisect::MODULE,
    &_codecs::MODULE,
    &_collections::MODULE,
    &_contextvars::MODULE,
    &_csv::MODULE,
    &_decimal::MODULE,
    &_functools::MODULE,
    &_heapq::MODULE,
    &_opcode::MODULE,
    &_json::MODULE,
    &_lsprof::MODULE,
    &_multibytecodec::MODULE,
    &_multibytecodec::cn::MODULE,
    &_multibytecodec::hk::MODULE,
    &_multibytecodec::iso::MODULE,
    &_multibytecodec::jp::MODULE,
    &_multibytecodec::kr::MODULE,
    &_multibytecodec::tw::MODULE,
    &_operator::MODULE,
    &_pickle::MODULE,
    &_random::MODULE,
    &_sre::MODULE,
    &_statistics::MODULE,
    &_string::MODULE,
    &_struct::MODULE,
    &_suggestions::MODULE,
    &_symtable::MODULE,
    &_tokenize::MODULE,
    &_typing::MODULE,
    &array::MODULE,
    &binascii::MODULE,
    &cmath::MODULE,
    &itertools::MODULE,
    &math::MODULE,
    &unicodedata::MODULE,
];
