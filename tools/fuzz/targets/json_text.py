"""JSON texts, damaged or not: values and errors with positions; and what dumping gives, with all kinds of settings."""
import json

LEAVES = ["null", "true", "false", "0", "-0", "1.5", "-1e400", "1e-400", "12345678901234567890123", '""', '"a\\u00e9\\n"', '"\\ud800"', '"\\ud83d\\ude00"', '"é"', '"\\/"',
          "NaN", "Infinity", "-Infinity", "1E+2", "0.1e-7", '"\\u12"', '"\\x"', "01", "1.", ".5", "-", "+1", "nul", "tru", '"a', "'a'", '"\t"', "\ufeff1", "1e5e", "--1"]


def text(rnd, depth):
    kind = rnd.randrange(6) if depth else 0
    space = rnd.choice(["", "", " ", "\n", "\t ", "\r\n"])
    if kind < 2:
        return space + rnd.choice(LEAVES[:20] if rnd.randrange(12) else LEAVES)
    parts = [text(rnd, depth - 1) for _ in range(rnd.randrange(4))]
    if kind < 4:
        return space + "[" + ",".join(parts) + space + "]"
    return space + "{" + ",".join(f'{space}"k{rnd.randrange(3)}"{space}:{part}' for part in parts) + "}"


def case(rnd):
    made = text(rnd, 4)
    if not rnd.randrange(3):
        for _ in range(rnd.randrange(1, 3)):
            at = rnd.randrange(len(made) + 1)
            made = made[:at] + rnd.choice(["", ",", ":", "]", "}", "[", "{", '"', "\\", " ", "1", "-", "\0", "é", "e", "."]) + made[at + rnd.randrange(2):]
    return made, rnd.randrange(64)


def outcome(case):
    source, bits = case
    settings = {}
    if bits & 1:
        settings["parse_float"] = lambda t: ("float", t)
    if bits & 2:
        settings["parse_int"] = lambda t: ("int", t)
    if bits & 4:
        settings["object_pairs_hook"] = lambda pairs: ("pairs", pairs)
    if bits & 8:
        settings["parse_constant"] = lambda t: ("constant", t)
    if bits & 16:
        settings["strict"] = False
    try:
        value = json.loads(source.encode("utf-8", "surrogatepass") if bits & 32 else source, **settings)
    except json.JSONDecodeError as error:
        return False, repr((error.args, error.pos, error.lineno, error.colno))
    except (ValueError, UnicodeError, RecursionError) as error:
        return False, f"{type(error).__name__}: {error}"
    said = [value]
    for options in ({}, {"indent": 2}, {"sort_keys": True, "ensure_ascii": False}, {"separators": (",", ":"), "indent": "\t"}, {"allow_nan": False}, {"skipkeys": True, "indent": 0}):
        try:
            said.append(json.dumps(value, **options))
        except (ValueError, TypeError) as error:
            said.append(f"{type(error).__name__}: {error}")
    return True, repr(said)
