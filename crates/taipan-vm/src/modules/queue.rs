//! `_queue`: `SimpleQueue`, an unbounded queue between threads.
//!
//! Items lie in a ring under the object's lock, which is held for a few instructions. Who finds the
//! queue empty announces itself, looks once more, and sleeps on a counter that every put moves when
//! somebody waits: a put can therefore not be missed.

use crate::objects::object::Object;
use crate::objects::storage::SlotArray;
use crate::park::{self, Woken};
use crate::prelude::*;
use crate::types::alloc::fresh_head;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicPtr, AtomicU32, AtomicUsize, Ordering, fence};

#[repr(C)]
pub struct SimpleQueue {
    pub head: Head,
    ring: AtomicPtr<SlotArray>,
    /// Place of the oldest item, and how many there are; both change under the lock.
    first: AtomicUsize,
    count: AtomicUsize,
    waiters: AtomicU32,
    puts: AtomicU32,
}

crate::pytype! { SimpleQueue, PyQueue_SimpleType, name: "SimpleQueue", module: "_queue", base: Object,
flags: tpflags::BASETYPE, weakref: true,
doc: "SimpleQueue()\n--\n\nAn unbounded first-in first-out queue that may be put to at any time." }

const LEAST: usize = 8;

impl SimpleQueue {
    fn ring(&self) -> &'static SlotArray {
        // SAFETY: set before the queue is published; the words of its cell keep the array alive.
        unsafe { &*self.ring.load(Ordering::Acquire) }
    }

    fn push(&self, cx: &Thread, v: Value) {
        let mut bigger: Option<&'static SlotArray> = None;
        loop {
            let lock = taipan_heap::lock::lock(&self.head);
            let (ring, n) = (self.ring(), self.count.load(Ordering::Relaxed));
            if n == ring.capacity() {
                if let Some(b) = bigger.filter(|b| b.capacity() > n) {
                    let first = self.first.load(Ordering::Relaxed);
                    for i in 0..n {
                        b.set_option(i, ring.get((first + i) % n));
                    }
                    taipan_heap::slot::barrier(&self.ring);
                    self.ring.store(std::ptr::from_ref(b).cast_mut(), Ordering::Release);
                    self.first.store(0, Ordering::Relaxed);
                } else {
                    // Allocating may stop the world, which is better done without the lock.
                    drop(lock);
                    bigger = Some(SlotArray::new(cx, n * 2));
                    continue;
                }
            }
            let ring = self.ring();
            let at = (self.first.load(Ordering::Relaxed) + n) % ring.capacity();
            ring.set(at, v);
            self.count.store(n + 1, Ordering::Relaxed);
            break;
        }
        fence(Ordering::SeqCst);
        if self.waiters.load(Ordering::Relaxed) > 0 {
            self.puts.fetch_add(1, Ordering::SeqCst);
            park::wake(&self.puts, 1);
        }
    }

    fn pop(&self) -> Option<Value> {
        if self.count.load(Ordering::Acquire) == 0 {
            return None;
        }
        let _lock = taipan_heap::lock::lock(&self.head);
        let n = self.count.load(Ordering::Relaxed);
        if n == 0 {
            return None;
        }
        let (ring, first) = (self.ring(), self.first.load(Ordering::Relaxed));
        let v = ring.get(first);
        ring.set_option(first, None);
        self.first.store((first + 1) % ring.capacity(), Ordering::Relaxed);
        self.count.store(n - 1, Ordering::Relaxed);
        v
    }

    fn pop_waiting(&self, cx: &Thread, until: Option<i64>) -> Res<Option<Value>> {
        struct Announced<'a>(&'a AtomicU32);
        impl Drop for Announced<'_> {
            fn drop(&mut self) {
                self.0.fetch_sub(1, Ordering::SeqCst);
            }
        }
        self.waiters.fetch_add(1, Ordering::SeqCst);
        let _announced = Announced(&self.waiters);
        loop {
            let seen = self.puts.load(Ordering::SeqCst);
            fence(Ordering::SeqCst);
            if let Some(v) = self.pop() {
                return Ok(Some(v));
            }
            match park::wait(cx, &self.puts, seen, until) {
                Woken::TimedOut => return Ok(self.pop()),
                Woken::Interrupted | Woken::Look => cx.poll()?,
            }
        }
    }

    fn get_item(&self, cx: &Thread, block: bool, timeout: Value) -> Res {
        let until = if !block || timeout.is_none() {
            None
        } else {
            let t = park::timeout_ns(cx, timeout)?;
            if t < 0 {
                raise!(cx, ValueError, "'timeout' must be a non-negative number");
            }
            park::deadline(t)
        };
        if let Some(v) = self.pop() {
            return Ok(v);
        }
        let v = if block { self.pop_waiting(cx, until)? } else { None };
        match v {
            Some(v) => Ok(v),
            None => Err(empty_error(cx)),
        }
    }
}

#[cold]
fn empty_error(cx: &Thread) -> Raised {
    match empty_class(cx) {
        Ok(e) => Raised::with_args(cx, e.as_type_unchecked(), &[]),
        Err(e) => e,
    }
}

/// `_queue.Empty`, made once.
fn empty_class(cx: &Thread) -> Res {
    static EMPTY: OnceLock<Root<Value>> = OnceLock::new();
    if let Some(e) = EMPTY.get() {
        return Ok(e.get());
    }
    let d = Dict::new(cx);
    d.set_str(cx, id!(cx, "__module__"), Value::from_ref(id!(cx, "_queue")));
    let doc = Str::new(cx, "Raised by a get() that finds no item.");
    d.set_str(cx, id!(cx, "__doc__"), Value::from_ref(doc));
    let bases = Tuple::from_slice(cx, &[Value::from_ref(exc::Exception())]);
    let name = Value::from_ref(id!(cx, "Empty"));
    let args = [name, Value::from_ref(bases), Value::from_ref(d)];
    let made = call(cx, Value::from_ref(Type::type_object()), &args)?;
    // Two threads may both make one; the first stays.
    Ok(EMPTY.get_or_init(|| Root::new(made)).get())
}

#[pymethods]
impl SimpleQueue {
    #[slot(sig = "(cls)")]
    fn __new__(cx: &Thread, cls: &Type) -> Res {
        let ring = SlotArray::new(cx, LEAST);
        let q = SimpleQueue {
            head: fresh_head(),
            ring: AtomicPtr::new(std::ptr::from_ref(ring).cast_mut()),
            first: AtomicUsize::new(0),
            count: AtomicUsize::new(0),
            waiters: AtomicU32::new(0),
            puts: AtomicU32::new(0),
        };
        Ok(Value::from_ref(cx.alloc_in(cls, q)))
    }

    /// Adds an item; never waits. 'block' and 'timeout' are there for likeness to Queue.put().
    #[pymethod(sig = "(self, /, item, block=True, timeout=None)")]
    fn put(cx: &Thread, this: &SimpleQueue, item: Value, block: bool, timeout: Value) {
        let _ = (block, timeout);
        this.push(cx, item);
    }

    /// Adds an item; for likeness to Queue.put_nowait().
    #[pymethod(sig = "(self, /, item)")]
    fn put_nowait(cx: &Thread, this: &SimpleQueue, item: Value) {
        this.push(cx, item);
    }

    /// Takes the oldest item. Waits for one, at most for the timeout, unless 'block' is false;
    /// raises Empty where there is none.
    #[pymethod(sig = "(self, /, block=True, timeout=None)")]
    fn get(cx: &Thread, this: &SimpleQueue, block: bool, timeout: Value) -> Res {
        this.get_item(cx, block, timeout)
    }

    /// Takes the oldest item or raises Empty.
    #[pymethod]
    fn get_nowait(cx: &Thread, this: &SimpleQueue) -> Res {
        this.get_item(cx, false, none())
    }

    /// Is there no item (just now)?
    #[pymethod]
    fn empty(_cx: &Thread, this: &SimpleQueue) -> bool {
        this.count.load(Ordering::Acquire) == 0
    }

    /// How many items there are (just now).
    #[pymethod]
    fn qsize(_cx: &Thread, this: &SimpleQueue) -> usize {
        this.count.load(Ordering::Acquire)
    }

    /// Generic alias: see PEP 585.
    #[classmethod(text = "($type, object, /)")]
    fn __class_getitem__(cx: &Thread, cls: &Type, item: Value) -> Res {
        crate::objects::generic_alias::new(cx, Value::from_ref(cls), item)
    }
}

fn exec(cx: &Thread, m: &Module) -> Res<()> {
    m.add(cx, "Empty", empty_class(cx)?);
    m.add_type::<SimpleQueue>(cx);
    Ok(())
}

pymodule! { "_queue", doc: "The queue that 'queue' offers as SimpleQueue.", functions: [], exec: exec }
