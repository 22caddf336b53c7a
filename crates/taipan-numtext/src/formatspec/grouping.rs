//! Digit grouping, the locale's and the fixed ones, including the zeros that fill a width.

use super::Separator;

/// The `LC_NUMERIC` part of `localeconv()`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LocaleNumeric {
    pub decimal_point: String,
    pub thousands_sep: String,
    /// Group sizes from the right; a last 127 ends grouping, otherwise the last size repeats.
    pub grouping: Vec<u8>,
}

/// C's CHAR_MAX: no further grouping.
const NO_MORE: u8 = 127;

impl LocaleNumeric {
    pub fn c() -> Self {
        LocaleNumeric {
            decimal_point: ".".to_owned(),
            thousands_sep: String::new(),
            grouping: vec![NO_MORE],
        }
    }

    pub(super) fn of_separator(separator: Separator) -> Self {
        let fixed = |sep: &str, size: u8| LocaleNumeric {
            decimal_point: ".".to_owned(),
            thousands_sep: sep.to_owned(),
            grouping: vec![size],
        };
        match separator {
            Separator::None => LocaleNumeric::c(),
            Separator::Comma => fixed(",", 3),
            Separator::Underscore => fixed("_", 3),
            Separator::UnderscoreFour => fixed("_", 4),
        }
    }
}

/// `digits` in groups, with leading zeros up to `min_width` characters (separators counted).
pub fn insert_grouping(digits: &str, min_width: usize, locale: &LocaleNumeric) -> String {
    let sep_len = locale.thousands_sep.chars().count();
    let mut min_width = min_width as isize;
    let mut remaining = digits.len();
    // Groups from the right: (zeros, digits).
    let mut groups: Vec<(usize, usize)> = Vec::new();
    let mut sizes = locale.grouping.iter();
    let mut previous = 0u8;
    loop {
        let size = match sizes.next() {
            Some(&NO_MORE) => 0,
            Some(&n) => {
                previous = n;
                n
            }
            None => previous,
        };
        let wanted = (remaining as isize).max(min_width).max(1) as usize;
        // Size 0 ends grouping: one last group takes all.
        let len = if size == 0 { wanted } else { wanted.min(size as usize) };
        let taken = remaining.min(len);
        groups.push((len - taken, taken));
        remaining -= taken;
        min_width -= len as isize;
        if size == 0 || (remaining == 0 && min_width <= 0) {
            break;
        }
        min_width -= sep_len as isize;
    }
    let mut out = String::with_capacity(digits.len() * 2);
    let mut pos = 0;
    for (i, (zeros, taken)) in groups.into_iter().rev().enumerate() {
        if i > 0 {
            out.push_str(&locale.thousands_sep);
        }
        out.extend(std::iter::repeat_n('0', zeros));
        out.push_str(&digits[pos..pos + taken]);
        pos += taken;
    }
    out
}
