//! No code words and no text make the engine panic, and no match runs on when told to stop.

use taipan_sre::{MatchError, Mode, Program, Request, Scratch, Text};

struct Random(u64);

impl Random {
    fn next(&mut self, below: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 16) as usize % below
    }
}

fn run_all(program: &Program, scratch: &mut Scratch) {
    for text in ["", "a", "aab bc", "\nxyzzy\n42 "] {
        for mode in [Mode::Match, Mode::FullMatch, Mode::Search] {
            for (start, end, must_advance) in [(0, usize::MAX, false), (1, 3, true), (4, 2, false)]
            {
                let mut polls = 0;
                let mut poll = || {
                    polls += 1;
                    if polls > 3 { Err(MatchError::Interrupted) } else { Ok(()) }
                };
                let mut request = Request::new(Text::One(text.as_bytes()), mode);
                (request.start, request.end, request.must_advance) = (start, end, must_advance);
                if program.run(scratch, &request, &mut poll) == Ok(true) {
                    for group in 0..=program.groups() + 1 {
                        scratch.group(group);
                    }
                }
            }
        }
    }
}

#[test]
fn damaged_code_is_refused_or_harmless() {
    let golden = include_str!("golden.txt");
    let mut random = Random(0x9E37_79B9_7F4A_7C15);
    let mut scratch = Scratch::new();
    let mut accepted = 0;
    for line in golden.lines().filter_map(|line| line.strip_prefix("P ")) {
        let words: Vec<u32> = line
            .split(' ')
            .map(|word| u32::from_str_radix(word, 16).expect("a hexadecimal number"))
            .collect();
        let (groups, code) = (words[0] as usize, &words[1..]);
        for _ in 0..4 {
            let mut code = code.to_vec();
            for _ in 0..=random.next(3) {
                let at = random.next(code.len());
                code[at] = match random.next(4) {
                    0 => random.next(45) as u32,
                    1 => code[at].wrapping_add(1),
                    2 => code[at].wrapping_sub(1),
                    _ => u32::MAX >> random.next(32),
                };
            }
            if let Ok(program) = Program::new(&code, groups) {
                accepted += 1;
                run_all(&program, &mut scratch);
            }
        }
    }
    assert!(accepted > 1000);
}

#[test]
fn every_truncation_is_refused_or_harmless() {
    let golden = include_str!("golden.txt");
    let mut scratch = Scratch::new();
    for line in golden.lines().filter_map(|line| line.strip_prefix("P ")).step_by(40) {
        let words: Vec<u32> = line
            .split(' ')
            .map(|word| u32::from_str_radix(word, 16).expect("a hexadecimal number"))
            .collect();
        for len in 1..words.len() {
            let mut code = words[1..len].to_vec();
            code.push(1);
            if let Ok(program) = Program::new(&code, words[0] as usize) {
                run_all(&program, &mut scratch);
            }
        }
    }
    assert!(Program::new(&[], 0).is_err());
}

/// `(?>(?>...a...))`
fn nested(depth: usize) -> Vec<u32> {
    let mut code = Vec::new();
    for level in 0..depth {
        code.extend([27, (3 * (depth - level) + 1) as u32]);
    }
    code.extend([16, 'a' as u32]);
    code.extend(vec![1; depth + 1]);
    code
}

#[test]
fn nesting_is_limited_before_the_stack_is() {
    let mut scratch = Scratch::new();
    let program = Program::new(&nested(1900), 0).expect("valid code");
    let request = Request::new(Text::One(b"a"), Mode::FullMatch);
    assert_eq!(program.run(&mut scratch, &request, &mut || Ok(())), Ok(true));
    assert!(Program::new(&nested(100_000), 0).is_err());
}

#[test]
fn a_runaway_match_can_be_stopped() {
    // (?:a.|a)*b
    let code = [23, 14, 0, u32::MAX, 16, 97, 7, 4, 2, 15, 5, 3, 15, 2, 0, 18, 16, 98, 1];
    let program = Program::new(&code, 0).expect("valid code");
    let mut polls = 0;
    let mut poll = || {
        polls += 1;
        if polls == 5 { Err(MatchError::Interrupted) } else { Ok(()) }
    };
    let text = vec![b'a'; 60];
    let request = Request::new(Text::One(&text), Mode::Match);
    assert_eq!(program.run(&mut Scratch::new(), &request, &mut poll), Err(MatchError::Interrupted));
}

#[test]
fn a_long_text_needs_no_native_stack() {
    // (?:a|a.)*
    let code = [23, 14, 0, u32::MAX, 16, 97, 7, 3, 15, 6, 4, 2, 15, 2, 0, 18, 1];
    let program = Program::new(&code, 0).expect("valid code");
    let text = vec![b'a'; 1_000_000];
    let mut scratch = Scratch::new();
    let request = Request::new(Text::One(&text), Mode::FullMatch);
    assert_eq!(program.run(&mut scratch, &request, &mut || Ok(())), Ok(true));
    assert_eq!(scratch.span(), (0, 1_000_000));
    scratch.shrink();
    assert_eq!(program.run(&mut scratch, &request, &mut || Ok(())), Ok(true));
}
