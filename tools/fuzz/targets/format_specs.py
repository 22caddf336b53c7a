"""Format specs, `%` directives, `str.format` fields and f-string conversions for values of all kinds."""
import datetime
import decimal

VALUES = ["0", "-1", "12345", "2**70", "-2**70", "True", "0.0", "-0.0", "1.5", "-2.675", "1e16", "1e22", "1.7976931348623157e308", "5e-324", "float('inf')", "float('nan')", "1j", "1.5-2j",
          "''", "'abc'", "'é日本'", "'a' * 40", "None", "b'ab'", "[1, 'a']", "object", "255", "1114112", "65", "-7", "123456.789", "0.1", "(1, 2)", "{'a': 1}"]


def spec(rnd):
    if not rnd.randrange(12):
        return "".join(rnd.choice("<>=^+- z#0,_.123456789bcdeEfFgGnosxX%é!r:") for _ in range(rnd.randrange(8)))
    pick = lambda options, often: rnd.choice(options) if rnd.randrange(often) == 0 else ""
    return (pick(["<", ">", "=", "^", "*<", "é^", "0=", "<<"], 2) + pick(["+", "-", " "], 3) + pick(["z"], 6) + pick(["#"], 4) + pick(["0"], 4)
            + pick(["1", "5", "12", "40", "99"], 2) + pick([",", "_"], 4) + pick([".0", ".1", ".3", ".10", ".50", "."], 2) + pick(list("bcdeEfFgGnosxX%aqz"), 1))


def case(rnd):
    kind = rnd.randrange(4)
    value = rnd.choice(VALUES)
    if kind < 2:
        return kind, value, spec(rnd)
    if kind == 2:
        text = "".join(rnd.choice(["%", "%%", "%(a)", "%(", "x", " "]) if not rnd.randrange(9) else "%" + rnd.choice(["", "-", "+", " ", "#", "0", "-0", "(a)"])
                       + rnd.choice(["", "5", "12", "*"]) + rnd.choice(["", ".2", ".0", ".*", "."]) + rnd.choice(["", "", "l"]) + rnd.choice("diouxXeEfFgGcrsab%")
                       for _ in range(rnd.randrange(1, 3)))
        return kind, rnd.choice([value, f"({value},)", f"({value}, 5)", f"(3, {value})", f"{{'a': {value}}}"]), text
    parts = ["{}", "{0}", "{1}", "{a}", "{a.real}", "{0[0]}", "{0[a]}", "{0!r}", "{!s}", "{!a:>9}", "{:{}}", "{0:{1}}", "{{", "}}", "x", "{", "}", "{0.__class__.__name__}", "{!x}", "{0[}", "{0]}", "{.}",
             "{a[b]c}", "{:" + spec(rnd).replace("{", "").replace("}", "") + "}", "{a:{b}{c}}", "{0!r", "{:{:{}}}", "{-1}", "{ 0}", "{0[-1]}", "{99999999999999999999}"]
    return kind, value, "".join(rnd.choice(parts) for _ in range(rnd.randrange(1, 4)))


def outcome(case):
    kind, source, text = case
    value = eval(source)
    try:
        if kind == 0:
            said = format(value, text)
        elif kind == 1:
            number = decimal.Decimal(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else datetime.date(2024, 2, 29)
            said = format(value, text) + (number.__format__(text) if len(text) < 3 else "")
        elif kind == 2:
            said = text % value
            if "r" not in text and "a" not in text:
                said += repr(text.encode() % value)
        else:
            said = text.format(value, 7, a=value, b="<", c=12)
    except Exception as error:
        return False, f"{type(error).__name__}: {error}"
    return True, said
