//! Replays `golden.tsv`, CPython 3.13's answers as written by `make_golden.py`.

use std::ops::Range;
use taipan_numtext::bigint::{self, ByteOrder, Int};
use taipan_numtext::formatspec::{self, Defaults, LocaleNumeric};
use taipan_numtext::percent::{self, Arguments, Flavor};
use taipan_numtext::{ErrorClass, NumError, float};

fn unescape(s: &str) -> Vec<u32> {
    let mut out = Vec::new();
    let mut it = s.chars();
    while let Some(c) = it.next() {
        if c != '\\' {
            out.push(c as u32);
            continue;
        }
        let kind = it.next().expect("escape");
        let n = match kind {
            'x' => 2,
            'u' => 4,
            'U' => 8,
            _ => 0,
        };
        out.push(match kind {
            't' => 9,
            'n' => 10,
            'r' => 13,
            '\\' => 92,
            _ => {
                let hex: String = it.by_ref().take(n).collect();
                u32::from_str_radix(&hex, 16).expect("hex")
            }
        });
    }
    out
}

fn escape(text: &[u32]) -> String {
    let mut out = String::new();
    for &c in text {
        match c {
            9 => out.push_str("\\t"),
            10 => out.push_str("\\n"),
            13 => out.push_str("\\r"),
            92 => out.push_str("\\\\"),
            32..=126 => out.push(c as u8 as char),
            0..=255 => out.push_str(&format!("\\x{c:02x}")),
            256..=0xffff => out.push_str(&format!("\\u{c:04x}")),
            _ => out.push_str(&format!("\\U{c:08x}")),
        }
    }
    out
}

fn escape_str(text: &str) -> String {
    escape(&text.chars().map(u32::from).collect::<Vec<_>>())
}

fn int(s: &str) -> Int {
    bigint::parse(s.as_bytes(), 16, 0).expect("hex int")
}

fn show_int(v: &Int) -> String {
    let text = bigint::to_text(v.as_ref(), 16);
    match text.strip_prefix('-') {
        Some(rest) => format!("-0x{rest}"),
        None => format!("0x{text}"),
    }
}

fn flt(s: &str) -> f64 {
    if s == "nan" { f64::NAN } else { f64::from_bits(u64::from_str_radix(s, 16).expect("bits")) }
}

fn show_f(x: f64) -> String {
    if x.is_nan() { "nan".to_owned() } else { format!("{:016x}", x.to_bits()) }
}

fn show_err(e: &NumError) -> String {
    let class = match e.class {
        ErrorClass::Value => "ValueError",
        ErrorClass::Overflow => "OverflowError",
        ErrorClass::Memory => "MemoryError",
        ErrorClass::ZeroDivision => "ZeroDivisionError",
    };
    format!("!{class}: {}", escape_str(&e.message))
}

fn or_err<T>(r: Result<T, NumError>, show: impl Fn(T) -> String) -> String {
    match r {
        Ok(v) => show(v),
        Err(e) => show_err(&e),
    }
}

fn ordering(o: Option<std::cmp::Ordering>) -> String {
    let v = o.expect("no NaN here") as i64;
    show_int(&Int::from_i64(v))
}

struct NoArguments(i32);
enum PercentError {
    Num(NumError),
    Mapping,
}
impl From<NumError> for PercentError {
    fn from(e: NumError) -> Self {
        PercentError::Num(e)
    }
}
impl Arguments for NoArguments {
    type Error = PercentError;
    fn select(&mut self, _: Option<Range<usize>>) -> Result<(), PercentError> {
        Err(PercentError::Mapping)
    }
    fn star_width(&mut self) -> Result<isize, PercentError> {
        Ok(self.0 as isize)
    }
    fn star_precision(&mut self) -> Result<i32, PercentError> {
        Ok(self.0)
    }
}

enum Arg {
    Int(Int),
    Float(f64),
    Str(Vec<u32>),
}

fn percent_format(format: &[u32], arg: &Arg) -> String {
    let mut out: Vec<u32> = Vec::new();
    let mut pos = 0;
    let mut used = false;
    while pos < format.len() {
        let c = format[pos];
        pos += 1;
        if c != '%' as u32 {
            out.push(c);
            continue;
        }
        if format.get(pos) == Some(&('%' as u32)) {
            out.push('%' as u32);
            pos += 1;
            continue;
        }
        let d = match percent::parse(format, pos, Flavor::Str, &mut NoArguments(7)) {
            Ok(d) => d,
            Err(PercentError::Num(e)) => return show_err(&e),
            Err(PercentError::Mapping) => {
                return "!TypeError: format requires a mapping".to_owned();
            }
        };
        if used {
            return "!TypeError: not enough arguments for format string".to_owned();
        }
        used = true;
        pos = d.end;
        let conversion = char::from_u32(d.conversion).unwrap_or('?');
        match (arg, conversion) {
            (Arg::Int(v), 'd' | 'i' | 'u' | 'o' | 'x' | 'X') => {
                match percent::format_int(v.as_ref(), &d) {
                    Ok(p) => out.extend(p.render_code_points()),
                    Err(e) => return show_err(&e),
                }
            }
            (Arg::Float(x), 'e' | 'f' | 'g' | 'E' | 'F' | 'G') => {
                match percent::format_float(*x, &d) {
                    Ok(p) => out.extend(p.render_code_points()),
                    Err(e) => return show_err(&e),
                }
            }
            (Arg::Str(s), 's' | 'r' | 'a') => {
                let s: Vec<u32> = if conversion == 's' {
                    s.clone()
                } else {
                    let quote = '\'' as u32;
                    [quote].into_iter().chain(s.iter().copied()).chain([quote]).collect()
                };
                let p = percent::format_str(s.len(), &d).expect("small width");
                out.extend(std::iter::repeat_n(p.fill, p.left));
                out.extend(&s[..p.take]);
                out.extend(std::iter::repeat_n(p.fill, p.right));
            }
            (Arg::Str(_), 'd') => {
                return "!TypeError: %d format: a real number is required, not str".to_owned();
            }
            _ => return show_err(&percent::unsupported(&d, Flavor::Str)),
        }
    }
    if !used {
        return "!TypeError: not all arguments converted during string formatting".to_owned();
    }
    escape(&out)
}

fn decimal(c: u32) -> Option<u32> {
    (0x660..=0x669).contains(&c).then(|| c - 0x660)
}

fn spec_format(
    spec: &str,
    defaults: Defaults,
    empty: impl Fn() -> String,
    f: impl Fn(&formatspec::Spec) -> Result<Vec<u32>, NumError>,
) -> String {
    let spec = unescape(spec);
    if spec.is_empty() {
        return escape_str(&empty());
    }
    let r = formatspec::parse(&spec, defaults, &decimal).and_then(|s| f(&s));
    or_err(r, |v| escape(&v))
}

fn run(op: &str, a: &[&str]) -> String {
    let c = LocaleNumeric::c();
    let i2 = |f: fn(bigint::IntRef, bigint::IntRef) -> Int| {
        show_int(&f(int(a[0]).as_ref(), int(a[1]).as_ref()))
    };
    let pair = |(x, y): (Int, Int)| format!("{},{}", show_int(&x), show_int(&y));
    let small = |s: &str| int(s).to_i64().expect("small");
    let code_points = |p: taipan_numtext::Padded| {
        let points = p.render_code_points();
        assert_eq!(points.len(), p.char_count());
        points
    };
    match op {
        "add" => i2(bigint::add),
        "sub" => i2(bigint::sub),
        "mul" => i2(bigint::mul),
        "and" => i2(bigint::and),
        "or" => i2(bigint::or),
        "xor" => i2(bigint::xor),
        "gcd" => i2(bigint::gcd),
        "lcm" => i2(bigint::lcm),
        "cmp" => ordering(Some(bigint::cmp(int(a[0]).as_ref(), int(a[1]).as_ref()))),
        "divmod" => {
            pair(bigint::divmod_floor(int(a[0]).as_ref(), int(a[1]).as_ref()).expect("nonzero"))
        }
        "divmod_near" => {
            pair(bigint::divmod_near(int(a[0]).as_ref(), int(a[1]).as_ref()).expect("nonzero"))
        }
        "truediv" => match bigint::true_div(int(a[0]).as_ref(), int(a[1]).as_ref()) {
            Ok(x) => show_f(x.expect("nonzero")),
            Err(_) => "!OverflowError: integer division result too large for a float".to_owned(),
        },
        "bit_length" => show_int(&Int::from_u64(false, bigint::bit_length(int(a[0]).as_ref()))),
        "bit_count" => show_int(&Int::from_u64(false, bigint::bit_count(int(a[0]).as_ref()))),
        "invert" => show_int(&bigint::invert(int(a[0]).as_ref())),
        "int_hash" => show_int(&Int::from_i64(bigint::hash(int(a[0]).as_ref()))),
        "int_float" => match bigint::to_f64(int(a[0]).as_ref()) {
            Some(x) => show_f(x),
            None => "!OverflowError: int too large to convert to float".to_owned(),
        },
        "isqrt" => show_int(&bigint::isqrt(int(a[0]).as_ref())),
        "shl" => show_int(&bigint::shl(int(a[0]).as_ref(), small(a[1]) as u64).expect("small")),
        "shr" => show_int(&bigint::shr(int(a[0]).as_ref(), small(a[1]) as u64)),
        "int_text" => bigint::to_text(int(a[0]).as_ref(), small(a[1]) as u32),
        "int_parse" => {
            let text: String = unescape(a[0]).iter().map(|&c| char::from_u32(c).unwrap()).collect();
            let base = small(a[1]) as u32;
            match bigint::parse(text.as_bytes(), base, 4300) {
                Ok(v) => show_int(&v),
                Err(bigint::ParseError::Invalid) => format!(
                    "!ValueError: invalid literal for int() with base {base}: '{}'",
                    escape_str(&escape_str(&text))
                ),
                Err(bigint::ParseError::TooManyDigits { limit, digits }) => {
                    format!("!ValueError: {}", bigint::digit_limit_parse_message(limit, digits))
                }
            }
        }
        "cmp_f64" => ordering(bigint::cmp_f64(int(a[0]).as_ref(), flt(a[1]))),
        "to_bytes" => {
            let order = if a[2] == "big" { ByteOrder::Big } else { ByteOrder::Little };
            match bigint::to_bytes(int(a[0]).as_ref(), small(a[1]) as usize, order, a[3] == "True")
            {
                Ok(b) => b.iter().map(|b| format!("{b:02x}")).collect(),
                Err(bigint::BytesError::Negative) => {
                    "!OverflowError: can't convert negative int to unsigned".to_owned()
                }
                Err(bigint::BytesError::TooBig) => {
                    "!OverflowError: int too big to convert".to_owned()
                }
            }
        }
        "from_bytes" => {
            let bytes: Vec<u8> = (0..a[0].len() / 2)
                .map(|i| u8::from_str_radix(&a[0][2 * i..2 * i + 2], 16).expect("hex"))
                .collect();
            let order = if a[1] == "big" { ByteOrder::Big } else { ByteOrder::Little };
            show_int(&bigint::from_bytes(&bytes, order, a[2] == "True"))
        }
        "pow" => show_int(&bigint::pow(int(a[0]).as_ref(), int(a[1]).as_ref()).expect("small")),
        "pow_mod" => {
            match bigint::mod_pow(int(a[0]).as_ref(), int(a[1]).as_ref(), int(a[2]).as_ref()) {
                Some(v) => show_int(&v),
                None => "!ValueError: base is not invertible for the given modulus".to_owned(),
            }
        }
        "factorial" => show_int(&bigint::factorial(small(a[0]) as u64).expect("small")),
        "comb" => show_int(&bigint::comb(int(a[0]).as_ref(), small(a[1]) as u64).expect("small")),
        "perm" => show_int(&bigint::perm(int(a[0]).as_ref(), small(a[1]) as u64).expect("small")),
        "float_repr" => float::repr(flt(a[0])),
        "float_hex" => float::to_hex(flt(a[0])),
        "float_hash" => show_int(&Int::from_i64(bigint::hash_f64(flt(a[0])).expect("no NaN"))),
        "float_int" => show_int(&bigint::from_f64(flt(a[0])).expect("finite")),
        "ratio" => pair(float::integer_ratio(flt(a[0]))),
        "frexp" => {
            let (m, e) = float::frexp(flt(a[0]));
            format!("{},{}", show_f(m), show_int(&Int::from_i64(e as i64)))
        }
        "round" => match float::round_to(flt(a[0]), small(a[1])) {
            Some(x) => show_f(x),
            None => "!OverflowError: rounded value too large to represent".to_owned(),
        },
        "float_parse" => {
            let text: String = unescape(a[0]).iter().map(|&c| char::from_u32(c).unwrap()).collect();
            match float::parse(text.as_bytes()) {
                Some(x) => show_f(x),
                None => format!(
                    "!ValueError: could not convert string to float: '{}'",
                    escape_str(&escape_str(&text))
                ),
            }
        }
        "complex_parse" => {
            let text: String = unescape(a[0]).iter().map(|&c| char::from_u32(c).unwrap()).collect();
            match float::parse_complex(text.as_bytes()) {
                Ok((re, im)) => format!("{},{}", show_f(re), show_f(im)),
                Err(float::ComplexError::Underscore) => format!(
                    "!ValueError: could not convert string to complex: '{}'",
                    escape_str(&escape_str(&text))
                ),
                Err(float::ComplexError::Malformed) => {
                    "!ValueError: complex() arg is a malformed string".to_owned()
                }
            }
        }
        "complex_repr" => float::complex_repr(flt(a[0]), flt(a[1])),
        "float_fromhex" => {
            let text: String = unescape(a[0]).iter().map(|&c| char::from_u32(c).unwrap()).collect();
            or_err(float::from_hex(text.as_bytes()), show_f)
        }
        "float_format" => {
            let x = flt(a[0]);
            spec_format(
                a[1],
                Defaults::for_float("float"),
                || float::repr(x),
                |s| formatspec::format_float(x, s, "float", &c).map(code_points),
            )
        }
        "complex_format" => {
            let (re, im) = (flt(a[0]), flt(a[1]));
            spec_format(
                a[2],
                Defaults::for_float("complex"),
                || float::complex_repr(re, im),
                |s| formatspec::format_complex(re, im, s, "complex", &c).map(code_points),
            )
        }
        "int_format" => {
            let v = int(a[0]);
            spec_format(
                a[1],
                Defaults::for_int("int"),
                || bigint::to_text(v.as_ref(), 10),
                |s| {
                    if formatspec::is_float_code(s.code) {
                        let x = bigint::to_f64(v.as_ref()).expect("small");
                        formatspec::format_float(x, s, "int", &c).map(code_points)
                    } else if s.code == 'c' as u32 {
                        formatspec::format_char(v.to_i64(), s)
                    } else {
                        formatspec::format_int(v.as_ref(), s, "int", &c).map(code_points)
                    }
                },
            )
        }
        "str_format" => {
            let text = unescape(a[0]);
            spec_format(
                a[1],
                Defaults::for_str("str"),
                || text.iter().map(|&c| char::from_u32(c).unwrap()).collect(),
                |s| {
                    let p = formatspec::format_str(text.len(), s, "str")?;
                    let mut out = vec![p.fill; p.left];
                    out.extend(&text[..p.take]);
                    out.extend(std::iter::repeat_n(p.fill, p.right));
                    Ok(out)
                },
            )
        }
        "float_percent" => percent_format(&unescape(a[1]), &Arg::Float(flt(a[0]))),
        "int_percent" => percent_format(&unescape(a[1]), &Arg::Int(int(a[0]))),
        "str_percent" => percent_format(&unescape(a[1]), &Arg::Str(unescape(a[0]))),
        _ => panic!("unknown operation {op}"),
    }
}

#[test]
fn answers_equal_cpythons() {
    let table = include_str!("golden.tsv");
    let mut wrong = Vec::new();
    let mut lines = 0;
    for line in table.lines() {
        lines += 1;
        let fields: Vec<&str> = line.split('\t').collect();
        let (op, args, expect) =
            (fields[0], &fields[1..fields.len() - 1], fields[fields.len() - 1]);
        let got = std::panic::catch_unwind(|| run(op, args)).unwrap_or("PANIC".to_owned());
        if got != expect {
            wrong.push(format!("{op} {args:?}\n  expect {expect}\n  got    {got}"));
        }
    }
    let shown = wrong.iter().take(40).cloned().collect::<Vec<_>>().join("\n");
    assert!(wrong.is_empty(), "{} of {lines} differ:\n{shown}", wrong.len());
}
