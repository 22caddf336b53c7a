//! The result of formatting: text in parts, with counts instead of padding characters, so that
//! the caller builds its string in one go and a fill character may be any code point.

/// `left` fills, `prefix`, `inner` fills, `body`, `right` fills.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Padded {
    pub fill: u32,
    pub left: usize,
    pub prefix: String,
    pub inner: usize,
    pub body: String,
    pub right: usize,
}

impl Padded {
    pub fn plain(body: String) -> Padded {
        Padded { fill: ' ' as u32, body, ..Padded::default() }
    }

    pub fn char_count(&self) -> usize {
        self.left
            + self.inner
            + self.right
            + self.prefix.chars().count()
            + self.body.chars().count()
    }

    /// The whole text as code points.
    pub fn render_code_points(&self) -> Vec<u32> {
        let mut out = Vec::with_capacity(self.char_count());
        let pad = |out: &mut Vec<u32>, n| out.extend(std::iter::repeat_n(self.fill, n));
        pad(&mut out, self.left);
        out.extend(self.prefix.chars().map(u32::from));
        pad(&mut out, self.inner);
        out.extend(self.body.chars().map(u32::from));
        pad(&mut out, self.right);
        out
    }
}

/// How a string of some length is cut and padded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PaddedStr {
    pub fill: u32,
    pub left: usize,
    /// Leading characters of the string that are shown.
    pub take: usize,
    pub right: usize,
}
