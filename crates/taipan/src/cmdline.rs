//! The command line and environment as CPython 3.13 reads them (Python/initconfig.c).

use std::ffi::{OsStr, OsString};

/// What to run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Standard input: the shell where it is a terminal.
    Stdin,
    Command(OsString),
    Module(OsString),
    File(OsString),
    /// Print and exit with the status.
    Print(Vec<u8>, i32),
}

/// The options.
#[derive(Clone, Debug, Default)]
pub struct Options {
    pub debug: u8,
    pub inspect: bool,
    pub interactive: bool,
    pub optimize: u8,
    pub dont_write_bytecode: bool,
    pub no_user_site: bool,
    pub no_site: bool,
    pub ignore_environment: bool,
    pub verbose: u8,
    pub bytes_warning: u8,
    pub quiet: bool,
    pub random_hash: bool,
    pub isolated: bool,
    pub safe_path: bool,
    pub unbuffered: bool,
    pub skip_first_line: bool,
    pub warn_options: Vec<String>,
    pub xoptions: Vec<(String, Option<String>)>,
    pub check_hash_pycs: Option<String>,
    /// The program's arguments, `sys.argv[1:]`.
    pub args: Vec<OsString>,
}

const USAGE_LINE: &str = "usage: {} [option] ... [-c cmd | -m mod | file | -] [arg] ...";

pub const HELP: &str = include_str!("help.txt");
pub const HELP_ENV: &str = include_str!("help_env.txt");
pub const HELP_X: &str = include_str!("help_x.txt");

fn usage(program: &str) -> String {
    USAGE_LINE.replace("{}", program)
}

fn bad(program: &str, msg: String) -> (Options, Action) {
    bad_bytes(program, msg.into_bytes())
}

fn bad_bytes(program: &str, msg: Vec<u8>) -> (Options, Action) {
    let hint = format!("\n{}\nTry `python -h' for more information.\n", usage(program));
    (Options::default(), Action::Print([msg, hint.into_bytes()].concat(), 2))
}

/// Reads the arguments after the program's name.
pub fn parse(program: &OsStr, argv: &[OsString]) -> (Options, Action) {
    let program = program.to_string_lossy().into_owned();
    let mut o = Options::default();
    let mut i = 0;
    let mut versions = 0;
    let mut action = None;
    'args: while i < argv.len() {
        let text = argv[i].to_string_lossy().into_owned();
        if text == "-" || !text.starts_with('-') {
            break;
        }
        i += 1;
        if text == "--" {
            break;
        }
        if let Some(long) = text.strip_prefix("--") {
            match long {
                "help" => return (o, Action::Print(help(&program).into(), 0)),
                "help-all" => {
                    let all = format!("{}\n{HELP_ENV}\n{HELP_X}", help(&program));
                    return (o, Action::Print(all.into(), 0));
                }
                "help-env" => return (o, Action::Print(HELP_ENV.into(), 0)),
                "help-xoptions" => return (o, Action::Print(HELP_X.into(), 0)),
                "version" => versions += 1,
                "check-hash-based-pycs" => {
                    let Some(v) = argv.get(i) else {
                        return bad(
                            &program,
                            "Argument expected for the --check-hash-based-pycs options".into(),
                        );
                    };
                    i += 1;
                    let v = v.to_string_lossy().into_owned();
                    if !matches!(v.as_str(), "always" | "never" | "default") {
                        return bad(
                            &program,
                            "--check-hash-based-pycs must be one of 'default', 'always', or 'never'".into(),
                        );
                    }
                    o.check_hash_pycs = Some(v);
                }
                _ => return bad(&program, format!("unknown option --{long}")),
            }
            continue;
        }
        let chars: Vec<char> = text.chars().collect();
        let mut k = 1;
        while k < chars.len() {
            let c = chars[k];
            k += 1;
            let mut value = |what: char| -> Result<OsString, String> {
                if k < chars.len() {
                    let rest: String = chars[k..].iter().collect();
                    return Ok(rest.into());
                }
                match argv.get(i) {
                    Some(v) => {
                        i += 1;
                        Ok(v.clone())
                    }
                    None => Err(format!("Argument expected for the -{what} option")),
                }
            };
            match c {
                'c' => match value('c') {
                    Ok(v) => {
                        action = Some(Action::Command(v));
                        break 'args;
                    }
                    Err(e) => return bad(&program, e),
                },
                'm' => match value('m') {
                    Ok(v) => {
                        action = Some(Action::Module(v));
                        break 'args;
                    }
                    Err(e) => return bad(&program, e),
                },
                'W' => match value('W') {
                    Ok(v) => {
                        o.warn_options.push(v.to_string_lossy().into_owned());
                        continue 'args;
                    }
                    Err(e) => return bad(&program, e),
                },
                'X' => match value('X') {
                    Ok(v) => {
                        let v = v.to_string_lossy().into_owned();
                        o.xoptions.push(match v.split_once('=') {
                            Some((k, v)) => (k.into(), Some(v.into())),
                            None => (v, None),
                        });
                        continue 'args;
                    }
                    Err(e) => return bad(&program, e),
                },
                'b' => o.bytes_warning += 1,
                'B' => o.dont_write_bytecode = true,
                'd' => o.debug += 1,
                'E' => o.ignore_environment = true,
                'h' | '?' => return (o, Action::Print(help(&program).into(), 0)),
                'i' => {
                    o.inspect = true;
                    o.interactive = true;
                }
                'I' => {
                    o.isolated = true;
                    o.ignore_environment = true;
                    o.no_user_site = true;
                    o.safe_path = true;
                }
                'O' => o.optimize += 1,
                'P' => o.safe_path = true,
                'q' => o.quiet = true,
                'R' => o.random_hash = true,
                's' => o.no_user_site = true,
                'S' => o.no_site = true,
                't' => {}
                'J' => return bad(&program, "-J is reserved for Jython".into()),
                'u' => o.unbuffered = true,
                'v' => o.verbose += 1,
                'V' => versions += 1,
                'x' => o.skip_first_line = true,
                // CPython writes the character as one byte.
                c => {
                    let msg = [b"Unknown option: -".as_slice(), &[c as u32 as u8]].concat();
                    return bad_bytes(&program, msg);
                }
            }
        }
    }
    if versions > 0 {
        let text = if versions == 1 {
            "Python 3.13.5\n".to_string()
        } else {
            format!(
                "Python 3.13.5 experimental free-threading build (main, Nov 23 2026, 00:00:00) [Taipan {}]\n",
                env!("CARGO_PKG_VERSION")
            )
        };
        return (o, Action::Print(text.into(), 0));
    }
    let action = action.unwrap_or_else(|| match argv.get(i) {
        None => Action::Stdin,
        Some(a) if a == "-" => Action::Stdin,
        Some(a) => {
            i += 1;
            Action::File(a.clone())
        }
    });
    if action == Action::Stdin && argv.get(i).is_some_and(|a| a == "-") {
        o.args.push("-".into());
        i += 1;
        o.args.extend(argv[i..].iter().cloned());
        // The marker itself becomes argv[0].
        return (o, action);
    }
    o.args.extend(argv[i.min(argv.len())..].iter().cloned());
    (o, action)
}

fn help(program: &str) -> String {
    format!("{}\n{HELP}", usage(program))
}
