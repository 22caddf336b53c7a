//! `_zoneinfo`: time zones of the IANA database. Finding and reading the files is the library's
//! (`zoneinfo._tzpath`, `zoneinfo._common`); here are the class, its caches and the look-up of what
//! holds when (`transitions`, `rules`).

mod rules;
mod transitions;

use crate::_datetime::calendar::EPOCH_ORDINAL;
use crate::_datetime::datetime::DateTime;
use crate::_datetime::delta::Delta;
use crate::_datetime::tz::{self, TzInfo};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU8, Ordering};
use taipan_heap::lock::lock;
use taipan_vm::objects::int;
use taipan_vm::objects::module::{import, import_attr};
use taipan_vm::objects::object::Object;
use taipan_vm::prelude::*;
use taipan_vm::pytype;
use taipan_vm::types::alloc::fresh_head;
use transitions::{Raw, Transitions};

/// How an instance came to be, which says how it is pickled.
const NO_CACHE: u8 = 0;
const CACHED: u8 = 1;
const FROM_FILE: u8 = 2;

#[repr(C)]
pub struct ZoneInfo {
    head: Head,
    key: Slot,
    /// The repr of the file, or empty.
    file: Slot,
    /// Offset, daylight saving and name of each kind of local time.
    kinds: Slot,
    transitions: *const Transitions,
    source: AtomicU8,
    /// The answer for times without a date is that of standard time.
    fixed: bool,
}

pytype! { ZoneInfo, PyTaipanZoneInfo_Type, name: "ZoneInfo", module: "zoneinfo",
base: TzInfo, flags: tpflags::BASETYPE, weakref: true,
doc: "A time zone of the IANA database." }

/// How many zones stay alive without being used.
const STRONG: usize = 8;

/// What an import of the module brought: functions of the library and the caches of the class.
#[repr(C)]
struct State {
    head: Head,
    find_tzfile: Slot,
    open: Slot,
    common: Slot,
    /// A WeakValueDictionary.
    weak: Slot,
    /// An RLock, held while a zone is put into such a dictionary, whose methods are in Python.
    adding: Slot,
    /// Keys (exact strs) and zones used last, the latest first; under the object's lock.
    strong: [(Slot, Slot); STRONG],
}

pytype! { State, PyTaipanZoneInfoState_Type, name: "state", module: "_zoneinfo",
base: Object, flags: tpflags::DISALLOW_INSTANTIATION }

#[pymethods]
impl State {}

/// The state of the module's latest import.
static STATE: OnceLock<Root<Value>> = OnceLock::new();

fn state() -> &'static State {
    let v = STATE.get().expect("set when the module is made").get();
    v.downcast_exact::<State>().expect("only a state is stored")
}

impl State {
    /// The zone of a key, which becomes the latest.
    fn find(&self, key: &Str) -> Option<Value> {
        let _guard = lock(&self.head);
        let same =
            |s: &Slot| s.get().and_then(|v| v.downcast_exact::<Str>()).is_some_and(|s| s.eq(key));
        let at = self.strong.iter().position(|(k, _)| same(k))?;
        let found = (self.strong[at].0.value(), self.strong[at].1.value());
        self.put_first(at, found);
        Some(found.1)
    }

    /// Moves the entries before `at` by one and puts another first. Under the lock.
    fn put_first(&self, at: usize, (key, zone): (Value, Value)) {
        for i in (0..at).rev() {
            let (from, to) = (&self.strong[i], &self.strong[i + 1]);
            to.0.set_option(self, from.0.get());
            to.1.set_option(self, from.1.get());
        }
        self.strong[0].0.set(self, key);
        self.strong[0].1.set(self, zone);
    }

    fn add(&self, key: &Str, zone: Value) {
        let _guard = lock(&self.head);
        self.put_first(STRONG - 1, (Value::from_ref(key), zone));
    }

    /// Drops a key, or all.
    fn drop_strong(&self, key: Option<&Str>) {
        let _guard = lock(&self.head);
        let kept: [(Option<Value>, Option<Value>); STRONG] =
            std::array::from_fn(|i| (self.strong[i].0.get(), self.strong[i].1.get()));
        let keep = |k: &Option<Value>| match (key, k.and_then(|k| k.downcast_exact::<Str>())) {
            (Some(key), Some(k)) => !k.eq(key),
            _ => false,
        };
        let mut kept = kept.into_iter().filter(|(k, _)| keep(k));
        for (k, z) in &self.strong {
            let (key, zone) = kept.next().unwrap_or((None, None));
            k.set_option(self, key);
            z.set_option(self, zone);
        }
    }
}

fn weak_cache(cx: &Thread, cls: &Type) -> Res {
    match cls.is(ZoneInfo::type_object()) {
        true => Ok(state().weak.value()),
        false => get_attr(cx, Value::from_ref(cls), id!(cx, "_weak_cache")),
    }
}

fn new_weak_cache(cx: &Thread) -> Res {
    call(cx, import_attr(cx, "weakref", "WeakValueDictionary")?, &[])
}

/// The key as the strong cache takes it, which is that of the class itself.
fn strong_key(cls: &Type, key: Value) -> Option<&'static Str> {
    key.downcast_exact::<Str>().filter(|_| cls.is(ZoneInfo::type_object()))
}

fn item(cx: &Thread, data: &Tuple, i: usize) -> Res<&'static Tuple> {
    match data.as_slice().get(i).and_then(|v| v.downcast::<Tuple>()) {
        Some(t) => Ok(t),
        None => raise!(cx, TypeError, "load_data() gave no tuple at index {i}"),
    }
}

fn number(cx: &Thread, v: Value) -> Res<i64> {
    match int_to_i64(index(cx, v)?) {
        Some(n) => Ok(n),
        None => raise!(cx, OverflowError, "Python int too large to convert to C long"),
    }
}

fn seconds(cx: &Thread, n: i32) -> Res {
    Ok(Value::from_ref(Delta::new(cx, 0, n as i64, 0)?))
}

/// Everything of an instance that a file says.
struct Loaded {
    kinds: &'static Tuple,
    transitions: Transitions,
    fixed: bool,
}

/// Reads a file through `zoneinfo._common.load_data`.
fn load(cx: &Thread, file: Value) -> Res<Loaded> {
    let data = call_method(cx, state().common.value(), id!(cx, "load_data"), &[file])?;
    let Some(data) = data.downcast_exact::<Tuple>().filter(|t| t.len() >= 6) else {
        raise!(cx, TypeError, "Invalid data result type: {}", repr(cx, data)?);
    };
    let (indices, utc) = (item(cx, data, 0)?, item(cx, data, 1)?);
    let (offsets, saving, names) = (item(cx, data, 2)?, item(cx, data, 3)?, item(cx, data, 4)?);
    let n = offsets.len();
    if indices.len() < utc.len() || saving.len() < n || names.len() < n {
        raise!(cx, IndexError, "tuple index out of range");
    }
    let mut raw = Raw { utc: vec![], kinds: vec![], offsets: vec![], saving: vec![] };
    for (t, i) in utc.as_slice().iter().zip(indices.as_slice()) {
        raw.utc.push(number(cx, *t)?);
        let i = number(cx, *i)?;
        if !(0..n as i64).contains(&i) {
            raise!(cx, ValueError, "Invalid transition index found while reading TZif: {i}");
        }
        raw.kinds.push(i as u32);
    }
    for (offset, saving) in offsets.as_slice().iter().zip(saving.as_slice()) {
        let offset = number(cx, *offset)?;
        match i32::try_from(offset) {
            Ok(offset) => raw.offsets.push(offset),
            Err(_) => raise!(cx, OverflowError, "Python int too large to convert to C int"),
        }
        raw.saving.push(is_true(cx, *saving)?);
    }
    let text = data.get(5);
    let rules = if is_true(cx, text)? {
        let Some(b) = text.downcast::<Bytes>() else {
            raise!(cx, TypeError, "expected bytes, {} found", text.ty().name());
        };
        match rules::parse(b.as_slice()) {
            Ok(r) => Some(r),
            Err(complaint) => raise!(cx, ValueError, "{complaint} {}", repr(cx, text)?),
        }
    } else if n == 0 {
        raise!(cx, ValueError, "No time zone information found.");
    } else {
        None
    };
    let mut kinds: GcVec<Value> = GcVec::new();
    for (i, saved) in raw.saved().into_iter().enumerate() {
        kinds.push(seconds(cx, raw.offsets[i])?);
        kinds.push(seconds(cx, saved)?);
        kinds.push(names.get(i));
    }
    let last = raw.kinds.last().map_or(n.wrapping_sub(1), |k| *k as usize);
    match &rules {
        Some(r) => {
            kinds.push(seconds(cx, r.offset)?);
            kinds.push(seconds(cx, 0)?);
            kinds.push(Value::from_ref(Str::new(cx, &r.name)));
            if let Some(s) = &r.saving {
                kinds.push(seconds(cx, s.offset)?);
                kinds.push(seconds(cx, s.offset - r.offset)?);
                kinds.push(Value::from_ref(Str::new(cx, &s.name)));
            }
        }
        None => {
            for i in 0..3 {
                let v = kinds[3 * last + i];
                kinds.push(v);
            }
        }
    }
    let transitions = Transitions::new(raw, rules.as_ref());
    let fixed = match n {
        0 | 1 if transitions.changes_for_ever() => false,
        0 => true,
        1 => {
            let same = |i: usize| eq(cx, kinds[i], kinds[3 + i]);
            same(0)? && same(1)? && same(2)?
        }
        _ => false,
    };
    Ok(Loaded { kinds: Tuple::from_slice(cx, &kinds), transitions, fixed })
}

impl ZoneInfo {
    fn alloc(
        cx: &Thread,
        cls: &Type,
        loaded: Loaded,
        key: Value,
        file: Option<Value>,
        source: u8,
    ) -> Value {
        let z = cx.alloc_in(
            cls,
            ZoneInfo {
                head: fresh_head(),
                key: Slot::empty(),
                file: Slot::empty(),
                kinds: Slot::empty(),
                transitions: Box::into_raw(Box::new(loaded.transitions)),
                source: AtomicU8::new(source),
                fixed: loaded.fixed,
            },
        );
        z.key.init(Some(key));
        z.file.init(file);
        z.kinds.init(Some(Value::from_ref(loaded.kinds)));
        let v = Value::from_ref(z);
        if let Some(head) = v.head() {
            cx.mutator.set_native_drop(head.into(), drop_transitions);
        }
        v
    }

    /// A new instance from the database, or from the `tzdata` package.
    fn from_database(cx: &Thread, cls: &Type, key: Value) -> Res {
        let s = state();
        let path = call(cx, s.find_tzfile.value(), &[key])?;
        let file = match path.is_none() {
            true => call_method(cx, s.common.value(), id!(cx, "load_tzdata"), &[key])?,
            false => {
                let mode = Value::from_ref(Str::new(cx, "rb"));
                call(cx, s.open.value(), &[path, mode])?
            }
        };
        let loaded = load(cx, file);
        let closed = call_method(cx, file, id!(cx, "close"), &[]);
        let loaded = loaded?;
        closed?;
        Ok(ZoneInfo::alloc(cx, cls, loaded, key, None, NO_CACHE))
    }

    fn cached(cx: &Thread, cls: &Type, key: Value) -> Res {
        let strong = strong_key(cls, key);
        if let Some(zone) = strong.and_then(|k| state().find(k)) {
            return Ok(zone);
        }
        let cache = weak_cache(cx, cls)?;
        let mut zone = call_method(cx, cache, id!(cx, "get"), &[key, none()])?;
        if zone.is_none() {
            let made = ZoneInfo::from_database(cx, cls, key)?;
            let adding = state().adding.value();
            call_method(cx, adding, id!(cx, "acquire"), &[])?;
            let first = call_method(cx, cache, id!(cx, "setdefault"), &[key, made]);
            call_method(cx, adding, id!(cx, "release"), &[])?;
            zone = first?;
            if let Some(z) = zone.downcast::<ZoneInfo>() {
                z.source.store(CACHED, Ordering::Relaxed);
            }
        }
        if let Some(k) = strong {
            state().add(k, zone);
        }
        Ok(zone)
    }

    fn transitions(&self) -> &Transitions {
        // SAFETY: made with the object and freed with it.
        unsafe { &*self.transitions }
    }

    fn part(&self, kind: u32, part: usize) -> Value {
        let kinds = self.kinds.value().downcast::<Tuple>().expect("only a tuple is stored");
        kinds.get(3 * kind as usize + part)
    }

    /// Offset (0), daylight saving (1) or name (2) of what holds at a local time.
    #[inline]
    fn at(&self, cx: &Thread, dt: Value, part: usize) -> Res {
        let t = self.transitions();
        if dt.is_none() {
            return Ok(if self.fixed { self.part(t.standard(), part) } else { none() });
        }
        let (local, fold, year) = local_time(cx, dt)?;
        Ok(self.part(t.at_local(local, fold, year), part))
    }

    /// The offset at a datetime.
    #[inline]
    pub fn offset_at(&self, dt: &DateTime) -> Option<&'static Delta> {
        let (t, _) = dt.instant();
        let t = t - EPOCH_ORDINAL as i64 * 24 * 3600;
        let kind = self.transitions().at_local(t, dt.clock().fold as usize, dt.ymd().year);
        self.part(kind, 0).downcast::<Delta>()
    }
}

/// Frees what the object holds outside the heap.
/// # Safety
/// `head` is a ZoneInfo at its end, and this is called once.
unsafe fn drop_transitions(head: *mut Head) {
    // SAFETY: by the caller's promise; the field is a Box given away.
    unsafe { drop(Box::from_raw((*head.cast::<ZoneInfo>()).transitions.cast_mut())) };
}

/// Seconds since 1970 of local time, the fold and the year.
fn local_time(cx: &Thread, dt: Value) -> Res<(i64, usize, i32)> {
    const EPOCH: i64 = EPOCH_ORDINAL as i64 * 24 * 3600;
    if let Some(d) = dt.downcast_exact::<DateTime>() {
        let (t, _) = d.instant();
        return Ok((t - EPOCH, d.clock().fold as usize, d.ymd().year));
    }
    let ordinal = number(cx, call_method(cx, dt, id!(cx, "toordinal"), &[])?)?;
    let field = |name: &'static Str| number(cx, get_attr(cx, dt, name)?);
    let (h, m) = (field(id!(cx, "hour"))?, field(id!(cx, "minute"))?);
    let time = h.wrapping_mul(3600).wrapping_add(m.wrapping_mul(60));
    let time = time.wrapping_add(field(id!(cx, "second"))?);
    let days = ordinal.wrapping_mul(24 * 3600);
    let (fold, year) = match dt.downcast::<DateTime>() {
        Some(d) => (d.clock().fold as usize, d.ymd().year),
        None => ((field(id!(cx, "fold"))? == 1) as usize, field(id!(cx, "year"))? as i32),
    };
    // Years beyond those of dates have no rules of their own.
    let year = year.clamp(1, 9999);
    Ok((days.wrapping_add(time).wrapping_sub(EPOCH), fold, year))
}

#[pymethods]
impl ZoneInfo {
    #[slot(sig = "(cls, key)")]
    fn __new__(cx: &Thread, cls: &Type, key: Value) -> Res {
        ZoneInfo::cached(cx, cls, key)
    }

    /// Forgets the zones made so far, or those of some keys.
    #[classmethod(sig = "(cls, *, only_keys=None)")]
    fn clear_cache(cx: &Thread, cls: &Type, only_keys: Value) -> Res<()> {
        let cache = weak_cache(cx, cls)?;
        let own = cls.is(ZoneInfo::type_object());
        if only_keys.is_none() {
            call_method(cx, cache, id!(cx, "clear"), &[])?;
            if own {
                state().drop_strong(None);
            }
            return Ok(());
        }
        for_each(cx, only_keys, |key| {
            if let Some(k) = strong_key(cls, key) {
                state().drop_strong(Some(k));
            }
            call_method(cx, cache, id!(cx, "pop"), &[key, none()])?;
            Ok(())
        })
    }

    /// A new zone, whatever the cache has.
    #[classmethod(sig = "(cls, key)")]
    fn no_cache(cx: &Thread, cls: &Type, key: Value) -> Res {
        ZoneInfo::from_database(cx, cls, key)
    }

    /// The zone that a file in TZif format describes.
    #[classmethod(sig = "(cls, file_obj, /, key=None)")]
    fn from_file(cx: &Thread, cls: &Type, file_obj: Value, key: Value) -> Res {
        let file = Value::from_ref(repr(cx, file_obj)?);
        let loaded = load(cx, file_obj)?;
        Ok(ZoneInfo::alloc(cx, cls, loaded, key, Some(file), FROM_FILE))
    }

    /// The offset from UTC at a local time.
    #[pymethod(sig = "(self, dt, /)")]
    fn utcoffset(cx: &Thread, this: &ZoneInfo, dt: Value) -> Res {
        this.at(cx, dt, 0)
    }

    /// How much of the offset is daylight saving at a local time.
    #[pymethod(sig = "(self, dt, /)")]
    fn dst(cx: &Thread, this: &ZoneInfo, dt: Value) -> Res {
        this.at(cx, dt, 1)
    }

    /// What the zone is called at a local time.
    #[pymethod(sig = "(self, dt, /)")]
    fn tzname(cx: &Thread, this: &ZoneInfo, dt: Value) -> Res {
        this.at(cx, dt, 2)
    }

    /// A datetime in UTC as one in this zone.
    #[pymethod(sig = "(self, dt, /)", text = "($self, object, /)")]
    fn fromutc(cx: &Thread, this: &ZoneInfo, dt: Value) -> Res {
        let d = tz::fromutc_argument(cx, Value::from_ref(this), dt)?;
        let (t, _, year) = local_time(cx, dt)?;
        let (kind, fold) = this.transitions().at_utc(t, year);
        let local = binary(cx, dt, this.part(kind, 0), BinOp::Add)?;
        if !fold {
            return Ok(local);
        }
        if let Some(l) = local.downcast_exact::<DateTime>() {
            return Ok(l.with(cx, d.zone(), 1));
        }
        let kw = Dict::new(cx);
        kw.set_str(cx, id!(cx, "fold"), Value::small(1));
        call_dict(cx, get_attr(cx, local, id!(cx, "replace"))?, &[], Some(kw))
    }

    /// The key by which the zone was found.
    #[getter]
    fn key(_cx: &Thread, this: &ZoneInfo) -> Value {
        this.key.value()
    }

    /// How pickle finds the zone again: by its key.
    #[pymethod]
    fn __reduce__(cx: &Thread, this: &ZoneInfo) -> Res {
        let source = this.source.load(Ordering::Relaxed);
        if source == FROM_FILE {
            let class = import_attr(cx, "pickle", "PicklingError")?;
            let text = Str::new(cx, "Cannot pickle a ZoneInfo file from a file stream.");
            return Err(Raised(call(cx, class, &[Value::from_ref(text)])?));
        }
        let f = get_attr(cx, Value::from_ref(this), id!(cx, "_unpickle"))?;
        let from_cache = Value::small((source == CACHED) as i64);
        let args = Tuple::pair(cx, this.key.value(), from_cache);
        Ok(Value::from_ref(Tuple::pair(cx, f, Value::from_ref(args))))
    }

    /// What pickle calls.
    #[classmethod(sig = "(cls, key, from_cache, /)")]
    fn _unpickle(cx: &Thread, cls: &Type, key: Value, from_cache: Value) -> Res {
        // Only the low byte of the flag is looked at.
        let n = index(cx, from_cache)?;
        if int::wrapping_u64(n).unwrap_or(0) as u8 != 0 {
            return ZoneInfo::cached(cx, cls, key);
        }
        ZoneInfo::from_database(cx, cls, key)
    }

    /// A subclass has a cache of its own.
    #[classmethod(sig = "(cls, *args, **kwargs)", text = "")]
    fn __init_subclass__(
        cx: &Thread,
        cls: Value,
        _args: &[Value],
        _kwargs: Option<&'static Dict>,
    ) -> Res<()> {
        let cache = new_weak_cache(cx)?;
        set_attr(cx, cls, id!(cx, "_weak_cache"), Some(cache))
    }

    #[slot]
    fn __repr__(cx: &Thread, this: &ZoneInfo) -> Res {
        let name = Value::from_ref(this).ty().name();
        let key = this.key.value();
        let text = match this.file.get() {
            Some(file) if key.is_none() => format!("{name}.from_file({})", to_str(cx, file)?),
            _ => format!("{name}(key={})", repr(cx, key)?),
        };
        Ok(Value::from_ref(Str::new(cx, &text)))
    }

    #[slot]
    fn __str__(cx: &Thread, this: &ZoneInfo) -> Res {
        let key = this.key.value();
        if key.is_none() { ZoneInfo::__repr__(cx, this) } else { Ok(key) }
    }
}

pymodule! { "_zoneinfo", doc: "Fast implementation of the zoneinfo class.", exec: exec }

fn exec(cx: &Thread, m: &Module) -> Res<()> {
    taipan_vm::types::ready::ready::<State>(cx);
    m.add_type::<ZoneInfo>(cx);
    let find_tzfile = import_attr(cx, "zoneinfo._tzpath", "find_tzfile")?;
    let open = import_attr(cx, "io", "open")?;
    let common = import(cx, "zoneinfo._common")?;
    let weak = new_weak_cache(cx)?;
    let adding = call(cx, import_attr(cx, "_thread", "RLock")?, &[])?;
    let s = cx.alloc(State {
        head: fresh_head(),
        find_tzfile: Slot::empty(),
        open: Slot::empty(),
        common: Slot::empty(),
        weak: Slot::empty(),
        adding: Slot::empty(),
        strong: [const { (Slot::empty(), Slot::empty()) }; STRONG],
    });
    s.find_tzfile.set(s, find_tzfile);
    s.open.set(s, open);
    s.common.set(s, common);
    s.weak.set(s, weak);
    s.adding.set(s, adding);
    STATE.get_or_init(|| Root::new(Value::from_ref(s))).set(Value::from_ref(s));
    Ok(())
}
