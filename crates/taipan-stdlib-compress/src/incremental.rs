//! What the decompressor objects share: input that waits, the end of the stream, what comes after it.

/// A decoder that takes some input and gives some output.
pub trait Decoder {
    type Error;
    /// Decodes until the input is used up, `out` holds `max` bytes, or the stream ends. Gives the
    /// number of bytes used and whether it ended.
    fn decode(
        &mut self,
        input: &[u8],
        out: &mut Vec<u8>,
        max: Option<usize>,
    ) -> Result<(usize, bool), Self::Error>;
}

/// A decoder with its waiting input.
pub struct Incremental<D> {
    pub decoder: D,
    pending: Vec<u8>,
    pub eof: bool,
    pub needs_input: bool,
    pub unused: Vec<u8>,
}

impl<D: Decoder> Incremental<D> {
    pub fn new(decoder: D) -> Incremental<D> {
        Incremental {
            decoder,
            pending: Vec::new(),
            eof: false,
            needs_input: true,
            unused: Vec::new(),
        }
    }

    /// One call of `decompress`. Must not be called after the end.
    pub fn decompress(&mut self, data: &[u8], max: Option<usize>) -> Result<Vec<u8>, D::Error> {
        let mut out = Vec::new();
        if self.pending.is_empty() {
            let (used, eof) = self.decoder.decode(data, &mut out, max)?;
            self.settle(&data[used..], eof);
        } else {
            let mut all = std::mem::take(&mut self.pending);
            all.extend_from_slice(data);
            let (used, eof) = self.decoder.decode(&all, &mut out, max)?;
            self.settle(&all[used..], eof);
        }
        Ok(out)
    }

    fn settle(&mut self, rest: &[u8], eof: bool) {
        self.eof = eof;
        self.needs_input = !eof && rest.is_empty();
        if eof {
            self.unused = rest.to_vec();
        } else {
            self.pending = rest.to_vec();
        }
    }
}
