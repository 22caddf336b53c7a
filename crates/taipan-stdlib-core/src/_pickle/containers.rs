//! Writing tuples, lists, dicts and sets.

use super::op;
use super::save::Saver;
use taipan_vm::objects::object::id_of;
use taipan_vm::objects::set::{FrozenSet, Set, SetObject};
use taipan_vm::prelude::*;

/// Items that are written between a MARK and the opcode that adds them.
const BATCH: usize = 1000;

/// Levels of nesting from which a pickler without a memo looks for cycles.
const FAST_LIMIT: usize = 50;

fn items_error(cx: &Thread) -> Raised {
    err!(cx, TypeError, "dict items iterator must return 2-tuples")
}

impl Saver<'_> {
    /// Without a memo: notes that a container is being written.
    fn enter_fast(&mut self, obj: Value) -> Res<()> {
        if !self.fast {
            return Ok(());
        }
        self.fast_nesting += 1;
        if self.fast_nesting < FAST_LIMIT {
            return Ok(());
        }
        let cx = self.cx;
        let memo = *self.fast_memo.get_or_insert_with(|| Dict::new(cx));
        let key = int_from_i128(cx, id_of(obj) as i128);
        if memo.contains(cx, key)? {
            raise!(
                cx,
                ValueError,
                "fast mode: can't pickle cyclic objects including object type {} at {:#x}",
                obj.ty().name(),
                id_of(obj)
            );
        }
        memo.set(cx, key, none())
    }

    fn leave_fast(&mut self, obj: Value) -> Res<()> {
        if !self.fast {
            return Ok(());
        }
        let deep = self.fast_nesting >= FAST_LIMIT;
        self.fast_nesting = self.fast_nesting.saturating_sub(1);
        if let Some(memo) = self.fast_memo.filter(|_| deep) {
            memo.del(self.cx, int_from_i128(self.cx, id_of(obj) as i128))?;
        }
        Ok(())
    }

    pub fn save_tuple(&mut self, t: &'static Tuple) -> Res<()> {
        let obj = Value::from_ref(t);
        let n = t.len();
        if n == 0 {
            let ops: &[u8] = if self.bin { &[op::EMPTY_TUPLE] } else { &[op::MARK, op::TUPLE] };
            return self.put(ops);
        }
        let short = n <= 3 && self.proto >= 2;
        if !short {
            self.put(&[op::MARK])?;
        }
        for i in 0..n {
            self.save(t.get(i))?;
        }
        // It is in the memo already where it is part of itself: what was put on the stack goes, and
        // it is taken from there.
        if let Some(number) = self.memo.get(obj) {
            if !short && self.bin {
                self.put(&[op::POP_MARK])?;
            } else {
                for _ in 0..n + !short as usize {
                    self.put(&[op::POP])?;
                }
            }
            return self.get(number);
        }
        let end = if short { [op::TUPLE1, op::TUPLE2, op::TUPLE3][n - 1] } else { op::TUPLE };
        self.put(&[end])?;
        self.memoize(obj)
    }

    pub fn save_list(&mut self, l: &'static List) -> Res<()> {
        let obj = Value::from_ref(l);
        self.enter_fast(obj)?;
        let ops: &[u8] = if self.bin { &[op::EMPTY_LIST] } else { &[op::MARK, op::LIST] };
        self.put(ops)?;
        let n = l.len();
        self.memoize(obj)?;
        if n > 0 {
            if self.proto > 0 {
                self.save_items(l)?;
            } else {
                let it = iter(self.cx, obj)?;
                self.save_appends(it)?;
            }
        }
        self.leave_fast(obj)
    }

    /// The items of an exact list, as many as it has when it comes to them.
    fn save_items(&mut self, l: &'static List) -> Res<()> {
        if l.len() == 1 {
            if let Some(v) = l.get(0) {
                self.save(v)?;
            }
            return self.put(&[op::APPEND]);
        }
        let mut i = 0;
        loop {
            self.put(&[op::MARK])?;
            let end = i + BATCH;
            while i < end {
                let Some(v) = l.get(i) else { break };
                self.save(v)?;
                i += 1;
            }
            self.put(&[op::APPENDS])?;
            self.cx.poll()?;
            if i >= l.len() {
                return Ok(());
            }
        }
    }

    /// The items of an iterator, for a list or something like it.
    pub fn save_appends(&mut self, it: Value) -> Res<()> {
        let cx = self.cx;
        if self.proto == 0 {
            while let Some(v) = iter_next(cx, it)? {
                self.save(v)?;
                self.put(&[op::APPEND])?;
            }
            return Ok(());
        }
        loop {
            let Some(first) = iter_next(cx, it)? else { return Ok(()) };
            let Some(second) = iter_next(cx, it)? else {
                self.save(first)?;
                return self.put(&[op::APPEND]);
            };
            self.put(&[op::MARK])?;
            self.save(first)?;
            let (mut n, mut next) = (1, Some(second));
            while let Some(v) = next {
                self.save(v)?;
                n += 1;
                if n == BATCH {
                    break;
                }
                next = iter_next(cx, it)?;
            }
            self.put(&[op::APPENDS])?;
            if n < BATCH {
                return Ok(());
            }
        }
    }

    pub fn save_dict(&mut self, d: &'static Dict) -> Res<()> {
        let obj = Value::from_ref(d);
        self.enter_fast(obj)?;
        let ops: &[u8] = if self.bin { &[op::EMPTY_DICT] } else { &[op::MARK, op::DICT] };
        self.put(ops)?;
        self.memoize(obj)?;
        if d.len() > 0 {
            if self.proto > 0 {
                self.save_entries(d)?;
            } else {
                let items = call_method(self.cx, obj, id!(self.cx, "items"), &[])?;
                let it = iter(self.cx, items)?;
                self.save_setitems(it)?;
            }
        }
        self.leave_fast(obj)
    }

    /// The entries of an exact dict.
    fn save_entries(&mut self, d: &'static Dict) -> Res<()> {
        let size = d.len();
        let mut at = 0;
        if size == 1 {
            if let Some((k, v, _)) = d.next_entry(0) {
                self.save(k)?;
                self.save(v)?;
            }
            return self.put(&[op::SETITEM]);
        }
        loop {
            self.put(&[op::MARK])?;
            let mut n = 0;
            while n < BATCH {
                let Some((k, v, next)) = d.next_entry(at) else { break };
                self.save(k)?;
                self.save(v)?;
                at = next;
                n += 1;
            }
            self.put(&[op::SETITEMS])?;
            self.cx.poll()?;
            if d.len() != size {
                raise!(self.cx, RuntimeError, "dictionary changed size during iteration");
            }
            if n < BATCH {
                return Ok(());
            }
        }
    }

    fn save_pair(&mut self, v: Value) -> Res<()> {
        let Some(t) = v.downcast::<Tuple>().filter(|t| t.len() == 2) else {
            return Err(items_error(self.cx));
        };
        self.save(t.get(0))?;
        self.save(t.get(1))
    }

    /// The pairs of an iterator, for a dict or something like it.
    pub fn save_setitems(&mut self, it: Value) -> Res<()> {
        let cx = self.cx;
        if self.proto == 0 {
            while let Some(v) = iter_next(cx, it)? {
                self.save_pair(v)?;
                self.put(&[op::SETITEM])?;
            }
            return Ok(());
        }
        loop {
            let Some(first) = iter_next(cx, it)? else { return Ok(()) };
            if first.downcast::<Tuple>().is_none_or(|t| t.len() != 2) {
                return Err(items_error(cx));
            }
            let Some(second) = iter_next(cx, it)? else {
                self.save_pair(first)?;
                return self.put(&[op::SETITEM]);
            };
            self.put(&[op::MARK])?;
            self.save_pair(first)?;
            let (mut n, mut next) = (1, Some(second));
            while let Some(v) = next {
                self.save_pair(v)?;
                n += 1;
                if n == BATCH {
                    break;
                }
                next = iter_next(cx, it)?;
            }
            self.put(&[op::SETITEMS])?;
            if n < BATCH {
                return Ok(());
            }
        }
    }

    /// `class([...])`, for protocols without opcodes for sets.
    fn save_set_call(&mut self, obj: Value, class: &'static Type) -> Res<()> {
        let cx = self.cx;
        let items = List::from_slice(cx, &collect(cx, obj)?);
        let args = Tuple::from_slice(cx, &[Value::from_ref(items)]);
        let t = Tuple::pair(cx, Value::from_ref(class), Value::from_ref(args));
        self.save_reduced(t, Some(obj))
    }

    pub fn save_set(&mut self, obj: Value) -> Res<()> {
        if self.proto < 4 {
            return self.save_set_call(obj, Set::type_object());
        }
        self.put(&[op::EMPTY_SET])?;
        self.memoize(obj)?;
        let set = SetObject::of(obj).expect("the caller has looked");
        let size = set.len();
        if size == 0 {
            return Ok(());
        }
        let items = set.to_vec();
        let mut at = 0;
        loop {
            self.put(&[op::MARK])?;
            let end = items.len().min(at + BATCH);
            for &v in &items[at..end] {
                self.save(v)?;
            }
            self.put(&[op::ADDITEMS])?;
            self.cx.poll()?;
            if set.len() != size {
                raise!(self.cx, RuntimeError, "set changed size during iteration");
            }
            if end - at < BATCH {
                return Ok(());
            }
            at = end;
        }
    }

    pub fn save_frozenset(&mut self, obj: Value) -> Res<()> {
        self.enter_fast(obj)?;
        if self.proto < 4 {
            return self.save_set_call(obj, FrozenSet::type_object());
        }
        self.put(&[op::MARK])?;
        for &v in collect(self.cx, obj)?.iter() {
            self.save(v)?;
        }
        if let Some(number) = self.memo.get(obj) {
            self.put(&[op::POP_MARK])?;
            return self.get(number);
        }
        self.put(&[op::FROZENSET])?;
        self.memoize(obj)
    }
}
