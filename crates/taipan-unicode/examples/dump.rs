//! Prints every property of each code point of a range, one line each, in the form that `gen/dump.py` prints from CPython:
//! `cargo run --example dump 0 1000`, to see where a digest of `tests/every_code_point.rs` differs.

#[path = "../tests/line/mod.rs"]
mod line;

fn main() {
    let mut bounds =
        std::env::args().skip(1).map(|text| u32::from_str_radix(&text, 16).expect("hexadecimal"));
    let (first, last) =
        (bounds.next().expect("first code point"), bounds.next().expect("last code point"));
    for cp in first..=last {
        println!("{}", line::line(cp));
    }
}
