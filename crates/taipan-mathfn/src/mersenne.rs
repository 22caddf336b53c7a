//! MT19937, the generator of `random` (Matsumoto and Nishimura, 1998).

const N: usize = 624;
const M: usize = 397;

#[derive(Clone)]
pub struct MersenneTwister {
    state: [u32; N],
    index: usize,
}

impl MersenneTwister {
    /// Words of state.
    pub const STATE_LEN: usize = N;

    fn from_word(seed: u32) -> Self {
        let mut state = [0u32; N];
        state[0] = seed;
        for i in 1..N {
            let previous = state[i - 1];
            state[i] = 1812433253u32.wrapping_mul(previous ^ previous >> 30).wrapping_add(i as u32);
        }
        MersenneTwister { state, index: N }
    }

    /// Seeds from a key of at least one word.
    pub fn from_key(key: &[u32]) -> Self {
        let mut twister = Self::from_word(19650218);
        let mt = &mut twister.state;
        let mut i = 1;
        let wrap = |mt: &mut [u32; N], i: &mut usize| {
            *i += 1;
            if *i >= N {
                mt[0] = mt[N - 1];
                *i = 1;
            }
        };
        for k in 0..N.max(key.len()) {
            let j = k % key.len();
            let mixed = mt[i] ^ (mt[i - 1] ^ mt[i - 1] >> 30).wrapping_mul(1664525);
            mt[i] = mixed.wrapping_add(key[j]).wrapping_add(j as u32);
            wrap(mt, &mut i);
        }
        for _ in 1..N {
            let mixed = mt[i] ^ (mt[i - 1] ^ mt[i - 1] >> 30).wrapping_mul(1566083941);
            mt[i] = mixed.wrapping_sub(i as u32);
            wrap(mt, &mut i);
        }
        mt[0] = 0x8000_0000;
        twister
    }

    pub fn from_state(state: [u32; N], index: usize) -> Option<Self> {
        (index <= N).then_some(MersenneTwister { state, index })
    }

    pub fn state(&self) -> (&[u32; N], usize) {
        (&self.state, self.index)
    }

    fn refill(&mut self) {
        let mt = &mut self.state;
        for k in 0..N {
            let y = (mt[k] & 0x8000_0000) | (mt[(k + 1) % N] & 0x7fff_ffff);
            mt[k] = mt[(k + M) % N] ^ y >> 1 ^ if y & 1 == 1 { 0x9908_b0df } else { 0 };
        }
        self.index = 0;
    }

    pub fn next_u32(&mut self) -> u32 {
        if self.index >= N {
            self.refill();
        }
        let mut y = self.state[self.index];
        self.index += 1;
        y ^= y >> 11;
        y ^= y << 7 & 0x9d2c_5680;
        y ^= y << 15 & 0xefc6_0000;
        y ^ y >> 18
    }

    /// A double in [0, 1) with 53 random bits.
    pub fn next_f64(&mut self) -> f64 {
        let a = self.next_u32() >> 5;
        let b = self.next_u32() >> 6;
        (a as f64 * 67108864.0 + b as f64) * (1.0 / 9007199254740992.0)
    }

    /// `bits` > 0 random bits as little-endian 32-bit words.
    pub fn next_bits(&mut self, bits: u64) -> Vec<u32> {
        let words = bits.div_ceil(32) as usize;
        let mut out: Vec<u32> = (0..words).map(|_| self.next_u32()).collect();
        let spare = words as u64 * 32 - bits;
        if let Some(last) = out.last_mut() {
            *last >>= spare;
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reference_key_gives_the_reference_numbers() {
        let mut mt = MersenneTwister::from_key(&[0x123, 0x234, 0x345, 0x456]);
        let first: Vec<u32> = (0..5).map(|_| mt.next_u32()).collect();
        assert_eq!(first, [1067595299, 955945823, 477289528, 4107218783, 4228976476]);
    }

    #[test]
    fn a_seed_gives_cpythons_floats() {
        // random.seed(42); random.random()
        let mut mt = MersenneTwister::from_key(&[42]);
        assert_eq!(mt.next_f64(), 0.6394267984578837);
        assert_eq!(mt.next_f64(), 0.025010755222666936);
    }
}
