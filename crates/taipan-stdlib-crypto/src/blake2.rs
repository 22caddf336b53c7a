//! BLAKE2b and BLAKE2s (RFC 7693 and the BLAKE2 paper's parameter block), incremental.

/// The parameter block and key of a hash.
#[derive(Clone, Default)]
pub struct Params {
    pub digest_size: u8,
    pub key: Vec<u8>,
    pub salt: Vec<u8>,
    pub person: Vec<u8>,
    pub fanout: u8,
    pub depth: u8,
    pub leaf_size: u32,
    pub node_offset: u64,
    pub node_depth: u8,
    pub inner_size: u8,
    pub last_node: bool,
}

const SIGMA: [[usize; 16]; 10] = [
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15],
    [14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3],
    [11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4],
    [7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8],
    [9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13],
    [2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9],
    [12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11],
    [13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10],
    [6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5],
    [10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0],
];

macro_rules! blake2 {
    ($name:ident, $word:ty, $bytes:literal, $rounds:literal, $rot:expr, $iv:expr) => {
        #[derive(Clone)]
        pub struct $name {
            h: [$word; 8],
            count: u128,
            buf: [u8; $bytes * 16],
            fill: usize,
            digest_size: usize,
            last_node: bool,
        }

        impl $name {
            pub const BLOCK: usize = $bytes * 16;
            pub const MAX: usize = $bytes * 8;
            pub const SALT: usize = $bytes * 2;

            pub fn new(p: &Params) -> $name {
                let mut block = [0u8; $bytes * 8];
                block[0] = p.digest_size;
                block[1] = p.key.len() as u8;
                block[2] = p.fanout;
                block[3] = p.depth;
                block[4..8].copy_from_slice(&p.leaf_size.to_le_bytes());
                // BLAKE2b has eight bytes of node offset and fourteen reserved ones, BLAKE2s six.
                let offset = p.node_offset.to_le_bytes();
                let at = if $bytes == 8 {
                    block[8..16].copy_from_slice(&offset);
                    16
                } else {
                    block[8..14].copy_from_slice(&offset[..6]);
                    14
                };
                block[at] = p.node_depth;
                block[at + 1] = p.inner_size;
                let salt = $bytes * 4;
                block[salt..salt + p.salt.len()].copy_from_slice(&p.salt);
                let person = salt + Self::SALT;
                block[person..person + p.person.len()].copy_from_slice(&p.person);
                let mut h: [$word; 8] = $iv;
                for (h, w) in h.iter_mut().zip(block.chunks_exact($bytes)) {
                    *h ^= <$word>::from_le_bytes(w.try_into().expect("chunks of a word"));
                }
                let mut s = $name {
                    h,
                    count: 0,
                    buf: [0; $bytes * 16],
                    fill: 0,
                    digest_size: p.digest_size as usize,
                    last_node: p.last_node,
                };
                if !p.key.is_empty() {
                    let mut padded = [0u8; $bytes * 16];
                    padded[..p.key.len()].copy_from_slice(&p.key);
                    s.update(&padded);
                }
                s
            }

            pub fn digest_size(&self) -> usize {
                self.digest_size
            }

            pub fn update(&mut self, mut data: &[u8]) {
                while !data.is_empty() {
                    // The last block waits for the end, which compresses it differently.
                    if self.fill == Self::BLOCK {
                        self.count += Self::BLOCK as u128;
                        self.compress(false);
                        self.fill = 0;
                    }
                    let n = data.len().min(Self::BLOCK - self.fill);
                    self.buf[self.fill..self.fill + n].copy_from_slice(&data[..n]);
                    self.fill += n;
                    data = &data[n..];
                }
            }

            pub fn finish(mut self) -> Vec<u8> {
                self.count += self.fill as u128;
                self.buf[self.fill..].fill(0);
                self.compress(true);
                let mut out: Vec<u8> = self.h.iter().flat_map(|w| w.to_le_bytes()).collect();
                out.truncate(self.digest_size);
                out
            }

            fn compress(&mut self, last: bool) {
                const IV: [$word; 8] = $iv;
                const ROT: [u32; 4] = $rot;
                let mut m = [0 as $word; 16];
                for (m, w) in m.iter_mut().zip(self.buf.chunks_exact($bytes)) {
                    *m = <$word>::from_le_bytes(w.try_into().expect("chunks of a word"));
                }
                let mut v = [0 as $word; 16];
                v[..8].copy_from_slice(&self.h);
                v[8..].copy_from_slice(&IV);
                v[12] ^= self.count as $word;
                v[13] ^= (self.count >> ($bytes * 8)) as $word;
                if last {
                    v[14] = !v[14];
                    if self.last_node {
                        v[15] = !v[15];
                    }
                }
                let mut g = |a: usize, b: usize, c: usize, d: usize, x: $word, y: $word| {
                    v[a] = v[a].wrapping_add(v[b]).wrapping_add(x);
                    v[d] = (v[d] ^ v[a]).rotate_right(ROT[0]);
                    v[c] = v[c].wrapping_add(v[d]);
                    v[b] = (v[b] ^ v[c]).rotate_right(ROT[1]);
                    v[a] = v[a].wrapping_add(v[b]).wrapping_add(y);
                    v[d] = (v[d] ^ v[a]).rotate_right(ROT[2]);
                    v[c] = v[c].wrapping_add(v[d]);
                    v[b] = (v[b] ^ v[c]).rotate_right(ROT[3]);
                };
                for r in 0..$rounds {
                    let s = &SIGMA[r % 10];
                    g(0, 4, 8, 12, m[s[0]], m[s[1]]);
                    g(1, 5, 9, 13, m[s[2]], m[s[3]]);
                    g(2, 6, 10, 14, m[s[4]], m[s[5]]);
                    g(3, 7, 11, 15, m[s[6]], m[s[7]]);
                    g(0, 5, 10, 15, m[s[8]], m[s[9]]);
                    g(1, 6, 11, 12, m[s[10]], m[s[11]]);
                    g(2, 7, 8, 13, m[s[12]], m[s[13]]);
                    g(3, 4, 9, 14, m[s[14]], m[s[15]]);
                }
                for i in 0..8 {
                    self.h[i] ^= v[i] ^ v[i + 8];
                }
            }
        }
    };
}

blake2!(
    Blake2b,
    u64,
    8,
    12,
    [32, 24, 16, 63],
    [
        0x6a09_e667_f3bc_c908,
        0xbb67_ae85_84ca_a73b,
        0x3c6e_f372_fe94_f82b,
        0xa54f_f53a_5f1d_36f1,
        0x510e_527f_ade6_82d1,
        0x9b05_688c_2b3e_6c1f,
        0x1f83_d9ab_fb41_bd6b,
        0x5be0_cd19_137e_2179,
    ]
);
blake2!(
    Blake2s,
    u32,
    4,
    10,
    [16, 12, 8, 7],
    [
        0x6a09_e667,
        0xbb67_ae85,
        0x3c6e_f372,
        0xa54f_f53a,
        0x510e_527f,
        0x9b05_688c,
        0x1f83_d9ab,
        0x5be0_cd19,
    ]
);

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(d: &[u8]) -> String {
        d.iter().map(|b| format!("{b:02x}")).collect()
    }

    #[test]
    fn rfc_7693_examples() {
        let p = Params { digest_size: 64, fanout: 1, depth: 1, ..Params::default() };
        let mut b = Blake2b::new(&p);
        b.update(b"abc");
        assert!(hex(&b.finish()).starts_with("ba80a53f981c4d0d6a2797b69f12f6e94c212f14685ac4b7"));
        let mut s = Blake2s::new(&Params { digest_size: 32, ..p });
        s.update(b"abc");
        assert!(hex(&s.finish()).starts_with("508c5e8c327c14e2e1a72ba34eeb452f37458b209ed63a29"));
    }
}
