//! Dict operations that need no call: the key is an int in a word or a str whose hash is known, and
//! identity or a different hash decides. The interpreter's handlers stay leaf functions with them.

use super::Dict;
use super::storage::Seen;
use crate::prelude::*;

/// The hash of a key where it is known already.
#[inline(always)]
fn known_hash(key: Value) -> Option<i64> {
    match key.as_small() {
        Some(-1) => Some(-2),
        Some(i) => Some(i),
        None => key.downcast_exact::<Str>()?.known_hash(),
    }
}

impl Dict {
    /// The value of a key; `Some(None)`: it is not there. `None`: not to be told in this way.
    #[inline(always)]
    pub fn look(&self, key: Value) -> Option<Option<Value>> {
        let s = self.storage();
        match s.seek(key, known_hash(key)?) {
            // An empty value: the key went away in between.
            Seen::At(i) => s.value(i).map(Some),
            Seen::Free(_) => Some(None),
            Seen::Unclear => None,
        }
    }

    /// Stores, while this thread is alone and nobody holds the lock, into an entry that is there or
    /// that there is room for; false: nothing done.
    #[inline(always)]
    pub fn store_alone(&self, key: Value, v: Value) -> bool {
        if !taipan_heap::lock::free_and_alone(&self.head) {
            return false;
        }
        match known_hash(key) {
            Some(hash) => self.store_alone_hashed(key, hash, v),
            None => false,
        }
    }

    /// As `store_alone` of any key with its hash.
    #[inline(always)]
    pub(super) fn store_alone_hashed(&self, key: Value, hash: i64, v: Value) -> bool {
        if !taipan_heap::lock::free_and_alone(&self.head) {
            return false;
        }
        let s = self.storage();
        match s.seek(key, hash) {
            Seen::At(i) => s.set_value(i, v),
            Seen::Free(at) if s.has_room() => {
                s.append_at(at, hash, key, v);
                self.add_used(1);
            }
            _ => return false,
        }
        true
    }
}
