//! Names and numbers: hosts, services, protocols, interfaces, byte order.

use super::addr::{self, AddrInfo, host_arg, resolve};
use super::{gai_error, host_error};
use crate::syscall::{last_error, once};
use std::ffi::CString;
use taipan_vm::prelude::*;

fn ascii(cx: &Thread, v: Value) -> Res<CString> {
    host_arg(cx, v)
}

#[pyfunction(sig = "(host, port, family=0, type=0, proto=0, flags=0)", text = "")]
pub fn getaddrinfo(
    cx: &Thread,
    host: Value,
    port: Value,
    family: i32,
    r#type: i32,
    proto: i32,
    flags: i32,
) -> Res {
    let host = match host.is_none() {
        true => None,
        false if host.downcast::<Str>().is_some() || host.downcast::<Bytes>().is_some() => {
            Some(ascii(cx, host)?)
        }
        false => raise!(cx, TypeError, "getaddrinfo() argument 1 must be string or None"),
    };
    let service = if port.is_none() {
        None
    } else if port.downcast::<Str>().is_some() || port.downcast::<Bytes>().is_some() {
        Some(ascii(cx, port)?)
    } else if taipan_vm::objects::int::is_int(port) || port.as_small().is_some() {
        let text = to_str(cx, port)?.to_string();
        Some(CString::new(text).expect("a number has no NUL"))
    } else {
        raise!(cx, OSError, "Int or String expected")
    };
    // SAFETY: plain data and null pointers.
    let mut hints: libc::addrinfo = unsafe { std::mem::zeroed() };
    hints.ai_family = family;
    hints.ai_socktype = r#type;
    hints.ai_protocol = proto;
    hints.ai_flags = flags;
    let found = AddrInfo::lookup(cx, host.as_ref(), service.as_ref(), &hints)?;
    let list = List::new(cx);
    found.each(|a| {
        let address = addr::info_address(cx, a)?;
        // SAFETY: null or NUL-terminated.
        let name = unsafe {
            std::ffi::CStr::from_ptr(if a.ai_canonname.is_null() {
                c"".as_ptr()
            } else {
                a.ai_canonname
            })
        };
        let items = [
            Value::small(a.ai_family as i64),
            Value::small(a.ai_socktype as i64),
            Value::small(a.ai_protocol as i64),
            Value::from_ref(crate::fspath::decode(cx, name.to_bytes())),
            address,
        ];
        list.push(cx, Value::from_ref(Tuple::from_slice(cx, &items)));
        Ok(true)
    })?;
    Ok(Value::from_ref(list))
}

#[pyfunction(sig = "(sockaddr, flags, /)", text = "")]
pub fn getnameinfo(cx: &Thread, sockaddr: Value, flags: i32) -> Res {
    let Some(t) = sockaddr.downcast::<Tuple>() else {
        raise!(cx, TypeError, "getnameinfo() argument 1 must be a tuple");
    };
    if !(2..=4).contains(&t.len()) {
        raise!(cx, TypeError, "getnameinfo(): illegal sockaddr argument");
    }
    if t.get(0).downcast::<Str>().is_none() {
        raise!(cx, TypeError, "getnameinfo(): illegal sockaddr argument");
    }
    let host = ascii(cx, t.get(0))?;
    let a = resolve_numeric(cx, &host, t)?;
    let (mut h, mut s) = ([0u8; 1025], [0u8; 32]);
    let (hp, sp) = (h.as_mut_ptr() as *mut libc::c_char, s.as_mut_ptr() as *mut libc::c_char);
    let (p, n) = (a.ptr(), a.len);
    let mut code = 0;
    let c = &raw mut code;
    let _ = once(cx, || {
        // SAFETY: an address of that length; the buffers' sizes are given.
        unsafe { *c = libc::getnameinfo(p, n, hp, 1025, sp, 32, flags) };
        0
    });
    if code != 0 {
        return Err(gai_error(cx, code));
    }
    let text = |b: &[u8]| {
        let end = b.iter().position(|c| *c == 0).unwrap_or(b.len());
        Value::from_ref(crate::fspath::decode(cx, &b[..end]))
    };
    Ok(Value::from_ref(Tuple::pair(cx, text(&h), text(&s))))
}

/// The one address a numeric host of `getnameinfo` stands for.
fn resolve_numeric(cx: &Thread, host: &CString, t: &Tuple) -> Res<addr::Addr> {
    // SAFETY: plain data and null pointers.
    let mut hints: libc::addrinfo = unsafe { std::mem::zeroed() };
    hints.ai_socktype = libc::SOCK_DGRAM;
    hints.ai_flags = libc::AI_NUMERICHOST;
    let found = AddrInfo::lookup(cx, Some(host), None, &hints)?;
    let (mut family, mut n) = (0, 0);
    found.each(|a| {
        family = a.ai_family;
        n += 1;
        Ok(true)
    })?;
    if n > 1 {
        raise!(cx, OSError, "sockaddr resolved to multiple addresses");
    }
    if family == libc::AF_INET && t.len() != 2 {
        raise!(cx, OSError, "IPv4 sockaddr must be 2 tuple");
    }
    addr::from_python(cx, family, Value::from_ref(t), "getnameinfo")
}

fn ip_of(cx: &Thread, a: &addr::Addr) -> Res {
    let v = addr::to_python(cx, a)?;
    Ok(v.downcast::<Tuple>().map_or(none(), |t| t.get(0)))
}

#[pyfunction(sig = "(hostname, /)", text = "")]
pub fn gethostbyname(cx: &Thread, hostname: Value) -> Res {
    let h = ascii(cx, hostname)?;
    ip_of(cx, &resolve(cx, &h, libc::AF_INET)?)
}

/// (name, aliases, addresses) of a host found through getaddrinfo's canonical name.
fn host_entry(cx: &Thread, name: &CString, family: i32) -> Res {
    // SAFETY: plain data and null pointers.
    let mut hints: libc::addrinfo = unsafe { std::mem::zeroed() };
    hints.ai_family = family;
    hints.ai_socktype = libc::SOCK_STREAM;
    hints.ai_flags = libc::AI_CANONNAME;
    let found = AddrInfo::lookup(cx, Some(name), None, &hints)?;
    let mut canon = Value::from_ref(crate::fspath::decode(cx, name.to_bytes()));
    let list = List::new(cx);
    found.each(|a| {
        if !a.ai_canonname.is_null() {
            // SAFETY: NUL-terminated.
            canon = unsafe { crate::fspath::decode_c(cx, a.ai_canonname) };
        }
        let v = addr::info_address(cx, a)?;
        if let Some(t) = v.downcast::<Tuple>() {
            list.push(cx, t.get(0));
        }
        Ok(true)
    })?;
    let items = [canon, Value::from_ref(List::new(cx)), Value::from_ref(list)];
    Ok(Value::from_ref(Tuple::from_slice(cx, &items)))
}

#[pyfunction(sig = "(hostname, /)", text = "")]
pub fn gethostbyname_ex(cx: &Thread, hostname: Value) -> Res {
    let h = ascii(cx, hostname)?;
    host_entry(cx, &h, libc::AF_INET)
}

#[pyfunction(sig = "(ip_addr, /)", text = "")]
pub fn gethostbyaddr(cx: &Thread, ip_addr: Value) -> Res {
    let h = ascii(cx, ip_addr)?;
    let a = resolve(cx, &h, libc::AF_UNSPEC)?;
    let mut name = [0u8; 1025];
    let (np, p, n) = (name.as_mut_ptr() as *mut libc::c_char, a.ptr(), a.len);
    let mut code = 0;
    let c = &raw mut code;
    let _ = once(cx, || {
        let null = std::ptr::null_mut();
        // SAFETY: an address of that length; the buffer's size is given.
        unsafe { *c = libc::getnameinfo(p, n, np, 1025, null, 0, libc::NI_NAMEREQD) };
        0
    });
    if code != 0 {
        return Err(host_error(cx, 1, "Unknown host"));
    }
    let end = name.iter().position(|c| *c == 0).unwrap_or(name.len());
    let list = List::new(cx);
    list.push(cx, ip_of(cx, &a)?);
    let items = [
        Value::from_ref(crate::fspath::decode(cx, &name[..end])),
        Value::from_ref(List::new(cx)),
        Value::from_ref(list),
    ];
    Ok(Value::from_ref(Tuple::from_slice(cx, &items)))
}

#[pyfunction]
pub fn gethostname(cx: &Thread) -> Res {
    let mut buf = [0u8; 1024];
    // SAFETY: the buffer's size is given.
    if unsafe { libc::gethostname(buf.as_mut_ptr() as *mut libc::c_char, buf.len() - 1) } < 0 {
        return Err(last_error(cx));
    }
    let end = buf.iter().position(|c| *c == 0).unwrap_or(buf.len());
    Ok(Value::from_ref(crate::fspath::decode(cx, &buf[..end])))
}

#[pyfunction(sig = "(name, /)", text = "")]
pub fn sethostname(cx: &Thread, name: Value) -> Res<()> {
    let n = crate::fspath::fs_bytes(cx, name)?;
    // SAFETY: the length is given.
    if unsafe { libc::sethostname(n.as_ptr(), n.as_bytes().len()) } < 0 {
        return Err(last_error(cx));
    }
    Ok(())
}

/// The services database has one cursor for the whole process.
static DATABASE: std::sync::Mutex<()> = std::sync::Mutex::new(());

fn protocol(cx: &Thread, v: Option<Value>) -> Res<Option<CString>> {
    match v {
        Some(v) => match v.downcast::<Str>() {
            Some(_) => crate::fspath::fs_bytes(cx, v).map(Some),
            None => raise!(cx, TypeError, "protocol name must be str, not {}", v.ty().name()),
        },
        None => Ok(None),
    }
}

#[pyfunction(sig = "(servicename, protocolname='', /)", text = "")]
pub fn getservbyname(
    cx: &Thread,
    servicename: &'static Str,
    protocolname: Option<Value>,
) -> Res<u16> {
    let name = crate::fspath::fs_bytes(cx, Value::from_ref(servicename))?;
    let proto = protocol(cx, protocolname)?;
    let found = {
        let _g = DATABASE.lock().unwrap_or_else(|e| e.into_inner());
        let p = proto.as_ref().map_or(std::ptr::null(), |p| p.as_ptr());
        // SAFETY: NUL-terminated strings; the result is read under the lock.
        unsafe { libc::getservbyname(name.as_ptr(), p).as_ref() }.map(|s| s.s_port)
    };
    match found {
        Some(p) => Ok(u16::from_be(p as u16)),
        None => raise!(cx, OSError, "service/proto not found"),
    }
}

#[pyfunction(sig = "(port, protocolname='', /)", text = "")]
pub fn getservbyport(cx: &Thread, port: i32, protocolname: Option<Value>) -> Res {
    if !(0..=65535).contains(&port) {
        raise!(cx, OverflowError, "getservbyport: port must be 0-65535.");
    }
    let proto = protocol(cx, protocolname)?;
    let found = {
        let _g = DATABASE.lock().unwrap_or_else(|e| e.into_inner());
        let p = proto.as_ref().map_or(std::ptr::null(), |p| p.as_ptr());
        // SAFETY: NUL-terminated strings; the result is copied under the lock.
        unsafe {
            libc::getservbyport((port as u16).to_be() as i32, p)
                .as_ref()
                .map(|s| std::ffi::CStr::from_ptr(s.s_name).to_bytes().to_vec())
        }
    };
    match found {
        Some(n) => Ok(Value::from_ref(crate::fspath::decode(cx, &n))),
        None => raise!(cx, OSError, "port/proto not found"),
    }
}

#[pyfunction(sig = "(name, /)", text = "")]
pub fn getprotobyname(cx: &Thread, name: &'static Str) -> Res<i32> {
    let n = crate::fspath::fs_bytes(cx, Value::from_ref(name))?;
    let _g = DATABASE.lock().unwrap_or_else(|e| e.into_inner());
    // SAFETY: NUL-terminated; the result is read under the lock.
    let found = unsafe { libc::getprotobyname(n.as_ptr()).as_ref() }.map(|p| p.p_proto);
    match found {
        Some(p) => Ok(p),
        None => {
            drop(_g);
            raise!(cx, OSError, "protocol not found")
        }
    }
}

#[pyfunction(sig = "(ip_addr, /)")]
pub fn inet_aton(cx: &Thread, ip_addr: &'static Str) -> Res {
    unsafe extern "C" {
        #[link_name = "inet_aton"]
        fn c_inet_aton(text: *const libc::c_char, out: *mut libc::in_addr) -> libc::c_int;
    }
    let t = crate::fspath::fs_bytes(cx, Value::from_ref(ip_addr))?;
    let mut a = libc::in_addr { s_addr: 0 };
    // SAFETY: NUL-terminated; a is of this frame.
    if unsafe { c_inet_aton(t.as_ptr(), &mut a) } == 0 {
        raise!(cx, OSError, "illegal IP address string passed to inet_aton");
    }
    Ok(Value::from_ref(Bytes::new(cx, &a.s_addr.to_ne_bytes())))
}

#[pyfunction(sig = "(packed_ip, /)")]
pub fn inet_ntoa(cx: &Thread, packed_ip: Value) -> Res<String> {
    let b = crate::bufarg::BufArg::read(cx, packed_ip)?.to_vec();
    match <[u8; 4]>::try_from(b) {
        Ok(b) => Ok(std::net::Ipv4Addr::from(b).to_string()),
        Err(_) => raise!(cx, OSError, "packed IP wrong length"),
    }
}

#[pyfunction(sig = "(address_family, ip_string, /)", text = "")]
pub fn inet_pton(cx: &Thread, address_family: i32, ip_string: &'static Str) -> Res {
    let t = crate::fspath::fs_bytes(cx, Value::from_ref(ip_string))?;
    let size = match address_family {
        libc::AF_INET => 4,
        libc::AF_INET6 => 16,
        _ => return Err(crate::syscall::os_error(cx, libc::EAFNOSUPPORT)),
    };
    unsafe extern "C" {
        #[link_name = "inet_pton"]
        fn c_inet_pton(family: i32, text: *const libc::c_char, out: *mut u8) -> libc::c_int;
    }
    let mut out = [0u8; 16];
    // SAFETY: NUL-terminated; room for the longer kind.
    match unsafe { c_inet_pton(address_family, t.as_ptr(), out.as_mut_ptr()) } {
        1 => Ok(Value::from_ref(Bytes::new(cx, &out[..size]))),
        0 => raise!(cx, OSError, "illegal IP address string passed to inet_pton"),
        _ => Err(last_error(cx)),
    }
}

#[pyfunction(sig = "(address_family, packed_ip, /)", text = "")]
pub fn inet_ntop(cx: &Thread, address_family: i32, packed_ip: Value) -> Res {
    let b = crate::bufarg::BufArg::read(cx, packed_ip)?.to_vec();
    let size = match address_family {
        libc::AF_INET => 4,
        libc::AF_INET6 => 16,
        f => raise!(cx, ValueError, "unknown address family {f}"),
    };
    if b.len() != size {
        raise!(cx, ValueError, "invalid length of packed IP address string");
    }
    unsafe extern "C" {
        #[link_name = "inet_ntop"]
        fn c_inet_ntop(
            family: i32,
            from: *const u8,
            to: *mut libc::c_char,
            n: u32,
        ) -> *const libc::c_char;
    }
    let mut out = [0 as libc::c_char; 64];
    // SAFETY: `size` bytes in, the buffer's size is given.
    let r = unsafe { c_inet_ntop(address_family, b.as_ptr(), out.as_mut_ptr(), 64) };
    if r.is_null() {
        return Err(last_error(cx));
    }
    // SAFETY: NUL-terminated.
    Ok(unsafe { crate::fspath::decode_c(cx, r) })
}

fn short(cx: &Thread, v: Value, func: &str) -> Res<u16> {
    let i = index(cx, v)?;
    match int_to_i64(i) {
        Some(n) if n < 0 => {
            raise!(
                cx,
                OverflowError,
                "{func}: can't convert negative Python int to C 16-bit unsigned integer"
            )
        }
        Some(n) if n <= 0xffff => Ok(n as u16),
        _ => raise!(
            cx,
            OverflowError,
            "{func}: Python int too large to convert to C 16-bit unsigned integer"
        ),
    }
}

fn long(cx: &Thread, v: Value) -> Res<u32> {
    if !taipan_vm::objects::int::is_int(v) && v.as_small().is_none() {
        raise!(cx, TypeError, "expected int, {} found", v.ty().name());
    }
    match int_to_i64(v) {
        Some(n) if n < 0 => {
            raise!(cx, OverflowError, "can't convert negative value to unsigned int")
        }
        Some(n) if n <= u32::MAX as i64 => Ok(n as u32),
        _ => raise!(cx, OverflowError, "int larger than 32 bits"),
    }
}

#[pyfunction]
pub fn htons(cx: &Thread, x: Value) -> Res<u16> {
    Ok(short(cx, x, "htons")?.to_be())
}

#[pyfunction]
pub fn ntohs(cx: &Thread, x: Value) -> Res<u16> {
    Ok(u16::from_be(short(cx, x, "ntohs")?))
}

#[pyfunction(text = "($self, object, /)")]
pub fn htonl(cx: &Thread, x: Value) -> Res<u32> {
    Ok(long(cx, x)?.to_be())
}

#[pyfunction(text = "($self, object, /)")]
pub fn ntohl(cx: &Thread, x: Value) -> Res<u32> {
    Ok(u32::from_be(long(cx, x)?))
}

#[pyfunction]
pub fn if_nameindex(cx: &Thread) -> Res {
    let list = List::new(cx);
    // SAFETY: the array ends with an index of 0 and is freed once.
    unsafe {
        let all = libc::if_nameindex();
        if all.is_null() {
            return Err(last_error(cx));
        }
        let mut p = all;
        while (*p).if_index != 0 && !(*p).if_name.is_null() {
            let name = crate::fspath::decode_c(cx, (*p).if_name);
            list.push(
                cx,
                Value::from_ref(Tuple::pair(cx, Value::small((*p).if_index as i64), name)),
            );
            p = p.add(1);
        }
        libc::if_freenameindex(all);
    }
    Ok(Value::from_ref(list))
}

#[pyfunction(sig = "(oname, /)")]
pub fn if_nametoindex(cx: &Thread, oname: Value) -> Res<u32> {
    let n = crate::fspath::fs_bytes(cx, oname)?;
    // SAFETY: NUL-terminated.
    match unsafe { libc::if_nametoindex(n.as_ptr()) } {
        0 => raise!(cx, OSError, "no interface with this name"),
        i => Ok(i),
    }
}

#[pyfunction(sig = "(if_index, /)", text = "($self, object, /)")]
pub fn if_indextoname(cx: &Thread, if_index: u32) -> Res {
    let mut buf = [0 as libc::c_char; 64];
    // SAFETY: larger than IF_NAMESIZE.
    if unsafe { libc::if_indextoname(if_index, buf.as_mut_ptr()) }.is_null() {
        return Err(last_error(cx));
    }
    // SAFETY: NUL-terminated.
    Ok(unsafe { crate::fspath::decode_c(cx, buf.as_ptr()) })
}
