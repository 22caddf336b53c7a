//! The disassembly of the programs in `golden`, compared with the files beside them. `BLESS=1` writes them anew.

use std::path::PathBuf;
use taipan_compiler::{Options, compile, disassemble, verify::verify};
use taipan_syntax::{Mode, ParseOptions};

fn disassembly(text: &str) -> String {
    let arena = bumpalo::Bump::new();
    let mut warnings = Vec::new();
    let module = taipan_syntax::parse(text, &arena, &ParseOptions::new(Mode::Exec), &mut warnings)
        .expect("the program parses");
    let unit =
        compile(&module, &Options::new("<golden>"), &mut warnings).expect("the program compiles");
    verify(&unit).expect("the code is sound");
    disassemble(&unit)
}

#[test]
fn disassembly_is_as_recorded() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let mut seen = 0;
    for entry in std::fs::read_dir(&folder).expect("the golden folder exists").flatten() {
        let path = entry.path();
        if path.extension().is_none_or(|e| e != "py") {
            continue;
        }
        seen += 1;
        let got = disassembly(&std::fs::read_to_string(&path).expect("readable"));
        let golden = path.with_extension("dis");
        if std::env::var_os("BLESS").is_some() {
            std::fs::write(&golden, &got).expect("writable");
        }
        let want = std::fs::read_to_string(&golden).unwrap_or_default();
        assert!(got == want, "{} differs; BLESS=1 records the new text:\n{got}", path.display());
    }
    assert!(seen > 0, "there are golden programs");
}
