//! `Source`: where an unpickler's bytes come from: memory, or the methods of a file. Of a file only what is
//! needed is read, since another pickle may follow; `peek`, where there is one, lets it look further.

use super::unpickling_error;
use taipan_vm::buffer::{self, Buffer, bufflag};
use taipan_vm::objects::bytearray::ByteArray;
use taipan_vm::objects::memoryview;
use taipan_vm::prelude::*;

/// Bytes that are asked for where looking ahead costs nothing.
const PREFETCH: usize = 128 << 10;

/// Bytes beyond which a length found in a pickle is not believed until they have come.
const BELIEVED: usize = 16 << 20;

pub struct Source {
    /// The bytes read last, of `holder`.
    data: &'static [u8],
    holder: Option<Value>,
    pos: usize,
    /// From here on they were only looked at, and the file still has them.
    prefetched: usize,
    read: Option<Value>,
    readinto: Option<Value>,
    readline: Option<Value>,
    peek: Option<Value>,
}

/// What is kept of a source between two calls of `Unpickler.load`.
pub struct Kept {
    pub holder: Option<Value>,
    pub pos: usize,
    pub prefetched: usize,
}

/// The methods of a file, in the order `read`, `readinto`, `readline`, `peek`.
pub type FileMethods = [Option<Value>; 4];

pub fn file_methods(cx: &Thread, file: Value) -> Res<FileMethods> {
    let peek = get_attr_opt(cx, file, id!(cx, "peek"))?;
    let readinto = get_attr_opt(cx, file, id!(cx, "readinto"))?;
    let read = get_attr_opt(cx, file, id!(cx, "read"))?;
    let readline = get_attr_opt(cx, file, id!(cx, "readline"))?;
    if read.is_none() || readline.is_none() {
        raise!(cx, TypeError, "file must have 'read' and 'readline' attributes");
    }
    Ok([read, readinto, readline, peek])
}

#[cold]
fn truncated(cx: &Thread) -> Raised {
    unpickling_error!(cx, "pickle data was truncated")
}

impl Source {
    pub fn empty() -> Source {
        Source {
            data: &[],
            holder: None,
            pos: 0,
            prefetched: 0,
            read: None,
            readinto: None,
            readline: None,
            peek: None,
        }
    }

    pub fn of_file(cx: &Thread, file: Value) -> Res<Source> {
        let none = Kept { holder: None, pos: 0, prefetched: 0 };
        Ok(Source::of_methods(file_methods(cx, file)?, none))
    }

    pub fn of_methods([read, readinto, readline, peek]: FileMethods, kept: Kept) -> Source {
        let holder = kept.holder.and_then(|h| h.downcast::<Bytes>());
        let data = holder.map_or(&[][..], |b| b.as_slice());
        Source {
            data,
            holder: kept.holder,
            pos: kept.pos.min(data.len()),
            prefetched: kept.prefetched,
            read,
            readinto,
            readline,
            peek,
        }
    }

    pub fn kept(&self) -> Kept {
        Kept { holder: self.holder, pos: self.pos, prefetched: self.prefetched }
    }

    /// Reads from now on what an object's buffer holds.
    pub fn set_input(&mut self, cx: &Thread, v: Value) -> Res<()> {
        let b = match v.downcast::<Bytes>() {
            Some(b) => b,
            None => {
                let b = buffer::get(cx, v, bufflag::ND)?;
                let data = b.to_vec();
                b.release(cx)?;
                Bytes::try_new_in(cx, Bytes::type_object(), &data)?
            }
        };
        self.data = b.as_slice();
        self.holder = Some(Value::from_ref(b));
        self.pos = 0;
        self.prefetched = self.data.len();
        Ok(())
    }

    #[inline(always)]
    pub fn byte(&mut self, cx: &Thread) -> Res<u8> {
        match self.data.get(self.pos) {
            Some(&b) => {
                self.pos += 1;
                Ok(b)
            }
            None => Ok(self.take_slowly(cx, 1)?[0]),
        }
    }

    /// The next `n` bytes.
    #[inline(always)]
    pub fn take(&mut self, cx: &Thread, n: usize) -> Res<&'static [u8]> {
        let rest = &self.data[self.pos..];
        if n <= rest.len() {
            self.pos += n;
            return Ok(&rest[..n]);
        }
        self.take_slowly(cx, n)
    }

    #[inline(always)]
    pub fn array<const N: usize>(&mut self, cx: &Thread) -> Res<[u8; N]> {
        let mut a = [0; N];
        a.copy_from_slice(self.take(cx, N)?);
        Ok(a)
    }

    /// The next `n` bytes will be read again.
    pub fn back(&mut self, n: usize) {
        self.pos = self.pos.saturating_sub(n);
    }

    #[cold]
    fn take_slowly(&mut self, cx: &Thread, n: usize) -> Res<&'static [u8]> {
        if n > isize::MAX as usize - self.pos {
            return Err(unpickling_error!(cx, "read would overflow (invalid bytecode)"));
        }
        if self.read.is_none() || self.read_from_file(cx, n)? < n {
            return Err(truncated(cx));
        }
        self.pos = n;
        Ok(&self.data[..n])
    }

    /// Lets the file go on where this has come to.
    pub fn skip_consumed(&mut self, cx: &Thread) -> Res<()> {
        if self.pos > self.prefetched
            && let Some(read) = self.read
        {
            let n = self.pos - self.prefetched;
            call(cx, read, &[Value::small(n as i64)])?;
            self.prefetched = self.pos;
        }
        Ok(())
    }

    /// Gets `n` bytes or more, fewer at the end; how many there are.
    fn read_from_file(&mut self, cx: &Thread, n: usize) -> Res<usize> {
        self.skip_consumed(cx)?;
        if let Some(peek) = self.peek
            && n < PREFETCH
        {
            match call(cx, peek, &[Value::small(PREFETCH as i64)]) {
                Ok(v) => {
                    self.set_input(cx, v)?;
                    self.prefetched = 0;
                    if n <= self.data.len() {
                        return Ok(n);
                    }
                }
                Err(e) if e.is(exc::NotImplementedError()) => self.peek = None,
                Err(e) => return Err(e),
            }
        }
        let read = self.read.expect("the caller has looked");
        let v = call(cx, read, &[int_from_i128(cx, n as i128)])?;
        self.set_input(cx, v)?;
        Ok(self.data.len())
    }

    /// The next line, with its newline.
    pub fn line(&mut self, cx: &Thread) -> Res<&'static [u8]> {
        let rest = &self.data[self.pos..];
        let at = cx.plain(rest.len(), || rest.iter().position(|b| *b == b'\n'));
        if let Some(i) = at {
            self.pos += i + 1;
            return Ok(&rest[..=i]);
        }
        let Some(readline) = self.readline else { return Err(truncated(cx)) };
        self.skip_consumed(cx)?;
        let v = call(cx, readline, &[])?;
        self.set_input(cx, v)?;
        if self.data.last() != Some(&b'\n') {
            return Err(truncated(cx));
        }
        self.pos = self.data.len();
        Ok(self.data)
    }

    /// The next line, which holds something.
    pub fn full_line(&mut self, cx: &Thread) -> Res<&'static [u8]> {
        let line = self.line(cx)?;
        if line.len() < 2 { Err(truncated(cx)) } else { Ok(line) }
    }

    /// A bytearray of the next `n` bytes, which the file may write into it itself.
    pub fn take_mutable(&mut self, cx: &Thread, n: usize) -> Res<&'static ByteArray> {
        let rest = self.data.len() - self.pos;
        if n <= rest || self.read.is_none() {
            let data = self.take(cx, n)?;
            return ByteArray::new_in(cx, ByteArray::type_object(), data);
        }
        let b = ByteArray::new_in(cx, ByteArray::type_object(), &self.data[self.pos..])?;
        self.pos = self.data.len();
        self.skip_consumed(cx)?;
        while b.len() < n {
            let piece = (n - b.len()).min(BELIEVED);
            match self.readinto {
                Some(f) => read_into(cx, f, b, piece)?,
                None => self.read_piece(cx, b, piece)?,
            }
        }
        Ok(b)
    }

    fn read_piece(&self, cx: &Thread, b: &ByteArray, n: usize) -> Res<()> {
        let read = self.read.expect("the caller has looked");
        let v = call(cx, read, &[Value::small(n as i64)])?;
        let Some(data) = v.downcast::<Bytes>() else {
            let shown = repr(cx, Value::from_ref(v.ty()))?;
            raise!(cx, ValueError, "read() returned non-bytes object ({shown})");
        };
        if data.len() < n {
            return Err(truncated(cx));
        }
        b.push_bytes(cx, &data.as_slice()[..n])
    }

    /// The next `n` bytes as a bytes object.
    pub fn take_bytes(&mut self, cx: &Thread, n: usize) -> Res {
        if n <= self.data.len() - self.pos || self.read.is_none() {
            let data = self.take(cx, n)?;
            return Ok(Value::from_ref(Bytes::try_new_in(cx, Bytes::type_object(), data)?));
        }
        self.take_mutable(cx, n)?.as_bytes(cx)
    }
}

/// Appends `n` bytes that `readinto` writes.
fn read_into(cx: &Thread, readinto: Value, b: &ByteArray, n: usize) -> Res<()> {
    let at = b.len();
    b.push_bytes(cx, &vec![0; n])?;
    let view = {
        let (ptr, len) = b.begin_export();
        let tail = Buffer::bytes(Value::from_ref(b), ptr.wrapping_add(at), len - at, false);
        memoryview::from_buffer(cx, &tail)
    };
    let r = call(cx, readinto, &[view]);
    // Who kept the view has none of the memory any more.
    let released = call_method(cx, view, id!(cx, "release"), &[]);
    let got = index_isize(cx, r?, exc::OverflowError())?;
    released?;
    if got < 0 {
        raise!(cx, ValueError, "readinto() returned negative size");
    }
    if (got as usize) < n { Err(truncated(cx)) } else { Ok(()) }
}
