"""Random regular expressions: errors with positions, the compiled codes, matches, splits and substitutions."""
import re
import warnings

ATOMS = ["a", "b", "ab", ".", r"\d", r"\w", r"\s", r"\S", r"\b", r"\B", "^", "$", r"\A", r"\Z", "[ab]", "[^a]", "[a-c]", r"[\d_]", "[]a]", "[a-",
         r"(?P<n>a)", r"(?P=n)", r"\1", r"\2", "(?:b)", "(?=a)", "(?!b)", "(?<=a)", "(?<!ab)", "(?i:A)", "(?-i:B)", "(?s:.)", "(?>a+)", "(?(1)a|b)",
         "(?(n)a)", "(?#c)", "é", "İ", "ß", "ſ", r"\N{DIGIT ONE}", r"\x41", r"\u0061", r"\101", r"\0", r"\n", r"\.", "(?x: a b)", r"[\w&&a]", "[a||b]", "[[a]", "(?L:a)",
         "(?a:\\w)", "(?u:\\w)", "K", "k", "{", "}", ")", "(", "[", "\\", "|", r"\q", "(?P<1>a)", "(?<n>a)", "(?P>n)", "(?z)", "(?i)", r"\8", "(?<=a+)", "[z-a]", r"\x4"]
REPEATS = ["*", "+", "?", "*?", "+?", "??", "*+", "++", "?+", "{2}", "{1,2}", "{,2}", "{1,}", "{1,2}?", "{2}+", "{2,1}", "{a}", "**", "{99999999999}", "{0}"]
TEXTS = ["", "a", "ab", "aab", "abab abc", "AB aB", "a\nb\n", "ééİiſßKK", "012 a_1\t", "bbbaaa" * 3, "aaaaaaaaaaaa", "]a-[z{}"]


def pattern(rnd, depth):
    parts = []
    for _ in range(rnd.randrange(1, 5)):
        kind = rnd.randrange(10)
        if kind < 6 or not depth:
            atom = rnd.choice(ATOMS[:48] if rnd.randrange(25) else ATOMS)
        elif kind < 8:
            atom = "(" + pattern(rnd, depth - 1) + ")"
        elif kind == 8:
            atom = rnd.choice(["(?:", "(?i:", "(?=", "(?<=", "(?!", "(?>", "(?P<m%d>" % rnd.randrange(3)]) + pattern(rnd, depth - 1) + ")"
        else:
            atom = "(?:" + pattern(rnd, depth - 1) + "|" + pattern(rnd, depth - 1) + ")"
        if not rnd.randrange(3):
            atom += rnd.choice(REPEATS[:15] if rnd.randrange(25) else REPEATS)
        parts.append(atom)
    return "".join(parts)


def case(rnd):
    flags = sum(flag for flag in (re.I, re.M, re.S, re.X, re.A) if not rnd.randrange(6))
    text = "".join(rnd.choice("abAB1 \n_é") for _ in range(rnd.randrange(20))) if rnd.randrange(2) else rnd.choice(TEXTS)
    return pattern(rnd, 2), int(flags), text, rnd.choice(["x", r"<\g<0>>", r"\1", r"[\g<n>]", "\\", r"\g<", r"\g<9>", r"\n\101", ""]), rnd.randrange(6) == 0


def outcome(case):
    text, flags, subject, replacement, as_bytes = case
    if as_bytes:
        text, subject, replacement = (part.encode("latin-1", "replace") for part in (text, subject, replacement))
    said = []
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        re.purge()
        try:
            compiled = re.compile(text, flags)
        except re.error as error:
            return False, repr((error.msg, error.pos, error.lineno, error.colno, str(error)))
        except (ValueError, OverflowError, IndexError) as error:
            return False, f"{type(error).__name__}: {error}"
    said.append([str(w.message) for w in caught])
    said.append((compiled.flags, compiled.groups, compiled.groupindex, repr(compiled)))
    for method in (compiled.match, compiled.fullmatch, compiled.search):
        found = method(subject)
        said.append(found and (found.span(), found.groups(), found.regs, found.lastindex, found.lastgroup))
    said.append([found.regs for found in compiled.finditer(subject, 1)])
    said.append(compiled.findall(subject))
    for method, arguments in ((compiled.split, (subject, 3)), (compiled.subn, (replacement, subject))):
        try:
            said.append(method(*arguments))
        except (re.error, IndexError) as error:
            said.append(f"{type(error).__name__}: {error}")
    return True, repr(said)
