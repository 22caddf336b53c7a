//! Times all matches of the patterns that `gen/make_bench.py` prints, beside CPython's time for the same:
//! `py313 gen/make_bench.py > /tmp/bench && cargo run --release -p taipan-sre --example bench /tmp/bench`.

use std::time::Instant;

use taipan_sre::{Mode, Program, Request, Scratch, Text};

fn all_matches(program: &Program, scratch: &mut Scratch, text: Text<'_>) -> usize {
    let mut request = Request::new(text, Mode::Search);
    let mut count = 0;
    while program.run(scratch, &request, &mut || Ok(())) == Ok(true) {
        count += 1;
        let (start, end) = scratch.span();
        (request.start, request.must_advance) = (end, start == end);
    }
    count
}

fn main() {
    let path = std::env::args().nth(1).expect("a file made by gen/make_bench.py");
    let file = std::fs::read_to_string(path).expect("a readable file");
    let mut scratch = Scratch::new();
    let (mut name, mut program) = ("", None);
    for line in file.lines() {
        let (kind, rest) = line.split_at(2);
        if kind == "B " {
            name = rest;
            continue;
        }
        let numbers: Vec<usize> =
            rest.split(' ').map(|word| word.parse().expect("a number")).collect();
        if kind == "P " {
            let code: Vec<u32> = numbers[1..].iter().map(|&word| word as u32).collect();
            program = Program::new(&code, numbers[0]).ok();
            continue;
        }
        let program = program.as_ref().expect("a valid program");
        let wide: Vec<u16> = numbers[2..].iter().map(|&unit| unit as u16).collect();
        let bytes: Option<Vec<u8>> = wide.iter().map(|&unit| u8::try_from(unit).ok()).collect();
        let text = bytes.as_deref().map_or(Text::Two(&wide), Text::One);
        let mut best = u128::MAX;
        let mut count = 0;
        for _ in 0..5 {
            let start = Instant::now();
            count = all_matches(program, &mut scratch, text);
            best = best.min(start.elapsed().as_nanos());
        }
        assert_eq!(count, numbers[1], "{name}");
        let ratio = best as f64 / numbers[0] as f64;
        println!(
            "{ratio:6.2}  {best:>10} ns  CPython {:>10} ns  {count:>5} matches  {name}",
            numbers[0]
        );
    }
}
