//! Hashes of bytes and text: SipHash-1-3 with the process's key (Python/pyhash.c), so that a given
//! PYTHONHASHSEED gives CPython's own values.

use crate::prelude::*;
use std::sync::atomic::Ordering;

/// The hash of a byte string; empty is 0, -1 becomes -2.
pub fn hash_bytes(cx: &Thread, data: &[u8]) -> i64 {
    if data.is_empty() {
        return 0;
    }
    let k0 = cx.vm.hash_key.0.load(Ordering::Relaxed);
    let k1 = cx.vm.hash_key.1.load(Ordering::Relaxed);
    let h = cx.plain(data.len(), || siphash13(k0, k1, data)) as i64;
    if h == -1 { -2 } else { h }
}

pub fn siphash13(k0: u64, k1: u64, data: &[u8]) -> u64 {
    let mut v = [
        k0 ^ 0x736f_6d65_7073_6575,
        k1 ^ 0x646f_7261_6e64_6f6d,
        k0 ^ 0x6c79_6765_6e65_7261,
        k1 ^ 0x7465_6462_7974_6573,
    ];
    #[inline(always)]
    fn round(v: &mut [u64; 4]) {
        v[0] = v[0].wrapping_add(v[1]);
        v[1] = v[1].rotate_left(13) ^ v[0];
        v[0] = v[0].rotate_left(32);
        v[2] = v[2].wrapping_add(v[3]);
        v[3] = v[3].rotate_left(16) ^ v[2];
        v[0] = v[0].wrapping_add(v[3]);
        v[3] = v[3].rotate_left(21) ^ v[0];
        v[2] = v[2].wrapping_add(v[1]);
        v[1] = v[1].rotate_left(17) ^ v[2];
        v[2] = v[2].rotate_left(32);
    }
    let mut chunks = data.chunks_exact(8);
    for c in &mut chunks {
        let m = u64::from_le_bytes(c.try_into().expect("chunks of eight"));
        v[3] ^= m;
        round(&mut v);
        v[0] ^= m;
    }
    let mut last = (data.len() as u64) << 56;
    for (i, b) in chunks.remainder().iter().enumerate() {
        last |= (*b as u64) << (8 * i);
    }
    v[3] ^= last;
    round(&mut v);
    v[0] ^= last;
    v[2] ^= 0xff;
    for _ in 0..3 {
        round(&mut v);
    }
    v[0] ^ v[1] ^ v[2] ^ v[3]
}

/// Sets the process's hash key: from the system, or from PYTHONHASHSEED by CPython's generator.
pub fn init(vm: &crate::vm::Vm, seed: Option<u32>) {
    let mut key = [0u8; 24];
    match seed {
        Some(0) => {}
        Some(s) => lcg_urandom(s, &mut key),
        None => {
            // SAFETY: the buffer's length is given. A short read leaves zeros, a valid key.
            unsafe { libc::getrandom(key.as_mut_ptr() as *mut _, key.len(), 0) };
        }
    }
    let word = |i: usize| u64::from_le_bytes(key[i..i + 8].try_into().expect("eight bytes"));
    vm.hash_key.0.store(word(0), Ordering::Relaxed);
    vm.hash_key.1.store(word(8), Ordering::Relaxed);
}

/// The linear congruential generator that CPython seeds the key with.
fn lcg_urandom(seed: u32, out: &mut [u8]) {
    let mut x = seed;
    for b in out {
        x = x.wrapping_mul(214_013).wrapping_add(2_531_011);
        *b = (x >> 16) as u8;
    }
}
