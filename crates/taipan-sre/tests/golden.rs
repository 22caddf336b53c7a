//! Compares thousands of matches with CPython's, recorded by `gen/make_golden.py`, in every width of text that fits.
//! `TAIPAN_SRE_GOLDEN` names another file of that form, for longer random runs.

use taipan_sre::{MatchError, Mode, Program, Request, Scratch, Text};

fn number(text: &str) -> usize {
    usize::from_str_radix(text, 16).expect("a hexadecimal number")
}

/// The answer line for what is in `scratch`.
fn answer(program: &Program, scratch: &Scratch) -> String {
    let (start, end) = scratch.span();
    let mut line = format!("= {:x} {start:x},{end:x}", scratch.last_index().unwrap_or(0));
    for group in 1..=program.groups() {
        match scratch.group(group) {
            Some((start, end)) => line += &format!(" {start:x},{end:x}"),
            None => line += " -",
        }
    }
    line
}

fn ask(
    program: &Program,
    scratch: &mut Scratch,
    text: Text<'_>,
    mode: &str,
    start: usize,
    end: usize,
) -> Vec<String> {
    let mut steps = 0;
    let mut poll = || {
        steps += 1;
        if steps > 10_000 { Err(MatchError::Interrupted) } else { Ok(()) }
    };
    let mut request = Request::new(text, Mode::Search);
    (request.start, request.end) = (start, end);
    request.mode = match mode {
        "m" => Mode::Match,
        "f" => Mode::FullMatch,
        _ => Mode::Search,
    };
    let mut answers = Vec::new();
    loop {
        match program.run(scratch, &request, &mut poll) {
            Ok(true) => answers.push(answer(program, scratch)),
            Ok(false) => return answers,
            Err(error) => return vec![format!("{error:?}")],
        }
        if mode != "i" {
            return answers;
        }
        let (from, to) = scratch.span();
        (request.start, request.must_advance) = (to, from == to);
    }
}

#[test]
fn matches_are_those_of_cpython() {
    let own = include_str!("golden.txt").to_owned();
    let golden = match std::env::var("TAIPAN_SRE_GOLDEN") {
        Ok(path) => std::fs::read_to_string(path).expect("a readable file"),
        Err(_) => own,
    };
    let mut scratch = Scratch::new();
    let (mut comment, mut program) = ("", None);
    let (mut questions, mut wrong) = (0, Vec::new());
    let mut lines = golden.lines().peekable();
    while let Some(line) = lines.next() {
        if line.starts_with('#') {
            comment = line;
        } else if let Some(rest) = line.strip_prefix("P ") {
            let mut words = rest.split(' ').map(number);
            let groups = words.next().expect("the number of groups");
            let code: Vec<u32> = words.map(|word| word as u32).collect();
            program = Some(
                Program::new(&code, groups).unwrap_or_else(|error| panic!("{comment}: {error}")),
            );
        } else if let Some(rest) = line.strip_prefix("T ") {
            let program = program.as_ref().expect("a pattern before the question");
            let parts: Vec<&str> = rest.split(' ').collect();
            let (mode, start, end) = (parts[0], number(parts[1]), number(parts[2]));
            let four: Vec<u32> = parts[3]
                .split('.')
                .filter(|part| !part.is_empty())
                .map(|part| number(part) as u32)
                .collect();
            let two: Option<Vec<u16>> = four.iter().map(|&unit| u16::try_from(unit).ok()).collect();
            let one: Option<Vec<u8>> = four.iter().map(|&unit| u8::try_from(unit).ok()).collect();
            let mut expect = Vec::new();
            while let Some(line) = lines.next_if(|line| line.starts_with('=')) {
                expect.push(line.to_owned());
            }
            let texts = [
                Some(Text::Four(&four)),
                two.as_deref().map(Text::Two),
                one.as_deref().map(Text::One),
            ];
            for text in texts.into_iter().flatten() {
                questions += 1;
                let got = ask(program, &mut scratch, text, mode, start, end);
                if got != expect {
                    wrong.push(format!(
                        "{comment}\n  T {rest}\n  expected {expect:?}\n  got      {got:?}"
                    ));
                    break;
                }
            }
        }
    }
    assert!(questions > 1000);
    let shown = wrong.iter().take(20).map(String::as_str).collect::<Vec<_>>().join("\n");
    assert!(wrong.is_empty(), "{} of {questions} differ:\n{shown}", wrong.len());
}
