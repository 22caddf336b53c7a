//! The locale at start-up: PEP 538 (the C locale becomes C.UTF-8) and PEP 540 (UTF-8 mode).

use std::ffi::{CStr, CString};

/// What the C locale is replaced by, the first that there is.
const TARGETS: [&str; 3] = ["C.UTF-8", "C.utf8", "UTF-8"];

pub struct Locale {
    /// The environment's locale is C or POSIX, or does not exist.
    pub c: bool,
    /// The standard streams keep bytes that are no text (`surrogateescape`).
    pub lenient: bool,
}

impl Locale {
    /// The character set in effect is ASCII.
    pub fn ascii(&self) -> bool {
        // SAFETY: only this thread runs yet; the answer is a C string.
        let set = unsafe { CStr::from_ptr(libc::nl_langinfo(libc::CODESET)) };
        matches!(set.to_bytes(), b"ANSI_X3.4-1968" | b"US-ASCII")
    }
}

fn set_ctype(name: &str) -> Option<String> {
    let name = CString::new(name).ok()?;
    // SAFETY: only this thread runs yet; the answer is a C string or null.
    unsafe {
        let p = libc::setlocale(libc::LC_CTYPE, name.as_ptr());
        (!p.is_null()).then(|| CStr::from_ptr(p).to_string_lossy().into_owned())
    }
}

/// Takes over the environment's character set. `coerce` is PYTHONCOERCECLOCALE.
pub fn set_up(coerce: Option<&str>) -> Locale {
    let mut name = set_ctype("").unwrap_or_else(|| "C".into());
    let c = name == "C" || name == "POSIX";
    let forced = std::env::var_os("LC_ALL").is_some_and(|v| !v.is_empty());
    if c && !forced && coerce != Some("0") {
        if let Some(target) = TARGETS.iter().find(|t| set_ctype(t).is_some()) {
            // SAFETY: only this thread runs yet.
            unsafe { std::env::set_var("LC_CTYPE", target) };
            if coerce == Some("warn") {
                crate::say(&format!(
                    "Python detected LC_CTYPE=C: LC_CTYPE coerced to {target} (set another locale \
                     or PYTHONCOERCECLOCALE=0 to disable this locale coercion behavior).\n"
                ));
            }
            name = (*target).into();
        }
    }
    let lenient = c || TARGETS.contains(&name.as_str());
    Locale { c, lenient }
}
