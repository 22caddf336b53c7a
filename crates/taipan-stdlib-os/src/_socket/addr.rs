//! Socket addresses between Python and C: IPv4, IPv6, Unix; resolving host names.

use super::gai_error;
use crate::bufarg::BufArg;
use std::ffi::CString;
use taipan_vm::prelude::*;

/// A C socket address with its length.
pub struct Addr {
    pub storage: libc::sockaddr_storage,
    pub len: libc::socklen_t,
}

impl Addr {
    pub fn empty() -> Addr {
        // SAFETY: plain data.
        let storage = unsafe { std::mem::zeroed() };
        Addr { storage, len: size_of::<libc::sockaddr_storage>() as libc::socklen_t }
    }

    pub fn ptr(&self) -> *const libc::sockaddr {
        (&raw const self.storage).cast()
    }

    pub fn mut_ptr(&mut self) -> *mut libc::sockaddr {
        (&raw mut self.storage).cast()
    }

    fn write<T>(&mut self, at: T) {
        assert!(size_of::<T>() <= size_of::<libc::sockaddr_storage>());
        // SAFETY: sockaddr_storage is large and aligned enough for every address type.
        unsafe { (&raw mut self.storage).cast::<T>().write(at) };
        self.len = size_of::<T>() as libc::socklen_t;
    }

    fn read<T: Copy>(&self) -> T {
        // SAFETY: as above; the caller looked at the family.
        unsafe { *(&raw const self.storage).cast::<T>() }
    }
}

/// A host name argument: str (IDNA where not ASCII), bytes, bytearray.
pub fn host_arg(cx: &Thread, v: Value) -> Res<CString> {
    let bytes = match v.downcast::<Str>() {
        Some(s) => match s.as_ascii() {
            Some(a) => a.as_bytes().to_vec(),
            None => {
                let idna = Value::from_ref(Str::new(cx, "idna"));
                let b = call_method(cx, v, id!(cx, "encode"), &[idna])?;
                BufArg::read(cx, b)?.to_vec()
            }
        },
        None => match BufArg::read(cx, v) {
            Ok(b) => b.to_vec(),
            Err(_) => {
                raise!(cx, TypeError, "str, bytes or bytearray expected, not {}", v.ty().name())
            }
        },
    };
    match CString::new(bytes) {
        Ok(c) => Ok(c),
        Err(_) => raise!(cx, TypeError, "host name must not contain null character"),
    }
}

/// A list that `getaddrinfo` made, freed with it.
pub struct AddrInfo(*mut libc::addrinfo);

impl AddrInfo {
    pub fn lookup(
        cx: &Thread,
        host: Option<&CString>,
        service: Option<&CString>,
        hints: &libc::addrinfo,
    ) -> Res<AddrInfo> {
        let ptr = |s: Option<&CString>| s.map_or(std::ptr::null(), |s| s.as_ptr());
        let (h, s, hp) = (ptr(host), ptr(service), &raw const *hints);
        let mut out = std::ptr::null_mut();
        let (at, mut code) = (&raw mut out, 0);
        let c = &raw mut code;
        let _ = crate::syscall::once(cx, || {
            // SAFETY: null or NUL-terminated strings; the rest is of this frame.
            unsafe { *c = libc::getaddrinfo(h, s, hp, at) };
            0
        });
        if code != 0 {
            return Err(gai_error(cx, code));
        }
        Ok(AddrInfo(out))
    }

    pub fn each(&self, mut f: impl FnMut(&libc::addrinfo) -> Res<bool>) -> Res<()> {
        let mut p = self.0;
        // SAFETY: a list that getaddrinfo made and this value owns.
        while let Some(a) = unsafe { p.as_ref() } {
            if !f(a)? {
                break;
            }
            p = a.ai_next;
        }
        Ok(())
    }
}

impl Drop for AddrInfo {
    fn drop(&mut self) {
        if !self.0.is_null() {
            // SAFETY: made by getaddrinfo, freed once.
            unsafe { libc::freeaddrinfo(self.0) };
        }
    }
}

/// Copies an address that getaddrinfo found.
fn copy(a: &libc::addrinfo) -> Addr {
    let mut out = Addr::empty();
    let n = (a.ai_addrlen as usize).min(size_of::<libc::sockaddr_storage>());
    // SAFETY: ai_addr has ai_addrlen bytes; the storage has room for n.
    unsafe { std::ptr::copy_nonoverlapping(a.ai_addr as *const u8, out.mut_ptr() as *mut u8, n) };
    out.len = a.ai_addrlen;
    out
}

/// The address of a host for a family; "" is any, "<broadcast>" all ones (`setipaddr`).
pub fn resolve(cx: &Thread, host: &CString, family: i32) -> Res<Addr> {
    let name = host.to_bytes();
    // SAFETY: plain data and null pointers.
    let mut hints: libc::addrinfo = unsafe { std::mem::zeroed() };
    hints.ai_family = family;
    if name.is_empty() {
        hints.ai_socktype = libc::SOCK_DGRAM;
        hints.ai_flags = libc::AI_PASSIVE;
        let list = AddrInfo::lookup(cx, None, Some(&c"0".to_owned()), &hints)?;
        let mut found = None;
        let mut more = false;
        list.each(|a| {
            more = found.is_some();
            found.get_or_insert_with(|| copy(a));
            Ok(!more)
        })?;
        if more {
            raise!(cx, OSError, "wildcard resolved to multiple address");
        }
        return found.ok_or_else(|| gai_error(cx, libc::EAI_NONAME));
    }
    if name == b"255.255.255.255" || name == b"<broadcast>" {
        if family != libc::AF_INET && family != libc::AF_UNSPEC {
            raise!(cx, OSError, "address family mismatched");
        }
        return Ok(inet(u32::MAX, 0));
    }
    if let Ok(text) = host.to_str() {
        if family != libc::AF_INET6
            && let Ok(ip) = text.parse::<std::net::Ipv4Addr>()
        {
            return Ok(inet(u32::from(ip), 0));
        }
    }
    let list = AddrInfo::lookup(cx, Some(host), None, &hints)?;
    let mut found = None;
    list.each(|a| {
        found = Some(copy(a));
        Ok(false)
    })?;
    found.ok_or_else(|| gai_error(cx, libc::EAI_NONAME))
}

fn inet(host: u32, port: u16) -> Addr {
    let mut a = Addr::empty();
    // SAFETY: plain data.
    let mut s: libc::sockaddr_in = unsafe { std::mem::zeroed() };
    s.sin_family = libc::AF_INET as libc::sa_family_t;
    s.sin_port = port.to_be();
    s.sin_addr.s_addr = host.to_be();
    a.write(s);
    a
}

fn port(cx: &Thread, v: Value, func: &str) -> Res<u16> {
    if v.as_small().is_none() && !crate::fspath::has_index(v) {
        raise!(cx, TypeError, "'{}' object cannot be interpreted as an integer", v.ty().name());
    }
    match int_to_i64(index(cx, v)?) {
        Some(n) if (0..=65535).contains(&n) => Ok(n as u16),
        _ => raise!(cx, OverflowError, "{func}(): port must be 0-65535."),
    }
}

/// The address in a Python argument, for a socket's family (`getsockaddrarg`).
pub fn from_python(cx: &Thread, family: i32, v: Value, func: &str) -> Res<Addr> {
    match family {
        libc::AF_UNIX => unix(cx, v),
        libc::AF_INET => {
            let Some(t) = v.downcast::<Tuple>() else {
                raise!(
                    cx,
                    TypeError,
                    "{func}(): AF_INET address must be tuple, not {}",
                    v.ty().name()
                );
            };
            if t.len() != 2 {
                raise!(cx, TypeError, "AF_INET address must be a pair (host, port)");
            }
            let host = host_arg(cx, t.get(0))?;
            let p = port(cx, t.get(1), func)?;
            let found = resolve(cx, &host, libc::AF_INET)?;
            let mut s: libc::sockaddr_in = found.read();
            s.sin_port = p.to_be();
            let mut a = Addr::empty();
            a.write(s);
            Ok(a)
        }
        libc::AF_INET6 => {
            let Some(t) = v.downcast::<Tuple>() else {
                raise!(
                    cx,
                    TypeError,
                    "{func}(): AF_INET6 address must be tuple, not {}",
                    v.ty().name()
                );
            };
            if !(2..=4).contains(&t.len()) {
                raise!(
                    cx,
                    TypeError,
                    "AF_INET6 address must be a tuple (host, port[, flowinfo[, scopeid]])"
                );
            }
            let host = host_arg(cx, t.get(0))?;
            let p = port(cx, t.get(1), func)?;
            let extra = |i: usize| -> Res<u32> {
                match t.as_slice().get(i) {
                    Some(v) => Ok(taipan_vm::objects::int::wrapping_u64(index(cx, *v)?)
                        .unwrap_or(u64::MAX) as u32),
                    None => Ok(0),
                }
            };
            let (flow, scope) = (extra(2)?, extra(3)?);
            if flow > 0xfffff {
                raise!(cx, OverflowError, "{func}(): flowinfo must be 0-1048575.");
            }
            let found = resolve(cx, &host, libc::AF_INET6)?;
            let mut s: libc::sockaddr_in6 = found.read();
            s.sin6_port = p.to_be();
            s.sin6_flowinfo = flow.to_be();
            if t.len() == 4 {
                s.sin6_scope_id = scope;
            }
            let mut a = Addr::empty();
            a.write(s);
            Ok(a)
        }
        libc::AF_NETLINK => {
            let Some(t) = v.downcast::<Tuple>() else {
                raise!(
                    cx,
                    TypeError,
                    "{func}(): AF_NETLINK address must be tuple, not {}",
                    v.ty().name()
                );
            };
            if t.len() != 2 {
                raise!(cx, TypeError, "AF_NETLINK address must be a pair (pid, groups)");
            }
            let n = |i: usize| -> Res<u32> {
                Ok(taipan_vm::objects::int::wrapping_u64(index(cx, t.get(i))?).unwrap_or(0) as u32)
            };
            // SAFETY: plain data.
            let mut s: libc::sockaddr_nl = unsafe { std::mem::zeroed() };
            s.nl_family = libc::AF_NETLINK as libc::sa_family_t;
            s.nl_pid = n(0)?;
            s.nl_groups = n(1)?;
            let mut a = Addr::empty();
            a.write(s);
            Ok(a)
        }
        _ => raise!(cx, OSError, "{func}(): bad family"),
    }
}

fn unix(cx: &Thread, v: Value) -> Res<Addr> {
    let path = match v.downcast::<Str>() {
        Some(s) => crate::fspath::encode(cx, s)?,
        None => BufArg::read(cx, v)?.to_vec(),
    };
    // SAFETY: plain data.
    let mut s: libc::sockaddr_un = unsafe { std::mem::zeroed() };
    s.sun_family = libc::AF_UNIX as libc::sa_family_t;
    // An abstract name (or none) may use the whole field, a path needs its NUL.
    let is_abstract = path.first().is_none_or(|c| *c == 0);
    let room = s.sun_path.len() - !is_abstract as usize;
    if path.len() > room {
        raise!(cx, OSError, "AF_UNIX path too long");
    }
    for (to, from) in s.sun_path.iter_mut().zip(&path) {
        *to = *from as libc::c_char;
    }
    let mut a = Addr::empty();
    a.write(s);
    let head = std::mem::offset_of!(libc::sockaddr_un, sun_path);
    a.len = (head + path.len() + !is_abstract as usize) as libc::socklen_t;
    Ok(a)
}

fn ip_text(cx: &Thread, a: &Addr, family: i32) -> Value {
    let text = match family {
        libc::AF_INET => {
            let s: libc::sockaddr_in = a.read();
            std::net::Ipv4Addr::from(u32::from_be(s.sin_addr.s_addr)).to_string()
        }
        _ => {
            let s: libc::sockaddr_in6 = a.read();
            numeric_host(a)
                .unwrap_or_else(|| std::net::Ipv6Addr::from(s.sin6_addr.s6_addr).to_string())
        }
    };
    Value::from_ref(Str::new(cx, &text))
}

/// `getnameinfo(NI_NUMERICHOST)`: shows scopes too.
fn numeric_host(a: &Addr) -> Option<String> {
    let mut buf = [0u8; 256];
    // SAFETY: the address has `len` bytes, the buffer's size is given.
    let r = unsafe {
        libc::getnameinfo(
            a.ptr(),
            a.len,
            buf.as_mut_ptr() as *mut libc::c_char,
            buf.len() as libc::socklen_t,
            std::ptr::null_mut(),
            0,
            libc::NI_NUMERICHOST,
        )
    };
    let end = buf.iter().position(|c| *c == 0)?;
    if r == 0 { String::from_utf8(buf[..end].to_vec()).ok() } else { None }
}

/// The Python form of an address (`makesockaddr`); None where there is none.
pub fn to_python(cx: &Thread, a: &Addr) -> Res {
    if a.len == 0 {
        return Ok(none());
    }
    let n = |x: i64| Value::small(x);
    let tuple = |items: &[Value]| Ok(Value::from_ref(Tuple::from_slice(cx, items)));
    match a.storage.ss_family as i32 {
        libc::AF_INET => {
            let s: libc::sockaddr_in = a.read();
            tuple(&[ip_text(cx, a, libc::AF_INET), n(u16::from_be(s.sin_port) as i64)])
        }
        libc::AF_INET6 => {
            let s: libc::sockaddr_in6 = a.read();
            tuple(&[
                ip_text(cx, a, libc::AF_INET6),
                n(u16::from_be(s.sin6_port) as i64),
                n(u32::from_be(s.sin6_flowinfo) as i64),
                n(s.sin6_scope_id as i64),
            ])
        }
        libc::AF_UNIX => {
            let s: libc::sockaddr_un = a.read();
            let head = std::mem::offset_of!(libc::sockaddr_un, sun_path);
            let len = (a.len as usize).saturating_sub(head).min(s.sun_path.len());
            let bytes: Vec<u8> = s.sun_path[..len].iter().map(|c| *c as u8).collect();
            if bytes.first() == Some(&0) {
                return Ok(Value::from_ref(Bytes::new(cx, &bytes)));
            }
            let end = bytes.iter().position(|c| *c == 0).unwrap_or(bytes.len());
            Ok(Value::from_ref(crate::fspath::decode(cx, &bytes[..end])))
        }
        libc::AF_NETLINK => {
            let s: libc::sockaddr_nl = a.read();
            tuple(&[n(s.nl_pid as i64), n(s.nl_groups as i64)])
        }
        family => {
            let len = (a.len as usize).saturating_sub(2).min(126);
            // SAFETY: the storage is larger than that.
            let data = unsafe { std::slice::from_raw_parts((a.ptr() as *const u8).add(2), len) };
            tuple(&[n(family as i64), Value::from_ref(Bytes::new(cx, data))])
        }
    }
}

/// The address getaddrinfo found, in Python's form.
pub fn info_address(cx: &Thread, a: &libc::addrinfo) -> Res {
    to_python(cx, &copy(a))
}
