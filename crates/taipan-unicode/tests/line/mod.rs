//! One line of text with every property of a code point, the same that `gen/dump.py` makes from CPython.

use taipan_unicode as u;
use taipan_unicode::{Form, Lookup, Ucd};

fn list(cps: &[u32]) -> String {
    cps.iter().map(|cp| format!("{cp:X}")).collect::<Vec<_>>().join(" ")
}

pub fn line(cp: u32) -> String {
    let classes: String = [
        u::is_alpha(cp),
        u::is_decimal(cp),
        u::is_digit(cp),
        u::is_numeric(cp),
        u::is_lower(cp),
        u::is_upper(cp),
        u::is_title(cp),
        u::is_space(cp),
        u::is_linebreak(cp),
        u::is_printable(cp),
        u::is_alnum(cp),
        u::is_identifier_start(cp),
        u::is_identifier_continue(cp),
    ]
    .iter()
    .map(|&bit| if bit { '1' } else { '0' })
    .collect();
    let mut out = format!(
        "{cp:X}|{classes}|{}|{}|{}|{}",
        list(&u::full_lower(cp)),
        list(&u::full_upper(cp)),
        list(&u::full_title(cp)),
        list(&u::full_fold(cp))
    );
    for ucd in [Ucd::Current, Ucd::V3_2] {
        let (tag, mapping) = ucd.decomposition(cp);
        let mapping: String = mapping.iter().map(|cp| format!(" {cp:04X}")).collect();
        out += &format!(
            "|{}|{}|{}|{}|{}|{}|{}|{}|{}|{}",
            ucd.category(cp),
            ucd.bidirectional(cp),
            ucd.combining(cp),
            ucd.is_mirrored(cp) as u8,
            ucd.east_asian_width(cp),
            format!("{tag}{mapping}").trim(),
            ucd.decimal_value(cp).map_or(-1, i32::from),
            ucd.digit_value(cp).map_or(-1, i32::from),
            ucd.numeric_value(cp).map_or(String::new(), |v| format!("{:X}", v.to_bits())),
            ucd.name(cp).unwrap_or_default(),
        );
        for form in [Form::Nfc, Form::Nfd, Form::Nfkc, Form::Nfkd] {
            // a character alone, and its decomposition between marks that have to move
            let text = [0x327, cp, 0x301, 0x323];
            out += &format!("|{}", list(&u::normalize(ucd, form, &text).unwrap_or(text.to_vec())));
            out += &format!("|{}", u::is_normalized(ucd, form, &[cp]) as u8);
        }
    }
    if let Some(name) = u::name(cp) {
        assert_eq!(u::lookup(&name), Some(Lookup::Character(cp)), "{name}");
    }
    out
}
