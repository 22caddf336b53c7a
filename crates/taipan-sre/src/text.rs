//! Texts as slices of units, and the searches in them that the engine is made of.

/// A code unit: a byte, or a character of a string of that width.
pub(crate) trait Unit: Copy + Eq {
    fn code(self) -> u32;
    /// The unit with this code, if it fits.
    fn from_code(code: u32) -> Option<Self>;
    /// The index of the first unit that is `unit`.
    fn find(text: &[Self], unit: Self) -> Option<usize>;
    /// The index of the last unit that is `unit`.
    fn find_last(text: &[Self], unit: Self) -> Option<usize>;
    /// The text as bytes, if its units are.
    fn bytes(text: &[Self]) -> Option<&[u8]>;
}

impl Unit for u8 {
    #[inline(always)]
    fn code(self) -> u32 {
        self as u32
    }

    fn from_code(code: u32) -> Option<u8> {
        u8::try_from(code).ok()
    }

    #[inline]
    fn find(text: &[u8], unit: u8) -> Option<usize> {
        memchr::memchr(unit, text)
    }

    #[inline]
    fn find_last(text: &[u8], unit: u8) -> Option<usize> {
        memchr::memrchr(unit, text)
    }

    fn bytes(text: &[u8]) -> Option<&[u8]> {
        Some(text)
    }
}

macro_rules! wide_unit {
    ($type:ty) => {
        impl Unit for $type {
            #[inline(always)]
            fn code(self) -> u32 {
                self as u32
            }

            fn from_code(code: u32) -> Option<$type> {
                <$type>::try_from(code).ok()
            }

            #[inline]
            fn find(text: &[$type], unit: $type) -> Option<usize> {
                // Whole blocks without an early exit are what the compiler vectorises.
                const BLOCK: usize = 16;
                let blocks = text.chunks_exact(BLOCK);
                let rest = blocks.remainder();
                for (i, block) in blocks.enumerate() {
                    if block.iter().fold(false, |found, &other| found | (other == unit)) {
                        let within = block.iter().position(|&other| other == unit)?;
                        return Some(i * BLOCK + within);
                    }
                }
                rest.iter().position(|&other| other == unit).map(|at| text.len() - rest.len() + at)
            }

            #[inline]
            fn find_last(text: &[$type], unit: $type) -> Option<usize> {
                text.iter().rposition(|&other| other == unit)
            }

            fn bytes(_: &[$type]) -> Option<&[u8]> {
                None
            }
        }
    };
}

wide_unit!(u16);
wide_unit!(u32);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wide_units_are_found_wherever_they_stand() {
        for len in 0..40_usize {
            for at in 0..len {
                let mut text = vec![7_u16; len];
                text[at] = 9;
                assert_eq!(u16::find(&text, 9), Some(at));
                assert_eq!(u16::find_last(&text, 9), Some(at));
            }
            assert_eq!(u16::find(&vec![7; len], 9), None);
        }
    }
}
