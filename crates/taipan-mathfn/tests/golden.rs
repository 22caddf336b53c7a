//! Replays `golden.tsv`, CPython 3.13's answers as written by `make_golden.py`.

use taipan_mathfn::MathError;
use taipan_mathfn::complex::{self, Complex};
use taipan_mathfn::real;
use taipan_mathfn::sums::{DotProduct, ExactSum, SumError, vector_norm};

fn numbers(s: &str) -> Vec<f64> {
    let parse = |s: &str| match s {
        "nan" => f64::NAN,
        _ => f64::from_bits(u64::from_str_radix(s, 16).expect("bits")),
    };
    if s.is_empty() { Vec::new() } else { s.split(',').map(parse).collect() }
}

fn show(values: &[f64]) -> String {
    let one = |x: &f64| {
        if x.is_nan() { "nan".to_owned() } else { format!("{:016x}", x.to_bits()) }
    };
    values.iter().map(one).collect::<Vec<_>>().join(",")
}

fn outcome(r: Result<f64, MathError>) -> String {
    match r {
        Ok(x) => show(&[x]),
        Err(MathError::Domain) => "!ValueError".to_owned(),
        Err(MathError::Range) => "!OverflowError".to_owned(),
    }
}

fn complex_outcome(r: Result<Complex, MathError>) -> String {
    match r {
        Ok(z) => show(&[z.re, z.im]),
        Err(e) => outcome(Err(e)),
    }
}

fn run(name: &str, args: &[Vec<f64>]) -> String {
    let a = |i: usize| args[i][0];
    let z = |i: usize| complex::new(args[i][0], args[i][1]);
    match name {
        "gamma" => outcome(real::gamma(a(0))),
        "lgamma" => outcome(real::lgamma(a(0))),
        "log" => outcome(real::log(a(0))),
        "log2" => outcome(real::log2(a(0))),
        "log10" => outcome(real::log10(a(0))),
        "log1p" => outcome(real::checked(real::log1p, a(0), false)),
        "ulp" => show(&[real::ulp(a(0))]),
        "pow" => outcome(real::pow(a(0), a(1))),
        "fmod" => outcome(real::fmod(a(0), a(1))),
        "remainder" => outcome(real::remainder(a(0), a(1))),
        "next" => show(&[real::next_after(a(0), a(1), 1)]),
        "next3" => show(&[real::next_after(a(0), a(1), 3)]),
        "divmod" if a(1) == 0.0 => "!ZeroDivisionError".to_owned(),
        "divmod" => {
            let (q, r) = real::divmod(a(0), a(1));
            show(&[q, r])
        }
        "fma" => outcome(real::fma(a(0), a(1), a(2))),
        "fsum" => {
            let mut sum = ExactSum::default();
            match args[0].iter().try_for_each(|&x| sum.add(x)).and_then(|()| sum.total()) {
                Ok(x) => show(&[x]),
                Err(SumError::Overflow) => "!OverflowError".to_owned(),
                Err(SumError::Infinities) => "!ValueError".to_owned(),
            }
        }
        "hypot" => show(&[vector_norm(&mut args[0].iter().map(|x| x.abs()).collect::<Vec<_>>())]),
        "sumprod" => {
            let terms = args[0].iter().zip(&args[1]);
            show(&[terms.fold(DotProduct::default(), |s, (&x, &y)| s.with(x, y)).total()])
        }
        "cacos" => complex_outcome(Ok(complex::acos(z(0)))),
        "cacosh" => complex_outcome(Ok(complex::acosh(z(0)))),
        "casin" => complex_outcome(Ok(complex::asin(z(0)))),
        "casinh" => complex_outcome(Ok(complex::asinh(z(0)))),
        "catan" => complex_outcome(complex::atan(z(0))),
        "catanh" => complex_outcome(complex::atanh(z(0))),
        "ccos" => complex_outcome(complex::cos_(z(0))),
        "ccosh" => complex_outcome(complex::cosh_(z(0))),
        "cexp" => complex_outcome(complex::exp_(z(0))),
        "clog" => complex_outcome(complex::log_(z(0))),
        "clog10" => complex_outcome(complex::log10_(z(0))),
        "csin" => complex_outcome(complex::sin_(z(0))),
        "csinh" => complex_outcome(complex::sinh_(z(0))),
        "csqrt" => complex_outcome(Ok(complex::sqrt(z(0)))),
        "ctan" => complex_outcome(complex::tan_(z(0))),
        "ctanh" => complex_outcome(complex::tanh_(z(0))),
        "cphase" => outcome(complex::phase(z(0))),
        "crect" => complex_outcome(complex::rect(args[0][0], args[0][1])),
        "cabs" => outcome(z(0).abs()),
        "cmul" => complex_outcome(Ok(z(0) * z(1))),
        "cdiv" => match z(0).quotient(z(1)) {
            Some(q) => complex_outcome(Ok(q)),
            None => "!ZeroDivisionError".to_owned(),
        },
        "cpow" => match z(0).power(z(1)) {
            Err(MathError::Domain) => "!ZeroDivisionError".to_owned(),
            r => complex_outcome(r),
        },
        _ => panic!("unknown function {name}"),
    }
}

#[test]
fn answers_equal_cpythons() {
    let mut wrong = Vec::new();
    let mut lines = 0;
    for line in include_str!("golden.tsv").lines() {
        lines += 1;
        let fields: Vec<&str> = line.split('\t').collect();
        let expect = fields[fields.len() - 1];
        let args: Vec<Vec<f64>> = fields[1..fields.len() - 1].iter().map(|s| numbers(s)).collect();
        let got = run(fields[0], &args);
        if got != expect {
            wrong.push(format!("{} {args:?}\n  expect {expect}\n  got    {got}", fields[0]));
        }
    }
    let shown = wrong.iter().take(40).cloned().collect::<Vec<_>>().join("\n");
    assert!(wrong.is_empty(), "{} of {lines} differ:\n{shown}", wrong.len());
}
