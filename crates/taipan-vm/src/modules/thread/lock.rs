//! `_thread.lock` and `_thread.RLock`.

use crate::objects::object::Object;
use crate::park::{ParkingLock, timeout_ns};
use crate::prelude::*;
use crate::types::alloc::fresh_head;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// Seconds that a wait may take at most: what 63 bits of nanoseconds hold.
pub const TIMEOUT_MAX: f64 = 9_223_372_036.0;
/// The largest timeout in nanoseconds that is a whole number of microseconds.
const MAX_NS: i64 = i64::MAX / 1000 * 1000;

/// The timeout of an acquire in nanoseconds, -1 for ever (`lock_acquire_parse_args`).
#[inline]
fn wait_time(cx: &Thread, blocking: bool, timeout: Option<Value>) -> Res<i64> {
    match timeout {
        None => Ok(if blocking { -1 } else { 0 }),
        Some(t) => wait_time_given(cx, blocking, t),
    }
}

fn wait_time_given(cx: &Thread, blocking: bool, timeout: Value) -> Res<i64> {
    const UNSET: i64 = -1_000_000_000;
    let t = timeout_ns(cx, timeout)?;
    if !blocking && t != UNSET {
        raise!(cx, ValueError, "can't specify a timeout for a non-blocking call");
    }
    if t < 0 && t != UNSET {
        raise!(cx, ValueError, "timeout value must be a non-negative number");
    }
    if !blocking {
        return Ok(0);
    }
    if t == UNSET {
        return Ok(-1);
    }
    if t > MAX_NS {
        raise!(cx, OverflowError, "timeout value is too large");
    }
    Ok(t)
}

/// The safepoint at the end of a call of `acquire`, where CPython looks for signals too: what a
/// handler raises is raised within the caller's `try`, the lock held, and not at the entry of the
/// function called next. `__enter__` has none: `with` must get to its body with the lock.
#[inline]
fn after_wait(cx: &Thread, taken: bool) -> Res<bool> {
    cx.poll()?;
    Ok(taken)
}

/// `lock` or `RLock` of `_thread`, or a subclass's name, as `tp_name` has it.
pub(super) fn type_name(t: &Type) -> String {
    t.name().into_owned()
}

#[repr(C)]
pub struct Lock {
    pub head: Head,
    lock: ParkingLock,
}

crate::pytype! { Lock, PyThread_LockType, name: "lock", module: "_thread", base: Object,
weakref: true,
doc: "lock()\n--\n\nA lock that one thread at a time can hold.\n\nacquire() waits until it is free and takes it, release() gives it back, locked() asks.\nAny thread may release it; who takes it twice waits for ever." }

impl Lock {
    pub fn new(cx: &Thread) -> &'static Lock {
        cx.alloc(Lock { head: fresh_head(), lock: ParkingLock::new() })
    }

    fn take(cx: &Thread, this: &Lock, blocking: bool, timeout: Option<Value>) -> Res<bool> {
        let t = wait_time(cx, blocking, timeout)?;
        this.lock.acquire(cx, t)
    }

    fn give_back(cx: &Thread, this: &Lock) -> Res<()> {
        if !this.lock.release() {
            raise!(cx, RuntimeError, "release unlocked lock");
        }
        Ok(())
    }
}

#[pymethods]
impl Lock {
    #[slot(sig = "(cls)")]
    fn __new__(cx: &Thread, cls: &Type) -> Res {
        Ok(Value::from_ref(cx.alloc_in(cls, Lock { head: fresh_head(), lock: ParkingLock::new() })))
    }

    /// Takes the lock and gives True; waits while it is taken, unless blocking is false, and at
    /// most for the timeout, after which it gives False.
    #[pymethod(sig = "(self, /, blocking=True, timeout=-1)")]
    fn acquire(cx: &Thread, this: &Lock, blocking: bool, timeout: Option<Value>) -> Res<bool> {
        let taken = Lock::take(cx, this, blocking, timeout)?;
        after_wait(cx, taken)
    }

    /// An old name of acquire().
    #[pymethod(sig = "(self, /, blocking=True, timeout=-1)")]
    fn acquire_lock(cx: &Thread, this: &Lock, blocking: bool, timeout: Option<Value>) -> Res<bool> {
        let taken = Lock::take(cx, this, blocking, timeout)?;
        after_wait(cx, taken)
    }

    /// Takes the lock.
    #[pymethod(sig = "(self, /, blocking=True, timeout=-1)", text = "($self, /)")]
    fn __enter__(cx: &Thread, this: &Lock, blocking: bool, timeout: Option<Value>) -> Res<bool> {
        Lock::take(cx, this, blocking, timeout)
    }

    /// Gives the lock back; another thread that waits for it goes on.
    #[pymethod]
    fn release(cx: &Thread, this: &Lock) -> Res<()> {
        Lock::give_back(cx, this)
    }

    /// An old name of release().
    #[pymethod]
    fn release_lock(cx: &Thread, this: &Lock) -> Res<()> {
        Lock::give_back(cx, this)
    }

    /// Gives the lock back.
    #[pymethod(sig = "(self, /, *exc_info)")]
    fn __exit__(cx: &Thread, this: &Lock, exc_info: &[Value]) -> Res<()> {
        let _ = exc_info;
        Lock::give_back(cx, this)
    }

    /// Does anybody hold the lock?
    #[pymethod]
    fn locked(_cx: &Thread, this: &Lock) -> bool {
        this.lock.is_locked()
    }

    /// An old name of locked().
    #[pymethod]
    fn locked_lock(_cx: &Thread, this: &Lock) -> bool {
        this.lock.is_locked()
    }

    #[pymethod]
    fn _at_fork_reinit(_cx: &Thread, this: &Lock) {
        this.lock.reset();
    }

    #[slot]
    fn __repr__(cx: &Thread, this: &Lock) -> Res {
        let state = if this.lock.is_locked() { "locked" } else { "unlocked" };
        let name = type_name(Value::from_ref(this).ty());
        let text = format!("<{state} {name} object at {:p}>", this);
        Ok(Value::from_ref(Str::new(cx, &text)))
    }
}

/// Owner and count are written by the holder only; the owner's other readers compare it with
/// themselves, so a stale value cannot mislead them.
#[repr(C)]
pub struct RLock {
    pub head: Head,
    lock: ParkingLock,
    owner: AtomicU64,
    count: AtomicU64,
}

crate::pytype! { RLock, PyThread_RLockType, name: "RLock", module: "_thread", base: Object,
flags: tpflags::BASETYPE, weakref: true }

impl RLock {
    #[inline]
    fn is_mine(&self, cx: &Thread) -> bool {
        self.owner.load(Relaxed) == cx.tid && self.count.load(Relaxed) > 0
    }

    #[inline]
    fn take(cx: &Thread, this: &RLock, blocking: bool, timeout: Option<Value>) -> Res<bool> {
        let t = wait_time(cx, blocking, timeout)?;
        if this.is_mine(cx) {
            let n = this.count.load(Relaxed);
            if n == u64::MAX {
                raise!(cx, OverflowError, "Internal lock count overflowed");
            }
            this.count.store(n + 1, Relaxed);
            return Ok(true);
        }
        if !this.lock.acquire(cx, t)? {
            return Ok(false);
        }
        this.owner.store(cx.tid, Relaxed);
        this.count.store(1, Relaxed);
        Ok(true)
    }

    #[inline]
    fn give_back(cx: &Thread, this: &RLock) -> Res<()> {
        if !this.is_mine(cx) {
            raise!(cx, RuntimeError, "cannot release un-acquired lock");
        }
        let n = this.count.load(Relaxed) - 1;
        this.count.store(n, Relaxed);
        if n == 0 {
            this.owner.store(0, Relaxed);
            this.lock.release();
        }
        Ok(())
    }
}

#[pymethods]
impl RLock {
    #[slot]
    fn __new__(cx: &Thread, cls: &Type, _args: &[Value], _kw: KwNames<'_>) -> Res {
        let l = RLock {
            head: fresh_head(),
            lock: ParkingLock::new(),
            owner: AtomicU64::new(0),
            count: AtomicU64::new(0),
        };
        Ok(Value::from_ref(cx.alloc_in(cls, l)))
    }

    #[slot]
    fn __init__(_cx: &Thread, _this: &RLock, _args: &[Value], _kw: KwNames<'_>) -> Res<()> {
        Ok(())
    }

    /// Takes the lock, once more if this thread has it already, and gives True; waits while
    /// another thread has it, unless blocking is false, and at most for the timeout.
    #[pymethod(sig = "(self, /, blocking=True, timeout=-1)")]
    fn acquire(cx: &Thread, this: &RLock, blocking: bool, timeout: Option<Value>) -> Res<bool> {
        let taken = RLock::take(cx, this, blocking, timeout)?;
        after_wait(cx, taken)
    }

    /// Takes the lock.
    #[pymethod(sig = "(self, /, blocking=True, timeout=-1)", text = "($self, /)")]
    fn __enter__(cx: &Thread, this: &RLock, blocking: bool, timeout: Option<Value>) -> Res<bool> {
        RLock::take(cx, this, blocking, timeout)
    }

    /// Undoes one acquire() of this thread; after the last the lock is free. RuntimeError in a
    /// thread that does not hold it.
    #[pymethod]
    fn release(cx: &Thread, this: &RLock) -> Res<()> {
        RLock::give_back(cx, this)
    }

    /// Undoes one acquire().
    #[pymethod(sig = "(self, /, *exc_info)")]
    fn __exit__(cx: &Thread, this: &RLock, exc_info: &[Value]) -> Res<()> {
        let _ = exc_info;
        RLock::give_back(cx, this)
    }

    /// For threading.Condition.
    #[pymethod]
    fn _is_owned(cx: &Thread, this: &RLock) -> bool {
        this.is_mine(cx)
    }

    /// For tests of re-entrancy.
    #[pymethod]
    fn _recursion_count(cx: &Thread, this: &RLock) -> u64 {
        if this.owner.load(Relaxed) == cx.tid { this.count.load(Relaxed) } else { 0 }
    }

    /// For threading.Condition.
    #[pymethod]
    fn _release_save(cx: &Thread, this: &RLock) -> Res {
        let (count, owner) = (this.count.load(Relaxed), this.owner.load(Relaxed));
        if count == 0 {
            raise!(cx, RuntimeError, "cannot release un-acquired lock");
        }
        this.count.store(0, Relaxed);
        this.owner.store(0, Relaxed);
        this.lock.release();
        let (c, o) = (int_from_i128(cx, count as i128), int_from_i128(cx, owner as i128));
        Ok(Value::from_ref(Tuple::from_slice(cx, &[c, o])))
    }

    /// For threading.Condition.
    #[pymethod]
    fn _acquire_restore(cx: &Thread, this: &RLock, state: Value) -> Res<()> {
        let parts = state.downcast::<Tuple>().filter(|t| t.len() == 2);
        let Some(parts) = parts else {
            raise!(cx, TypeError, "_acquire_restore() argument 1 must be 2-item tuple");
        };
        let word = |v: Value| int_to_i64(v).map(|n| n as u64);
        let (Some(count), Some(owner)) = (word(parts.get(0)), word(parts.get(1))) else {
            raise!(cx, TypeError, "_acquire_restore() argument 1 must be a tuple of two integers");
        };
        // A signal handler's exception must not leave the condition's lock untaken: it is raised
        // once the lock is held again.
        let mut interrupted = None;
        while let Err(e) = this.lock.acquire(cx, -1) {
            interrupted = Some(e);
        }
        this.owner.store(owner, Relaxed);
        this.count.store(count, Relaxed);
        interrupted.map_or(Ok(()), Err)
    }

    #[pymethod]
    fn _at_fork_reinit(_cx: &Thread, this: &RLock) {
        this.lock.reset();
        this.owner.store(0, Relaxed);
        this.count.store(0, Relaxed);
    }

    #[slot]
    fn __repr__(cx: &Thread, this: &RLock) -> Res {
        let (count, owner) = (this.count.load(Relaxed), this.owner.load(Relaxed));
        let state = if count > 0 { "locked" } else { "unlocked" };
        let name = type_name(Value::from_ref(this).ty());
        let text = format!("<{state} {name} object owner={owner} count={count} at {:p}>", this);
        Ok(Value::from_ref(Str::new(cx, &text)))
    }
}
