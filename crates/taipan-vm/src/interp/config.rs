//! The start-up configuration: command line and environment as the VM sees them.

/// What `sys.flags` and start-up need. Filled by the `taipan` executable.
#[derive(Clone, Debug, Default)]
pub struct Config {
    pub argv: Vec<std::ffi::OsString>,
    pub orig_argv: Vec<std::ffi::OsString>,
    pub executable: std::path::PathBuf,
    /// `sys._base_executable`: outside a virtual environment the same.
    pub base_executable: std::path::PathBuf,
    /// The initial `sys.path`.
    pub module_path: Vec<std::path::PathBuf>,
    /// Where `lib/python3.13t` lies.
    pub base_prefix: std::path::PathBuf,
    pub prefix: std::path::PathBuf,
    pub stdlib: std::path::PathBuf,
    pub debug: u8,
    pub inspect: bool,
    pub interactive: bool,
    pub optimize: u8,
    pub dont_write_bytecode: bool,
    pub no_user_site: bool,
    pub no_site: bool,
    pub ignore_environment: bool,
    pub verbose: u8,
    pub bytes_warning: u8,
    pub quiet: bool,
    pub hash_seed: Option<u32>,
    pub isolated: bool,
    pub dev_mode: bool,
    pub utf8_mode: bool,
    /// The character set is that of the C locale: neither coerced (PEP 538) nor UTF-8 mode.
    pub ascii: bool,
    /// `-X importtime`.
    pub import_time: bool,
    /// The standard streams keep bytes that are no text.
    pub lenient_streams: bool,
    /// `-X gil`; None: not said, which is off.
    pub gil: Option<bool>,
    /// `-X cpu_count`; below zero: what there are.
    pub cpu_count: i64,
    pub warn_default_encoding: bool,
    /// Code objects tell lines only.
    pub no_debug_ranges: bool,
    pub safe_path: bool,
    pub unbuffered: bool,
    pub warn_options: Vec<String>,
    pub xoptions: Vec<(String, Option<String>)>,
    pub int_max_str_digits: Option<u32>,
    pub check_hash_pycs: Option<String>,
    pub pycache_prefix: Option<String>,
    pub skip_source_first_line: bool,
    pub python_path: Vec<String>,
}
