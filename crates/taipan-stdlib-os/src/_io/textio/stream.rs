//! Reading and writing: chunks, lines, line ends.

use super::Session;
use crate::_io::newline::through;
use crate::_io::{buffered, bytesio, pending, textcodec, unsupported};
use taipan_vm::prelude::*;

/// The `newline` argument as one of its five legal values.
pub fn newline_arg(cx: &Thread, s: &'static Str) -> Res<&'static str> {
    for nl in ["", "\n", "\r", "\r\n"] {
        if s.eq_str(nl) {
            return Ok(nl);
        }
    }
    if s.chars().any(|c| c == 0) {
        raise!(cx, ValueError, "embedded null character");
    }
    let r = repr(cx, Value::from_ref(s))?;
    raise!(cx, ValueError, "illegal newline value: {r}")
}

/// The text with each "\n" as `nl`.
pub fn replace_newlines(cx: &Thread, s: &'static Str, nl: &str) -> Res<&'static Str> {
    let replaced = through(s, || {
        if !s.chars().any(|c| c == 10) {
            return None;
        }
        let mut out: Vec<u32> = Vec::with_capacity(s.len() + 16);
        for c in s.chars() {
            match c {
                10 => out.extend(nl.chars().map(|c| c as u32)),
                c => out.push(c),
            }
        }
        Some(out)
    });
    Ok(replaced.map_or(s, |chars| Str::from_ucs4(cx, &chars)))
}

/// The position after the first line end in `s[from..]`.
fn find_line_end(s: &Str, from: usize, universal: bool, nl: Option<&str>) -> Option<usize> {
    use taipan_vm::objects::str::Data;
    let latin = match s.data() {
        Data::Latin1(b) => Some(b),
        _ => None,
    };
    let find = |from: usize, c: u8| -> Option<usize> {
        match latin {
            Some(b) => bytesio::memchr(c, &b[from..]).map(|i| from + i),
            None => through(s, || (from..s.len()).find(|i| s.char_at(*i) == c as u32)),
        }
    };
    if universal {
        let lf = find(from, b'\n');
        let cr = find(from, b'\r').filter(|c| lf.is_none_or(|l| *c < l));
        return match (cr, lf) {
            (Some(c), Some(l)) if l == c + 1 => Some(l + 1),
            (Some(c), _) => Some(c + 1),
            (None, l) => l.map(|l| l + 1),
        };
    }
    match nl {
        None | Some("\n") | Some("") => find(from, b'\n').map(|i| i + 1),
        Some("\r") => find(from, b'\r').map(|i| i + 1),
        Some(_) => {
            let mut at = from;
            while let Some(i) = find(at, b'\r') {
                if i + 1 < s.len() && s.char_at(i + 1) == 10 {
                    return Some(i + 2);
                }
                at = i + 1;
            }
            None
        }
    }
}

impl Session<'_> {
    /// Hands the encoded text to the buffer.
    pub(super) fn flush_writes(&mut self) -> Res<()> {
        if self.g.unwritten.is_empty() {
            return Ok(());
        }
        let data = std::mem::take(&mut self.g.unwritten);
        let b = self.buffer();
        if let Some(w) = buffered::as_buffered(b)
            && b.ty().is(buffered::BufferedWriter::type_object())
        {
            let cx = self.cx;
            self.g.call_out(|| buffered::write_bytes(cx, w, &data))?;
            return Ok(());
        }
        let v = Value::from_ref(Bytes::new(self.cx, &data));
        loop {
            match self.call(b, id!(self.cx, "write"), &[v]) {
                Ok(_) => return Ok(()),
                Err(e) if e.is(exc::InterruptedError()) => {
                    let cx = self.cx;
                    self.g.call_out(|| crate::syscall::check_signals(cx))?;
                }
                Err(e) => return Err(e),
            }
        }
    }

    fn flush_buffer(&mut self) -> Res<()> {
        self.call(self.buffer(), id!(self.cx, "flush"), &[]).map(|_| ())
    }

    /// Reads and decodes one chunk; false at the end.
    pub(super) fn read_chunk(&mut self, hint: usize) -> Res<bool> {
        if !self.g.can_read {
            return Err(unsupported(self.cx, "not readable"));
        }
        let before = if self.g.telling { Some(self.decoder_state()?) } else { None };
        let mut n = self.g.chunk;
        if hint > 0 {
            n = n.max((self.g.bytes_per_char.max(1.0) * hint as f64) as usize);
        }
        let (name, text) = match self.g.has_read1 {
            true => (id!(self.cx, "read1"), "read1"),
            false => (id!(self.cx, "read"), "read"),
        };
        let got = self.call(self.buffer(), name, &[Value::small(n as i64)])?;
        let input = textcodec::input_bytes(self.cx, got, text)?;
        let end = input.is_empty();
        let s = self.decode(&input, end)?;
        self.set_decoded(Some(s));
        let chars = s.len();
        self.g.bytes_per_char = if chars > 0 { input.len() as f64 / chars as f64 } else { 0.0 };
        if let Some((held, flags)) = before {
            let all = [held, input].concat();
            self.set_snapshot(flags, &all);
        }
        Ok(!end || chars > 0)
    }

    pub(super) fn reset_encoder(&mut self, at_start: bool) -> Res<()> {
        let Some(e) = self.t.encoder.get() else { return Ok(()) };
        if at_start {
            self.call(e, id!(self.cx, "reset"), &[])?;
        } else {
            self.call(e, id!(self.cx, "setstate"), &[Value::small(0)])?;
        }
        Ok(())
    }

    /// The text from here to the end.
    pub(super) fn read_all(&mut self) -> Res {
        let got = self.call(self.buffer(), id!(self.cx, "read"), &[])?;
        let input = textcodec::input_bytes(self.cx, got, "read")?;
        let rest = self.decode(&input, true)?;
        let first = self.take(usize::MAX);
        if self.g.has_decoded {
            self.set_decoded(None);
        }
        self.clear_snapshot();
        Ok(Value::from_ref(match first {
            Some(f) => Str::concat(self.cx, f, rest)?,
            None => rest,
        }))
    }

    pub(super) fn read(&mut self, n: usize) -> Res {
        let mut parts: GcVec<Value> = GcVec::new();
        let mut left = n;
        if let Some(s) = self.take(left) {
            left -= s.len();
            parts.push(Value::from_ref(s));
        }
        while left > 0 {
            if !self.read_chunk(left)? {
                break;
            }
            if let Some(s) = self.take(left) {
                left -= s.len();
                parts.push(Value::from_ref(s));
            }
        }
        self.join(&parts)
    }

    fn join(&self, parts: &[Value]) -> Res {
        match parts {
            [] => Ok(Value::from_ref(Str::new(self.cx, ""))),
            [one] => Ok(*one),
            many => {
                let list = Value::from_ref(List::from_slice(self.cx, many));
                let empty = Value::from_ref(Str::new(self.cx, ""));
                call_method(self.cx, empty, id!(self.cx, "join"), &[list])
            }
        }
    }

    pub(super) fn readline(&mut self, limit: isize) -> Res {
        self.flush_writes()?;
        let (universal, nl) = (self.g.universal && !self.g.read_translate, self.g.read_nl);
        let mut parts: GcVec<Value> = GcVec::new();
        let mut length = 0usize;
        // A "\r" at the end of a chunk that may be half of the line end.
        let mut carried = false;
        loop {
            let rest = self.decoded().map_or(0, |d| d.len() - self.g.used);
            if rest == 0 {
                self.set_decoded(None);
                let more = self.read_chunk(0)?;
                if !more {
                    self.set_decoded(None);
                    self.clear_snapshot();
                    if carried {
                        parts.push(Value::from_ref(Str::new(self.cx, "\r")));
                    }
                    break;
                }
                continue;
            }
            let mut d = self.decoded().expect("some text is left");
            if carried {
                carried = false;
                let cr = Str::new(self.cx, "\r");
                let tail = Str::substring(self.cx, d, self.g.used, d.len());
                if tail.len() > 0 && tail.char_at(0) == 10 {
                    // The pair is complete: hand it out with what came before.
                    parts.push(Value::from_ref(Str::new(self.cx, "\r\n")));
                    self.g.used += 1;
                    break;
                }
                parts.push(Value::from_ref(cr));
                length += 1;
                d = self.decoded().expect("unchanged");
            }
            let from = self.g.used;
            let mut end = find_line_end(d, from, universal, nl);
            let room = if limit >= 0 { limit as usize - length } else { usize::MAX };
            let reach = end.unwrap_or(d.len());
            if reach - from >= room {
                end = Some(from + room);
            }
            if let Some(end) = end {
                parts.push(Value::from_ref(Str::substring(self.cx, d, from, end)));
                self.g.used = end;
                break;
            }
            let mut to = d.len();
            if nl == Some("\r\n") && !universal && d.char_at(to - 1) == 13 {
                carried = true;
                to -= 1;
            }
            if to > from {
                parts.push(Value::from_ref(Str::substring(self.cx, d, from, to)));
            }
            length += to - from;
            self.g.used = d.len();
        }
        self.join(&parts)
    }

    pub(super) fn write(&mut self, text: &'static Str) -> Res<()> {
        if !self.g.can_write {
            return Err(unsupported(self.cx, "not writable"));
        }
        let watch = self.g.write_nl.is_some() || self.g.line_buffering;
        let has = |c: u32| match text.as_ascii() {
            Some(a) => bytesio::memchr(c as u8, a.as_bytes()).is_some(),
            None => text.chars().any(|x| x == c),
        };
        let has_lf = watch && has(10);
        let out = match self.g.write_nl {
            Some(nl) if has_lf => replace_newlines(self.cx, text, nl)?,
            _ => text,
        };
        let flush = self.g.line_buffering && (has_lf || has(13));
        let bytes = match self.t.encoder.get() {
            Some(e) => {
                let cx = self.cx;
                self.g.call_out(|| textcodec::encode_by(cx, e, out))?
            }
            None => textcodec::encode(self.cx, self.g.kind, out, self.errors())?,
        };
        if !self.g.unwritten.is_empty() && self.g.unwritten.len() + bytes.len() > self.g.chunk {
            self.flush_writes()?;
        }
        if self.g.unwritten.is_empty() {
            self.g.unwritten = bytes;
        } else {
            self.g.unwritten.extend_from_slice(&bytes);
        }
        if self.g.unwritten.len() >= self.g.chunk || flush || self.g.write_through {
            self.flush_writes()?;
        } else if !self.g.unwritten.is_empty() {
            pending::mark();
        }
        if flush {
            self.flush_buffer()?;
        }
        if self.g.has_snapshot || self.g.has_decoded {
            self.set_decoded(None);
            self.clear_snapshot();
        }
        if self.g.can_read {
            self.reset_decoder()?;
        }
        Ok(())
    }

    pub(super) fn flush(&mut self) -> Res<()> {
        self.g.telling = self.g.seekable;
        self.flush_writes()?;
        self.flush_buffer()
    }
}
