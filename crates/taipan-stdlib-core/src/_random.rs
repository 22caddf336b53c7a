//! `_random`: the Mersenne Twister behind `random.Random`.

use std::sync::Mutex;
use taipan_mathfn::mersenne::MersenneTwister;
use taipan_numtext::bigint::{self, ByteOrder};
use taipan_vm::objects::int;
use taipan_vm::prelude::*;
use taipan_vm::pytype;
use taipan_vm::types::alloc::fresh_head;

/// A generator. The state is plain data inside the cell; it needs no finaliser.
#[repr(C)]
pub struct Random {
    head: Head,
    state: Mutex<MersenneTwister>,
}

pytype! { Random, PyTaipanRandom_Type, name: "Random", module: "_random",
base: taipan_vm::objects::object::Object, flags: tpflags::BASETYPE, kind: Leaf,
doc: "Random() -> create a random number generator with its own internal state." }

const N: usize = MersenneTwister::STATE_LEN;

impl Random {
    fn with<R>(&self, f: impl FnOnce(&mut MersenneTwister) -> R) -> R {
        f(&mut self.state.lock().unwrap_or_else(|e| e.into_inner()))
    }

    fn reseed(&self, cx: &Thread, n: Option<Value>) -> Res<()> {
        let key = match n.filter(|n| !n.is_none()) {
            None => system_key(cx)?,
            Some(v) => match int::digits(v) {
                Some(d) => {
                    let d = d.get().abs();
                    let work = bigint::bit_length(d) as usize;
                    cx.plain(work, || words_of(d))
                }
                None => {
                    let h = hash(cx, v)? as u64;
                    words_of(bigint::Int::from_u64(false, h).as_ref())
                }
            },
        };
        let fresh = cx.plain(8 * key.len(), || MersenneTwister::from_key(&key));
        self.with(|t| *t = fresh);
        Ok(())
    }
}

/// The 32-bit words of a number, least significant first, at least one.
fn words_of(i: bigint::IntRef<'_>) -> Vec<u32> {
    let count = bigint::bit_length(i).div_ceil(32).max(1) as usize;
    let bytes = bigint::to_bytes(i, 4 * count, ByteOrder::Little, false)
        .expect("as many words as its bits need");
    bytes
        .chunks_exact(4)
        .map(|w| u32::from_le_bytes(w.try_into().expect("chunks of four")))
        .collect()
}

/// A key from the system's entropy.
fn system_key(cx: &Thread) -> Res<Vec<u32>> {
    let mut bytes = [0u8; 4 * N];
    let mut have = 0;
    while have < bytes.len() {
        let rest = &mut bytes[have..];
        // SAFETY: the pointer and length are of a live buffer.
        let n = unsafe { libc::getrandom(rest.as_mut_ptr().cast(), rest.len(), 0) };
        if n > 0 {
            have += n as usize;
        } else {
            cx.poll()?;
        }
    }
    let word = |w: &[u8]| u32::from_le_bytes(w.try_into().expect("chunks of four"));
    Ok(bytes.chunks_exact(4).map(word).collect())
}

#[pymethods]
impl Random {
    #[slot]
    fn __new__(cx: &Thread, cls: &Type, _args: &[Value], _kw: KwNames<'_>) -> Res {
        let blank = MersenneTwister::from_state([0; N], 0).expect("the index is in range");
        let o = Random { head: fresh_head(), state: Mutex::new(blank) };
        Ok(Value::from_ref(cx.alloc_in(cls, o)))
    }

    #[slot]
    fn __init__(cx: &Thread, this: &Random, args: &[Value], kw: KwNames<'_>) -> Res<()> {
        let keywords = kw.map_or(0, |k| k.len());
        if keywords > 0 && Value::from_ref(this).ty().is(Random::type_object()) {
            raise!(cx, TypeError, "Random() takes no keyword arguments");
        }
        let args = &args[..args.len() - keywords];
        if args.len() > 1 {
            raise!(cx, TypeError, "Random() requires 0 or 1 argument");
        }
        this.reseed(cx, args.first().copied())
    }

    /// A float in [0, 1).
    #[pymethod]
    fn random(_cx: &Thread, this: &Random) -> f64 {
        this.with(MersenneTwister::next_f64)
    }

    /// Seeds the generator; from the system's entropy where n is None.
    #[pymethod(sig = "(self, n=None, /)")]
    fn seed(cx: &Thread, this: &Random, n: Option<Value>) -> Res<()> {
        this.reseed(cx, n)
    }

    /// The state as a tuple of ints, for setstate.
    #[pymethod]
    fn getstate(cx: &Thread, this: &Random) -> Value {
        let (state, index) = this.with(|t| {
            let (state, index) = t.state();
            (*state, index)
        });
        let mut items: GcVec<Value> = state.iter().map(|&w| Value::small(w as i64)).collect();
        items.push(Value::small(index as i64));
        Value::from_ref(Tuple::from_slice(cx, &items))
    }

    /// Restores a state that getstate gave.
    #[pymethod]
    fn setstate(cx: &Thread, this: &Random, state: Value) -> Res<()> {
        let Some(t) = state.downcast::<Tuple>() else {
            raise!(cx, TypeError, "state vector must be a tuple");
        };
        if t.len() != N + 1 {
            raise!(cx, ValueError, "state vector is the wrong size");
        }
        let mut words = [0u32; N];
        for (i, w) in words.iter_mut().enumerate() {
            *w = unsigned_long(cx, t.get(i))? as u32;
        }
        let position = int::checked_index_i64(cx, t.get(N))?;
        let fresh =
            usize::try_from(position).ok().and_then(|i| MersenneTwister::from_state(words, i));
        match fresh {
            Some(f) => this.with(|t| *t = f),
            None => raise!(cx, ValueError, "invalid state"),
        }
        Ok(())
    }

    /// An int of k random bits.
    #[pymethod]
    fn getrandbits(cx: &Thread, this: &Random, k: i64) -> Res {
        if k < 0 {
            raise!(cx, ValueError, "number of bits must be non-negative");
        }
        if k == 0 {
            return Ok(Value::small(0));
        }
        if k <= 32 {
            return Ok(Value::small((this.with(|t| t.next_u32()) >> (32 - k)) as i64));
        }
        if k > 1 << 36 {
            return Err(cx.no_memory());
        }
        let make = || {
            let words = this.with(|t| t.next_bits(k as u64));
            let bytes: Vec<u8> = words.iter().flat_map(|w| w.to_le_bytes()).collect();
            bigint::from_bytes(&bytes, ByteOrder::Little, false)
        };
        // SAFETY: the state is behind a lock of its own; no object is touched.
        let made = unsafe { cx.mutator.plain(k as usize / 2, make) };
        Ok(int::from_big(cx, &made))
    }
}

/// An int argument as C's unsigned long (`PyLong_AsUnsignedLong`).
fn unsigned_long(cx: &Thread, v: Value) -> Res<u64> {
    if !int::is_int(v) {
        raise!(cx, TypeError, "an integer is required");
    }
    if int::is_negative(v) {
        raise!(cx, OverflowError, "can't convert negative value to unsigned int");
    }
    match int::to_u64(v) {
        Some(w) => Ok(w),
        None => raise!(cx, OverflowError, "Python int too large to convert to C unsigned long"),
    }
}

fn exec(cx: &Thread, m: &Module) -> Res<()> {
    m.add_type::<Random>(cx);
    Ok(())
}

pymodule! { "_random",
doc: "The Mersenne Twister random number generator.",
functions: [],
exec: exec }
