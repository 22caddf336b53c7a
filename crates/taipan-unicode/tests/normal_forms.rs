//! Compares normal forms of texts full of combining marks with CPython's (`gen/make_normal.py`).
//! `TAIPAN_NORMAL_FORMS` names another file of that form, for longer runs.

use taipan_unicode::{Form, Ucd, is_normalized, normalize_utf32};

#[test]
fn normal_forms_are_those_of_cpython() {
    let golden = match std::env::var("TAIPAN_NORMAL_FORMS") {
        Ok(path) => std::fs::read_to_string(path).expect("a readable file"),
        Err(_) => include_str!("normal_forms.txt").to_owned(),
    };
    let cps = |field: &str| -> Vec<u32> {
        field
            .split(' ')
            .map(|cp| u32::from_str_radix(cp, 16).expect("a hexadecimal number"))
            .collect()
    };
    for line in golden.lines() {
        let fields: Vec<&str> = line.split('|').collect();
        let text = cps(fields[0]);
        let mut answers = String::new();
        for (form, expect) in
            [Form::Nfc, Form::Nfd, Form::Nfkc, Form::Nfkd].into_iter().zip(&fields[1..5])
        {
            assert_eq!(normalize_utf32(form, &text), cps(expect), "{form:?} of {line}");
            answers.push(if is_normalized(Ucd::Current, form, &text) { '1' } else { '0' });
        }
        assert_eq!(answers, fields[5], "{line}");
    }
}
