//! `str`: the PEP 393 layout, construction, access, hashing and interning.
//! Python's methods are in `methods.rs` and its neighbours.
//!
//! Invariants: the kind is canonical (the narrowest that holds the widest character); the data
//! never change after publication; `hash` is -1 until computed; interned strings live for ever and
//! have their hash filled.

mod builder;
mod casing;
mod intern;
pub mod iter;
mod methods;
pub mod percent;
pub mod repr;
pub mod search;
pub mod split;
pub mod template;
mod translate;

use crate::prelude::*;
use std::borrow::Cow;
use std::sync::atomic::{AtomicI64, AtomicIsize, AtomicPtr, AtomicU32, Ordering};

pub use builder::StrBuilder;
pub use intern::{intern, intern_str, interned_count, is_interned};

/// CPython's PyASCIIObject / PyCompactUnicodeObject (56 / 72 bytes), data inline after it.
/// Instances of subclasses are PyUnicodeObjects (80 bytes), whose characters a pointer leads to: they
/// lie at the end of the same cell, after the attribute slots.
#[repr(C)]
pub struct Str {
    pub head: Head,
    length: AtomicIsize,
    hash: AtomicI64,
    /// interned:2 kind:3 compact:1 ascii:1 static:1
    state: AtomicU32,
    _pad: u32,
    /// Absent in ASCII strings, whose data start here.
    utf8_length: AtomicIsize,
    utf8: AtomicPtr<u8>,
}

const ASCII_SIZE: usize = 56;
const COMPACT_SIZE: usize = 72;
/// CPython's PyUnicodeObject: after the compact prefix a pointer to the data.
const SUBCLASS_SIZE: usize = 80;
const _: () = {
    assert!(std::mem::offset_of!(Str, length) == 32);
    assert!(std::mem::offset_of!(Str, hash) == 40);
    assert!(std::mem::offset_of!(Str, state) == 48);
    assert!(std::mem::offset_of!(Str, utf8_length) == ASCII_SIZE);
    assert!(size_of::<Str>() == COMPACT_SIZE);
};

const STATE_COMPACT: u32 = 1 << 5;
const STATE_ASCII: u32 = 1 << 6;
const STATE_INTERNED: u32 = 3;

crate::pytype! { Str, PyUnicode_Type, name: "str", module: "builtins",
base: super::object::Object, flags: tpflags::BASETYPE | tpflags::MATCH_SELF,
fast: UNICODE_SUBCLASS, kind: Leaf, basicsize: SUBCLASS_SIZE,
doc: "str(object='') -> str\nstr(bytes_or_buffer[, encoding[, errors]]) -> str\n\nMakes a string of an object, by its __str__ or by decoding." }

/// The characters of a string at their width.
#[derive(Clone, Copy)]
pub enum Data<'a> {
    Ascii(&'a [u8]),
    Latin1(&'a [u8]),
    Ucs2(&'a [u16]),
    Ucs4(&'a [u32]),
}

impl<'a> Data<'a> {
    #[inline(always)]
    pub fn get(self, i: usize) -> u32 {
        match self {
            Data::Ascii(d) | Data::Latin1(d) => d[i] as u32,
            Data::Ucs2(d) => d[i] as u32,
            Data::Ucs4(d) => d[i],
        }
    }

    pub fn len(self) -> usize {
        match self {
            Data::Ascii(d) | Data::Latin1(d) => d.len(),
            Data::Ucs2(d) => d.len(),
            Data::Ucs4(d) => d.len(),
        }
    }

    pub fn is_empty(self) -> bool {
        self.len() == 0
    }
}

impl Str {
    /// A private, unpublished exact string of `n` characters of `kind` bytes. The data pointer is
    /// to be filled, then `finish_exact` called.
    #[inline]
    fn alloc_exact(
        cx: &Thread,
        n: usize,
        kind: usize,
        ascii: bool,
    ) -> Res<(std::ptr::NonNull<Head>, *mut u8)> {
        let base = if ascii { ASCII_SIZE } else { COMPACT_SIZE };
        let bytes = match n.checked_mul(kind).and_then(|b| b.checked_add(base + kind)) {
            Some(b) if b <= isize::MAX as usize => b,
            _ => return Err(cx.no_memory()),
        };
        // A short ASCII string's cell ends before the fields that it does not have.
        let p = if bytes <= 1024 {
            cx.mutator.alloc_object(bytes, 0, Kind::Leaf)
        } else {
            match cx.mutator.try_alloc_leaf_uninit(bytes) {
                Some(p) => p,
                None => return Err(cx.no_memory()),
            }
        };
        // SAFETY: the cell has room for the prefix, the data and the terminator; it is private. The
        // utf8 fields are written only where the data start after them.
        unsafe {
            let s = p.as_ptr() as *mut Str;
            (&raw mut (*s).length).write(AtomicIsize::new(n as isize));
            (&raw mut (*s).hash).write(AtomicI64::new(-1));
            let state = (kind as u32) << 2 | STATE_COMPACT | if ascii { STATE_ASCII } else { 0 };
            (&raw mut (*s).state).write(AtomicU32::new(state));
            if !ascii {
                (&raw mut (*s).utf8_length).write(AtomicIsize::new(0));
                (&raw mut (*s).utf8).write(AtomicPtr::new(std::ptr::null_mut()));
            }
            let data = (s as *mut u8).add(base);
            match kind {
                1 => data.add(n).write(0),
                _ => data.add(n * kind).write_bytes(0, kind),
            }
            Ok((p, data))
        }
    }

    /// # Safety
    /// `p` is a cell from `alloc_exact`, its characters written.
    #[inline]
    unsafe fn finish_exact(cx: &Thread, p: std::ptr::NonNull<Head>) -> &'static Str {
        // SAFETY: by the caller's promise; exact strings have neither pre-header nor finaliser.
        unsafe {
            p.as_ref().init(cx.tid, 0, Str::type_object() as *const Type as *mut Head);
            &*(p.as_ptr() as *const Str)
        }
    }

    /// A private, unpublished string of `n` characters with room for `max_char`.
    /// The data pointer is to be filled, then `finish` called.
    fn alloc_raw(
        cx: &Thread,
        ty: &Type,
        n: usize,
        max_char: u32,
    ) -> Res<(std::ptr::NonNull<Head>, *mut u8)> {
        let (kind, ascii) = match max_char {
            0..=0x7F => (1usize, true),
            0x80..=0xFF => (1, false),
            0x100..=0xFFFF => (2, false),
            _ => (4, false),
        };
        if ty.is(Str::type_object()) {
            return Str::alloc_exact(cx, n, kind, ascii);
        }
        let info = ty.info();
        let base = (info.basicsize.load(Ordering::Relaxed)
            + 8 * info.inline_slots.load(Ordering::Relaxed)) as usize;
        let bytes = match n.checked_mul(kind).and_then(|b| b.checked_add(base + kind)) {
            Some(b) if b <= isize::MAX as usize => b,
            _ => return Err(cx.no_memory()),
        };
        let p = cx.try_alloc_uninit(ty, bytes)?;
        // SAFETY: the cell has room for the prefix, the attribute slots, the data and the
        // terminator; it is private. The utf8 fields always exist here.
        unsafe {
            let s = p.as_ptr() as *mut Str;
            (&raw mut (*s).length).write(AtomicIsize::new(n as isize));
            (&raw mut (*s).hash).write(AtomicI64::new(-1));
            let state = (kind as u32) << 2 | if ascii { STATE_ASCII } else { 0 };
            (&raw mut (*s).state).write(AtomicU32::new(state));
            if !ascii {
                (&raw mut (*s).utf8_length).write(AtomicIsize::new(0));
                (&raw mut (*s).utf8).write(AtomicPtr::new(std::ptr::null_mut()));
            }
            let data = (s as *mut u8).add(base);
            (s as *mut u8).add(COMPACT_SIZE).cast::<*mut u8>().write(data);
            // The terminating null character.
            data.add(n * kind).write_bytes(0, kind);
            Ok((p, data))
        }
    }

    fn finish(cx: &Thread, p: std::ptr::NonNull<Head>, ty: &Type) -> &'static Str {
        // SAFETY: the caller has filled the cell from `alloc_raw` of the same type.
        unsafe {
            cx.publish(p, ty);
            &*(p.as_ptr() as *const Str)
        }
    }

    /// The shared string of one character below 256.
    #[inline]
    pub fn latin1_char(cx: &Thread, b: u8) -> &'static Str {
        let t = cx.vm.roots.latin1.value();
        // SAFETY: `init` filled the root with a tuple of 256 exact strings before anything else ran.
        unsafe { &*((*(t.bits() as *const Tuple)).as_slice()[b as usize].bits() as *const Str) }
    }

    /// The string of one character.
    pub fn from_char(cx: &Thread, c: u32) -> &'static Str {
        if c <= 0xFF {
            return Str::latin1_char(cx, c as u8);
        }
        let Ok((p, data)) = Str::alloc_exact(cx, 1, if c <= 0xFFFF { 2 } else { 4 }, false) else {
            std::panic::panic_any(taipan_heap::OutOfMemory);
        };
        // SAFETY: room for one unit of that width.
        unsafe {
            match c {
                0..=0xFFFF => data.cast::<u16>().write(c as u16),
                _ => data.cast::<u32>().write(c),
            }
            Str::finish_exact(cx, p)
        }
    }

    /// The shared empty string.
    #[inline]
    pub fn empty(cx: &Thread) -> &'static Str {
        // SAFETY: `init` filled the root with an exact string before anything else ran.
        unsafe { &*(cx.vm.roots.empty_str.value().bits() as *const Str) }
    }

    /// `n` characters of one byte, which `fill` writes into the object itself: all of them ASCII,
    /// or, if not `ascii`, at least one that is not. `fill` may run while the world is stopped: it reads
    /// what the caller holds, and allocates and raises nothing.
    #[inline]
    pub fn build_narrow(
        cx: &Thread,
        n: usize,
        ascii: bool,
        fill: impl FnOnce(&mut [u8]),
    ) -> Res<&'static Str> {
        // SAFETY: `fill` only writes text, from sources that the caller holds.
        Str::build_narrow_attached(cx, n, ascii, |out| unsafe { cx.mutator.plain(n, || fill(out)) })
    }

    /// As `build_narrow`, where `fill` polls if it is long.
    #[inline]
    pub fn build_narrow_attached(
        cx: &Thread,
        n: usize,
        ascii: bool,
        fill: impl FnOnce(&mut [u8]),
    ) -> Res<&'static Str> {
        if n == 0 {
            return Ok(Str::empty(cx));
        }
        let (p, data) = Str::alloc_exact(cx, n, 1, ascii)?;
        // SAFETY: n private bytes, of the heap's initialised memory.
        let out = unsafe { std::slice::from_raw_parts_mut(data, n) };
        fill(out);
        debug_assert!(out.is_ascii() == ascii);
        if n == 1 {
            return Ok(Str::latin1_char(cx, out[0]));
        }
        // SAFETY: filled just now.
        Ok(unsafe { Str::finish_exact(cx, p) })
    }

    /// `n` characters, at least two, that `fill` writes at the width of those of `like`, some of
    /// which only that width can hold. It may run while the world is stopped, as in `build_narrow`.
    fn build_like(
        cx: &Thread,
        like: &Str,
        n: usize,
        fill: impl FnOnce(*mut u8),
    ) -> Res<&'static Str> {
        let (p, data) = Str::alloc_exact(cx, n, like.kind() as usize, like.is_ascii())?;
        // SAFETY: `fill` only writes text, from sources that the caller holds; then it is filled.
        unsafe {
            cx.mutator.plain(n, || fill(data));
            Ok(Str::finish_exact(cx, p))
        }
    }

    /// A string of bytes that are known to be ASCII.
    #[inline]
    pub fn from_ascii(cx: &Thread, bytes: &[u8]) -> &'static Str {
        Str::from_narrow(cx, bytes, true)
    }

    /// Each byte is a character; `ascii`: all of them are.
    #[inline]
    fn from_narrow(cx: &Thread, bytes: &[u8], ascii: bool) -> &'static Str {
        debug_assert!(bytes.is_ascii() == ascii);
        match bytes {
            [] => return Str::empty(cx),
            [b] => return Str::latin1_char(cx, *b),
            _ => {}
        }
        let Ok((p, data)) = Str::alloc_exact(cx, bytes.len(), 1, ascii) else {
            std::panic::panic_any(taipan_heap::OutOfMemory);
        };
        // SAFETY: alloc_exact made room for the bytes.
        unsafe {
            cx.mutator.plain(bytes.len(), || copy_few(bytes.as_ptr(), data, bytes.len()));
            Str::finish_exact(cx, p)
        }
    }

    /// A string of Rust text.
    pub fn new(cx: &Thread, text: &str) -> &'static Str {
        if cx.plain(text.len(), || text.is_ascii()) {
            return Str::from_ascii(cx, text.as_bytes());
        }
        // The largest first byte of a character tells how wide the text is.
        let look = || (text.chars().count(), text.bytes().fold(0, u8::max));
        let (n, top) = cx.plain(text.len(), look);
        let kind = match top {
            ..0xC4 => 1,
            0xC4..0xF0 => 2,
            _ => 4,
        };
        if n == 1 && kind == 1 {
            return Str::from_chars(cx, text.chars().map(|c| c as u32));
        }
        let Ok((p, data)) = Str::alloc_exact(cx, n, kind, false) else {
            std::panic::panic_any(taipan_heap::OutOfMemory);
        };
        // SAFETY: room for n units of that width, which holds every character.
        unsafe {
            let chars = text.chars().enumerate();
            cx.mutator.plain(text.len(), || match kind {
                1 => chars.for_each(|(i, c)| data.add(i).write(c as u8)),
                2 => chars.for_each(|(i, c)| data.cast::<u16>().add(i).write(c as u16)),
                _ => chars.for_each(|(i, c)| data.cast::<u32>().add(i).write(c as u32)),
            });
            Str::finish_exact(cx, p)
        }
    }

    /// Each byte is a character.
    pub fn from_latin1(cx: &Thread, bytes: &[u8]) -> &'static Str {
        Str::from_narrow(cx, bytes, cx.plain(bytes.len(), || bytes.is_ascii()))
    }

    pub fn try_from_latin1_in(cx: &Thread, ty: &Type, bytes: &[u8]) -> Res<&'static Str> {
        if ty.is(Str::type_object()) && bytes.len() <= 1 {
            return Ok(Str::from_latin1(cx, bytes));
        }
        let max = if cx.plain(bytes.len(), || bytes.is_ascii()) { 0x7F } else { 0xFF };
        let (p, data) = Str::alloc_raw(cx, ty, bytes.len(), max)?;
        // SAFETY: alloc_raw made room for the bytes.
        unsafe { cx.mutator.copy(bytes.as_ptr(), data, bytes.len()) };
        Ok(Str::finish(cx, p, ty))
    }

    /// A string of code points, surrogates included.
    pub fn from_chars(cx: &Thread, chars: impl IntoIterator<Item = u32>) -> &'static Str {
        let v: Vec<u32> = chars.into_iter().collect();
        Str::from_ucs4(cx, &v)
    }

    pub fn from_ucs4(cx: &Thread, v: &[u32]) -> &'static Str {
        match Str::try_from_ucs4_in(cx, Str::type_object(), v) {
            Ok(s) => s,
            Err(_) => std::panic::panic_any(taipan_heap::OutOfMemory),
        }
    }

    pub fn try_from_ucs4_in(cx: &Thread, ty: &Type, v: &[u32]) -> Res<&'static Str> {
        let bytes = size_of_val(v);
        let narrow = || {
            let max = v.iter().copied().fold(0, |a, b| a | b);
            (max <= 0xFF).then(|| v.iter().map(|c| *c as u8).collect::<Vec<u8>>())
        };
        // SAFETY: plain memory.
        if let Some(b) = unsafe { cx.mutator.plain(bytes, narrow) } {
            return Str::try_from_latin1_in(cx, ty, &b);
        }
        // SAFETY: plain memory.
        let wide = unsafe { cx.mutator.plain(bytes, || v.iter().any(|c| *c > 0xFFFF)) };
        let (p, data) = Str::alloc_raw(cx, ty, v.len(), if wide { 0x10FFFF } else { 0xFFFF })?;
        let fill = || {
            // SAFETY: alloc_raw made room for v.len() units of that width, suitably aligned.
            unsafe {
                if wide {
                    std::ptr::copy_nonoverlapping(v.as_ptr(), data as *mut u32, v.len());
                } else {
                    for (i, c) in v.iter().enumerate() {
                        *(data as *mut u16).add(i) = *c as u16;
                    }
                }
            }
        };
        // SAFETY: text from memory of the caller into a new object.
        unsafe { cx.mutator.plain(bytes, fill) };
        Ok(Str::finish(cx, p, ty))
    }

    /// Two-byte units, known to hold at least one above 0xFF or to be narrowed.
    pub fn from_ucs2(cx: &Thread, v: &[u16]) -> &'static Str {
        let narrow = || {
            let fits = v.iter().all(|c| *c <= 0xFF);
            fits.then(|| v.iter().map(|c| *c as u8).collect::<Vec<u8>>())
        };
        // SAFETY: plain memory.
        if let Some(b) = unsafe { cx.mutator.plain(size_of_val(v), narrow) } {
            return Str::from_latin1(cx, &b);
        }
        match Str::alloc_exact(cx, v.len(), 2, false) {
            // SAFETY: room for v.len() two-byte units.
            Ok((p, data)) => unsafe {
                cx.mutator.copy(v.as_ptr().cast(), data, 2 * v.len());
                Str::finish_exact(cx, p)
            },
            Err(_) => std::panic::panic_any(taipan_heap::OutOfMemory),
        }
    }

    /// Generalised UTF-8 (WTF-8): what the compiler's string constants hold.
    pub fn from_wtf8(cx: &Thread, bytes: &[u8]) -> &'static Str {
        if bytes.is_ascii() {
            return Str::from_latin1(cx, bytes);
        }
        let decode = || {
            let mut out = Vec::with_capacity(bytes.len());
            let mut i = 0;
            while i < bytes.len() {
                let b = bytes[i] as u32;
                let at = |k: usize| bytes.get(i + k).map_or(0, |b| *b as u32 & 0x3F);
                let (c, n) = match b {
                    0..=0x7F => (b, 1),
                    0x80..=0xDF => ((b & 0x1F) << 6 | at(1), 2),
                    0xE0..=0xEF => ((b & 0x0F) << 12 | at(1) << 6 | at(2), 3),
                    _ => ((b & 0x07) << 18 | at(1) << 12 | at(2) << 6 | at(3), 4),
                };
                out.push(c);
                i += n;
            }
            out
        };
        // SAFETY: plain memory.
        let out = unsafe { cx.mutator.plain(bytes.len(), decode) };
        Str::from_ucs4(cx, &out)
    }

    #[inline(always)]
    pub fn len(&self) -> usize {
        self.length.load(Ordering::Relaxed) as usize
    }

    #[inline(always)]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    #[inline(always)]
    pub fn is_ascii(&self) -> bool {
        self.state.load(Ordering::Relaxed) & STATE_ASCII != 0
    }

    /// 1, 2 or 4 bytes a character.
    #[inline(always)]
    pub fn kind(&self) -> u32 {
        self.state.load(Ordering::Relaxed) >> 2 & 7
    }

    #[inline(always)]
    pub fn data(&self) -> Data<'_> {
        let n = self.len();
        let base = self as *const Str as *const u8;
        // SAFETY: the data follow the prefix that the state names, or lie where the pointer after the
        // prefix says, n units of the kind's width, and never change.
        unsafe {
            let state = self.state.load(Ordering::Relaxed);
            if state & STATE_COMPACT == 0 {
                let d = base.add(COMPACT_SIZE).cast::<*const u8>().read();
                return match self.kind() {
                    1 if state & STATE_ASCII != 0 => Data::Ascii(std::slice::from_raw_parts(d, n)),
                    1 => Data::Latin1(std::slice::from_raw_parts(d, n)),
                    2 => Data::Ucs2(std::slice::from_raw_parts(d as *const u16, n)),
                    _ => Data::Ucs4(std::slice::from_raw_parts(d as *const u32, n)),
                };
            }
            if self.is_ascii() {
                return Data::Ascii(std::slice::from_raw_parts(base.add(ASCII_SIZE), n));
            }
            let d = base.add(COMPACT_SIZE);
            match self.kind() {
                1 => Data::Latin1(std::slice::from_raw_parts(d, n)),
                2 => Data::Ucs2(std::slice::from_raw_parts(d as *const u16, n)),
                _ => Data::Ucs4(std::slice::from_raw_parts(d as *const u32, n)),
            }
        }
    }

    /// The raw data bytes, whatever the width.
    pub fn data_bytes(&self) -> &[u8] {
        match self.data() {
            Data::Ascii(d) | Data::Latin1(d) => d,
            // SAFETY: reading wider units as bytes.
            Data::Ucs2(d) => unsafe {
                std::slice::from_raw_parts(d.as_ptr() as *const u8, d.len() * 2)
            },
            // SAFETY: as above.
            Data::Ucs4(d) => unsafe {
                std::slice::from_raw_parts(d.as_ptr() as *const u8, d.len() * 4)
            },
        }
    }

    /// Character `i`, below `len`.
    #[inline(always)]
    pub fn char_at(&self, i: usize) -> u32 {
        self.data().get(i)
    }

    /// The character at an index, counted from the end where negative, of text of one byte a
    /// character.
    #[inline(always)]
    pub fn narrow_char(&self, cx: &Thread, i: i64) -> Option<&'static Str> {
        let (Data::Ascii(d) | Data::Latin1(d)) = self.data() else { return None };
        let at = if i < 0 { i + d.len() as i64 } else { i };
        d.get(usize::try_from(at).ok()?).map(|b| Str::latin1_char(cx, *b))
    }

    pub fn chars(&self) -> impl DoubleEndedIterator<Item = u32> + ExactSizeIterator + '_ {
        let d = self.data();
        (0..self.len()).map(move |i| d.get(i))
    }

    /// Each character as a string.
    pub fn characters(&self, cx: &Thread) -> GcVec<Value> {
        let mut out = GcVec::with_capacity(self.len());
        match self.data() {
            Data::Ascii(d) | Data::Latin1(d) => {
                let t = cx.vm.roots.latin1.value();
                // SAFETY: as in `latin1_char`.
                let all = unsafe { (*(t.bits() as *const Tuple)).as_slice() };
                if let Some(all) = all.first_chunk::<256>() {
                    out.extend(d.iter().map(|b| all[usize::from(*b)]));
                }
            }
            _ => out.extend(self.chars().map(|c| Value::from_ref(Str::from_char(cx, c)))),
        }
        out
    }

    /// The characters of an exact ASCII string.
    /// # Safety
    /// It is one.
    #[inline(always)]
    unsafe fn ascii_data(&self) -> &[u8] {
        debug_assert!(matches!(self.data(), Data::Ascii(_)));
        // SAFETY: the characters of such a string follow its prefix.
        unsafe {
            std::slice::from_raw_parts(
                (self as *const Str as *const u8).add(ASCII_SIZE),
                self.len(),
            )
        }
    }

    #[inline]
    pub fn as_ascii(&self) -> Option<&str> {
        match self.data() {
            // SAFETY: ASCII bytes are UTF-8.
            Data::Ascii(d) => Some(unsafe { std::str::from_utf8_unchecked(d) }),
            _ => None,
        }
    }

    /// Rust text with surrogates replaced: for messages.
    pub fn to_str_lossy(&self) -> Cow<'static, str> {
        if let Some(s) = self.as_ascii() {
            // SAFETY: the data are immutable and live while the caller's stack holds the Str.
            return Cow::Borrowed(unsafe { std::mem::transmute::<&str, &'static str>(s) });
        }
        let text = || self.chars().map(|c| char::from_u32(c).unwrap_or('\u{FFFD}')).collect();
        // SAFETY: the text is immutable, and the caller's.
        Cow::Owned(unsafe { taipan_heap::Mutator::here().plain(self.len(), text) })
    }

    /// Rust text; a lone surrogate raises UnicodeEncodeError as the utf-8 codec does.
    pub fn utf8(&self, cx: &Thread) -> Res<Cow<'static, str>> {
        if let Some(at) = self.first_surrogate() {
            let args = [
                Value::from_ref(id!(cx, "utf-8")),
                Value::from_ref(self),
                Value::small(at as i64),
                Value::small(at as i64 + 1),
                Value::from_ref(id!(cx, "surrogates not allowed")),
            ];
            return Err(Raised::with_args(cx, exc::UnicodeEncodeError(), &args));
        }
        Ok(self.to_str_lossy())
    }

    pub fn first_surrogate(&self) -> Option<usize> {
        match self.data() {
            Data::Ascii(_) | Data::Latin1(_) => None,
            Data::Ucs2(d) => d.iter().position(|c| (0xD800..0xE000).contains(c)),
            Data::Ucs4(d) => d.iter().position(|c| (0xD800..0xE000).contains(c)),
        }
    }

    /// Generalised UTF-8: surrogates as three bytes each.
    pub fn to_wtf8(&self) -> Vec<u8> {
        let m = taipan_heap::Mutator::here();
        if let Some(s) = self.as_ascii() {
            // SAFETY: plain memory.
            return unsafe { m.plain(s.len(), || s.as_bytes().to_vec()) };
        }
        // SAFETY: the text is immutable, and the caller's.
        unsafe { m.plain(self.len(), || self.wide_to_wtf8()) }
    }

    fn wide_to_wtf8(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.len() * 2);
        for c in self.chars() {
            match char::from_u32(c) {
                Some(ch) => out.extend_from_slice(ch.encode_utf8(&mut [0; 4]).as_bytes()),
                None => out.extend_from_slice(&[
                    0xE0 | (c >> 12) as u8,
                    0x80 | (c >> 6 & 0x3F) as u8,
                    0x80 | (c & 0x3F) as u8,
                ]),
            }
        }
        out
    }

    /// Equal characters. (Kinds are canonical: different widths never are equal.)
    #[inline]
    pub fn eq(&self, other: &Str) -> bool {
        if std::ptr::eq(self, other) {
            return true;
        }
        self.len() == other.len()
            && self.kind() == other.kind()
            && same_bytes(self.data_bytes(), other.data_bytes())
    }

    /// As `eq`, where that needs no call; `None` for longer text.
    #[inline(always)]
    pub fn quick_eq(&self, other: &Str) -> Option<bool> {
        if std::ptr::eq(self, other) {
            return Some(true);
        }
        if self.len() != other.len() || self.kind() != other.kind() {
            return Some(false);
        }
        let (a, b) = (self.data_bytes(), other.data_bytes());
        if a.len() <= 16 { Some(same_bytes(a, b)) } else { None }
    }

    /// Whether narrow text holds a narrow character, where that needs no call.
    #[inline(always)]
    pub fn quick_contains(&self, sub: &Str) -> Option<bool> {
        let (Data::Ascii(d) | Data::Latin1(d)) = self.data() else { return None };
        match sub.data() {
            Data::Ascii(&[c]) | Data::Latin1(&[c]) if d.len() <= 32 => Some(d.contains(&c)),
            _ => None,
        }
    }

    pub fn eq_str(&self, s: &str) -> bool {
        match self.as_ascii() {
            Some(a) => a == s,
            None => self.chars().eq(s.chars().map(|c| c as u32)),
        }
    }

    /// Order by code points.
    pub fn cmp(&self, other: &Str) -> std::cmp::Ordering {
        match (self.data(), other.data()) {
            (Data::Ascii(a) | Data::Latin1(a), Data::Ascii(b) | Data::Latin1(b)) => a.cmp(b),
            (Data::Ucs2(a), Data::Ucs2(b)) => a.cmp(b),
            (Data::Ucs4(a), Data::Ucs4(b)) => a.cmp(b),
            _ => self.chars().cmp(other.chars()),
        }
    }

    /// SipHash-1-3 over the data, as CPython's `_Py_HashBytes`; cached.
    #[inline(always)]
    pub fn hash(&self, cx: &Thread) -> i64 {
        let h = self.hash.load(Ordering::Relaxed);
        if h != -1 { h } else { self.compute_hash(cx) }
    }

    /// The hash, if it was ever asked for.
    #[inline(always)]
    pub fn known_hash(&self) -> Option<i64> {
        let h = self.hash.load(Ordering::Relaxed);
        if h != -1 { Some(h) } else { None }
    }

    #[cold]
    fn compute_hash(&self, cx: &Thread) -> i64 {
        let h = super::hashing::hash_bytes(cx, self.data_bytes());
        self.hash.store(h, Ordering::Relaxed);
        h
    }

    fn set_interned(&self) {
        self.state.fetch_or(STATE_INTERNED, Ordering::AcqRel);
    }

    #[inline(always)]
    pub fn has_interned_flag(&self) -> bool {
        self.state.load(Ordering::Relaxed) & STATE_INTERNED != 0
    }

    /// `a + b`.
    pub fn concat(cx: &Thread, a: &Str, b: &Str) -> Res<&'static Str> {
        let n = a.len().checked_add(b.len()).filter(|n| *n < isize::MAX as usize / 4);
        let Some(n) = n else { raise!(cx, OverflowError, "strings are too large to concat") };
        if let (Data::Ascii(x), Data::Ascii(y)) = (a.data(), b.data()) {
            let (p, data) = Str::alloc_exact(cx, n, 1, true)?;
            if n > 1 {
                // SAFETY: room for both.
                unsafe {
                    cx.mutator.plain(n, || {
                        copy_few(x.as_ptr(), data, x.len());
                        copy_few(y.as_ptr(), data.add(x.len()), y.len());
                    });
                    return Ok(Str::finish_exact(cx, p));
                }
            }
        }
        let max = |s: &Str| match s.data() {
            Data::Ascii(_) => 0x7Fu32,
            Data::Latin1(_) => 0xFF,
            Data::Ucs2(_) => 0xFFFF,
            Data::Ucs4(_) => 0x10FFFF,
        };
        let m = max(a).max(max(b));
        let (p, data) = Str::alloc_raw(cx, Str::type_object(), n, m)?;
        // SAFETY: room for n units of the wider width; both sources are immutable.
        unsafe {
            let width = match m {
                0..=0xFF => 1,
                0x100..=0xFFFF => 2,
                _ => 4,
            };
            cx.mutator.plain(n * width, || {
                a.write_to(data, m);
                b.write_to(data.add(a.len() * width), m);
            });
        }
        Ok(Str::finish(cx, p, Str::type_object()))
    }

    /// Writes the characters at the width of `max`.
    /// # Safety
    /// `at` has room for `len` units of that width.
    unsafe fn write_to(&self, at: *mut u8, max: u32) {
        // SAFETY: by the caller's promise.
        unsafe {
            match (self.data(), max) {
                (Data::Ascii(d) | Data::Latin1(d), 0..=0xFF) => copy_few(d.as_ptr(), at, d.len()),
                (Data::Ucs2(d), 0x100..=0xFFFF) => {
                    std::ptr::copy_nonoverlapping(d.as_ptr(), at as *mut u16, d.len())
                }
                (Data::Ucs4(d), _) => {
                    std::ptr::copy_nonoverlapping(d.as_ptr(), at as *mut u32, d.len())
                }
                (d, 0x100..=0xFFFF) => {
                    for i in 0..d.len() {
                        *(at as *mut u16).add(i) = d.get(i) as u16;
                    }
                }
                (d, _) => {
                    for i in 0..d.len() {
                        *(at as *mut u32).add(i) = d.get(i);
                    }
                }
            }
        }
    }

    /// Joins pieces in one allocation. The iterator gives the same pieces twice.
    pub fn concat_all<'a>(
        cx: &Thread,
        parts: impl Iterator<Item = &'a Str> + Clone,
    ) -> Res<&'static Str> {
        let mut n = 0usize;
        let mut m = 0x7Fu32;
        let mut since = 0;
        for s in parts.clone() {
            since += 1;
            if since == 1 << 14 {
                since = 0;
                cx.mutator.poll();
            }
            n = n.saturating_add(s.len());
            m = m.max(match s.data() {
                Data::Ascii(_) => 0x7F,
                Data::Latin1(_) => 0xFF,
                Data::Ucs2(_) => 0xFFFF,
                Data::Ucs4(_) => 0x10FFFF,
            });
        }
        if n == 0 {
            return Ok(Str::empty(cx));
        }
        let (kind, ascii) = match m {
            0..=0x7F => (1, true),
            0x80..=0xFF => (1, false),
            0x100..=0xFFFF => (2, false),
            _ => (4, false),
        };
        let (p, data) = Str::alloc_exact(cx, n, kind, ascii)?;
        let mut at = 0;
        for s in parts {
            // SAFETY: the lengths add up to n.
            unsafe { cx.mutator.plain(s.len() * kind, || s.write_to(data.add(at * kind), m)) };
            taipan_heap::keep_alive(s);
            at += s.len();
            since += s.len() + 8;
            if since > 1 << 17 {
                since = 0;
                cx.mutator.poll();
            }
        }
        if n == 1 && kind == 1 {
            // SAFETY: written just now.
            return Ok(Str::latin1_char(cx, unsafe { data.read() }));
        }
        // SAFETY: filled just now.
        Ok(unsafe { Str::finish_exact(cx, p) })
    }

    /// `n` copies of a non-empty string, `len * n` being in range.
    pub fn repeated(cx: &Thread, s: &Str, n: usize) -> Res<&'static Str> {
        let max = match s.data() {
            Data::Ascii(_) => 0x7Fu32,
            Data::Latin1(_) => 0xFF,
            Data::Ucs2(_) => 0xFFFF,
            Data::Ucs4(_) => 0x10FFFF,
        };
        let (p, data) = Str::alloc_raw(cx, Str::type_object(), s.len() * n, max)?;
        let src = s.data_bytes();
        let total = src.len() * n;
        // SAFETY: room for n copies; each step doubles what is there already.
        unsafe {
            cx.mutator.plain(total, || {
                std::ptr::copy_nonoverlapping(src.as_ptr(), data, src.len());
                let mut done = src.len();
                while done < total {
                    let k = done.min(total - done);
                    std::ptr::copy_nonoverlapping(data, data.add(done), k);
                    done += k;
                }
            })
        }
        Ok(Str::finish(cx, p, Str::type_object()))
    }

    /// The same characters as an instance of a subclass.
    pub fn copy_in(cx: &Thread, ty: &Type, s: &Str) -> Res<&'static Str> {
        match s.data() {
            Data::Ascii(d) | Data::Latin1(d) => Str::try_from_latin1_in(cx, ty, d),
            Data::Ucs2(d) => {
                let v: Vec<u32> = d.iter().map(|c| *c as u32).collect();
                Str::try_from_ucs4_in(cx, ty, &v)
            }
            Data::Ucs4(d) => Str::try_from_ucs4_in(cx, ty, d),
        }
    }

    /// Characters `from..to`.
    pub fn substring(cx: &Thread, s: &Str, from: usize, to: usize) -> &'static Str {
        let to = to.min(s.len());
        let from = from.min(to);
        if to - from == 1 {
            return Str::from_char(cx, s.char_at(from));
        }
        match s.data() {
            Data::Ascii(d) => Str::from_ascii(cx, &d[from..to]),
            Data::Latin1(d) => Str::from_latin1(cx, &d[from..to]),
            Data::Ucs2(d) => Str::from_ucs2(cx, &d[from..to]),
            Data::Ucs4(d) => Str::from_ucs4(cx, &d[from..to]),
        }
    }

    /// The same characters as an exact str.
    pub fn exact(cx: &Thread, s: &'static Str) -> &'static Str {
        if Value::from_ref(s).ty().is(Str::type_object()) {
            s
        } else {
            Str::substring(cx, s, 0, s.len())
        }
    }
}

/// Equality of as many bytes, without a call where they are few.
#[inline]
fn same_bytes(a: &[u8], b: &[u8]) -> bool {
    // Words that overlap rather than a loop: builds of little optimisation call what makes an
    // iterator, and an interpreter handler that calls no longer ends in a jump.
    let four = |s: &[u8], i: usize| s[i..].first_chunk::<4>().map(|c| u32::from_le_bytes(*c));
    let eight = |s: &[u8], i: usize| s[i..].first_chunk::<8>().map(|c| u64::from_le_bytes(*c));
    match a.len() {
        0 => true,
        n @ 1..4 => a[0] == b[0] && a[n / 2] == b[n / 2] && a[n - 1] == b[n - 1],
        n @ 4..8 => four(a, 0) == four(b, 0) && four(a, n - 4) == four(b, n - 4),
        n @ 8..=16 => eight(a, 0) == eight(b, 0) && eight(a, n - 8) == eight(b, n - 8),
        _ => a == b,
    }
}

/// Copies bytes, without a call where they are few.
/// # Safety
/// As of `copy_nonoverlapping`.
#[inline(always)]
pub(super) unsafe fn copy_few(from: *const u8, to: *mut u8, n: usize) {
    // SAFETY: all accesses lie in the `n` bytes; overlapping words write the same bytes twice.
    unsafe {
        match n {
            8..=16 => {
                let (a, b) = (from.cast::<u64>(), from.add(n - 8).cast::<u64>());
                let (a, b) = (a.read_unaligned(), b.read_unaligned());
                to.cast::<u64>().write_unaligned(a);
                to.add(n - 8).cast::<u64>().write_unaligned(b);
            }
            4..8 => {
                let (a, b) = (from.cast::<u32>(), from.add(n - 4).cast::<u32>());
                let (a, b) = (a.read_unaligned(), b.read_unaligned());
                to.cast::<u32>().write_unaligned(a);
                to.add(n - 4).cast::<u32>().write_unaligned(b);
            }
            0 => {}
            1 => to.write(from.read()),
            2..4 => {
                let (a, b) = (from.cast::<u16>(), from.add(n - 2).cast::<u16>());
                let (a, b) = (a.read_unaligned(), b.read_unaligned());
                to.cast::<u16>().write_unaligned(a);
                to.add(n - 2).cast::<u16>().write_unaligned(b);
            }
            17..=32 => {
                let (a, b) = (from.cast::<[u8; 16]>(), from.add(n - 16).cast::<[u8; 16]>());
                let (a, b) = (a.read(), b.read());
                to.cast::<[u8; 16]>().write(a);
                to.add(n - 16).cast::<[u8; 16]>().write(b);
            }
            33..=64 => {
                let (a, b) = (from.cast::<[u8; 32]>(), from.add(n - 32).cast::<[u8; 32]>());
                let (a, b) = (a.read(), b.read());
                to.cast::<[u8; 32]>().write(a);
                to.add(n - 32).cast::<[u8; 32]>().write(b);
            }
            _ => std::ptr::copy_nonoverlapping(from, to, n),
        }
    }
}

impl std::fmt::Display for Str {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.to_str_lossy())
    }
}

/// `str.isidentifier`.
pub fn is_identifier(s: &Str) -> bool {
    // SAFETY: the text never changes, and the caller holds it; the question does nothing else.
    unsafe { taipan_heap::Mutator::here().plain(s.len(), || is_identifier_here(s)) }
}

fn is_identifier_here(s: &Str) -> bool {
    let mut it = s.chars();
    match it.next() {
        Some(c) if c == '_' as u32 || taipan_unicode::is_xid_start(c) => {}
        _ => return false,
    }
    it.all(taipan_unicode::is_xid_continue)
}

/// Makes the shared empty and one-character strings. First of all start-up steps.
pub fn init(cx: &Thread) {
    let fresh = |bytes: &[u8]| match Str::alloc_exact(cx, bytes.len(), 1, bytes.is_ascii()) {
        // SAFETY: alloc_exact made room for the bytes.
        Ok((p, data)) => unsafe {
            std::ptr::copy_nonoverlapping(bytes.as_ptr(), data, bytes.len());
            Value::from_ref(Str::finish_exact(cx, p))
        },
        Err(_) => panic!("no memory at start-up"),
    };
    cx.vm.roots.empty_str.init(Some(fresh(&[])));
    let chars: GcVec<Value> = (0..=255u8).map(|b| fresh(&[b])).collect();
    cx.vm.roots.latin1.init(Some(Value::from_ref(Tuple::from_slice(cx, &chars))));
}
