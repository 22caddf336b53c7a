//! A zlib stream, owned: the only place that calls the library.

use libz_rs_sys as z;
use std::ffi::{CStr, c_int};

pub use z::{
    Z_BLOCK, Z_BUF_ERROR, Z_DATA_ERROR, Z_FINISH, Z_NEED_DICT, Z_NO_FLUSH, Z_OK, Z_STREAM_END,
    Z_STREAM_ERROR, Z_SYNC_FLUSH, Z_VERSION_ERROR,
};

/// Most input given to the library in one call: its counters have 32 bits.
const MAX_CALL: usize = 1 << 30;

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Deflate,
    Inflate,
}

/// The parameters of a compressor.
#[derive(Clone, Copy)]
pub struct DeflateParams {
    pub level: c_int,
    pub method: c_int,
    pub wbits: c_int,
    pub mem_level: c_int,
    pub strategy: c_int,
}

pub struct Stream {
    raw: Box<z::z_stream>,
    kind: Kind,
}

// SAFETY: the stream is only reached through its owner; the library keeps no thread's data.
unsafe impl Send for Stream {}

/// What went wrong: the library's code and message.
#[derive(Debug, Clone)]
pub struct Failure {
    pub code: c_int,
    pub detail: Option<String>,
}

impl Stream {
    pub fn deflate(p: DeflateParams) -> Result<Stream, Failure> {
        let mut s = Stream::blank(Kind::Deflate);
        // SAFETY: the stream is zeroed, the version is the library's own, the size is the struct's.
        let code = unsafe {
            z::deflateInit2_(
                &mut *s.raw,
                p.level,
                p.method,
                p.wbits,
                p.mem_level,
                p.strategy,
                z::zlibVersion(),
                size_of::<z::z_stream>() as c_int,
            )
        };
        s.started(code)
    }

    pub fn inflate(wbits: c_int) -> Result<Stream, Failure> {
        let mut s = Stream::blank(Kind::Inflate);
        // SAFETY: as in `deflate`.
        let code = unsafe {
            z::inflateInit2_(
                &mut *s.raw,
                wbits,
                z::zlibVersion(),
                size_of::<z::z_stream>() as c_int,
            )
        };
        s.started(code)
    }

    fn blank(kind: Kind) -> Stream {
        // SAFETY: z_stream is a C struct of pointers, integers and optional functions: zeros are valid.
        Stream { raw: Box::new(unsafe { std::mem::zeroed() }), kind }
    }

    fn started(self, code: c_int) -> Result<Stream, Failure> {
        if code == Z_OK { Ok(self) } else { Err(self.failure(code)) }
    }

    pub fn failure(&self, code: c_int) -> Failure {
        let msg = self.raw.msg;
        let detail = if msg.is_null() {
            None
        } else {
            // SAFETY: the library's messages are static C strings.
            Some(unsafe { CStr::from_ptr(msg) }.to_string_lossy().into_owned())
        };
        Failure { code, detail }
    }

    /// One call: uses input, appends at most `room` bytes. Gives the code, and the bytes used and made.
    pub fn step(
        &mut self,
        input: &[u8],
        out: &mut Vec<u8>,
        room: usize,
        flush: c_int,
    ) -> (c_int, usize, usize) {
        let room = room.min(MAX_CALL);
        let input = &input[..input.len().min(MAX_CALL)];
        out.reserve(room);
        let r = &mut *self.raw;
        r.next_in = input.as_ptr().cast_mut();
        r.avail_in = input.len() as u32;
        // SAFETY: `reserve` made room after the vector's length.
        r.next_out = unsafe { out.as_mut_ptr().add(out.len()) };
        r.avail_out = room as u32;
        // SAFETY: the stream was started; input and output are live for the call and as long as it says.
        let code = unsafe {
            match self.kind {
                Kind::Deflate => z::deflate(r, flush),
                Kind::Inflate => z::inflate(r, flush),
            }
        };
        let used = input.len() - r.avail_in as usize;
        let made = room - r.avail_out as usize;
        r.next_in = std::ptr::null_mut();
        r.avail_in = 0;
        // SAFETY: the library wrote `made` bytes after the old length.
        unsafe { out.set_len(out.len() + made) };
        (code, used, made)
    }

    pub fn set_dictionary(&mut self, dict: &[u8]) -> c_int {
        // SAFETY: the stream was started; the dictionary is live for the call.
        unsafe {
            match self.kind {
                Kind::Deflate => {
                    z::deflateSetDictionary(&mut *self.raw, dict.as_ptr(), dict.len() as u32)
                }
                Kind::Inflate => {
                    z::inflateSetDictionary(&mut *self.raw, dict.as_ptr(), dict.len() as u32)
                }
            }
        }
    }

    pub fn try_clone(&mut self) -> Result<Stream, Failure> {
        let mut copy = Stream::blank(self.kind);
        // SAFETY: both streams are valid; the copy takes over a state of its own.
        let code = unsafe {
            match self.kind {
                Kind::Deflate => z::deflateCopy(&mut *copy.raw, &mut *self.raw),
                Kind::Inflate => z::inflateCopy(&mut *copy.raw, &*self.raw),
            }
        };
        copy.started(code)
    }

    /// Uses all the input; output grows as needed.
    pub fn run(&mut self, input: &[u8], flush: c_int, out: &mut Vec<u8>) -> Result<c_int, Failure> {
        let mut at = 0;
        loop {
            let last = input.len() - at <= MAX_CALL;
            let room = next_room(out.len());
            let (code, used, made) =
                self.step(&input[at..], out, room, if last { flush } else { Z_NO_FLUSH });
            at += used;
            if code == Z_STREAM_ERROR {
                return Err(self.failure(code));
            }
            if code == Z_STREAM_END || (made < room && at == input.len()) {
                return Ok(code);
            }
            if made < room && used == 0 {
                return Ok(code);
            }
        }
    }

    /// Inflates until the input is used up, `out` holds `max` bytes or the stream ends. Gives the
    /// last code and the bytes used. `Err`: the dictionary was refused.
    pub fn inflate_until(
        &mut self,
        input: &[u8],
        out: &mut Vec<u8>,
        max: Option<usize>,
        dict: Option<&[u8]>,
        flush: c_int,
    ) -> Result<(c_int, usize), Failure> {
        let mut at = 0;
        let mut room = 0;
        loop {
            let mut code;
            loop {
                if room == 0 {
                    room = next_room(out.len());
                    if let Some(m) = max {
                        if out.len() >= m {
                            return Ok((Z_OK, at));
                        }
                        room = room.min(m - out.len());
                    }
                }
                let (c, used, made) = self.step(&input[at..], out, room, flush);
                code = c;
                at += used;
                room -= made;
                match (code, dict) {
                    (Z_OK | Z_BUF_ERROR | Z_STREAM_END, _) => {}
                    (Z_NEED_DICT, Some(d)) => {
                        let c = self.set_dictionary(d);
                        if c != Z_OK {
                            return Err(self.failure(c));
                        }
                    }
                    _ => return Ok((code, at)),
                }
                if code == Z_STREAM_END || !(room == 0 || code == Z_NEED_DICT) {
                    break;
                }
            }
            if code == Z_STREAM_END || at == input.len() || code == Z_BUF_ERROR {
                return Ok((code, at));
            }
        }
    }
}

/// How much output to make room for where so much is there already.
fn next_room(have: usize) -> usize {
    have.clamp(16 * 1024, 64 << 20)
}

impl Drop for Stream {
    fn drop(&mut self) {
        // SAFETY: the stream is valid or was never started, which the library tells apart.
        unsafe {
            match self.kind {
                Kind::Deflate => z::deflateEnd(&mut *self.raw),
                Kind::Inflate => z::inflateEnd(&mut *self.raw),
            };
        }
    }
}

pub fn crc32(start: u32, data: &[u8]) -> u32 {
    // SAFETY: the slice is live for the call.
    unsafe { z::crc32_z(start as _, data.as_ptr(), data.len()) as u32 }
}

pub fn adler32(start: u32, data: &[u8]) -> u32 {
    // SAFETY: the slice is live for the call.
    unsafe { z::adler32_z(start as _, data.as_ptr(), data.len()) as u32 }
}
