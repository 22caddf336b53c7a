//! Positions: `tell` and `seek` in a stream whose bytes and characters differ in number.

use super::Session;
use crate::_io::{textcodec, unsupported};
use taipan_vm::prelude::*;

/// Where a position in the text is in the bytes: what `tell` returns as one number.
#[derive(Default, Clone, Copy, Debug)]
struct Cookie {
    start: i64,
    flags: i32,
    feed: i32,
    skip: i32,
    eof: bool,
}

impl Cookie {
    fn pack(self, cx: &Thread) -> Res {
        let low = (self.start as u64 as u128)
            | ((self.flags as u32 as u128) << 64)
            | ((self.feed as u32 as u128) << 96);
        let low = taipan_vm::objects::int::from_u128(cx, low);
        let high = self.skip as u32 as i64 | (self.eof as i64) << 32;
        if high == 0 {
            return Ok(low);
        }
        let high = binary(cx, int_from_i128(cx, high as i128), Value::small(128), BinOp::LShift)?;
        binary(cx, high, low, BinOp::Or)
    }

    fn unpack(cx: &Thread, v: Value) -> Res<Cookie> {
        let word = |shift: i64, bits: u32| -> Res<i64> {
            let x = binary(cx, v, Value::small(shift), BinOp::RShift)?;
            let mask = int_from_i128(cx, (1i128 << bits) - 1);
            let x = binary(cx, x, mask, BinOp::And)?;
            Ok(taipan_vm::objects::int::wrapping_u64(x).unwrap_or(0) as i64)
        };
        Ok(Cookie {
            start: word(0, 64)?,
            flags: word(64, 32)? as i32,
            feed: word(96, 32)? as i32,
            skip: word(128, 32)? as i32,
            eof: word(160, 8)? != 0,
        })
    }
}

impl Session<'_> {
    pub(super) fn tell(&mut self) -> Res {
        if !self.g.seekable {
            return Err(unsupported(self.cx, "underlying stream is not seekable"));
        }
        if !self.g.telling {
            raise!(self.cx, OSError, "telling position disabled by next() call");
        }
        self.flush()?;
        let pos = self.call(self.buffer(), id!(self.cx, "tell"), &[])?;
        if !self.g.can_read || !self.g.has_snapshot {
            return Ok(pos);
        }
        let snap = self.t.snapshot.get().and_then(|b| b.downcast::<Bytes>());
        let input = snap.map_or(&[][..], |b| b.as_slice());
        let mut c = Cookie {
            start: crate::_io::offset(self.cx, pos)? - input.len() as i64,
            flags: self.g.snapshot_flags as i32,
            ..Default::default()
        };
        if self.g.used == 0 {
            return c.pack(self.cx);
        }
        let saved = self.decoder_state()?;
        let r = self.locate(&mut c, input);
        let restored = match self.t.decoder.get() {
            Some(d) => {
                let cx = self.cx;
                self.g.call_out(|| textcodec::set_decoder_state(cx, d, &saved.0, saved.1))
            }
            None => self.set_decoder_state(&saved.0, saved.1),
        };
        r?;
        restored?;
        c.pack(self.cx)
    }

    /// Finds the bytes in `input` that decode to the characters handed out since the snapshot.
    fn locate(&mut self, c: &mut Cookie, input: &[u8]) -> Res<()> {
        let mut skip = self.g.used;
        let flags = c.flags as i64;
        // A guess near the position, moved back until the decoder holds nothing there.
        let mut at = ((self.g.bytes_per_char * skip as f64) as usize).min(input.len());
        let mut back = 1;
        while at > 0 {
            self.set_decoder_state(&[], flags)?;
            let n = self.decode(&input[..at], false)?.len();
            if n <= skip {
                let (held, f) = self.decoder_state()?;
                if held.is_empty() {
                    c.flags = f as i32;
                    skip -= n;
                    break;
                }
                at = at.saturating_sub(held.len());
                back = 1;
            } else {
                at = at.saturating_sub(back);
                back *= 2;
            }
        }
        if at == 0 {
            self.set_decoder_state(&[], flags)?;
        }
        c.start += at as i64;
        c.skip = skip as i32;
        if skip == 0 {
            return Ok(());
        }
        // Byte by byte to the position, remembering the last place where the decoder was empty.
        let mut seen = 0;
        let mut rest = input[at..].iter();
        loop {
            let Some(byte) = rest.next() else {
                seen += self.decode(b"", true)?.len();
                c.eof = true;
                if seen < skip {
                    raise!(self.cx, OSError, "can't reconstruct logical file position");
                }
                break;
            };
            seen += self.decode(&[*byte], false)?.len();
            c.feed += 1;
            let (held, f) = self.decoder_state()?;
            if held.is_empty() && seen <= skip {
                c.start += c.feed as i64;
                skip -= seen;
                (c.flags, c.feed, seen) = (f as i32, 0, 0);
            }
            if seen >= skip {
                break;
            }
        }
        c.skip = skip as i32;
        Ok(())
    }

    fn seek_to(&mut self, cookie: Value) -> Res {
        let c = Cookie::unpack(self.cx, cookie)?;
        let at = int_from_i128(self.cx, c.start as i128);
        self.call(self.buffer(), id!(self.cx, "seek"), &[at])?;
        self.set_decoded(None);
        self.clear_snapshot();
        let fresh = c.start == 0 && c.flags == 0;
        if self.g.can_read {
            match fresh {
                true => self.reset_decoder()?,
                false => self.set_decoder_state(&[], c.flags as i64)?,
            }
        }
        if c.skip != 0 {
            let n = Value::small(c.feed as i64);
            let got = self.call(self.buffer(), id!(self.cx, "read"), &[n])?;
            let Some(b) = got.downcast::<Bytes>() else {
                raise!(
                    self.cx,
                    TypeError,
                    "underlying read() should have returned a bytes object, not '{}'",
                    got.ty().name()
                );
            };
            self.set_snapshot(c.flags as i64, b.as_slice());
            let s = self.decode(b.as_slice(), c.eof)?;
            self.set_decoded(Some(s));
            if (s.len() as i64) < c.skip as i64 {
                raise!(self.cx, OSError, "can't restore logical file position");
            }
            self.g.used = c.skip as usize;
        } else if self.g.can_read {
            self.set_snapshot(c.flags as i64, b"");
        }
        self.reset_encoder(fresh)?;
        Ok(cookie)
    }

    pub(super) fn seek(&mut self, mut cookie: Value, whence: i32) -> Res {
        if !self.g.seekable {
            return Err(unsupported(self.cx, "underlying stream is not seekable"));
        }
        let zero = |cx: &Thread| eq(cx, cookie, Value::small(0));
        match whence {
            1 => {
                if !zero(self.cx)? {
                    return Err(unsupported(self.cx, "can't do nonzero cur-relative seeks"));
                }
                cookie = self.tell()?;
            }
            2 => {
                if !zero(self.cx)? {
                    return Err(unsupported(self.cx, "can't do nonzero end-relative seeks"));
                }
                self.flush()?;
                self.set_decoded(None);
                self.clear_snapshot();
                if self.g.can_read {
                    self.reset_decoder()?;
                }
                let args = [Value::small(0), Value::small(2)];
                let r = self.call(self.buffer(), id!(self.cx, "seek"), &args)?;
                let at_start = eq(self.cx, r, Value::small(0))?;
                self.reset_encoder(at_start)?;
                return Ok(r);
            }
            0 => {}
            _ => raise!(self.cx, ValueError, "invalid whence ({whence}, should be 0, 1 or 2)"),
        }
        if compare_bool(self.cx, cookie, Value::small(0), CmpOp::Lt)? {
            let r = repr(self.cx, cookie)?;
            raise!(self.cx, ValueError, "negative seek position {r}");
        }
        self.flush()?;
        self.seek_to(cookie)
    }
}
