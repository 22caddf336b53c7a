//! Docstrings without the indentation of their source.

/// Strips the leading white space of the first line and the common indentation of the others, with tabs expanded to
/// eight columns. Only margins change: blank lines and trailing white space stay.
pub fn clean(text: &[u8]) -> Vec<u8> {
    let expanded = expand_tabs(text);
    let lines: Vec<&[u8]> = expanded.split(|b| *b == b'\n').collect();
    let indent = |line: &[u8]| line.iter().position(|b| *b != b' ');
    let margin = lines[1..].iter().filter_map(|l| indent(l)).min().unwrap_or(usize::MAX);
    let mut out = Vec::with_capacity(expanded.len());
    out.extend_from_slice(&lines[0][indent(lines[0]).unwrap_or(lines[0].len())..]);
    for line in &lines[1..] {
        out.push(b'\n');
        let cut = if margin == usize::MAX {
            indent(line).unwrap_or(line.len()).min(line.len())
        } else {
            margin.min(indent(line).unwrap_or(line.len()))
        };
        out.extend_from_slice(&line[cut..]);
    }
    out
}

fn expand_tabs(text: &[u8]) -> Vec<u8> {
    if !text.contains(&b'\t') {
        return text.to_vec();
    }
    let mut out = Vec::with_capacity(text.len() + 8);
    let mut column = 0;
    for b in text {
        match b {
            b'\t' => {
                let n = 8 - column % 8;
                out.resize(out.len() + n, b' ');
                column += n;
            }
            b'\n' | b'\r' => {
                out.push(*b);
                column = 0;
            }
            _ => {
                out.push(*b);
                if b & 0xC0 != 0x80 {
                    column += 1;
                }
            }
        }
    }
    out
}
