//! `__format__`: the format language as libmpdec has it; what it lacks (`z`, `#`, `_`) goes to
//! `_pydecimal`, as in CPython.

use super::context::{Context, current};
use super::convert::to_text;
use taipan_decimal::{Coeff, Ctx, Dec, DecRef, MAX_PREC, rounding, text};
use taipan_vm::objects::module;
use taipan_vm::objects::numeric_format::current_locale;
use taipan_vm::prelude::*;

/// A parsed specifier.
struct Spec {
    fill: char,
    /// '<', '>', '=', '^', or 'z' for zero padding.
    align: char,
    sign: u8,
    width: i64,
    prec: Option<i64>,
    /// In lower case.
    kind: u8,
    upper: bool,
    dot: String,
    sep: String,
    grouping: Vec<u8>,
    local: bool,
}

/// A number that fits a C size; the rest of the text.
fn number(s: &[char]) -> Option<(i64, &[char])> {
    let n = s.iter().take_while(|c| c.is_ascii_digit()).count();
    let mut value = 0i64;
    for c in &s[..n] {
        value = value.checked_mul(10)?.checked_add(*c as i64 - '0' as i64)?;
    }
    Some((value, &s[n..]))
}

fn parse(format: &str, capitals: bool) -> Option<Spec> {
    let chars: Vec<char> = format.chars().collect();
    let mut s = &chars[..];
    let is_align = |c: &char| matches!(c, '<' | '>' | '=' | '^');
    let mut spec = Spec {
        fill: ' ',
        align: '>',
        sign: b'-',
        width: 0,
        prec: None,
        kind: b'g',
        upper: capitals,
        dot: String::new(),
        sep: String::new(),
        grouping: Vec::new(),
        local: false,
    };
    let mut aligned = false;
    match s {
        [fill, align, rest @ ..] if is_align(align) => {
            (spec.fill, spec.align, aligned) = (*fill, *align, true);
            s = rest;
        }
        [align, rest @ ..] if is_align(align) => {
            (spec.align, aligned) = (*align, true);
            s = rest;
        }
        _ => {}
    }
    if let [c @ ('+' | '-' | ' '), rest @ ..] = s {
        spec.sign = *c as u8;
        s = rest;
    }
    if let ['0', rest @ ..] = s {
        if aligned {
            return None;
        }
        (spec.align, spec.fill) = ('z', '0');
        s = rest;
    }
    if let [c, ..] = s
        && c.is_ascii_digit()
    {
        if *c == '0' {
            return None;
        }
        (spec.width, s) = number(s)?;
    }
    if let [',', rest @ ..] = s {
        (spec.dot, spec.sep, spec.grouping) = (".".into(), ",".into(), vec![3, 3]);
        s = rest;
    }
    if let ['.', rest @ ..] = s {
        if !rest.first().is_some_and(char::is_ascii_digit) {
            return None;
        }
        let (n, rest) = number(rest)?;
        spec.prec = Some(n);
        s = rest;
    }
    match s {
        [] => {}
        [c @ ('e' | 'E' | 'f' | 'F' | 'g' | 'G' | '%')] => {
            spec.kind = c.to_ascii_lowercase() as u8;
            spec.upper = c.is_ascii_uppercase();
        }
        [c @ ('n' | 'N')] => {
            if !spec.sep.is_empty() {
                return None;
            }
            spec.upper = *c == 'N';
            spec.local = true;
        }
        _ => return None,
    }
    Some(spec)
}

/// Rounds a finite number that is not zero to `prec` digits without looking at the context's range.
fn to_digits(d: DecRef<'_>, prec: i64, ctx: &Ctx) -> Dec {
    let wide = Ctx { prec, clamp: false, ..Ctx::MAX }.with_round(ctx.round);
    let mut quiet = 0;
    let exp = d.exp + d.coeff.digits() as i64 - prec;
    if d.exp >= exp {
        return Dec::finite(d.negative, d.coeff.shift_left((d.exp - exp) as usize), exp);
    }
    rounding::finalize(d.to_owned(), &wide, &mut quiet)
}

/// The number at an exponent, rounded.
fn at_exponent(d: DecRef<'_>, exp: i64, ctx: &Ctx) -> Dec {
    if d.exp >= exp {
        return Dec::finite(d.negative, d.coeff.shift_left((d.exp - exp) as usize), exp);
    }
    let cut = usize::try_from(exp - d.exp).unwrap_or(usize::MAX);
    let (c, _) = rounding::round_off(d.coeff, cut, ctx.round, d.negative);
    Dec::finite(d.negative, c, exp)
}

/// Digits with the decimal point after the first `point` of them and an exponent that makes up.
fn place(d: DecRef<'_>, point: i64, upper: bool, exponent: bool, out: &mut Vec<u8>) {
    let digits = d.coeff.digits() as i64;
    if point <= 0 {
        out.extend_from_slice(b"0.");
        out.resize(out.len() + (-point) as usize, b'0');
        d.coeff.write_digits(out);
    } else {
        let start = out.len();
        d.coeff.write_digits(out);
        if point >= digits {
            out.resize(out.len() + (point - digits) as usize, b'0');
        } else {
            out.insert(start + point as usize, b'.');
        }
    }
    if exponent {
        let e = d.exp + digits - point;
        out.push(if upper { b'E' } else { b'e' });
        out.push(if e < 0 { b'-' } else { b'+' });
        Coeff::Small(e.unsigned_abs() as u128).get().write_digits(out);
    }
}

/// The digits of a formatted number, without padding; `Err`: beyond what can be done.
fn body(d: DecRef<'_>, spec: &Spec, ctx: &Ctx) -> Result<Vec<u8>, ()> {
    let mut out = Vec::new();
    match (d.negative, spec.sign) {
        (true, _) => {}
        (false, b' ') => out.push(b' '),
        (false, b'+') => out.push(b'+'),
        _ => {}
    }
    if d.is_special() {
        text::write(d, true, false, &mut out);
        if spec.kind == b'%' {
            out.push(b'%');
        }
        return Ok(out);
    }
    let mut d = d.to_owned();
    if spec.kind == b'%' {
        d.exp += 2;
    }
    let fixed = matches!(spec.kind, b'f' | b'%');
    let mut point = 1;
    if let Some(prec) = spec.prec {
        if prec > MAX_PREC {
            return Err(());
        }
        if prec > taipan_decimal::MAX_DIGITS || (fixed && d.exp > taipan_decimal::MAX_DIGITS) {
            return Err(());
        }
        match spec.kind {
            b'g' => {
                let prec = prec.max(1);
                if d.coeff.get().digits() as i64 > prec {
                    d = to_digits(d.get(), prec, ctx);
                }
            }
            b'e' if d.coeff.get().is_zero() => point = 1 - prec,
            b'e' => d = to_digits(d.get(), prec + 1, ctx),
            _ => d = at_exponent(d.get(), -prec, ctx),
        }
    }
    if fixed && d.coeff.get().is_zero() && d.exp > 0 {
        d.exp = 0;
    }
    if fixed && d.exp.abs() > taipan_decimal::MAX_DIGITS {
        return Err(());
    }
    if d.negative {
        out.push(b'-');
    }
    let d = d.get();
    let left = d.exp + d.coeff.digits() as i64;
    if fixed {
        place(d, left, spec.upper, false, &mut out);
    } else if spec.kind == b'e' {
        place(d, point, spec.upper, true, &mut out);
    } else if d.exp <= 0 && left > -6 {
        place(d, left, spec.upper, false, &mut out);
    } else {
        place(d, 1, spec.upper, true, &mut out);
    }
    if spec.kind == b'%' {
        out.push(b'%');
    }
    Ok(out)
}

/// Separators between groups of the integer part, and zeros before it up to the width.
fn group(body: &str, spec: &Spec) -> String {
    let sign_end = body.starts_with(['+', '-', ' ']) as usize;
    let digits_end =
        body[sign_end..].find(|c: char| !c.is_ascii_digit()).map_or(body.len(), |i| i + sign_end);
    let whole = &body[sign_end..digits_end];
    let rest = &body[digits_end..];
    let (dot, rest) = match rest.strip_prefix('.') {
        Some(r) => (&spec.dot[..], r),
        None => ("", rest),
    };
    if dot.is_empty() && (spec.sep.is_empty() || spec.grouping.is_empty()) {
        return body.to_string();
    }
    // Written from the right.
    let mut parts: Vec<String> = vec![rest.to_string(), dot.to_string()];
    let mut length = (rest.chars().count() + dot.chars().count() + sign_end) as i64;
    let sep_len = spec.sep.chars().count() as i64;
    let mut left = whole.len() as i64;
    let mut at = 0;
    let size = |at: usize| spec.grouping.get(at).copied().unwrap_or(0) as i64;
    let mut take = size(at);
    let mut padding = false;
    loop {
        if size(at) == 0 || size(at) == 127 || take > left {
            take = left;
        }
        left -= take;
        if padding {
            parts.push("0".repeat(take as usize));
        } else {
            parts.push(whole[left as usize..(left + take) as usize].to_string());
        }
        length += take;
        if left == 0 {
            if spec.align == 'z' && length < spec.width {
                left = spec.width - length;
                take = size(at) - take;
                padding = true;
                continue;
            }
            break;
        }
        if sep_len > 0 {
            // A separator counts as padding, unless it would come first.
            if padding && left > 1 {
                left -= 1;
            }
            parts.push(spec.sep.clone());
            length += sep_len;
        }
        if size(at) != 0 && size(at + 1) != 0 {
            at += 1;
        }
        take = size(at);
    }
    let mut out = body[..sign_end].to_string();
    out.extend(parts.into_iter().rev());
    out
}

/// Padding to the width.
fn pad(body: String, spec: &Spec, special: bool) -> String {
    let (fill, align) =
        if special && spec.align == 'z' { (' ', '>') } else { (spec.fill, spec.align) };
    let n = (spec.width - body.chars().count() as i64).max(0) as usize;
    if n == 0 {
        return body;
    }
    let run = |n: usize| fill.to_string().repeat(n);
    match align {
        '<' => body + &run(n),
        '^' => run(n / 2) + &body + &run(n - n / 2),
        '=' | 'z' => {
            let sign = body.starts_with(['+', '-', ' ']) as usize;
            format!("{}{}{}", &body[..sign], run(n), &body[sign..])
        }
        _ => run(n) + &body,
    }
}

/// The format by way of `_pydecimal`.
fn by_python(cx: &Thread, d: DecRef<'_>, context: &Context, format: Value) -> Res {
    let class = module::import_attr(cx, "_pydecimal", "Decimal")?;
    let s = to_text(cx, d, false, context)?;
    let number = call(cx, class, &[s])?;
    let args = [format, Value::from_ref(context)];
    match call_method(cx, number, id!(cx, "__format__"), &args) {
        Err(e) if e.is(exc::ValueError()) => raise!(cx, ValueError, "invalid format string"),
        r => r,
    }
}

/// The override dict of the tests: decimal point, separator, grouping.
fn apply_override(cx: &Thread, spec: &mut Spec, v: Value) -> Res<()> {
    let Some(d) = v.downcast::<Dict>() else {
        raise!(cx, TypeError, "optional argument must be a dict");
    };
    let get = |name: &str| -> Res<Option<String>> {
        match d.get(cx, Value::from_ref(Str::new(cx, name)))? {
            None => Ok(None),
            Some(v) => match v.downcast::<Str>() {
                Some(s) => Ok(Some(s.chars().filter_map(char::from_u32).collect())),
                None => raise!(cx, TypeError, "bad argument type for built-in operation"),
            },
        }
    };
    if let Some(s) = get("decimal_point")? {
        spec.dot = s;
    }
    if let Some(s) = get("thousands_sep")? {
        spec.sep = s;
    }
    if let Some(s) = get("grouping")? {
        spec.grouping = s.into_bytes();
        // The text is a C string.
        if let Some(n) = spec.grouping.iter().position(|&c| c == 0) {
            spec.grouping.truncate(n);
        }
    }
    let bad = spec.grouping.iter().any(|&c| c > 127)
        || spec.dot.is_empty()
        || spec.dot.len() > 4
        || spec.sep.len() > 4;
    if bad {
        raise!(cx, ValueError, "invalid override dict");
    }
    Ok(())
}

/// `__format__(format, override)`.
pub fn format(cx: &Thread, d: DecRef<'_>, format: Value, over: Option<Value>) -> Res {
    let context = current(cx)?;
    let Some(s) = format.downcast::<Str>() else {
        raise!(cx, TypeError, "format arg must be str");
    };
    let Some(chars) = s.chars().map(char::from_u32).collect::<Option<String>>() else {
        // A lone surrogate has no UTF-8.
        return call_method(cx, format, id!(cx, "encode"), &[]);
    };
    if chars.ends_with('N') {
        let message = Value::from_ref(Str::new(cx, "Format specifier 'N' is deprecated"));
        let warn = module::import_attr(cx, "warnings", "warn")?;
        call(cx, warn, &[message, Value::from_ref(exc::DeprecationWarning())])?;
    }
    // A NUL ends the format, but as the fill character.
    let nul = chars.char_indices().skip(1).find(|(_, c)| *c == '\0').map(|(i, _)| i);
    let Some(mut spec) = parse(&chars[..nul.unwrap_or(chars.len())], context.upper_case()) else {
        return by_python(cx, d, context, format);
    };
    if spec.local {
        let lc = current_locale();
        spec.dot = lc.decimal_point;
        spec.sep = lc.thousands_sep;
        spec.grouping = lc.grouping;
    }
    if let Some(v) = over {
        apply_override(cx, &mut spec, v)?;
    }
    let ctx = context.load();
    let beyond =
        || err!(cx, ValueError, "format specification exceeds internal limits of _decimal");
    if spec.width > MAX_PREC {
        return Err(beyond());
    }
    if spec.width > taipan_decimal::MAX_DIGITS {
        return Err(cx.no_memory());
    }
    let Ok(out) = body(d, &spec, &ctx) else {
        return Err(beyond());
    };
    let mut out = String::from_utf8(out).expect("digits are ASCII");
    if !spec.dot.is_empty() && !d.is_special() {
        out = group(&out, &spec);
    }
    Ok(Value::from_ref(Str::new(cx, &pad(out, &spec, d.is_special()))))
}
