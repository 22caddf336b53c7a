//! `_csv`: dialects, reader and writer of the csv module.

use crate::module_error::ModuleError;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicIsize, AtomicU8, AtomicU32, Ordering};
use taipan_vm::objects::str::StrBuilder;
use taipan_vm::objects::{float, int};
use taipan_vm::prelude::*;
use taipan_vm::pytype;
use taipan_vm::types::alloc::fresh_head;

static ERROR: ModuleError = ModuleError::new();
static DIALECTS: OnceLock<Root<Value>> = OnceLock::new();
static FIELD_LIMIT: AtomicIsize = AtomicIsize::new(128 * 1024);

const QUOTE_MINIMAL: u8 = 0;
const QUOTE_ALL: u8 = 1;
const QUOTE_NONNUMERIC: u8 = 2;
const QUOTE_NONE: u8 = 3;
const QUOTE_STRINGS: u8 = 4;
const QUOTE_NOTNULL: u8 = 5;

/// No character: not set.
const UNSET: u32 = u32::MAX;

fn dialects() -> &'static Dict {
    let v = DIALECTS.get().expect("made when the module was imported").get();
    v.downcast::<Dict>().expect("the registry is a dict")
}

#[repr(C)]
pub struct Dialect {
    head: Head,
    lineterminator: Slot,
    delimiter: AtomicU32,
    escapechar: AtomicU32,
    quotechar: AtomicU32,
    quoting: AtomicU8,
    doublequote: AtomicU8,
    skipinitialspace: AtomicU8,
    strict: AtomicU8,
}

pytype! { Dialect, PyTaipanCsvDialect_Type, name: "Dialect", module: "_csv",
base: taipan_vm::objects::object::Object, flags: tpflags::BASETYPE,
doc: "CSV dialect\n\nRecords CSV dialect options." }

/// A dialect's options, copied out.
#[derive(Clone, Copy)]
struct Style {
    lineterminator: &'static Str,
    delimiter: u32,
    escapechar: u32,
    quotechar: u32,
    quoting: u8,
    doublequote: bool,
    skipinitialspace: bool,
    strict: bool,
}

impl Dialect {
    fn style(&self) -> Style {
        Style {
            lineterminator: self
                .lineterminator
                .value()
                .downcast::<Str>()
                .expect("checked at construction"),
            delimiter: self.delimiter.load(Ordering::Relaxed),
            escapechar: self.escapechar.load(Ordering::Relaxed),
            quotechar: self.quotechar.load(Ordering::Relaxed),
            quoting: self.quoting.load(Ordering::Relaxed),
            doublequote: self.doublequote.load(Ordering::Relaxed) != 0,
            skipinitialspace: self.skipinitialspace.load(Ordering::Relaxed) != 0,
            strict: self.strict.load(Ordering::Relaxed) != 0,
        }
    }
}

fn flag(cx: &Thread, v: Option<Value>, default: bool) -> Res<bool> {
    v.map_or(Ok(default), |v| is_true(cx, v))
}

fn single_char(cx: &Thread, name: &str, v: Value, or_none: bool) -> Res<u32> {
    if v.is_none() && or_none {
        return Ok(UNSET);
    }
    match v.downcast::<Str>() {
        Some(s) if s.len() == 1 => Ok(s.char_at(0)),
        Some(_) => raise!(cx, TypeError, "\"{name}\" must be a 1-character string"),
        None if or_none => {
            raise!(cx, TypeError, "\"{name}\" must be string or None, not {}", v.ty().name())
        }
        None => raise!(cx, TypeError, "\"{name}\" must be string, not {}", v.ty().name()),
    }
}

fn check_char(cx: &Thread, name: &str, c: u32, end: &Str, space_ok: bool) -> Res<()> {
    if c == 13 || c == 10 || (c == 32 && !space_ok) || end.chars().any(|e| e == c) {
        raise!(cx, ValueError, "bad {name} value");
    }
    Ok(())
}

fn check_pair(cx: &Thread, a: &str, b: &str, x: u32, y: u32) -> Res<()> {
    if x == y && x != UNSET {
        raise!(cx, ValueError, "bad {a} or {b} value");
    }
    Ok(())
}

fn named_dialect(cx: &Thread, name: Value) -> Res {
    match dialects().get(cx, name)? {
        Some(d) => Ok(d),
        None => Err(ERROR.raise(cx, "unknown dialect")),
    }
}

const OPTIONS: [&str; 8] = [
    "delimiter",
    "doublequote",
    "escapechar",
    "lineterminator",
    "quotechar",
    "quoting",
    "skipinitialspace",
    "strict",
];

fn new_dialect(cx: &Thread, cls: &Type, base: Option<Value>, mut o: [Option<Value>; 8]) -> Res {
    let base = match base {
        Some(b) if b.downcast::<Str>().is_some() => Some(named_dialect(cx, b)?),
        b => b,
    };
    if let Some(b) = base {
        if b.downcast::<Dialect>().is_some() && o.iter().all(Option::is_none) {
            return Ok(b);
        }
        for (slot, name) in o.iter_mut().zip(OPTIONS) {
            if slot.is_none() {
                *slot = get_attr(cx, b, taipan_vm::objects::str::intern(cx, name)).ok();
            }
        }
    }
    let [delimiter, doublequote, escapechar, lineterminator, quotechar, quoting, skip, strict] = o;
    let delim = delimiter.map_or(Ok(',' as u32), |v| single_char(cx, "delimiter", v, false))?;
    let doublequote = flag(cx, doublequote, true)?;
    let escape = escapechar.map_or(Ok(UNSET), |v| single_char(cx, "escapechar", v, true))?;
    let end = match lineterminator {
        None => Some(Str::new(cx, "\r\n")),
        Some(v) if v.is_none() => None,
        Some(v) => match v.downcast::<Str>() {
            Some(s) => Some(s),
            None => raise!(cx, TypeError, "\"lineterminator\" must be a string"),
        },
    };
    let quote = quotechar.map_or(Ok('"' as u32), |v| single_char(cx, "quotechar", v, true))?;
    let mut style = match quoting {
        None => QUOTE_MINIMAL as i64,
        Some(v) if int::is_exact_int(v) => int_to_i64(v).unwrap_or(-1),
        Some(_) => raise!(cx, TypeError, "\"quoting\" must be an integer"),
    };
    let skip = flag(cx, skip, false)?;
    let strict = flag(cx, strict, false)?;
    if !(0..=5).contains(&style) {
        raise!(cx, TypeError, "bad \"quoting\" value");
    }
    if quotechar.is_some_and(|q| q.is_none()) && quoting.is_none() {
        style = QUOTE_NONE as i64;
    }
    if style != QUOTE_NONE as i64 && quote == UNSET {
        raise!(cx, TypeError, "quotechar must be set if quoting enabled");
    }
    let Some(end) = end else { raise!(cx, TypeError, "lineterminator must be set") };
    check_char(cx, "delimiter", delim, end, true)?;
    check_char(cx, "escapechar", escape, end, !skip)?;
    check_char(cx, "quotechar", quote, end, !skip)?;
    check_pair(cx, "delimiter", "escapechar", delim, escape)?;
    check_pair(cx, "delimiter", "quotechar", delim, quote)?;
    check_pair(cx, "escapechar", "quotechar", escape, quote)?;
    let d = Dialect {
        head: fresh_head(),
        lineterminator: Slot::empty(),
        delimiter: AtomicU32::new(delim),
        escapechar: AtomicU32::new(escape),
        quotechar: AtomicU32::new(quote),
        quoting: AtomicU8::new(style as u8),
        doublequote: AtomicU8::new(doublequote as u8),
        skipinitialspace: AtomicU8::new(skip as u8),
        strict: AtomicU8::new(strict as u8),
    };
    d.lineterminator.init(Some(Value::from_ref(end)));
    Ok(Value::from_ref(cx.alloc_in(cls, d)))
}

fn char_or_none(cx: &Thread, c: &AtomicU32) -> Value {
    match c.load(Ordering::Relaxed) {
        UNSET => none(),
        c => Value::from_ref(Str::from_chars(cx, [c])),
    }
}

#[pymethods]
impl Dialect {
    #[slot(
        sig = "(cls, dialect=None, delimiter=None, doublequote=None, escapechar=None, lineterminator=None, quotechar=None, quoting=None, skipinitialspace=None, strict=None)"
    )]
    fn __new__(
        cx: &Thread,
        cls: &Type,
        dialect: Option<Value>,
        delimiter: Option<Value>,
        doublequote: Option<Value>,
        escapechar: Option<Value>,
        lineterminator: Option<Value>,
        quotechar: Option<Value>,
        quoting: Option<Value>,
        skipinitialspace: Option<Value>,
        strict: Option<Value>,
    ) -> Res {
        let o = [
            delimiter,
            doublequote,
            escapechar,
            lineterminator,
            quotechar,
            quoting,
            skipinitialspace,
            strict,
        ];
        new_dialect(cx, cls, dialect, o)
    }

    #[pymethod(sig = "(self, /)", text = "")]
    fn __reduce__(cx: &Thread, this: Value) -> Res {
        raise!(cx, TypeError, "cannot pickle {} instances", this.ty().name())
    }

    #[pymethod(sig = "(self, protocol, /)", text = "")]
    fn __reduce_ex__(cx: &Thread, this: Value, _protocol: Value) -> Res {
        raise!(cx, TypeError, "cannot pickle {} instances", this.ty().name())
    }

    #[getter]
    fn delimiter(cx: &Thread, this: &Dialect) -> Value {
        char_or_none(cx, &this.delimiter)
    }

    #[getter]
    fn escapechar(cx: &Thread, this: &Dialect) -> Value {
        char_or_none(cx, &this.escapechar)
    }

    #[getter]
    fn quotechar(cx: &Thread, this: &Dialect) -> Value {
        char_or_none(cx, &this.quotechar)
    }

    #[getter]
    fn lineterminator(_cx: &Thread, this: &Dialect) -> Value {
        this.lineterminator.value()
    }

    #[getter]
    fn quoting(_cx: &Thread, this: &Dialect) -> u8 {
        this.quoting.load(Ordering::Relaxed)
    }

    #[getter]
    fn doublequote(_cx: &Thread, this: &Dialect) -> bool {
        this.doublequote.load(Ordering::Relaxed) != 0
    }

    #[getter]
    fn skipinitialspace(_cx: &Thread, this: &Dialect) -> bool {
        this.skipinitialspace.load(Ordering::Relaxed) != 0
    }

    #[getter]
    fn strict(_cx: &Thread, this: &Dialect) -> bool {
        this.strict.load(Ordering::Relaxed) != 0
    }
}

/// `Dialect(dialect, **options)`.
fn call_dialect(cx: &Thread, base: Option<Value>, options: Option<&'static Dict>) -> Res {
    let cls = Value::from_ref(Dialect::type_object());
    match base {
        Some(b) => call_dict(cx, cls, &[b], options),
        None => call_dict(cx, cls, &[], options),
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    StartRecord,
    StartField,
    Escaped,
    InField,
    InQuoted,
    EscapedInQuoted,
    QuoteInQuoted,
    EatLineEnd,
    AfterEscapedLineEnd,
}

/// Stands for the end of a line of input.
const EOL: u32 = u32::MAX - 1;

/// One record being read.
struct Record<'a> {
    cx: &'a Thread,
    style: Style,
    state: State,
    field: StrBuilder,
    unquoted: bool,
    fields: GcVec<Value>,
}

impl Record<'_> {
    fn save(&mut self) -> Res<()> {
        let q = self.style.quoting;
        let empty = self.field.is_empty();
        if self.unquoted && empty && matches!(q, QUOTE_NOTNULL | QUOTE_STRINGS) {
            self.fields.push(none());
            return Ok(());
        }
        let text = std::mem::take(&mut self.field).value(self.cx);
        let v = if self.unquoted && !empty && matches!(q, QUOTE_NONNUMERIC | QUOTE_STRINGS) {
            call(self.cx, Value::from_ref(float::float_type()), &[text])?
        } else {
            text
        };
        self.fields.push(v);
        Ok(())
    }

    fn add(&mut self, c: u32) -> Res<()> {
        let limit = FIELD_LIMIT.load(Ordering::Relaxed);
        if self.field.len() as isize >= limit {
            return Err(ERROR.raise(self.cx, &format!("field larger than field limit ({limit})")));
        }
        self.field.push(c);
        Ok(())
    }

    fn end_of_line(&mut self, c: u32) -> Res<()> {
        self.save()?;
        self.state = if c == EOL { State::StartRecord } else { State::EatLineEnd };
        Ok(())
    }

    fn step(&mut self, c: u32) -> Res<()> {
        let s = self.style;
        let newline = c == 10 || c == 13;
        let is = |k: u32| k != UNSET && c == k;
        match self.state {
            State::StartRecord if c == EOL => {}
            State::StartRecord if newline => self.state = State::EatLineEnd,
            State::StartRecord | State::StartField => {
                self.state = State::StartField;
                self.unquoted = true;
                if newline || c == EOL {
                    self.end_of_line(c)?;
                } else if is(s.quotechar) && s.quoting != QUOTE_NONE {
                    self.unquoted = false;
                    self.state = State::InQuoted;
                } else if is(s.escapechar) {
                    self.state = State::Escaped;
                } else if c == 32 && s.skipinitialspace {
                } else if c == s.delimiter {
                    self.save()?;
                } else {
                    self.add(c)?;
                    self.state = State::InField;
                }
            }
            State::Escaped => {
                if newline {
                    self.add(c)?;
                    self.state = State::AfterEscapedLineEnd;
                } else {
                    self.add(if c == EOL { 10 } else { c })?;
                    self.state = State::InField;
                }
            }
            State::AfterEscapedLineEnd if c == EOL => {}
            State::AfterEscapedLineEnd | State::InField => {
                if newline || c == EOL {
                    self.end_of_line(c)?;
                } else if is(s.escapechar) {
                    self.state = State::Escaped;
                } else if c == s.delimiter {
                    self.save()?;
                    self.state = State::StartField;
                } else {
                    self.add(c)?;
                }
            }
            State::InQuoted => {
                if c == EOL {
                } else if is(s.escapechar) {
                    self.state = State::EscapedInQuoted;
                } else if is(s.quotechar) && s.quoting != QUOTE_NONE {
                    self.state = if s.doublequote { State::QuoteInQuoted } else { State::InField };
                } else {
                    self.add(c)?;
                }
            }
            State::EscapedInQuoted => {
                self.add(if c == EOL { 10 } else { c })?;
                self.state = State::InQuoted;
            }
            State::QuoteInQuoted => {
                if s.quoting != QUOTE_NONE && is(s.quotechar) {
                    self.add(c)?;
                    self.state = State::InQuoted;
                } else if c == s.delimiter {
                    self.save()?;
                    self.state = State::StartField;
                } else if newline || c == EOL {
                    self.end_of_line(c)?;
                } else if !s.strict {
                    self.add(c)?;
                    self.state = State::InField;
                } else {
                    let show = |c: u32| char::from_u32(c).unwrap_or('?');
                    let msg =
                        format!("'{}' expected after '{}'", show(s.delimiter), show(s.quotechar));
                    return Err(ERROR.raise(self.cx, &msg));
                }
            }
            State::EatLineEnd => {
                if newline {
                } else if c == EOL {
                    self.state = State::StartRecord;
                } else {
                    return Err(ERROR.raise(
                        self.cx,
                        "new-line character seen in unquoted field - do you need to open the file with newline=''?",
                    ));
                }
            }
        }
        Ok(())
    }
}

#[repr(C)]
pub struct Reader {
    head: Head,
    input: Slot,
    dialect: Slot,
    line_num: AtomicIsize,
}

pytype! { Reader, PyTaipanCsvReader_Type, name: "reader", module: "_csv",
base: taipan_vm::objects::object::Object, flags: tpflags::DISALLOW_INSTANTIATION,
doc: "CSV reader\n\nReader objects are responsible for reading and parsing tabular data\nin CSV format." }

fn style_of(s: &Slot) -> Style {
    s.value().downcast::<Dialect>().expect("a dialect was made at construction").style()
}

#[pymethods]
impl Reader {
    #[slot]
    fn __iter__(_cx: &Thread, this: Value) -> Res {
        Ok(this)
    }

    #[slot]
    fn __next__(cx: &Thread, this: &Reader) -> Res<Option<Value>> {
        let mut r = Record {
            cx,
            style: style_of(&this.dialect),
            state: State::StartRecord,
            field: StrBuilder::new(),
            unquoted: false,
            fields: GcVec::new(),
        };
        loop {
            let Some(line) = iter_next(cx, this.input.value())? else {
                if !r.field.is_empty() || r.state == State::InQuoted {
                    if r.style.strict {
                        return Err(ERROR.raise(cx, "unexpected end of data"));
                    }
                    r.save()?;
                    break;
                }
                return Ok(None);
            };
            let Some(s) = line.downcast::<Str>() else {
                let msg = format!(
                    "iterator should return strings, not {} (the file should be opened in text mode)",
                    line.ty().name()
                );
                return Err(ERROR.raise(cx, &msg));
            };
            this.line_num.fetch_add(1, Ordering::Relaxed);
            for (i, c) in s.chars().enumerate() {
                if i & 0xFFF == 0xFFF {
                    cx.poll()?;
                }
                r.step(c)?;
            }
            r.step(EOL)?;
            if r.state == State::StartRecord {
                break;
            }
        }
        Ok(Some(Value::from_ref(List::from_slice(cx, &r.fields))))
    }

    #[getter]
    fn dialect(_cx: &Thread, this: &Reader) -> Value {
        this.dialect.value()
    }

    #[getter]
    fn line_num(_cx: &Thread, this: &Reader) -> isize {
        this.line_num.load(Ordering::Relaxed)
    }
}

/// A reader over lines.
#[pyfunction(sig = "(iterator, dialect=None, /, **fmtparams)", text = "")]
fn reader(
    cx: &Thread,
    iterator: Value,
    dialect: Option<Value>,
    options: Option<&'static Dict>,
) -> Res {
    let input = iter(cx, iterator)?;
    let dialect = call_dialect(cx, dialect, options)?;
    let r = Reader {
        head: fresh_head(),
        input: Slot::empty(),
        dialect: Slot::empty(),
        line_num: AtomicIsize::new(0),
    };
    r.input.init(Some(input));
    r.dialect.init(Some(dialect));
    Ok(Value::from_ref(cx.alloc(r)))
}

#[repr(C)]
pub struct Writer {
    head: Head,
    write: Slot,
    dialect: Slot,
}

pytype! { Writer, PyTaipanCsvWriter_Type, name: "writer", module: "_csv",
base: taipan_vm::objects::object::Object, flags: tpflags::DISALLOW_INSTANTIATION,
doc: "CSV writer\n\nWriter objects are responsible for generating tabular data\nin CSV format from sequence input." }

/// Appends one field; `null` stands for None.
fn append_field(
    cx: &Thread,
    out: &mut StrBuilder,
    s: &Style,
    n: usize,
    field: Option<&Str>,
    mut quoted: bool,
) -> Res<()> {
    let empty = field.is_none_or(|f| f.is_empty());
    if empty && s.delimiter == 32 && s.skipinitialspace {
        let bare = s.quoting == QUOTE_NONE
            || (field.is_none() && matches!(s.quoting, QUOTE_STRINGS | QUOTE_NOTNULL));
        if bare {
            return Err(ERROR.raise(
                cx,
                "empty field must be quoted if delimiter is a space and skipinitialspace is true",
            ));
        }
        quoted = true;
    }
    if n > 0 {
        out.push(s.delimiter);
    }
    let mut body = StrBuilder::new();
    for (i, c) in field.into_iter().flat_map(|f| f.chars()).enumerate() {
        if i & 0xFFF == 0xFFF {
            cx.poll()?;
        }
        let special = c == s.delimiter
            || c == s.escapechar
            || c == s.quotechar
            || c == 10
            || c == 13
            || s.lineterminator.chars().any(|e| e == c);
        if special {
            let mut escape = false;
            if s.quoting == QUOTE_NONE {
                escape = true;
            } else if c == s.quotechar {
                if s.doublequote { body.push(s.quotechar) } else { escape = true }
            } else if c == s.escapechar {
                escape = true;
            }
            if s.quoting != QUOTE_NONE && !escape {
                quoted = true;
            }
            if escape {
                if s.escapechar == UNSET {
                    return Err(ERROR.raise(cx, "need to escape, but no escapechar set"));
                }
                body.push(s.escapechar);
            }
        }
        body.push(c);
    }
    if quoted {
        out.push(s.quotechar);
    }
    out.push_obj(body.finish(cx));
    if quoted {
        out.push(s.quotechar);
    }
    Ok(())
}

fn write_row(cx: &Thread, w: &Writer, row: Value) -> Res {
    let s = style_of(&w.dialect);
    let it = match iter(cx, row) {
        Ok(it) => it,
        Err(e) if e.is(exc::TypeError()) => {
            return Err(ERROR.raise(cx, &format!("iterable expected, not {}", row.ty().name())));
        }
        Err(e) => return Err(e),
    };
    let mut out = StrBuilder::new();
    let (mut n, mut null) = (0, false);
    while let Some(f) = iter_next(cx, it)? {
        let t = f.ty().slots();
        let number = t.index.get().is_some()
            || t.int.get().is_some()
            || t.float.get().is_some()
            || f.downcast::<taipan_vm::objects::complex::Complex>().is_some();
        let quoted = match s.quoting {
            QUOTE_NONNUMERIC => !number,
            QUOTE_ALL => true,
            QUOTE_STRINGS => f.downcast::<Str>().is_some(),
            QUOTE_NOTNULL => !f.is_none(),
            _ => false,
        };
        null = f.is_none();
        let text = match f.downcast::<Str>() {
            Some(t) => Some(t),
            None if null => None,
            None => Some(to_str(cx, f)?),
        };
        append_field(cx, &mut out, &s, n, text, quoted)?;
        n += 1;
    }
    if n > 0 && out.is_empty() {
        if s.quoting == QUOTE_NONE || (null && matches!(s.quoting, QUOTE_STRINGS | QUOTE_NOTNULL)) {
            return Err(ERROR.raise(cx, "single empty field record must be quoted"));
        }
        append_field(cx, &mut out, &s, 0, None, true)?;
    }
    out.push_obj(s.lineterminator);
    let line = out.value(cx);
    call(cx, w.write.value(), &[line])
}

#[pymethods]
impl Writer {
    /// Writes one row.
    #[pymethod(sig = "(self, row, /)", text = "($self, object, /)")]
    fn writerow(cx: &Thread, this: &Writer, row: Value) -> Res {
        write_row(cx, this, row)
    }

    /// Writes rows.
    #[pymethod(sig = "(self, rows, /)", text = "($self, object, /)")]
    fn writerows(cx: &Thread, this: &Writer, rows: Value) -> Res<()> {
        let it = iter(cx, rows)?;
        while let Some(r) = iter_next(cx, it)? {
            write_row(cx, this, r)?;
        }
        Ok(())
    }

    #[getter]
    fn dialect(_cx: &Thread, this: &Writer) -> Value {
        this.dialect.value()
    }
}

/// A writer to a file-like object.
#[pyfunction(sig = "(fileobj, dialect=None, /, **fmtparams)", text = "")]
fn writer(cx: &Thread, file: Value, dialect: Option<Value>, options: Option<&'static Dict>) -> Res {
    let write = get_attr_opt(cx, file, id!(cx, "write"))?;
    let Some(write) = write.filter(|w| is_callable(*w)) else {
        raise!(cx, TypeError, "argument 1 must have a \"write\" method");
    };
    let dialect = call_dialect(cx, dialect, options)?;
    let w = Writer { head: fresh_head(), write: Slot::empty(), dialect: Slot::empty() };
    w.write.init(Some(write));
    w.dialect.init(Some(dialect));
    Ok(Value::from_ref(cx.alloc(w)))
}

/// The names of all registered dialects.
#[pyfunction]
fn list_dialects(cx: &Thread) -> Value {
    Value::from_ref(List::from_slice(cx, &dialects().keys()))
}

/// Registers a dialect under a name.
#[pyfunction(sig = "(name, dialect=None, /, **fmtparams)", text = "")]
fn register_dialect(
    cx: &Thread,
    name: Value,
    dialect: Option<Value>,
    options: Option<&'static Dict>,
) -> Res<()> {
    if name.downcast::<Str>().is_none() {
        raise!(cx, TypeError, "dialect name must be a string");
    }
    let d = call_dialect(cx, dialect, options)?;
    dialects().set(cx, name, d)
}

/// Removes a dialect's name.
#[pyfunction(sig = "(name)")]
fn unregister_dialect(cx: &Thread, name: Value) -> Res<()> {
    match dialects().pop(cx, name)? {
        Some(_) => Ok(()),
        None => Err(ERROR.raise(cx, "unknown dialect")),
    }
}

/// The dialect of a name.
#[pyfunction(sig = "(name)")]
fn get_dialect(cx: &Thread, name: Value) -> Res {
    named_dialect(cx, name)
}

/// The longest field that is read; sets it where an argument is given.
#[pyfunction(sig = "(new_limit=None)", text = "($module, /, new_limit=<unrepresentable>)")]
fn field_size_limit(cx: &Thread, new_limit: Option<Value>) -> Res<isize> {
    let old = FIELD_LIMIT.load(Ordering::Relaxed);
    if let Some(v) = new_limit {
        if !int::is_exact_int(v) {
            raise!(cx, TypeError, "limit must be an integer");
        }
        match int_to_i64(v) {
            Some(n) => FIELD_LIMIT.store(n as isize, Ordering::Relaxed),
            None => raise!(cx, OverflowError, "Python int too large to convert to C ssize_t"),
        }
    }
    Ok(old)
}

fn exec(cx: &Thread, m: &Module) -> Res<()> {
    ERROR.add(cx, m, "_csv", "Error", exc::Exception())?;
    let d = DIALECTS.get_or_init(|| Root::new(Value::from_ref(Dict::new(cx)))).get();
    m.add(cx, "_dialects", d);
    m.add_type::<Dialect>(cx);
    let r = taipan_vm::types::ready::ready::<Reader>(cx);
    let w = taipan_vm::types::ready::ready::<Writer>(cx);
    m.add(cx, "Reader", Value::from_ref(r));
    m.add(cx, "Writer", Value::from_ref(w));
    m.add_str(cx, "__version__", "1.0");
    for (name, v) in [
        ("QUOTE_MINIMAL", QUOTE_MINIMAL),
        ("QUOTE_ALL", QUOTE_ALL),
        ("QUOTE_NONNUMERIC", QUOTE_NONNUMERIC),
        ("QUOTE_NONE", QUOTE_NONE),
        ("QUOTE_STRINGS", QUOTE_STRINGS),
        ("QUOTE_NOTNULL", QUOTE_NOTNULL),
    ] {
        m.add_int(cx, name, v as i64);
    }
    Ok(())
}

pymodule! { "_csv", doc: "CSV parsing and writing.", functions: [
    reader, writer, list_dialects, register_dialect, unregister_dialect, get_dialect,
    field_size_limit
], exec: exec }
