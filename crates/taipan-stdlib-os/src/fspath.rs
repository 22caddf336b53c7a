//! Converting arguments that name files: str, bytes, `os.PathLike`, descriptors; and the file
//! system encoding (UTF-8 with surrogateescape). Messages are those of CPython's path_converter.

use std::ffi::CString;
use taipan_vm::prelude::*;

/// What a function accepts as a path.
#[derive(Clone, Copy)]
pub struct Spec {
    pub func: &'static str,
    pub arg: &'static str,
    pub allow_fd: bool,
    pub nullable: bool,
}

impl Spec {
    pub const fn path(func: &'static str) -> Spec {
        Spec { func, arg: "path", allow_fd: false, nullable: false }
    }

    pub const fn named(func: &'static str, arg: &'static str) -> Spec {
        Spec { func, arg, allow_fd: false, nullable: false }
    }

    pub const fn or_fd(func: &'static str) -> Spec {
        Spec { func, arg: "path", allow_fd: true, nullable: false }
    }

    pub const fn or_fd_or_none(func: &'static str) -> Spec {
        Spec { func, arg: "path", allow_fd: true, nullable: true }
    }
}

/// A converted path. Lives on the stack only: `object` is a value.
pub struct PathArg {
    /// What errors name: the str, bytes or int that was given (or `__fspath__` returned).
    pub object: Value,
    pub path: CString,
    pub fd: Option<i32>,
    pub is_bytes: bool,
    /// The argument was None (or missing).
    pub is_none: bool,
}

impl PathArg {
    pub fn as_ptr(&self) -> *const libc::c_char {
        self.path.as_ptr()
    }

    /// The OSError of an errno with this path as its file name.
    #[cold]
    pub fn error(&self, cx: &Thread, errno: i32) -> Raised {
        if self.is_none || self.fd.is_some() && self.object.as_small().is_some() {
            return crate::syscall::os_error(cx, errno);
        }
        taipan_vm::objects::exceptions::os_error(cx, errno, Some(self.object), None)
    }

    /// A name found below this path, in the type the path was given in.
    pub fn decode(&self, cx: &Thread, name: &[u8]) -> Value {
        if self.is_bytes {
            Value::from_ref(Bytes::new(cx, name))
        } else {
            Value::from_ref(decode(cx, name))
        }
    }
}

/// The path of a required argument.
pub fn path(cx: &Thread, v: Value, spec: Spec) -> Res<PathArg> {
    let (object, is_bytes, bytes) = match v {
        _ if v.is_none() && spec.nullable => {
            return Ok(PathArg {
                object: v,
                path: c".".to_owned(),
                fd: None,
                is_bytes: false,
                is_none: true,
            });
        }
        _ if v.downcast::<Str>().is_some() || v.downcast::<Bytes>().is_some() => raw(cx, v)?,
        _ if spec.allow_fd && has_index(v) => {
            let fd = fd_number(cx, v)?;
            return Ok(PathArg {
                object: v,
                path: CString::default(),
                fd: Some(fd),
                is_bytes: false,
                is_none: false,
            });
        }
        _ => {
            let f = lookup_special(cx, v, id!(cx, "__fspath__"))?.filter(|f| !f.is_none());
            let Some(f) = f else { return Err(bad_type(cx, v, spec)) };
            let r = call(cx, f, &[])?;
            if r.downcast::<Str>().is_none() && r.downcast::<Bytes>().is_none() {
                raise!(
                    cx,
                    TypeError,
                    "expected {}.__fspath__() to return str or bytes, not {}",
                    v.ty().name(),
                    r.ty().name()
                );
            }
            raw(cx, r)?
        }
    };
    match CString::new(bytes) {
        Ok(path) => Ok(PathArg { object, path, fd: None, is_bytes, is_none: false }),
        Err(_) => raise!(cx, ValueError, "{}: embedded null character in {}", spec.func, spec.arg),
    }
}

/// As `path` for a parameter that may be missing.
pub fn path_opt(cx: &Thread, v: Option<Value>, spec: Spec) -> Res<PathArg> {
    path(cx, v.unwrap_or(none()), spec)
}

fn raw(cx: &Thread, v: Value) -> Res<(Value, bool, Vec<u8>)> {
    match v.downcast::<Str>() {
        Some(s) => Ok((v, false, encode(cx, s)?)),
        None => {
            let b = v.downcast::<Bytes>().expect("checked by the caller");
            Ok((v, true, b.as_slice().to_vec()))
        }
    }
}

#[cold]
fn bad_type(cx: &Thread, v: Value, spec: Spec) -> Raised {
    let wanted = match (spec.allow_fd, spec.nullable) {
        (true, true) => "string, bytes, os.PathLike, integer or None",
        (true, false) => "string, bytes, os.PathLike or integer",
        (false, true) => "string, bytes, os.PathLike or None",
        (false, false) => "string, bytes or os.PathLike",
    };
    err!(cx, TypeError, "{}: {} should be {wanted}, not {}", spec.func, spec.arg, v.ty().name())
}

pub fn has_index(v: Value) -> bool {
    v.as_small().is_some() || v.ty().slots().index.get().is_some()
}

/// A descriptor number (`_fd_converter`).
pub fn fd_number(cx: &Thread, v: Value) -> Res<i32> {
    if v == py_bool(true) || v == py_bool(false) {
        let msg = "bool is used as a file descriptor";
        taipan_vm::objects::warn(cx, exc::RuntimeWarning(), msg, 1)?;
    }
    let i = index(cx, v)?;
    let n = match int_to_i64(i) {
        Some(n) => n,
        None if taipan_vm::objects::int::is_negative(i) => i64::MIN,
        None => i64::MAX,
    };
    if n > i32::MAX as i64 {
        raise!(cx, OverflowError, "fd is greater than maximum");
    }
    if n < i32::MIN as i64 {
        raise!(cx, OverflowError, "fd is less than minimum");
    }
    Ok(n as i32)
}

/// `dir_fd=`: None is `AT_FDCWD`.
pub fn dir_fd(cx: &Thread, v: Value) -> Res<i32> {
    if v.is_none() {
        return Ok(libc::AT_FDCWD);
    }
    if !has_index(v) {
        raise!(cx, TypeError, "argument should be integer or None, not {}", v.ty().name());
    }
    fd_number(cx, v)
}

/// A descriptor or an object with `fileno()` (`PyObject_AsFileDescriptor`).
pub fn fileno(cx: &Thread, v: Value) -> Res<i32> {
    let is_int = v.as_small().is_some() || taipan_vm::objects::int::is_int(v);
    let n = if is_int {
        if v == py_bool(true) || v == py_bool(false) {
            let msg = "bool is used as a file descriptor";
            taipan_vm::objects::warn(cx, exc::RuntimeWarning(), msg, 1)?;
        }
        v
    } else {
        let Some(f) = get_attr_opt(cx, v, id!(cx, "fileno"))? else {
            raise!(cx, TypeError, "argument must be an int, or have a fileno() method.");
        };
        let r = call(cx, f, &[])?;
        if r.as_small().is_none() && !taipan_vm::objects::int::is_int(r) {
            raise!(cx, TypeError, "fileno() returned a non-integer");
        }
        r
    };
    let fd = int_to_i64(n).and_then(|n| i32::try_from(n).ok());
    let Some(fd) = fd else {
        raise!(cx, OverflowError, "Python int too large to convert to C int");
    };
    if fd < 0 {
        raise!(cx, ValueError, "file descriptor cannot be a negative integer ({fd})");
    }
    Ok(fd)
}

/// `os.fspath`.
pub fn fspath(cx: &Thread, v: Value) -> Res {
    if v.downcast::<Str>().is_some() || v.downcast::<Bytes>().is_some() {
        return Ok(v);
    }
    let f = lookup_special(cx, v, id!(cx, "__fspath__"))?.filter(|f| !f.is_none());
    let Some(f) = f else {
        raise!(cx, TypeError, "expected str, bytes or os.PathLike object, not {}", v.ty().name());
    };
    let r = call(cx, f, &[])?;
    if r.downcast::<Str>().is_some() || r.downcast::<Bytes>().is_some() {
        return Ok(r);
    }
    raise!(
        cx,
        TypeError,
        "expected {}.__fspath__() to return str or bytes, not {}",
        v.ty().name(),
        r.ty().name()
    )
}

/// The bytes of a path-like, str or bytes argument (`PyUnicode_FSConverter`).
pub fn fs_bytes(cx: &Thread, v: Value) -> Res<CString> {
    let p = fspath(cx, v)?;
    let bytes = match p.downcast::<Str>() {
        Some(s) => encode(cx, s)?,
        None => p.downcast::<Bytes>().expect("fspath gives str or bytes").as_slice().to_vec(),
    };
    match CString::new(bytes) {
        Ok(c) => Ok(c),
        Err(_) => raise!(cx, ValueError, "embedded null byte"),
    }
}

/// `os.fsencode` of a str.
pub fn encode(cx: &Thread, s: &Str) -> Res<Vec<u8>> {
    if let Some(a) = s.as_ascii() {
        return Ok(a.as_bytes().to_vec());
    }
    let mut out = Vec::with_capacity(s.len() * 2);
    let ascii = taipan_vm::modules::sys::ascii(cx);
    for (i, c) in s.chars().enumerate() {
        match char::from_u32(c) {
            Some(ch) if !ascii || ch.is_ascii() => {
                let mut buf = [0; 4];
                out.extend_from_slice(ch.encode_utf8(&mut buf).as_bytes());
            }
            None if (0xDC80..=0xDCFF).contains(&c) => out.push((c - 0xDC00) as u8),
            _ => {
                let (codec, why) = match ascii {
                    true => ("ascii", "ordinal not in range(128)"),
                    false => ("utf-8", "surrogates not allowed"),
                };
                let args = [
                    codec.into_py(cx),
                    Value::from_ref(s),
                    Value::small(i as i64),
                    Value::small(i as i64 + 1),
                    why.into_py(cx),
                ];
                return Err(Raised::with_args(cx, exc::UnicodeEncodeError(), &args));
            }
        }
    }
    Ok(out)
}

/// `os.fsdecode` of bytes.
pub fn decode(cx: &Thread, bytes: &[u8]) -> &'static Str {
    if taipan_vm::modules::sys::ascii(cx) && !bytes.is_ascii() {
        let wide = |b: &u8| u32::from(*b) + if *b < 0x80 { 0 } else { 0xDC00 };
        return Str::from_chars(cx, bytes.iter().map(wide).collect::<Vec<u32>>());
    }
    if let Ok(s) = std::str::from_utf8(bytes) {
        return Str::new(cx, s);
    }
    let mut chars: Vec<u32> = Vec::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        chars.extend(chunk.valid().chars().map(|c| c as u32));
        chars.extend(chunk.invalid().iter().map(|b| 0xDC00 + *b as u32));
    }
    Str::from_chars(cx, chars)
}

/// A C string from the system, decoded.
/// # Safety
/// `p` is null or NUL-terminated.
pub unsafe fn decode_c(cx: &Thread, p: *const libc::c_char) -> Value {
    if p.is_null() {
        return none();
    }
    // SAFETY: by the caller's promise.
    let c = unsafe { std::ffi::CStr::from_ptr(p) };
    Value::from_ref(decode(cx, c.to_bytes()))
}

/// `"text".into_py(cx)`: a new str.
pub trait IntoPy {
    fn into_py(self, cx: &Thread) -> Value;
}

impl IntoPy for &str {
    fn into_py(self, cx: &Thread) -> Value {
        Value::from_ref(Str::new(cx, self))
    }
}
