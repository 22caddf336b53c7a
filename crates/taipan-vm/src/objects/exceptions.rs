//! The exception hierarchy: `BaseException` and its structs, one table of all builtin classes.
//!
//! Layouts are CPython's (design/cabi.md section 1): BaseException 88 bytes, StopIteration value
//! at 88, and so on. Groups live in `exception_group.rs`.

use super::object::Object;
use crate::call::{GetSetRow, MethodRow};
use crate::prelude::*;
use crate::types::NativeMethods;
use crate::types::layout::NativeType;
use crate::types::slots::Slots;
use std::sync::atomic::{AtomicBool, Ordering};

/// CPython's PyBaseExceptionObject, without its `dict` word's role: attributes are in the pre-header.
#[repr(C)]
pub struct BaseException {
    pub head: Head,
    pub dict: Slot,
    pub args: Slot,
    pub notes: Slot,
    pub traceback: Slot,
    pub context: Slot,
    pub cause: Slot,
    pub suppress_context: AtomicBool,
    /// Fields of the subclasses: see `field`.
    pub extra: [Slot; 8],
}

const _: () = {
    assert!(std::mem::offset_of!(BaseException, args) == 40);
    assert!(std::mem::offset_of!(BaseException, traceback) == 56);
    assert!(std::mem::offset_of!(BaseException, suppress_context) == 80);
    assert!(std::mem::offset_of!(BaseException, extra) == 88);
};

/// Indexes into `BaseException::extra`.
pub mod field {
    /// StopIteration.value, SystemExit.code.
    pub const VALUE: usize = 0;
    /// AttributeError.obj / name; NameError.name.
    pub const ATTR_OBJ: usize = 0;
    pub const ATTR_NAME: usize = 1;
    pub const NAME_NAME: usize = 0;
    /// ImportError.
    pub const IMPORT_MSG: usize = 0;
    pub const IMPORT_NAME: usize = 1;
    pub const IMPORT_PATH: usize = 2;
    pub const IMPORT_NAME_FROM: usize = 3;
    /// OSError.
    pub const OS_ERRNO: usize = 0;
    pub const OS_STRERROR: usize = 1;
    pub const OS_FILENAME: usize = 2;
    pub const OS_FILENAME2: usize = 3;
    pub const OS_WRITTEN: usize = 4;
    /// SyntaxError.
    pub const SYN_MSG: usize = 0;
    pub const SYN_FILENAME: usize = 1;
    pub const SYN_LINENO: usize = 2;
    pub const SYN_OFFSET: usize = 3;
    pub const SYN_TEXT: usize = 4;
    pub const SYN_END_LINENO: usize = 5;
    pub const SYN_END_OFFSET: usize = 6;
    pub const SYN_PRINT: usize = 7;
    /// Unicode errors.
    pub const UNI_ENCODING: usize = 0;
    pub const UNI_OBJECT: usize = 1;
    pub const UNI_START: usize = 2;
    pub const UNI_END: usize = 3;
    pub const UNI_REASON: usize = 4;
    /// BaseExceptionGroup.
    pub const GROUP_MSG: usize = 0;
    pub const GROUP_EXCS: usize = 1;
}

// SAFETY: BaseException is repr(C) and starts with a Head.
unsafe impl HeapObject for BaseException {}

impl crate::types::PyType for BaseException {
    const NAME: &'static str = "BaseException";
    const FAST: u64 = tpflags::BASE_EXC_SUBCLASS;

    fn type_object() -> &'static Type {
        exc::BaseException()
    }

    fn native() -> &'static NativeType {
        &table::BaseException::NATIVE
    }
}

impl BaseException {
    pub fn args(&self) -> &'static Tuple {
        self.args.value().downcast::<Tuple>().expect("args is always a tuple")
    }

    pub fn field(&self, i: usize) -> Option<Value> {
        self.extra[i].get()
    }

    pub fn field_or_none(&self, i: usize) -> Value {
        self.extra[i].get().unwrap_or(none())
    }

    pub fn set_field(&self, i: usize, v: Value) {
        self.extra[i].set(self, v);
    }
}

/// The struct of a raised exception.
pub fn of(v: Value) -> &'static BaseException {
    v.downcast::<BaseException>().expect("only exceptions are raised")
}

macro_rules! exceptions {
    ($($name:ident, $st:ident, $base:ident, $methods:ident, $doc:literal;)*) => {
        /// The builtin exception classes: `exc::TypeError()`.
        #[allow(non_snake_case)]
        pub mod exc {
            use super::*;
            $(#[inline(always)] pub fn $name() -> &'static Type { &table::$name::TYPE })*
        }

        #[allow(non_snake_case)]
        mod table {
            use super::*;
            $(pub mod $name {
                use super::*;
                // SAFETY: the symbol is ours alone (CPython's `PyExc_` symbols are variables).
                #[unsafe(export_name = concat!("_", stringify!($st)))]
                pub static TYPE: Type = Type::new_static(
                    match std::ffi::CStr::from_bytes_with_nul(concat!(stringify!($name), "\0").as_bytes()) {
                        Ok(s) => s,
                        Err(_) => panic!("no NUL inside"),
                    },
                    size_of::<super::super::BaseException>(), 0,
                    tpflags::BASETYPE | tpflags::BASE_EXC_SUBCLASS,
                );
                pub static NATIVE: NativeType = NativeType {
                    name: stringify!($name),
                    module: "builtins",
                    doc: Some($doc),
                    basicsize: size_of::<super::super::BaseException>(),
                    itemsize: 0,
                    flags: tpflags::BASETYPE | tpflags::BASE_EXC_SUBCLASS,
                    kind: Kind::Scan,
                    has_dict: true,
                    has_weakref: false,
                    base: || base_of(stringify!($name), stringify!($base)),
                    methods: <$methods as NativeMethods>::METHODS,
                    getset: <$methods as NativeMethods>::GETSET,
                    fill: <$methods as NativeMethods>::fill,
                };
            })*
            pub static ALL: &[(&str, &Type, &NativeType)] =
                &[$((stringify!($name), &$name::TYPE, &$name::NATIVE),)*];
        }
    };
}

fn base_of(name: &str, base: &str) -> &'static Type {
    if name == "BaseException" {
        return Object::type_object();
    }
    table::ALL
        .iter()
        .find(|(n, ..)| *n == base)
        .map(|(_, t, _)| *t)
        .expect("bases are in the table")
}

/// A class without methods of its own.
struct Plain;
impl NativeMethods for Plain {
    const METHODS: &'static [MethodRow] = &[];
    const GETSET: &'static [GetSetRow] = &[];
    fn fill(_: &Slots) {}
}

use super::exception_group::{ExcGroupMethods, GroupMethods};
use BaseExceptionMethods as BaseM;

exceptions! {
    BaseException, PyExc_BaseException_T, Object, BaseM, "Common base class for all exceptions";
    BaseExceptionGroup, PyExc_BaseExceptionGroup_T, BaseException, GroupMethods, "A combination of multiple unrelated exceptions.";
    Exception, PyExc_Exception_T, BaseException, Plain, "Common base class for all non-exit exceptions.";
    GeneratorExit, PyExc_GeneratorExit_T, BaseException, Plain, "Request that a generator exit.";
    KeyboardInterrupt, PyExc_KeyboardInterrupt_T, BaseException, Plain, "Program interrupted by user.";
    SystemExit, PyExc_SystemExit_T, BaseException, SystemExitMethods, "Request to exit from the interpreter.";
    ExceptionGroup, PyExc_ExceptionGroup_T, BaseExceptionGroup, ExcGroupMethods, "A combination of multiple unrelated exceptions.";
    ArithmeticError, PyExc_ArithmeticError_T, Exception, Plain, "Base class for arithmetic errors.";
    FloatingPointError, PyExc_FloatingPointError_T, ArithmeticError, Plain, "Floating-point operation failed.";
    OverflowError, PyExc_OverflowError_T, ArithmeticError, Plain, "Result too large to be represented.";
    ZeroDivisionError, PyExc_ZeroDivisionError_T, ArithmeticError, Plain, "Second argument to a division or modulo operation was zero.";
    AssertionError, PyExc_AssertionError_T, Exception, Plain, "Assertion failed.";
    AttributeError, PyExc_AttributeError_T, Exception, AttributeErrorMethods, "Attribute not found.";
    BufferError, PyExc_BufferError_T, Exception, Plain, "Buffer error.";
    EOFError, PyExc_EOFError_T, Exception, Plain, "Read beyond end of file.";
    ImportError, PyExc_ImportError_T, Exception, ImportErrorMethods, "Import can't find module, or can't find name in module.";
    ModuleNotFoundError, PyExc_ModuleNotFoundError_T, ImportError, Plain, "Module not found.";
    LookupError, PyExc_LookupError_T, Exception, Plain, "Base class for lookup errors.";
    IndexError, PyExc_IndexError_T, LookupError, Plain, "Sequence index out of range.";
    KeyError, PyExc_KeyError_T, LookupError, KeyErrorMethods, "Mapping key not found.";
    MemoryError, PyExc_MemoryError_T, Exception, Plain, "Out of memory.";
    NameError, PyExc_NameError_T, Exception, NameErrorMethods, "Name not found globally.";
    UnboundLocalError, PyExc_UnboundLocalError_T, NameError, Plain, "Local name referenced but not bound to a value.";
    OSError, PyExc_OSError_T, Exception, OSErrorMethods, "Base class for I/O related errors.";
    BlockingIOError, PyExc_BlockingIOError_T, OSError, Plain, "I/O operation would block.";
    ChildProcessError, PyExc_ChildProcessError_T, OSError, Plain, "Child process error.";
    ConnectionError, PyExc_ConnectionError_T, OSError, Plain, "Connection error.";
    BrokenPipeError, PyExc_BrokenPipeError_T, ConnectionError, Plain, "Broken pipe.";
    ConnectionAbortedError, PyExc_ConnectionAbortedError_T, ConnectionError, Plain, "Connection aborted.";
    ConnectionRefusedError, PyExc_ConnectionRefusedError_T, ConnectionError, Plain, "Connection refused.";
    ConnectionResetError, PyExc_ConnectionResetError_T, ConnectionError, Plain, "Connection reset.";
    FileExistsError, PyExc_FileExistsError_T, OSError, Plain, "File already exists.";
    FileNotFoundError, PyExc_FileNotFoundError_T, OSError, Plain, "File not found.";
    InterruptedError, PyExc_InterruptedError_T, OSError, Plain, "Interrupted by signal.";
    IsADirectoryError, PyExc_IsADirectoryError_T, OSError, Plain, "Operation doesn't work on directories.";
    NotADirectoryError, PyExc_NotADirectoryError_T, OSError, Plain, "Operation only works on directories.";
    PermissionError, PyExc_PermissionError_T, OSError, Plain, "Not enough permissions.";
    ProcessLookupError, PyExc_ProcessLookupError_T, OSError, Plain, "Process not found.";
    TimeoutError, PyExc_TimeoutError_T, OSError, Plain, "Timeout expired.";
    ReferenceError, PyExc_ReferenceError_T, Exception, Plain, "Weak ref proxy used after referent went away.";
    RuntimeError, PyExc_RuntimeError_T, Exception, Plain, "Unspecified run-time error.";
    NotImplementedError, PyExc_NotImplementedError_T, RuntimeError, Plain, "Method or function hasn't been implemented yet.";
    PythonFinalizationError, PyExc_PythonFinalizationError_T, RuntimeError, Plain, "Operation blocked during Python finalization.";
    RecursionError, PyExc_RecursionError_T, RuntimeError, Plain, "Recursion limit exceeded.";
    StopAsyncIteration, PyExc_StopAsyncIteration_T, Exception, Plain, "Signal the end from iterator.__anext__().";
    StopIteration, PyExc_StopIteration_T, Exception, StopIterationMethods, "Signal the end from iterator.__next__().";
    SyntaxError, PyExc_SyntaxError_T, Exception, SyntaxErrorMethods, "Invalid syntax.";
    _IncompleteInputError, PyExc__IncompleteInputError_T, SyntaxError, Plain, "incomplete input.";
    IndentationError, PyExc_IndentationError_T, SyntaxError, Plain, "Improper indentation.";
    TabError, PyExc_TabError_T, IndentationError, Plain, "Improper mixture of spaces and tabs.";
    SystemError, PyExc_SystemError_T, Exception, Plain, "Internal error in the Python interpreter.\n\nPlease report this to the Python maintainer, along with the traceback,\nthe Python version, and the hardware/OS platform and version.";
    TypeError, PyExc_TypeError_T, Exception, Plain, "Inappropriate argument type.";
    ValueError, PyExc_ValueError_T, Exception, Plain, "Inappropriate argument value (of correct type).";
    UnicodeError, PyExc_UnicodeError_T, ValueError, Plain, "Unicode related error.";
    UnicodeDecodeError, PyExc_UnicodeDecodeError_T, UnicodeError, UnicodeDecodeMethods, "Unicode decoding error.";
    UnicodeEncodeError, PyExc_UnicodeEncodeError_T, UnicodeError, UnicodeEncodeMethods, "Unicode encoding error.";
    UnicodeTranslateError, PyExc_UnicodeTranslateError_T, UnicodeError, UnicodeTranslateMethods, "Unicode translation error.";
    Warning, PyExc_Warning_T, Exception, Plain, "Base class for warning categories.";
    BytesWarning, PyExc_BytesWarning_T, Warning, Plain, "Base class for warnings about bytes and buffer related problems, mostly\nrelated to conversion from str or comparing to str.";
    DeprecationWarning, PyExc_DeprecationWarning_T, Warning, Plain, "Base class for warnings about deprecated features.";
    EncodingWarning, PyExc_EncodingWarning_T, Warning, Plain, "Base class for warnings about encodings.";
    FutureWarning, PyExc_FutureWarning_T, Warning, Plain, "Base class for warnings about constructs that will change semantically\nin the future.";
    ImportWarning, PyExc_ImportWarning_T, Warning, Plain, "Base class for warnings about probable mistakes in module imports";
    PendingDeprecationWarning, PyExc_PendingDeprecationWarning_T, Warning, Plain, "Base class for warnings about features which will be deprecated\nin the future.";
    ResourceWarning, PyExc_ResourceWarning_T, Warning, Plain, "Base class for warnings about resource usage.";
    RuntimeWarning, PyExc_RuntimeWarning_T, Warning, Plain, "Base class for warnings about dubious runtime behavior.";
    SyntaxWarning, PyExc_SyntaxWarning_T, Warning, Plain, "Base class for warnings about dubious syntax.";
    UnicodeWarning, PyExc_UnicodeWarning_T, Warning, Plain, "Base class for warnings about Unicode related problems, mostly\nrelated to conversion problems.";
    UserWarning, PyExc_UserWarning_T, Warning, Plain, "Base class for warnings generated by user code.";
}

/// Readies all exception classes and puts them into `builtins`.
pub fn ready_all(cx: &Thread) {
    for (_, t, n) in table::ALL {
        crate::types::ready::ready_native(cx, t, n);
    }
}

pub fn add_to_builtins(cx: &Thread, d: &Dict) {
    for (n, t, _) in table::ALL {
        d.set_str(cx, super::str::intern(cx, n), Value::from_ref(*t));
    }
    for alias in ["EnvironmentError", "IOError"] {
        d.set_str(cx, super::str::intern(cx, alias), Value::from_ref(exc::OSError()));
    }
}

/// A bare instance of an exception class with these args; `__init__` has not run.
pub fn new_instance(cx: &Thread, cls: &Type, args: &Tuple) -> &'static BaseException {
    let p = cx.alloc_uninit(cls, size_of::<BaseException>());
    // SAFETY: a zeroed private cell with room for the struct: all slots empty.
    let e = unsafe { &*(p.as_ptr() as *const BaseException) };
    e.args.init(Some(Value::from_ref(args)));
    // SAFETY: complete now.
    unsafe { cx.publish(p, cls) };
    e
}

/// What `raise v` raises: an instance as it is, a class called without arguments.
pub fn raise_value(cx: &Thread, v: Value) -> Raised {
    if v.downcast::<BaseException>().is_some() {
        return Raised(v);
    }
    if let Some(t) = v.as_type().filter(|t| t.is_subtype(exc::BaseException())) {
        return match call(cx, v, &[]) {
            Ok(e) if e.downcast::<BaseException>().is_some() => Raised(e),
            Ok(e) => err!(
                cx,
                TypeError,
                "calling {} should have returned an instance of BaseException, not {}",
                to_str_or_unknown(cx, Value::from_ref(t)),
                to_str_or_unknown(cx, Value::from_ref(e.ty()))
            ),
            Err(e) => e,
        };
    }
    err!(cx, TypeError, "exceptions must derive from BaseException")
}

fn to_str_or_unknown(cx: &Thread, v: Value) -> String {
    repr(cx, v).map_or_else(|_| "<unknown>".into(), |s| s.to_str_lossy().into_owned())
}

/// Gives an AttributeError its `obj` and `name`, which the hints are computed from.
pub fn set_attribute_context(_cx: &Thread, e: Raised, obj: Value, name: &Str) {
    if e.is(exc::AttributeError()) {
        let b = of(e.0);
        b.set_field(field::ATTR_OBJ, obj);
        b.set_field(field::ATTR_NAME, Value::from_ref(name));
    }
}

/// As `set_attribute_context` for an exception that was raised without any of them.
pub fn complete_attribute_context(e: Raised, obj: Value, name: &Str) {
    if !e.is(exc::AttributeError()) {
        return;
    }
    let b = of(e.0);
    if b.field(field::ATTR_OBJ).is_none() && b.field(field::ATTR_NAME).is_none() {
        b.set_field(field::ATTR_OBJ, obj);
        b.set_field(field::ATTR_NAME, Value::from_ref(name));
    }
}

/// Gives a NameError its `name`.
pub fn set_name_context(_cx: &Thread, e: Raised, name: &Str) {
    if e.is(exc::NameError()) {
        of(e.0).set_field(field::NAME_NAME, Value::from_ref(name));
    }
}

/// `e.add_note(text)`.
pub fn add_note(cx: &Thread, e: Raised, text: &str) -> Res<()> {
    let s = Value::from_ref(Str::new(cx, text));
    BaseExceptionMethods::add_note(cx, of(e.0), s)
}

/// A KeyError whose one argument is the key itself, tuples included.
#[cold]
pub fn key_error(cx: &Thread, key: Value) -> Raised {
    let args = Tuple::from_slice(cx, &[key]);
    Raised(Value::from_ref(new_instance(cx, exc::KeyError(), args)))
}

/// A StopIteration with a value.
pub fn stop_iteration(cx: &Thread, v: Value) -> Raised {
    let args = if v.is_none() { Tuple::empty(cx) } else { Tuple::from_slice(cx, &[v]) };
    let e = new_instance(cx, exc::StopIteration(), args);
    e.set_field(field::VALUE, v);
    Raised(Value::from_ref(e))
}

/// An ImportError with name and path.
pub fn import_error(
    cx: &Thread,
    cls: &'static Type,
    msg: &str,
    name: Value,
    path: Value,
) -> Raised {
    let m = Value::from_ref(Str::new(cx, msg));
    let e = new_instance(cx, cls, Tuple::from_slice(cx, &[m]));
    e.set_field(field::IMPORT_MSG, m);
    e.set_field(field::IMPORT_NAME, name);
    e.set_field(field::IMPORT_PATH, path);
    Raised(Value::from_ref(e))
}

/// The OSError of an errno, with up to two file names.
#[cold]
pub fn os_error(
    cx: &Thread,
    errno: i32,
    filename: Option<Value>,
    filename2: Option<Value>,
) -> Raised {
    let text = Value::from_ref(Str::new(cx, &strerror(errno)));
    let mut args: GcVec<Value> = GcVec::new();
    args.push(Value::small(errno as i64));
    args.push(text);
    if let Some(f) = filename {
        args.push(f);
        if let Some(g) = filename2 {
            args.push(none());
            args.push(g);
        }
    }
    Raised::with_args(cx, exc::OSError(), &args)
}

/// The OSError of `std::io::Error`.
#[cold]
pub fn io_error(cx: &Thread, e: &std::io::Error, filename: Option<Value>) -> Raised {
    match e.raw_os_error() {
        Some(n) => os_error(cx, n, filename, None),
        None => err!(cx, OSError, "{e}"),
    }
}

/// `os.strerror`.
pub fn strerror(errno: i32) -> String {
    let mut buf = [0 as libc::c_char; 256];
    // SAFETY: the buffer's length is given; strerror_r NUL-terminates.
    let r = unsafe { libc::strerror_r(errno, buf.as_mut_ptr(), buf.len()) };
    if r != 0 {
        return format!("Unknown error {errno}");
    }
    // SAFETY: NUL-terminated within the buffer.
    unsafe { std::ffi::CStr::from_ptr(buf.as_ptr()) }.to_string_lossy().into_owned()
}

/// The OSError subclass of an errno (PEP 3151).
fn errno_class(errno: i64) -> Option<&'static Type> {
    Some(match errno as i32 {
        libc::EAGAIN | libc::EALREADY | libc::EINPROGRESS => exc::BlockingIOError(),
        libc::EPIPE | libc::ESHUTDOWN => exc::BrokenPipeError(),
        libc::ECHILD => exc::ChildProcessError(),
        libc::ECONNABORTED => exc::ConnectionAbortedError(),
        libc::ECONNREFUSED => exc::ConnectionRefusedError(),
        libc::ECONNRESET => exc::ConnectionResetError(),
        libc::EEXIST => exc::FileExistsError(),
        libc::ENOENT => exc::FileNotFoundError(),
        libc::EINTR => exc::InterruptedError(),
        libc::EISDIR => exc::IsADirectoryError(),
        libc::ENOTDIR => exc::NotADirectoryError(),
        libc::EPERM | libc::EACCES => exc::PermissionError(),
        libc::ESRCH => exc::ProcessLookupError(),
        libc::ETIMEDOUT => exc::TimeoutError(),
        _ => return None,
    })
}

fn no_keywords(cx: &Thread, cls: &Type, kw: KwNames<'_>) -> Res<()> {
    match kw {
        Some(k) if k.len() > 0 => {
            raise!(cx, TypeError, "{}() takes no keyword arguments", cls.name())
        }
        _ => Ok(()),
    }
}

// The attribute macros see only items written out in the impl block, so field accessors of the
// subclasses are tables of rows made by this macro instead.
macro_rules! field_rows {
    ($($name:literal = $i:expr),* $(,)?) => {
        &[$(GetSetRow {
            name: $name,
            get: |_, v| Ok(of(v).field_or_none($i)),
            set: Some(|_, o, v| {
                let b = of(o);
                b.extra[$i].set_option(b, v);
                Ok(())
            }),
            doc: None,
        }),*]
    };
}

pub struct BaseExceptionMethods;

// SAFETY: never instantiated; `PyType` of methods is BaseException, see the alias below.
unsafe impl HeapObject for BaseExceptionMethods {}
impl crate::types::PyType for BaseExceptionMethods {
    const NAME: &'static str = "BaseException";
    const FAST: u64 = tpflags::BASE_EXC_SUBCLASS;
    fn type_object() -> &'static Type {
        exc::BaseException()
    }
    fn native() -> &'static NativeType {
        &table::BaseException::NATIVE
    }
}

#[pymethods]
impl BaseExceptionMethods {
    #[slot]
    fn __new__(cx: &Thread, cls: &Type, args: &[Value], kw: KwNames<'_>) -> Res {
        let n = args.len() - kw.map_or(0, |k| k.len());
        Ok(Value::from_ref(new_instance(cx, cls, Tuple::from_slice(cx, &args[..n]))))
    }

    #[slot]
    fn __init__(cx: &Thread, this: &BaseException, args: &[Value], kw: KwNames<'_>) -> Res<()> {
        no_keywords(cx, Value::from_ref(this).ty(), kw)?;
        this.args.set(this, Value::from_ref(Tuple::from_slice(cx, args)));
        Ok(())
    }

    #[slot]
    fn __str__(cx: &Thread, this: &BaseException) -> Res<Value> {
        let a = this.args();
        Ok(Value::from_ref(match a.len() {
            0 => Str::new(cx, ""),
            1 => to_str(cx, a.get(0))?,
            _ => to_str(cx, Value::from_ref(a))?,
        }))
    }

    #[slot]
    fn __repr__(cx: &Thread, this: &BaseException) -> Res<Value> {
        let a = this.args();
        let name = Value::from_ref(this).ty().short_name();
        let s = match a.len() {
            1 => format!("{name}({})", repr(cx, a.get(0))?),
            _ => format!("{name}{}", repr(cx, Value::from_ref(a))?),
        };
        Ok(Value::from_ref(Str::new(cx, &s)))
    }

    /// Sets the exception's traceback and returns the exception.
    #[pymethod(text = "($self, object, /)")]
    fn with_traceback(cx: &Thread, this: &BaseException, tb: Value) -> Res {
        Self::set___traceback__(cx, this, Some(tb))?;
        Ok(Value::from_ref(this))
    }

    /// Adds a note, shown after the message in a traceback.
    #[pymethod(text = "($self, object, /)")]
    fn add_note(cx: &Thread, this: &BaseException, note: Value) -> Res<()> {
        if note.downcast::<Str>().is_none() {
            raise!(cx, TypeError, "note must be a str, not '{}'", note.ty().name());
        }
        let name = id!(cx, "__notes__");
        let me = Value::from_ref(this);
        let list = match get_attr_opt(cx, me, name)? {
            Some(l) => l,
            None => {
                let l = Value::from_ref(List::new(cx));
                set_attr(cx, me, name, Some(l))?;
                l
            }
        };
        match list.downcast::<List>() {
            Some(l) => {
                l.push(cx, note);
                Ok(())
            }
            None => raise!(cx, TypeError, "Cannot add note: __notes__ is not a list"),
        }
    }

    /// Support for pickle.
    #[pymethod]
    fn __reduce__(cx: &Thread, this: &BaseException) -> Res {
        let me = Value::from_ref(this);
        let cls = Value::from_ref(me.ty());
        let state = pickled_state(cx, me);
        let mut v: GcVec<Value> = [cls, this.args.value()].into_iter().collect();
        if let Some(d) = state {
            v.push(Value::from_ref(d));
        }
        Ok(Value::from_ref(Tuple::from_slice(cx, &v)))
    }

    /// Support for pickle: sets the attributes of a state dict.
    #[pymethod(text = "($self, object, /)")]
    fn __setstate__(cx: &Thread, this: &BaseException, state: Value) -> Res<()> {
        if state.is_none() {
            return Ok(());
        }
        let Some(d) = state.downcast::<Dict>() else {
            raise!(cx, TypeError, "state is not a dictionary");
        };
        for (k, v) in d.entries().iter() {
            if let Some(s) = k.downcast::<Str>() {
                set_attr(cx, Value::from_ref(this), super::str::intern_str(cx, s), Some(*v))?;
            }
        }
        Ok(())
    }

    #[getter]
    fn args(_cx: &Thread, this: &BaseException) -> Value {
        this.args.value()
    }

    #[setter]
    fn set_args(cx: &Thread, this: &BaseException, v: Option<Value>) -> Res<()> {
        let Some(v) = v else { raise!(cx, TypeError, "args may not be deleted") };
        let items = collect(cx, v)?;
        this.args.set(this, Value::from_ref(Tuple::from_slice(cx, &items)));
        Ok(())
    }

    #[getter]
    fn __traceback__(_cx: &Thread, this: &BaseException) -> Option<Value> {
        this.traceback.get()
    }

    #[setter]
    fn set___traceback__(cx: &Thread, this: &BaseException, v: Option<Value>) -> Res<()> {
        let Some(v) = v else { raise!(cx, TypeError, "__traceback__ may not be deleted") };
        if !v.is_none() && !super::traceback::is_traceback(v) {
            raise!(cx, TypeError, "__traceback__ must be a traceback or None");
        }
        this.traceback.set_option(this, Some(v).filter(|v| !v.is_none()));
        Ok(())
    }

    #[getter]
    fn __context__(_cx: &Thread, this: &BaseException) -> Option<Value> {
        this.context.get()
    }

    #[setter]
    fn set___context__(cx: &Thread, this: &BaseException, v: Option<Value>) -> Res<()> {
        let Some(v) = v else { raise!(cx, TypeError, "__context__ may not be deleted") };
        if !v.is_none() && v.downcast::<BaseException>().is_none() {
            raise!(cx, TypeError, "exception context must be None or derive from BaseException");
        }
        this.context.set_option(this, Some(v).filter(|v| !v.is_none()));
        Ok(())
    }

    #[getter]
    fn __cause__(_cx: &Thread, this: &BaseException) -> Option<Value> {
        this.cause.get()
    }

    #[setter]
    fn set___cause__(cx: &Thread, this: &BaseException, v: Option<Value>) -> Res<()> {
        let Some(v) = v else { raise!(cx, TypeError, "__cause__ may not be deleted") };
        if !v.is_none() && v.downcast::<BaseException>().is_none() {
            raise!(cx, TypeError, "exception cause must be None or derive from BaseException");
        }
        set_cause(this, Some(v).filter(|v| !v.is_none()));
        Ok(())
    }

    #[getter]
    fn __suppress_context__(_cx: &Thread, this: &BaseException) -> bool {
        this.suppress_context.load(Ordering::Relaxed)
    }

    #[setter]
    fn set___suppress_context__(cx: &Thread, this: &BaseException, v: Option<Value>) -> Res<()> {
        let Some(v) = v else { raise!(cx, TypeError, "can't delete numeric/char attribute") };
        if v != py_bool(true) && v != py_bool(false) {
            raise!(cx, TypeError, "attribute value type must be bool");
        }
        this.suppress_context.store(v == py_bool(true), Ordering::Relaxed);
        Ok(())
    }

    #[getter]
    fn __dict__(cx: &Thread, this: Value) -> Option<&'static Dict> {
        crate::types::attr::instance_dict(cx, this)
    }

    #[setter]
    fn set___dict__(cx: &Thread, this: Value, v: Option<Value>) -> Res<()> {
        match v.and_then(|v| v.downcast::<Dict>()) {
            Some(d) => {
                crate::types::attr::set_instance_dict(cx, this, d);
                Ok(())
            }
            None => raise!(cx, TypeError, "__dict__ must be set to a dictionary"),
        }
    }
}

/// `raise .. from cause`: sets the cause and hides the context.
pub fn set_cause(e: &BaseException, cause: Option<Value>) {
    e.cause.set_option(e, cause);
    e.suppress_context.store(true, Ordering::Relaxed);
}

/// The attribute dict where anything was stored in it; without turning the instance into one.
/// The instance's attributes, with those fields that pickle keeps beside `args`: of an
/// AttributeError not the object, which may be anything.
fn pickled_state(cx: &Thread, v: Value) -> Option<&'static Dict> {
    let own = plain_dict(cx, v);
    let t = v.ty();
    let fields: &[(&str, usize)] = if t.is_subtype(exc::AttributeError()) {
        &[("name", field::ATTR_NAME)]
    } else if t.is_subtype(exc::ImportError()) {
        &[
            ("name", field::IMPORT_NAME),
            ("path", field::IMPORT_PATH),
            ("name_from", field::IMPORT_NAME_FROM),
        ]
    } else {
        return own;
    };
    let mut state = own.map(|d| d.copy(cx));
    for (name, at) in fields {
        if let Some(x) = of(v).field(*at).filter(|x| !x.is_none()) {
            let d = state.get_or_insert_with(|| Dict::new(cx));
            d.set_str(cx, super::str::intern(cx, name), x);
        }
    }
    state
}

fn plain_dict(cx: &Thread, v: Value) -> Option<&'static Dict> {
    let inst = crate::types::shape::Instance::of(v)?;
    if inst.shape().is_dict == 0 && inst.shape().count == 0 {
        return None;
    }
    crate::types::attr::instance_dict(cx, v).filter(|d| d.len() > 0)
}

macro_rules! methods_of {
    ($ty:ident, $fields:expr, |$s:ident| $fill:block $(, $rows:expr)?) => {
        struct $ty;
        impl NativeMethods for $ty {
            const METHODS: &'static [MethodRow] = { let _r: &'static [MethodRow] = &[]; $(let _r = $rows;)? _r };
            const GETSET: &'static [GetSetRow] = $fields;
            fn fill($s: &Slots) $fill
        }
    };
}

methods_of!(StopIterationMethods, field_rows!["value" = field::VALUE], |s| {
    s.init.set(|cx, v, args, kw| {
        BaseExceptionMethods::__init__(cx, of(v), args, kw)?;
        of(v).set_field(field::VALUE, args.first().copied().unwrap_or(none()));
        Ok(())
    });
});

methods_of!(SystemExitMethods, field_rows!["code" = field::VALUE], |s| {
    s.init.set(|cx, v, args, kw| {
        BaseExceptionMethods::__init__(cx, of(v), args, kw)?;
        let code = match args {
            [] => none(),
            [c] => *c,
            _ => Value::from_ref(of(v).args()),
        };
        of(v).set_field(field::VALUE, code);
        Ok(())
    });
});

methods_of!(KeyErrorMethods, &[], |s| {
    // One argument shows its repr: an empty key must be seen.
    s.str.set(|cx, v| {
        let a = of(v).args();
        if a.len() == 1 {
            return repr(cx, a.get(0)).map(|s| Value::from_ref(s));
        }
        BaseExceptionMethods::__str__(cx, of(v))
    });
});

/// Takes the given keyword arguments into fields; others are an error.
fn init_with_keywords(
    cx: &Thread,
    v: Value,
    args: &[Value],
    kw: KwNames<'_>,
    class: &str,
    names: &[(&str, usize)],
) -> Res<usize> {
    let n = args.len() - kw.map_or(0, |k| k.len());
    BaseExceptionMethods::__init__(cx, of(v), &args[..n], None)?;
    if let Some(k) = kw {
        if k.len() > names.len() {
            let (most, given) = (names.len(), k.len());
            let s = if most == 1 { "" } else { "s" };
            raise!(
                cx,
                TypeError,
                "{class}() takes at most {most} keyword argument{s} ({given} given)"
            );
        }
        for (i, name) in k.as_slice().iter().enumerate() {
            let s = name.downcast::<Str>().expect("keyword names are strings");
            match names.iter().find(|(n, _)| s.eq_str(n)) {
                Some((_, f)) => of(v).set_field(*f, args[n + i]),
                None => raise!(cx, TypeError, "{class}() got an unexpected keyword argument '{s}'"),
            }
        }
    }
    Ok(n)
}

methods_of!(
    AttributeErrorMethods,
    field_rows!["name" = field::ATTR_NAME, "obj" = field::ATTR_OBJ],
    |s| {
        s.init.set(|cx, v, args, kw| {
            init_with_keywords(
                cx,
                v,
                args,
                kw,
                "AttributeError",
                &[("name", field::ATTR_NAME), ("obj", field::ATTR_OBJ)],
            )?;
            Ok(())
        });
    }
);

methods_of!(NameErrorMethods, field_rows!["name" = field::NAME_NAME], |s| {
    s.init.set(|cx, v, args, kw| {
        init_with_keywords(cx, v, args, kw, "NameError", &[("name", field::NAME_NAME)])?;
        Ok(())
    });
});

methods_of!(
    ImportErrorMethods,
    field_rows![
        "msg" = field::IMPORT_MSG,
        "name" = field::IMPORT_NAME,
        "path" = field::IMPORT_PATH,
        "name_from" = field::IMPORT_NAME_FROM
    ],
    |s| {
        s.init.set(|cx, v, args, kw| {
            let names = [
                ("name", field::IMPORT_NAME),
                ("path", field::IMPORT_PATH),
                ("name_from", field::IMPORT_NAME_FROM),
            ];
            // What this call does not give is reset, as a second `__init__` shows.
            for i in
                [field::IMPORT_MSG, field::IMPORT_NAME, field::IMPORT_PATH, field::IMPORT_NAME_FROM]
            {
                of(v).set_field(i, none());
            }
            let n = init_with_keywords(cx, v, args, kw, "ImportError", &names)?;
            if n == 1 {
                of(v).set_field(field::IMPORT_MSG, args[0]);
            }
            Ok(())
        });
        s.str.set(|cx, v| match of(v).field(field::IMPORT_MSG) {
            Some(m) if m.downcast_exact::<Str>().is_some() => Ok(m),
            _ => BaseExceptionMethods::__str__(cx, of(v)),
        });
    }
);

/// OSError(errno, strerror, filename, winerror, filename2): fields and args.
fn os_parse(cx: &Thread, e: &BaseException, args: &[Value]) -> Res<()> {
    let n = args.len();
    if !(2..=5).contains(&n) {
        return Ok(());
    }
    e.set_field(field::OS_ERRNO, args[0]);
    e.set_field(field::OS_STRERROR, args[1]);
    if n >= 3 && !args[2].is_none() {
        let blocking = Value::from_ref(e).ty().is(exc::BlockingIOError());
        if blocking && args[2].is_small() {
            e.set_field(field::OS_WRITTEN, args[2]);
        } else {
            e.set_field(field::OS_FILENAME, args[2]);
            if n == 5 && !args[4].is_none() {
                e.set_field(field::OS_FILENAME2, args[4]);
            }
            let two = Tuple::from_slice(cx, &args[..2]);
            e.args.set(e, Value::from_ref(two));
        }
    }
    Ok(())
}

/// A subclass with its own `__init__` but not its own `__new__` fills the fields in `__init__`.
fn os_use_init(cls: &Type) -> bool {
    let own = exc::OSError().slots();
    cls.slots().init.raw() != own.init.raw() && cls.slots().new.raw() == own.new.raw()
}

methods_of!(
    OSErrorMethods,
    &[
        GetSetRow {
            name: "errno",
            get: |_, v| Ok(of(v).field_or_none(field::OS_ERRNO)),
            set: Some(|_, o, v| {
                let b = of(o);
                b.extra[field::OS_ERRNO].set_option(b, v);
                Ok(())
            }),
            doc: None
        },
        GetSetRow {
            name: "strerror",
            get: |_, v| Ok(of(v).field_or_none(field::OS_STRERROR)),
            set: Some(|_, o, v| {
                let b = of(o);
                b.extra[field::OS_STRERROR].set_option(b, v);
                Ok(())
            }),
            doc: None
        },
        GetSetRow {
            name: "filename",
            get: |_, v| Ok(of(v).field_or_none(field::OS_FILENAME)),
            set: Some(|_, o, v| {
                let b = of(o);
                b.extra[field::OS_FILENAME].set_option(b, v);
                Ok(())
            }),
            doc: None
        },
        GetSetRow {
            name: "filename2",
            get: |_, v| Ok(of(v).field_or_none(field::OS_FILENAME2)),
            set: Some(|_, o, v| {
                let b = of(o);
                b.extra[field::OS_FILENAME2].set_option(b, v);
                Ok(())
            }),
            doc: None
        },
        GetSetRow {
            name: "characters_written",
            get: |cx, v| match of(v).field(field::OS_WRITTEN) {
                Some(n) => Ok(n),
                None => raise!(cx, AttributeError, "characters_written"),
            },
            set: Some(|cx, o, v| {
                let b = of(o);
                match v {
                    Some(v) => {
                        let n = index_isize(cx, v, exc::ValueError())?;
                        b.set_field(field::OS_WRITTEN, Value::small(n as i64));
                    }
                    None if b.field(field::OS_WRITTEN).is_none() => {
                        raise!(cx, AttributeError, "characters_written")
                    }
                    None => b.extra[field::OS_WRITTEN].clear(b),
                }
                Ok(())
            }),
            doc: None,
        },
    ],
    |s| {
        s.new.set(|cx, cls, args, kw| {
            let n = args.len() - kw.map_or(0, |k| k.len());
            if os_use_init(cls) {
                return Ok(Value::from_ref(new_instance(cx, cls, Tuple::empty(cx))));
            }
            no_keywords(cx, cls, kw)?;
            let mut cls = Value::from_ref(cls).as_type_unchecked();
            if cls.is(exc::OSError()) && (2..=5).contains(&n) {
                if let Some(t) = args[0].as_small().and_then(errno_class) {
                    cls = t;
                }
            }
            let e = new_instance(cx, cls, Tuple::from_slice(cx, args));
            os_parse(cx, e, args)?;
            Ok(Value::from_ref(e))
        });
        s.init.set(|cx, v, args, kw| {
            let cls = v.ty();
            if os_use_init(cls) {
                no_keywords(cx, cls, kw)?;
                let e = of(v);
                e.args.set(e, Value::from_ref(Tuple::from_slice(cx, args)));
                os_parse(cx, e, args)?;
            }
            Ok(())
        });
        s.str.set(|cx, v| {
            let e = of(v);
            let show = |i| repr(cx, e.field_or_none(i));
            let plain = |i| to_str(cx, e.field_or_none(i));
            let text = match (e.field(field::OS_FILENAME), e.field(field::OS_FILENAME2)) {
                (Some(_), Some(_)) => format!(
                    "[Errno {}] {}: {} -> {}",
                    plain(field::OS_ERRNO)?,
                    plain(field::OS_STRERROR)?,
                    show(field::OS_FILENAME)?,
                    show(field::OS_FILENAME2)?
                ),
                (Some(_), None) => format!(
                    "[Errno {}] {}: {}",
                    plain(field::OS_ERRNO)?,
                    plain(field::OS_STRERROR)?,
                    show(field::OS_FILENAME)?
                ),
                _ if e.field(field::OS_ERRNO).is_some()
                    && e.field(field::OS_STRERROR).is_some() =>
                {
                    format!("[Errno {}] {}", plain(field::OS_ERRNO)?, plain(field::OS_STRERROR)?)
                }
                _ => return BaseExceptionMethods::__str__(cx, e),
            };
            Ok(Value::from_ref(Str::new(cx, &text)))
        });
    },
    &OS_METHODS
);

static OS_REDUCE_SIG: crate::call::Sig = crate::call::Sig {
    fname: "__reduce__",
    owner: crate::call::Owner::Slot,
    params: &[],
    text: Some("($self, /)"),
    keywords_of: None,
};

const OS_METHODS: [MethodRow; 1] = [MethodRow {
    c: crate::call::PyMethodDef::new(c"__reduce__", 4),
    entry: |cx, args, kw| {
        let (v, rest) = crate::bind::split_self::<BaseException>(cx, args, kw, "__reduce__")?;
        crate::bind::no_args(cx, &OS_REDUCE_SIG, None, rest, kw)?;
        let e = of(v);
        // The file names are put back into args.
        let mut a: GcVec<Value> = e.args().as_slice().iter().copied().collect();
        if a.len() == 2 {
            if let Some(f) = e.field(field::OS_FILENAME) {
                a.push(f);
                if let Some(g) = e.field(field::OS_FILENAME2) {
                    a.push(none());
                    a.push(g);
                }
            }
        }
        let args = Value::from_ref(Tuple::from_slice(cx, &a));
        let mut out: GcVec<Value> = [Value::from_ref(v.ty()), args].into_iter().collect();
        if let Some(d) = plain_dict(cx, v) {
            out.push(Value::from_ref(d));
        }
        Ok(Value::from_ref(Tuple::from_slice(cx, &out)))
    },
    name: "__reduce__",
    kind: crate::call::MethodKind::Instance,
    sig: &OS_REDUCE_SIG,
    doc: None,
}];

methods_of!(
    SyntaxErrorMethods,
    field_rows![
        "msg" = field::SYN_MSG,
        "filename" = field::SYN_FILENAME,
        "lineno" = field::SYN_LINENO,
        "offset" = field::SYN_OFFSET,
        "text" = field::SYN_TEXT,
        "end_lineno" = field::SYN_END_LINENO,
        "end_offset" = field::SYN_END_OFFSET,
        "print_file_and_line" = field::SYN_PRINT
    ],
    |s| {
        s.init.set(|cx, v, args, kw| {
            let e = of(v);
            BaseExceptionMethods::__init__(cx, e, args, kw)?;
            if let Some(m) = args.first() {
                e.set_field(field::SYN_MSG, *m);
            }
            if args.len() == 2 {
                let info = collect(cx, args[1])?;
                if info.len() != 4 && info.len() != 6 {
                    if info.len() == 5 {
                        raise!(
                            cx,
                            TypeError,
                            "end_offset must be provided when end_lineno is provided"
                        );
                    }
                    raise!(
                        cx,
                        TypeError,
                        "function {} {} arguments ({} given)",
                        if info.len() < 4 { "takes at least" } else { "takes at most" },
                        if info.len() < 4 { 4 } else { 6 },
                        info.len()
                    );
                }
                let order = [
                    field::SYN_FILENAME,
                    field::SYN_LINENO,
                    field::SYN_OFFSET,
                    field::SYN_TEXT,
                    field::SYN_END_LINENO,
                    field::SYN_END_OFFSET,
                ];
                for (f, x) in order.iter().zip(info.iter()) {
                    e.set_field(*f, *x);
                }
            }
            Ok(())
        });
        s.str.set(|cx, v| {
            let e = of(v);
            let msg = to_str(cx, e.field_or_none(field::SYN_MSG))?;
            let file = e.field(field::SYN_FILENAME).and_then(|f| f.downcast::<Str>());
            let line = e.field(field::SYN_LINENO).and_then(|l| l.as_small());
            let base = file.map(|f| {
                let t = f.to_str_lossy();
                t.rsplit('/').next().unwrap_or("").to_string()
            });
            let text = match (base, line) {
                (Some(f), Some(l)) => format!("{msg} ({f}, line {l})"),
                (Some(f), None) => format!("{msg} ({f})"),
                (None, Some(l)) => format!("{msg} (line {l})"),
                (None, None) => return Ok(Value::from_ref(msg)),
            };
            Ok(Value::from_ref(Str::new(cx, &text)))
        });
    }
);

const UNICODE_FIELDS: &[GetSetRow] = field_rows![
    "encoding" = field::UNI_ENCODING,
    "object" = field::UNI_OBJECT,
    "start" = field::UNI_START,
    "end" = field::UNI_END,
    "reason" = field::UNI_REASON
];

fn need_type(cx: &Thread, e: &BaseException, i: usize, what: &str, ok: bool) -> Res<()> {
    if ok {
        return Ok(());
    }
    let v = e.args().as_slice().get(i).copied().unwrap_or(none());
    raise!(cx, TypeError, "argument {} must be {what}, not {}", i + 1, v.ty().name())
}

fn unicode_init(cx: &Thread, v: Value, args: &[Value], kw: KwNames<'_>, decode: bool) -> Res<()> {
    let e = of(v);
    BaseExceptionMethods::__init__(cx, e, args, kw)?;
    if args.len() != 5 {
        raise!(cx, TypeError, "function takes exactly 5 arguments ({} given)", args.len());
    }
    need_type(cx, e, 0, "str", args[0].downcast::<Str>().is_some())?;
    let mut object = args[1];
    if decode {
        if object.downcast::<Bytes>().is_none() {
            object = super::bytes::from_buffer(cx, object)?;
        }
    } else {
        need_type(cx, e, 1, "str", object.downcast::<Str>().is_some())?;
    }
    let start = index_isize(cx, args[2], exc::OverflowError())?;
    let end = index_isize(cx, args[3], exc::OverflowError())?;
    need_type(cx, e, 4, "str", args[4].downcast::<Str>().is_some())?;
    e.set_field(field::UNI_ENCODING, args[0]);
    e.set_field(field::UNI_OBJECT, object);
    e.set_field(field::UNI_START, Value::small(start as i64));
    e.set_field(field::UNI_END, Value::small(end as i64));
    e.set_field(field::UNI_REASON, args[4]);
    Ok(())
}

fn uni_range(e: &BaseException) -> (usize, usize) {
    let get = |i| e.field(i).and_then(|v| v.as_small()).unwrap_or(0);
    (get(field::UNI_START).max(0) as usize, get(field::UNI_END).max(0) as usize)
}

fn char_escape(c: u32) -> String {
    match c {
        0..=0xFF => format!("\\x{c:02x}"),
        0x100..=0xFFFF => format!("\\u{c:04x}"),
        _ => format!("\\U{c:08x}"),
    }
}

methods_of!(UnicodeDecodeMethods, UNICODE_FIELDS, |s| {
    s.init.set(|cx, v, args, kw| unicode_init(cx, v, args, kw, true));
    s.str.set(|cx, v| {
        let e = of(v);
        let Some(b) = e.field(field::UNI_OBJECT).and_then(|o| o.downcast::<Bytes>()) else {
            return Ok(Value::from_ref(Str::new(cx, "")));
        };
        let (start, end) = uni_range(e);
        let enc = to_str(cx, e.field_or_none(field::UNI_ENCODING))?;
        let reason = to_str(cx, e.field_or_none(field::UNI_REASON))?;
        let text = if start < b.as_slice().len() && end == start + 1 {
            format!(
                "'{enc}' codec can't decode byte 0x{:02x} in position {start}: {reason}",
                b.as_slice()[start]
            )
        } else {
            format!(
                "'{enc}' codec can't decode bytes in position {start}-{}: {reason}",
                end as i64 - 1
            )
        };
        Ok(Value::from_ref(Str::new(cx, &text)))
    });
});

methods_of!(UnicodeEncodeMethods, UNICODE_FIELDS, |s| {
    s.init.set(|cx, v, args, kw| unicode_init(cx, v, args, kw, false));
    s.str.set(|cx, v| {
        let e = of(v);
        let Some(o) = e.field(field::UNI_OBJECT).and_then(|o| o.downcast::<Str>()) else {
            return Ok(Value::from_ref(Str::new(cx, "")));
        };
        let (start, end) = uni_range(e);
        let enc = to_str(cx, e.field_or_none(field::UNI_ENCODING))?;
        let reason = to_str(cx, e.field_or_none(field::UNI_REASON))?;
        let text = if start < o.len() && end == start + 1 {
            format!(
                "'{enc}' codec can't encode character '{}' in position {start}: {reason}",
                char_escape(o.char_at(start))
            )
        } else {
            format!(
                "'{enc}' codec can't encode characters in position {start}-{}: {reason}",
                end as i64 - 1
            )
        };
        Ok(Value::from_ref(Str::new(cx, &text)))
    });
});

methods_of!(
    UnicodeTranslateMethods,
    field_rows![
        "object" = field::UNI_OBJECT,
        "start" = field::UNI_START,
        "end" = field::UNI_END,
        "reason" = field::UNI_REASON
    ],
    |s| {
        s.init.set(|cx, v, args, kw| {
            let e = of(v);
            BaseExceptionMethods::__init__(cx, e, args, kw)?;
            if args.len() != 4 {
                raise!(cx, TypeError, "function takes exactly 4 arguments ({} given)", args.len());
            }
            need_type(cx, e, 0, "str", args[0].downcast::<Str>().is_some())?;
            let start = index_isize(cx, args[1], exc::OverflowError())?;
            let end = index_isize(cx, args[2], exc::OverflowError())?;
            need_type(cx, e, 3, "str", args[3].downcast::<Str>().is_some())?;
            e.set_field(field::UNI_OBJECT, args[0]);
            e.set_field(field::UNI_START, Value::small(start as i64));
            e.set_field(field::UNI_END, Value::small(end as i64));
            e.set_field(field::UNI_REASON, args[3]);
            Ok(())
        });
        s.str.set(|cx, v| {
            let e = of(v);
            let Some(o) = e.field(field::UNI_OBJECT).and_then(|o| o.downcast::<Str>()) else {
                return Ok(Value::from_ref(Str::new(cx, "")));
            };
            let (start, end) = uni_range(e);
            let reason = to_str(cx, e.field_or_none(field::UNI_REASON))?;
            let text = if start < o.len() && end == start + 1 {
                format!(
                    "can't translate character '{}' in position {start}: {reason}",
                    char_escape(o.char_at(start))
                )
            } else {
                format!(
                    "can't translate characters in position {start}-{}: {reason}",
                    end as i64 - 1
                )
            };
            Ok(Value::from_ref(Str::new(cx, &text)))
        });
    }
);
