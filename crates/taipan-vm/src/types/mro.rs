//! Method resolution order: C3 linearisation (Objects/typeobject.c `mro_implementation`).

use super::layout::Type;
use crate::prelude::*;

/// The C3 linearisation of a class with these bases.
pub fn linearize(cx: &Thread, ty: &Type, bases: &[Value]) -> Res<GcVec<Value>> {
    let me = Value::from_ref(ty);
    for b in bases {
        let b = b.as_type_unchecked();
        if b.info().mro.is_empty() {
            raise!(cx, TypeError, "Cannot extend an incomplete type '{}'", b.name());
        }
    }
    let mut out: GcVec<Value> = GcVec::new();
    out.push(me);
    if let [b] = bases {
        out.extend(b.as_type_unchecked().mro().as_slice().iter().copied());
        return Ok(out);
    }
    for (i, b) in bases.iter().enumerate() {
        if bases[i + 1..].contains(b) {
            raise!(cx, TypeError, "duplicate base class {}", b.as_type_unchecked().name());
        }
    }
    // Lists to merge: each base's mro, then the bases themselves. `at` is each list's head.
    let lists: usize = bases.len() + 1;
    let list = |i: usize| -> &[Value] {
        if i < bases.len() { bases[i].as_type_unchecked().mro().as_slice() } else { bases }
    };
    let mut at = vec![0usize; lists];
    loop {
        let mut empty = 0;
        let mut picked = None;
        for i in 0..lists {
            let l = list(i);
            if at[i] >= l.len() {
                empty += 1;
                continue;
            }
            let c = l[at[i]];
            let in_tail = (0..lists).any(|j| {
                let l = list(j);
                at[j] + 1 < l.len() && l[at[j] + 1..].contains(&c)
            });
            if !in_tail {
                picked = Some(c);
                break;
            }
        }
        match picked {
            Some(c) => {
                out.push(c);
                for (i, a) in at.iter_mut().enumerate() {
                    let l = list(i);
                    if *a < l.len() && l[*a] == c {
                        *a += 1;
                    }
                }
            }
            None if empty == lists => return Ok(out),
            None => {
                let mut names = Vec::new();
                for i in 0..lists {
                    if let Some(c) = list(i).get(at[i]) {
                        let n = c.as_type_unchecked().name().into_owned();
                        if !names.contains(&n) {
                            names.push(n);
                        }
                    }
                }
                raise!(
                    cx,
                    TypeError,
                    "Cannot create a consistent method resolution order (MRO) for bases {}",
                    names.join(", ")
                )
            }
        }
    }
}
