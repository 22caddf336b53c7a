//! `mmap`: files and anonymous memory mapped into the process.
//!
//! The mapping is described by Rust-heap state behind a Python lock; exported buffers keep it from
//! being closed or resized, so that raw pointers into it stay valid.

use crate::bufarg::BufArg;
use crate::guarded::{Guard, Guarded};
use crate::syscall::{check, last_error, once, os_error};
use taipan_vm::buffer::Buffer;
use taipan_vm::objects::bytes_ops;
use taipan_vm::objects::object::Object;
use taipan_vm::objects::slice::{Range, Slice};
use taipan_vm::prelude::*;
use taipan_vm::types::alloc::fresh_head;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Access {
    Default,
    Read,
    Write,
    Copy,
}

struct Map {
    /// Null: closed.
    data: *mut u8,
    size: usize,
    pos: usize,
    offset: i64,
    /// A duplicate of the file's descriptor; -1 for none.
    fd: i32,
    exports: usize,
    access: Access,
}

// SAFETY: the pointer is to process memory that this value owns.
unsafe impl Send for Map {}

impl Map {
    fn unmap(&mut self) {
        if !self.data.is_null() {
            // SAFETY: mapped by this module, unmapped once.
            unsafe { libc::munmap(self.data as *mut libc::c_void, self.size) };
            self.data = std::ptr::null_mut();
        }
        if self.fd >= 0 {
            // SAFETY: our own duplicate.
            unsafe { libc::close(self.fd) };
            self.fd = -1;
        }
    }

    fn copy(&self, from: usize, n: usize) -> Vec<u8> {
        assert!(from + n <= self.size);
        let mut v: Vec<u8> = Vec::with_capacity(n);
        // SAFETY: inside the mapping; other processes may write, which makes the copy arbitrary.
        unsafe {
            taipan_heap::Mutator::here().copy(self.data.add(from), v.as_mut_ptr(), n);
            v.set_len(n);
        }
        v
    }

    fn put(&self, at: usize, data: &[u8]) {
        assert!(at + data.len() <= self.size);
        // SAFETY: inside the mapping, which is writable (checked by the caller).
        unsafe { taipan_heap::Mutator::here().copy(data.as_ptr(), self.data.add(at), data.len()) }
    }

    /// The bytes of a slice, as far as they are still there.
    fn pick(&self, r: &Range) -> Vec<u8> {
        if r.step == 1 {
            let from = (r.start as usize).min(self.size);
            return self.copy(from, r.len.min(self.size - from));
        }
        let all = r.indices().filter(|i| *i < self.size);
        // SAFETY: inside the mapping, which the caller's lock holds; other processes may write.
        let pick = || all.map(|i| unsafe { self.data.add(i).read_volatile() }).collect();
        // SAFETY: as there.
        unsafe { taipan_heap::Mutator::here().plain(r.len, pick) }
    }

    /// Overwrites those bytes of a slice that are still there.
    fn put_at(&self, r: &Range, data: &[u8]) {
        if r.step == 1 {
            let from = (r.start as usize).min(self.size);
            return self.put(from, &data[..data.len().min(self.size - from)]);
        }
        let all = r.indices().zip(data).filter(|(i, _)| *i < self.size);
        // SAFETY: inside the mapping, which is writable and which the caller's lock holds.
        let put = || all.for_each(|(i, b)| unsafe { self.data.add(i).write_volatile(*b) });
        // SAFETY: as there.
        unsafe { taipan_heap::Mutator::here().plain(r.len, put) }
    }

    fn take(&mut self, n: usize) -> Vec<u8> {
        let n = n.min(self.size.saturating_sub(self.pos));
        let v = self.copy(self.pos.min(self.size), n);
        self.pos += n;
        v
    }
}

impl Drop for Map {
    fn drop(&mut self) {
        self.unmap();
    }
}

#[repr(C)]
pub struct Mmap {
    pub head: Head,
    state: Guarded<Map>,
}

taipan_vm::pytype! { Mmap, PyMmap_Type, name: "mmap", module: "mmap", base: Object,
flags: tpflags::BASETYPE, weakref: true, doc: "A file or anonymous memory mapped into the process: mmap(fileno, length[, flags[, prot[, access[, offset]]]])." }

fn open<'a>(cx: &Thread, m: &'a Mmap) -> Res<Guard<'a, Map>> {
    let g = m.state.lock(cx, Value::from_ref(m))?;
    if g.data.is_null() {
        drop(g);
        raise!(cx, ValueError, "mmap closed or invalid");
    }
    Ok(g)
}

fn writable<'a>(cx: &Thread, m: &'a Mmap) -> Res<Guard<'a, Map>> {
    let g = open(cx, m)?;
    if g.access == Access::Read {
        drop(g);
        raise!(cx, TypeError, "mmap can't modify a readonly memory map.");
    }
    Ok(g)
}

fn byte_value(cx: &Thread, v: Value) -> Res<u8> {
    if !crate::fspath::has_index(v) {
        raise!(cx, TypeError, "mmap item value must be an int");
    }
    match int_to_i64(index(cx, v)?) {
        Some(n) if (0..256).contains(&n) => Ok(n as u8),
        _ => raise!(cx, ValueError, "mmap item value must be in range(0, 256)"),
    }
}

fn find(
    cx: &Thread,
    m: &Mmap,
    view: Value,
    start: Option<isize>,
    end: Option<isize>,
    back: bool,
) -> Res<isize> {
    let want = BufArg::read(cx, view)?.to_vec();
    let g = open(cx, m)?;
    let clip = |n: isize| -> usize {
        let n = if n < 0 { n + g.size as isize } else { n };
        n.clamp(0, g.size as isize) as usize
    };
    let start = clip(start.unwrap_or(g.pos as isize));
    let end = clip(end.unwrap_or(g.size as isize));
    if end < start || end - start < want.len() {
        return Ok(-1);
    }
    // SAFETY: inside the mapping, held by the lock; other processes may write, which makes the
    // answer arbitrary.
    let hay = unsafe { std::slice::from_raw_parts(g.data.add(start), end - start) };
    if want.is_empty() {
        return Ok(if back { end } else { start } as isize);
    }
    let at = {
        let whole = (0, hay.len());
        if back { bytes_ops::rfind(hay, &want, whole) } else { bytes_ops::find(hay, &want, whole) }
    };
    Ok(at.map_or(-1, |i| (start + i) as isize))
}

#[pymethods]
impl Mmap {
    #[slot(sig = "(cls, fileno, length, flags=1, prot=3, access=0, offset=0, *, trackfd=True)")]
    fn __new__(
        cx: &Thread,
        cls: &Type,
        fileno: i32,
        length: isize,
        flags: Option<i32>,
        prot: Option<i32>,
        access: i32,
        offset: i64,
        trackfd: bool,
    ) -> Res {
        if length < 0 {
            raise!(cx, OverflowError, "memory mapped length must be positive");
        }
        if offset < 0 {
            raise!(cx, OverflowError, "memory mapped offset must be positive");
        }
        if access != 0
            && (flags.is_some_and(|f| f != libc::MAP_SHARED) || prot.is_some_and(|p| p != 3))
        {
            raise!(cx, ValueError, "mmap can't specify both access and flags, prot.");
        }
        let (mut flags, mut prot) = (flags.unwrap_or(libc::MAP_SHARED), prot.unwrap_or(3));
        let access = match access {
            1 => {
                (flags, prot) = (libc::MAP_SHARED, libc::PROT_READ);
                Access::Read
            }
            2 => {
                (flags, prot) = (libc::MAP_SHARED, libc::PROT_READ | libc::PROT_WRITE);
                Access::Write
            }
            3 => {
                (flags, prot) = (libc::MAP_PRIVATE, libc::PROT_READ | libc::PROT_WRITE);
                Access::Copy
            }
            0 if prot & libc::PROT_READ != 0 && prot & libc::PROT_WRITE == 0 => Access::Read,
            0 if prot & libc::PROT_WRITE != 0 && prot & libc::PROT_READ == 0 => Access::Write,
            0 => Access::Default,
            _ => raise!(cx, ValueError, "mmap invalid access parameter."),
        };
        crate::_io::pending::flush_all(cx)?;
        let mut size = length as usize;
        let mut st = crate::posix::stat::empty_stat();
        // SAFETY: st is of this frame.
        let known = fileno != -1 && unsafe { libc::fstat(fileno, &mut st) } == 0;
        if known && st.st_mode & libc::S_IFMT == libc::S_IFREG {
            if size == 0 {
                if st.st_size == 0 {
                    raise!(cx, ValueError, "cannot mmap an empty file");
                }
                if offset >= st.st_size {
                    raise!(cx, ValueError, "mmap offset is greater than file size");
                }
                size = (st.st_size - offset) as usize;
            } else if offset > st.st_size || (st.st_size - offset) < size as i64 {
                raise!(cx, ValueError, "mmap length is greater than file size");
            }
        }
        let mut fd = -1;
        if fileno == -1 {
            flags |= libc::MAP_ANONYMOUS;
        } else if trackfd {
            // SAFETY: plain numbers.
            fd = check(cx, unsafe { libc::fcntl(fileno, libc::F_DUPFD_CLOEXEC, 0) } as i64)? as i32;
        }
        // SAFETY: a new mapping at an address of the system's choice.
        let p = unsafe { libc::mmap(std::ptr::null_mut(), size, prot, flags, fileno, offset) };
        if p == libc::MAP_FAILED {
            let e = crate::syscall::errno();
            if fd >= 0 {
                // SAFETY: our own duplicate.
                unsafe { libc::close(fd) };
            }
            return Err(os_error(cx, e));
        }
        let map = Map { data: p as *mut u8, size, pos: 0, offset, fd, exports: 0, access };
        let m = cx.alloc_in(cls, Mmap { head: fresh_head(), state: Guarded::new(map) });
        crate::free_guarded_on_drop!(cx, m, Mmap, state);
        cx.mutator.note_external(size);
        Ok(Value::from_ref(m))
    }

    #[slot]
    fn __repr__(cx: &Thread, this: &Mmap) -> Res {
        let g = this.state.lock(cx, Value::from_ref(this))?;
        let name = taipan_vm::types::class::full_name(cx, Value::from_ref(this).ty());
        let s = if g.data.is_null() {
            format!("<{name} closed=True>")
        } else {
            let access = match g.access {
                Access::Default => "ACCESS_DEFAULT",
                Access::Read => "ACCESS_READ",
                Access::Write => "ACCESS_WRITE",
                Access::Copy => "ACCESS_COPY",
            };
            format!(
                "<{name} closed=False, access={access}, length={}, pos={}, offset={}>",
                g.size, g.pos, g.offset
            )
        };
        Ok(Value::from_ref(Str::new(cx, &s)))
    }

    #[slot]
    fn __len__(cx: &Thread, this: &Mmap) -> Res<usize> {
        Ok(open(cx, this)?.size)
    }

    #[slot]
    fn __getitem__(cx: &Thread, this: &Mmap, key: Value) -> Res {
        let size = open(cx, this)?.size;
        if let Some(s) = key.downcast::<Slice>() {
            let r = s.over(cx, size)?;
            let g = open(cx, this)?;
            let v = g.pick(&r);
            return Ok(Value::from_ref(Bytes::new(cx, &v)));
        }
        if !crate::fspath::has_index(key) {
            raise!(cx, TypeError, "mmap indices must be integers");
        }
        let i = index_isize(cx, key, exc::IndexError())?;
        let g = open(cx, this)?;
        let i = if i < 0 { i + g.size as isize } else { i };
        if i < 0 || i as usize >= g.size {
            drop(g);
            raise!(cx, IndexError, "mmap index out of range");
        }
        Ok(Value::small(g.copy(i as usize, 1)[0] as i64))
    }

    #[slot]
    fn __setitem__(cx: &Thread, this: &Mmap, key: Value, v: Option<Value>) -> Res<()> {
        let size = writable(cx, this)?.size;
        if let Some(s) = key.downcast::<Slice>() {
            let r = s.over(cx, size)?;
            let Some(v) = v else {
                raise!(cx, TypeError, "mmap object doesn't support slice deletion");
            };
            let data = BufArg::read(cx, v)?.to_vec();
            if r.len != data.len() {
                raise!(cx, IndexError, "mmap slice assignment is wrong size");
            }
            let g = writable(cx, this)?;
            g.put_at(&r, &data);
            return Ok(());
        }
        if !crate::fspath::has_index(key) {
            raise!(cx, TypeError, "mmap indices must be integers");
        }
        let i = index_isize(cx, key, exc::IndexError())?;
        let i = if i < 0 { i + size as isize } else { i };
        if i < 0 || i as usize >= size {
            raise!(cx, IndexError, "mmap index out of range");
        }
        let Some(v) = v else {
            raise!(cx, TypeError, "mmap doesn't support item deletion");
        };
        let b = byte_value(cx, v)?;
        let g = writable(cx, this)?;
        if (i as usize) < g.size {
            g.put(i as usize, &[b]);
        }
        Ok(())
    }

    #[slot]
    fn __buffer__(cx: &Thread, this: &Mmap, flags: u32) -> Res<Buffer> {
        let mut g = open(cx, this)?;
        let readonly = g.access == Access::Read;
        if readonly && flags & taipan_vm::buffer::bufflag::WRITABLE != 0 {
            drop(g);
            raise!(cx, BufferError, "Object is not writable.");
        }
        g.exports += 1;
        Ok(Buffer::bytes(Value::from_ref(this), g.data, g.size, readonly))
    }

    #[slot]
    fn __release_buffer__(cx: &Thread, this: &Mmap, _b: &Buffer) -> Res<()> {
        if let Some(mut g) = this.state.lock_opt(cx) {
            g.exports -= 1;
        }
        Ok(())
    }

    #[pymethod]
    fn close(cx: &Thread, this: &Mmap) -> Res<()> {
        let mut g = this.state.lock(cx, Value::from_ref(this))?;
        if g.exports > 0 {
            // Views that nobody holds any more are collected first.
            drop(g);
            let exported = || this.state.lock_opt(cx).is_none_or(|g| g.exports > 0);
            taipan_vm::modules::gc::collect_while(cx, exported);
            g = this.state.lock(cx, Value::from_ref(this))?;
        }
        if g.exports > 0 {
            drop(g);
            raise!(cx, BufferError, "cannot close exported pointers exist");
        }
        // To take the pages back keeps the kernel busy; the lock is one for which others wait detached.
        let size = g.size;
        cx.plain(size, || g.unmap());
        Ok(())
    }

    #[getter]
    fn closed(cx: &Thread, this: &Mmap) -> Res<bool> {
        Ok(this.state.lock(cx, Value::from_ref(this))?.data.is_null())
    }

    #[pymethod(sig = "(self, n=None, /)", text = "")]
    fn read(cx: &Thread, this: &Mmap, n: Value) -> Res {
        let n = crate::_io::base::size_arg(cx, Some(n))?;
        let v = open(cx, this)?.take(if n < 0 { usize::MAX } else { n as usize });
        Ok(Value::from_ref(Bytes::new(cx, &v)))
    }

    #[pymethod]
    fn read_byte(cx: &Thread, this: &Mmap) -> Res<u8> {
        let v = open(cx, this)?.take(1);
        match v.first() {
            Some(b) => Ok(*b),
            None => raise!(cx, ValueError, "read byte out of range"),
        }
    }

    #[pymethod]
    fn readline(cx: &Thread, this: &Mmap) -> Res {
        let mut g = open(cx, this)?;
        let rest = g.size.saturating_sub(g.pos);
        // SAFETY: inside the mapping.
        let s = unsafe { std::slice::from_raw_parts(g.data.add(g.size - rest), rest) };
        let n = crate::_io::bytesio::memchr(b'\n', s).map_or(rest, |i| i + 1);
        let v = g.take(n);
        Ok(Value::from_ref(Bytes::new(cx, &v)))
    }

    #[pymethod(text = "")]
    fn write(cx: &Thread, this: &Mmap, data: Value) -> Res<usize> {
        let data = BufArg::read(cx, data)?.to_vec();
        let mut g = writable(cx, this)?;
        if g.pos > g.size || g.size - g.pos < data.len() {
            drop(g);
            raise!(cx, ValueError, "data out of range");
        }
        g.put(g.pos, &data);
        g.pos += data.len();
        Ok(data.len())
    }

    #[pymethod(text = "")]
    fn write_byte(cx: &Thread, this: &Mmap, byte: u8) -> Res<()> {
        let mut g = writable(cx, this)?;
        if g.pos >= g.size {
            drop(g);
            raise!(cx, ValueError, "write byte out of range");
        }
        g.put(g.pos, &[byte]);
        g.pos += 1;
        Ok(())
    }

    #[pymethod(sig = "(self, view, start=None, end=None, /)", text = "")]
    fn find(
        cx: &Thread,
        this: &Mmap,
        view: Value,
        start: Option<isize>,
        end: Option<isize>,
    ) -> Res<isize> {
        find(cx, this, view, start, end, false)
    }

    #[pymethod(sig = "(self, view, start=None, end=None, /)", text = "")]
    fn rfind(
        cx: &Thread,
        this: &Mmap,
        view: Value,
        start: Option<isize>,
        end: Option<isize>,
    ) -> Res<isize> {
        find(cx, this, view, start, end, true)
    }

    #[pymethod]
    fn tell(cx: &Thread, this: &Mmap) -> Res<usize> {
        Ok(open(cx, this)?.pos)
    }

    #[pymethod(sig = "(self, pos, whence=0, /)", text = "")]
    fn seek(cx: &Thread, this: &Mmap, pos: isize, whence: i32) -> Res<usize> {
        let mut g = open(cx, this)?;
        let base = match whence {
            0 => 0,
            1 => g.pos,
            2 => g.size,
            _ => {
                drop(g);
                raise!(cx, ValueError, "unknown seek type");
            }
        };
        match (base as isize).checked_add(pos) {
            Some(n) if n >= 0 && n as usize <= g.size => {
                g.pos = n as usize;
                Ok(g.pos)
            }
            _ => {
                drop(g);
                raise!(cx, ValueError, "seek out of range")
            }
        }
    }

    #[pymethod]
    fn seekable(_cx: &Thread, _this: &Mmap) -> bool {
        true
    }

    #[pymethod]
    fn size(cx: &Thread, this: &Mmap) -> Res<i64> {
        let g = open(cx, this)?;
        if g.fd < 0 {
            return Ok(g.size as i64);
        }
        let mut st = crate::posix::stat::empty_stat();
        // SAFETY: st is of this frame.
        check(cx, unsafe { libc::fstat(g.fd, &mut st) } as i64)?;
        Ok(st.st_size)
    }

    #[pymethod(sig = "(self, offset=0, size=-1, /)", text = "")]
    fn flush(cx: &Thread, this: &Mmap, offset: isize, size: Option<isize>) -> Res<()> {
        let g = open(cx, this)?;
        let size = size.unwrap_or(g.size as isize);
        if offset < 0 || size < 0 || (g.size as isize) < offset || (g.size as isize) - offset < size
        {
            drop(g);
            raise!(cx, ValueError, "flush values out of range");
        }
        if g.access == Access::Read || g.access == Access::Copy {
            return Ok(());
        }
        // SAFETY: inside the mapping, which the lock keeps.
        let p = unsafe { g.data.add(offset as usize) } as *mut libc::c_void;
        // SAFETY: as above.
        let r = once(cx, || unsafe { libc::msync(p, size as usize, libc::MS_SYNC) } as i64);
        r.map(|_| ()).map_err(|e| os_error(cx, e))
    }

    #[pymethod(sig = "(self, dest, src, count, /)", text = "")]
    fn r#move(cx: &Thread, this: &Mmap, dest: isize, src: isize, count: isize) -> Res<()> {
        let g = writable(cx, this)?;
        let size = g.size as isize;
        let bad = dest < 0 || src < 0 || count < 0 || size - dest < count || size - src < count;
        if bad {
            drop(g);
            raise!(cx, ValueError, "source, destination, or count out of range");
        }
        // SAFETY: both ranges are inside the mapping.
        unsafe {
            let (from, to) = (g.data.add(src as usize), g.data.add(dest as usize));
            cx.mutator.plain(count as usize, || std::ptr::copy(from, to, count as usize));
        }
        Ok(())
    }

    #[pymethod(text = "")]
    fn resize(cx: &Thread, this: &Mmap, newsize: isize) -> Res<()> {
        let mut g = open(cx, this)?;
        let fault = if g.exports > 0 {
            Some(err!(cx, BufferError, "mmap can't resize with extant buffers exported."))
        } else if g.access != Access::Default && g.access != Access::Write {
            Some(err!(cx, TypeError, "mmap can't resize a readonly or copy-on-write memory map."))
        } else if newsize < 0 || g.offset.checked_add(newsize as i64).is_none() {
            Some(err!(cx, ValueError, "new size out of range"))
        } else {
            None
        };
        if let Some(e) = fault {
            return Err(e);
        }
        let n = newsize as usize;
        // SAFETY: plain numbers; the mapping is ours and not exported.
        unsafe {
            if g.fd >= 0 {
                check(cx, libc::ftruncate(g.fd, g.offset + n as i64) as i64)?;
            }
            let p = libc::mremap(g.data as *mut libc::c_void, g.size, n, libc::MREMAP_MAYMOVE);
            if p == libc::MAP_FAILED {
                return Err(last_error(cx));
            }
            g.data = p as *mut u8;
            g.size = n;
        }
        Ok(())
    }

    #[pymethod(sig = "(self, option, start=0, length=None, /)", text = "")]
    fn madvise(
        cx: &Thread,
        this: &Mmap,
        option: i32,
        start: isize,
        length: Option<isize>,
    ) -> Res<()> {
        let g = open(cx, this)?;
        let size = g.size as isize;
        let length = length.unwrap_or(size);
        let fault = if start < 0 || start >= size {
            Some(err!(cx, ValueError, "madvise start out of bounds"))
        } else if length < 0 {
            Some(err!(cx, ValueError, "madvise length invalid"))
        } else if isize::MAX - start < length {
            Some(err!(cx, OverflowError, "madvise length too large"))
        } else {
            None
        };
        if let Some(e) = fault {
            return Err(e);
        }
        let n = length.min(size - start) as usize;
        // SAFETY: inside the mapping.
        let r =
            unsafe { libc::madvise(g.data.add(start as usize) as *mut libc::c_void, n, option) };
        check(cx, r as i64).map(|_| ())
    }

    #[pymethod]
    fn __enter__(cx: &Thread, this: &Mmap) -> Res {
        open(cx, this)?;
        Ok(Value::from_ref(this))
    }

    #[pymethod(sig = "(self, /, *args)", text = "")]
    fn __exit__(cx: &Thread, this: &Mmap, _args: &[Value]) -> Res<()> {
        Mmap::close(cx, this)
    }
}

pymodule! { "mmap", doc: "Memory-mapped files.", exec: exec }

fn exec(cx: &Thread, m: &Module) -> Res<()> {
    for (name, v) in CONSTANTS {
        m.add_int(cx, name, *v);
    }
    m.add(cx, "error", Value::from_ref(exc::OSError()));
    m.add_type::<Mmap>(cx);
    Ok(())
}

static CONSTANTS: &[(&str, i64)] = &[
    ("ACCESS_COPY", 3),
    ("ACCESS_DEFAULT", 0),
    ("ACCESS_READ", 1),
    ("ACCESS_WRITE", 2),
    ("ALLOCATIONGRANULARITY", 4096),
    ("MADV_DODUMP", 17),
    ("MADV_DOFORK", 11),
    ("MADV_DONTDUMP", 16),
    ("MADV_DONTFORK", 10),
    ("MADV_DONTNEED", 4),
    ("MADV_FREE", 8),
    ("MADV_HUGEPAGE", 14),
    ("MADV_HWPOISON", 100),
    ("MADV_MERGEABLE", 12),
    ("MADV_NOHUGEPAGE", 15),
    ("MADV_NORMAL", 0),
    ("MADV_RANDOM", 1),
    ("MADV_REMOVE", 9),
    ("MADV_SEQUENTIAL", 2),
    ("MADV_UNMERGEABLE", 13),
    ("MADV_WILLNEED", 3),
    ("MAP_32BIT", 64),
    ("MAP_ANON", 32),
    ("MAP_ANONYMOUS", 32),
    ("MAP_DENYWRITE", 2048),
    ("MAP_EXECUTABLE", 4096),
    ("MAP_NORESERVE", 16384),
    ("MAP_POPULATE", 32768),
    ("MAP_PRIVATE", 2),
    ("MAP_SHARED", 1),
    ("MAP_STACK", 131072),
    ("PAGESIZE", 4096),
    ("PROT_EXEC", 4),
    ("PROT_READ", 1),
    ("PROT_WRITE", 2),
];
