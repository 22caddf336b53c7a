//! `unicodedata`: covers over `taipan_unicode`, for the current database and for 3.2.0.

use taipan_unicode::{Form, Lookup, Quick, Ucd};
use taipan_vm::prelude::*;
use taipan_vm::pytype;
use taipan_vm::types::alloc::fresh_head;

/// The database of Unicode 3.2: `unicodedata.ucd_3_2_0`.
#[repr(C)]
pub struct UcdObject {
    head: Head,
}

pytype! { UcdObject, PyTaipanUCD_Type, name: "UCD", module: "unicodedata",
base: taipan_vm::objects::object::Object, flags: tpflags::DISALLOW_INSTANTIATION }

fn one_char(cx: &Thread, v: Value, name: &str, alone: bool) -> Res<u32> {
    let place = if alone { "argument" } else { "argument 1" };
    match v.downcast::<Str>() {
        Some(s) if s.len() == 1 => Ok(s.char_at(0)),
        Some(s) => raise!(
            cx,
            TypeError,
            "{name}(): {place} must be a unicode character, not a string of length {}",
            s.len()
        ),
        None => raise!(
            cx,
            TypeError,
            "{name}() {place} must be a unicode character, not {}",
            if v.is_none() { "None".into() } else { v.ty().name() }
        ),
    }
}

fn or_default(cx: &Thread, found: Option<Value>, default: Option<Value>, msg: &str) -> Res {
    match found.or(default) {
        Some(v) => Ok(v),
        None => raise!(cx, ValueError, "{msg}"),
    }
}

fn decimal_of(cx: &Thread, u: Ucd, c: Value, default: Option<Value>) -> Res {
    let c = one_char(cx, c, "decimal", false)?;
    or_default(cx, u.decimal_value(c).map(|d| Value::small(d as i64)), default, "not a decimal")
}

fn digit_of(cx: &Thread, u: Ucd, c: Value, default: Option<Value>) -> Res {
    let c = one_char(cx, c, "digit", false)?;
    or_default(cx, u.digit_value(c).map(|d| Value::small(d as i64)), default, "not a digit")
}

fn numeric_of(cx: &Thread, u: Ucd, c: Value, default: Option<Value>) -> Res {
    let c = one_char(cx, c, "numeric", false)?;
    or_default(cx, u.numeric_value(c).map(Value::from_f64), default, "not a numeric character")
}

fn decomposition_of(cx: &Thread, u: Ucd, c: Value) -> Res<String> {
    let c = one_char(cx, c, "decomposition", true)?;
    let (tag, mapping) = u.decomposition(c);
    let mut out = tag.to_string();
    for m in mapping {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(&format!("{m:04X}"));
    }
    Ok(out)
}

fn name_of(cx: &Thread, u: Ucd, c: Value, default: Option<Value>) -> Res {
    let c = one_char(cx, c, "name", false)?;
    let found = u.name(c).map(|n| Value::from_ref(Str::new(cx, &n)));
    or_default(cx, found, default, "no such name")
}

fn lookup_name(cx: &Thread, u: Ucd, name: &Str) -> Res {
    let text = name.to_str_lossy();
    if text.len() > taipan_unicode::MAX_NAME {
        raise!(cx, KeyError, "name too long");
    }
    match taipan_unicode::lookup(&text) {
        Some(Lookup::Character(c)) if u == Ucd::Current || u.name(c).is_some() => {
            Ok(Value::from_ref(Str::from_chars(cx, [c])))
        }
        Some(Lookup::Sequence(s)) if u == Ucd::Current => {
            Ok(Value::from_ref(Str::from_chars(cx, s.iter().map(|c| *c as u32))))
        }
        _ => raise!(cx, KeyError, "undefined character name '{text}'"),
    }
}

fn form_of(cx: &Thread, form: &Str) -> Res<Form> {
    match Form::from_name(&form.to_str_lossy()) {
        Some(f) => Ok(f),
        None => raise!(cx, ValueError, "invalid normalization form"),
    }
}

/// A character takes as long as to copy so many bytes.
const WORK: usize = 16;

fn normalized(cx: &Thread, u: Ucd, form: &Str, s: &'static Str) -> Res {
    if s.is_empty() {
        return Ok(Value::from_ref(s));
    }
    let f = form_of(cx, form)?;
    let fine = || s.is_ascii() || taipan_unicode::quick_check(f, s.chars()) == Quick::Yes;
    // SAFETY: the text never changes, and the caller holds it.
    if u == Ucd::Current && unsafe { cx.mutator.plain(WORK * s.len(), fine) } {
        return Ok(Value::from_ref(s));
    }
    let change = || {
        let text: Vec<u32> = s.chars().collect();
        taipan_unicode::normalize(u, f, &text)
    };
    // SAFETY: as above.
    let changed = unsafe { cx.mutator.plain(WORK * s.len(), change) };
    Ok(Value::from_ref(match changed {
        Some(t) => Str::from_ucs4(cx, &t),
        None => s,
    }))
}

fn is_normal(cx: &Thread, u: Ucd, form: &Str, s: &Str) -> Res<bool> {
    if s.is_empty() {
        return Ok(true);
    }
    let f = form_of(cx, form)?;
    let look = || {
        let text: Vec<u32> = s.chars().collect();
        taipan_unicode::is_normalized(u, f, &text)
    };
    // SAFETY: the text never changes, and the caller holds it.
    Ok(unsafe { cx.mutator.plain(WORK * s.len(), look) })
}

macro_rules! functions {
    ($($(#[doc = $doc:literal])* $name:ident ( $($arg:ident : $t:ty),* ) -> $r:ty, $sig:literal, $c:ident, $u:ident => $body:expr;)*) => {
        $(
            $(#[doc = $doc])*
            #[pyfunction(sig = $sig)]
            #[allow(unused_variables)]
            fn $name(cx: &Thread, $($arg: $t),*) -> Res<$r> {
                $name::run(cx, Ucd::Current, $($arg),*)
            }
            mod $name {
                use super::*;
                #[allow(unused_variables)]
                pub fn run($c: &Thread, $u: Ucd, $($arg: $t),*) -> Res<$r> {
                    $body
                }
            }
        )*
    };
}

functions! {
    /// The decimal value of a character.
    decimal(chr: Value, default: Option<Value>) -> Value, "(chr, default=<unrepresentable>, /)", cx, u => decimal_of(cx, u, chr, default);
    /// The digit value of a character.
    digit(chr: Value, default: Option<Value>) -> Value, "(chr, default=<unrepresentable>, /)", cx, u => digit_of(cx, u, chr, default);
    /// The numeric value of a character.
    numeric(chr: Value, default: Option<Value>) -> Value, "(chr, default=<unrepresentable>, /)", cx, u => numeric_of(cx, u, chr, default);
    /// The general category of a character.
    category(chr: Value) -> &'static str, "(chr, /)", cx, u => Ok(u.category(one_char(cx, chr, "category", true)?));
    /// The bidirectional class of a character.
    bidirectional(chr: Value) -> &'static str, "(chr, /)", cx, u => Ok(u.bidirectional(one_char(cx, chr, "bidirectional", true)?));
    /// The canonical combining class of a character.
    combining(chr: Value) -> u8, "(chr, /)", cx, u => Ok(u.combining(one_char(cx, chr, "combining", true)?));
    /// Is the character mirrored in right-to-left text? 1 or 0.
    mirrored(chr: Value) -> u8, "(chr, /)", cx, u => Ok(u.is_mirrored(one_char(cx, chr, "mirrored", true)?) as u8);
    /// The East Asian width of a character.
    east_asian_width(chr: Value) -> &'static str, "(chr, /)", cx, u => Ok(u.east_asian_width(one_char(cx, chr, "east_asian_width", true)?));
    /// The decomposition mapping of a character.
    decomposition(chr: Value) -> String, "(chr, /)", cx, u => decomposition_of(cx, u, chr);
    /// The name of a character.
    name(chr: Value, default: Option<Value>) -> Value, "(chr, default=<unrepresentable>, /)", cx, u => name_of(cx, u, chr, default);
    /// The character of a name.
    lookup(name: &'static Str) -> Value, "(name, /)", cx, u => lookup_name(cx, u, name);
    /// A string in a normal form.
    normalize(form: &'static Str, unistr: &'static Str) -> Value, "(form, unistr, /)", cx, u => normalized(cx, u, form, unistr);
    /// Is the string in that normal form?
    is_normalized(form: &'static Str, unistr: &'static Str) -> bool, "(form, unistr, /)", cx, u => is_normal(cx, u, form, unistr);
}

#[pymethods]
impl UcdObject {
    #[pymethod(sig = "(self, chr, default=<unrepresentable>, /)")]
    fn decimal(cx: &Thread, _this: &UcdObject, chr: Value, default: Option<Value>) -> Res {
        decimal_of(cx, Ucd::V3_2, chr, default)
    }

    #[pymethod(sig = "(self, chr, default=<unrepresentable>, /)")]
    fn digit(cx: &Thread, _this: &UcdObject, chr: Value, default: Option<Value>) -> Res {
        digit_of(cx, Ucd::V3_2, chr, default)
    }

    #[pymethod(sig = "(self, chr, default=<unrepresentable>, /)")]
    fn numeric(cx: &Thread, _this: &UcdObject, chr: Value, default: Option<Value>) -> Res {
        numeric_of(cx, Ucd::V3_2, chr, default)
    }

    #[pymethod(sig = "(self, chr, /)")]
    fn category(cx: &Thread, _this: &UcdObject, chr: Value) -> Res<&'static str> {
        category::run(cx, Ucd::V3_2, chr)
    }

    #[pymethod(sig = "(self, chr, /)")]
    fn bidirectional(cx: &Thread, _this: &UcdObject, chr: Value) -> Res<&'static str> {
        bidirectional::run(cx, Ucd::V3_2, chr)
    }

    #[pymethod(sig = "(self, chr, /)")]
    fn combining(cx: &Thread, _this: &UcdObject, chr: Value) -> Res<u8> {
        combining::run(cx, Ucd::V3_2, chr)
    }

    #[pymethod(sig = "(self, chr, /)")]
    fn mirrored(cx: &Thread, _this: &UcdObject, chr: Value) -> Res<u8> {
        mirrored::run(cx, Ucd::V3_2, chr)
    }

    #[pymethod(sig = "(self, chr, /)")]
    fn east_asian_width(cx: &Thread, _this: &UcdObject, chr: Value) -> Res<&'static str> {
        east_asian_width::run(cx, Ucd::V3_2, chr)
    }

    #[pymethod(sig = "(self, chr, /)")]
    fn decomposition(cx: &Thread, _this: &UcdObject, chr: Value) -> Res<String> {
        decomposition_of(cx, Ucd::V3_2, chr)
    }

    #[pymethod(sig = "(self, chr, default=<unrepresentable>, /)")]
    fn name(cx: &Thread, _this: &UcdObject, chr: Value, default: Option<Value>) -> Res {
        name_of(cx, Ucd::V3_2, chr, default)
    }

    #[pymethod(sig = "(self, name, /)")]
    fn lookup(cx: &Thread, _this: &UcdObject, name: &'static Str) -> Res {
        lookup_name(cx, Ucd::V3_2, name)
    }

    #[pymethod(sig = "(self, form, unistr, /)")]
    fn normalize(cx: &Thread, _this: &UcdObject, form: &'static Str, unistr: &'static Str) -> Res {
        normalized(cx, Ucd::V3_2, form, unistr)
    }

    #[pymethod(sig = "(self, form, unistr, /)")]
    fn is_normalized(
        cx: &Thread,
        _this: &UcdObject,
        form: &'static Str,
        unistr: &'static Str,
    ) -> Res<bool> {
        is_normal(cx, Ucd::V3_2, form, unistr)
    }

    /// The version of this database.
    #[getter]
    fn unidata_version(_cx: &Thread, _this: &UcdObject) -> &'static str {
        "3.2.0"
    }
}

fn exec(cx: &Thread, m: &Module) -> Res<()> {
    m.add_type::<UcdObject>(cx);
    m.add_str(cx, "unidata_version", taipan_unicode::VERSION);
    let old = cx.alloc(UcdObject { head: fresh_head() });
    m.add(cx, "ucd_3_2_0", Value::from_ref(old));
    Ok(())
}

pymodule! { "unicodedata", doc: "Access to the Unicode Character Database, version 15.1.0.", functions: [
    decimal, digit, numeric, category, bidirectional, combining, mirrored, east_asian_width,
    decomposition, name, lookup, normalize, is_normalized
], exec: exec }
