"""Texts of numbers into int, float, complex and back; exactness in all digits."""
import math
import struct

PIECES = ["0", "1", "9", "12", "007", "_", "__", ".", "e", "E", "+", "-", "j", "J", "0x", "0X", "0b", "0o", "f", "F", "inf", "INFINITY", "nan", "NaN", " ", "\t", "\n", "\x00",
          "١", "௧", "½", "²", "\u2003", "e308", "e-324", "e-400", "e400", "9007199254740993", "1.7976931348623157", "4.9406564584124654", "z", "Z", "p", "p-1074", "p1023", "(", ")", "a", "\ud800"]


def case(rnd):
    kind = rnd.randrange(8)
    if kind == 0:
        text = "".join(rnd.choice(PIECES) for _ in range(rnd.randrange(1, 6)))
    elif kind == 1:
        text = repr(struct.unpack("<d", rnd.randbytes(8))[0])
    elif kind == 2:
        text = str(rnd.randrange(10 ** rnd.randrange(1, 60)))
        at = rnd.randrange(len(text) + 1)
        text = text[:at] + rnd.choice(["", ".", "_", "e", "."]) + text[at:] + rnd.choice(["", "e%d" % rnd.randrange(-340, 320), "_", "j", " "])
    elif kind == 3:
        # Halfway between two doubles, and a digit beside it.
        number = struct.unpack("<d", struct.pack("<Q", rnd.randrange(0x7fe0000000000000)))[0]
        top, bottom = number.as_integer_ratio()
        step, under = math.ulp(number).as_integer_ratio()
        whole = top * under * 2 + step * bottom
        scale = 10 ** rnd.randrange(330)
        text = f"{whole * scale // (bottom * under * 2) + rnd.randrange(-1, 2)}e-{len(str(scale)) - 1}"
    elif kind == 4:
        text = rnd.choice("+- ") .strip() + "".join(rnd.choice("0123456789") for _ in range(rnd.randrange(1, 400)))
    elif kind == 5:
        text = f"{rnd.choice(['', '-', '+', ' '])}{rnd.choice(['0x', '0X', '', 'x'])}{rnd.randrange(1 << 70):x}{rnd.choice(['.', '', '.8', '.ffffffffffff'])}{rnd.choice(['p%d' % rnd.randrange(-1100, 1030), '', 'p'])}"
    elif kind == 6:
        text = f"{rnd.random() * 10 ** rnd.randrange(-20, 20)!r}{rnd.choice('+-')}{rnd.choice(['1', '2.5', 'inf', 'nan', '', '1e5'])}{rnd.choice('jJi')}"
    else:
        text = "".join(rnd.choice("0123456789abcdefghijklmnopqrstuvwxyz_+- ") for _ in range(rnd.randrange(1, 30)))
    return text, rnd.choice([10, 10, 0, 2, 8, 16, 36, 7, 37, 1, -1]), rnd.randrange(-5, 25)


def outcome(case):
    text, base, digits = case
    said, past = [], False
    data = text.encode("utf-8", "surrogatepass")
    for call in (lambda: int(text), lambda: int(text, base), lambda: float(text), lambda: complex(text), lambda: float.fromhex(text), lambda: int(data, base), lambda: float(data)):
        try:
            value = call()
            past = True
        except (ValueError, TypeError, OverflowError) as error:
            said.append(f"{type(error).__name__}: {error}")
            continue
        said.append(repr(value))
        if isinstance(value, float):
            said += [value.hex(), format(value, f".{abs(digits)}g"), "%.*e" % (abs(digits), value), "%.*f" % (abs(digits) % 12, value)]
            for call in (lambda: round(value, digits), lambda: round(value), lambda: value.as_integer_ratio(), lambda: int(value), lambda: hash(value) if value == value else 0, value.is_integer):
                try:
                    said.append(repr(call()))
                except (ValueError, OverflowError) as error:
                    said.append(f"{type(error).__name__}: {error}")
        elif isinstance(value, int):
            said += [hex(value), format(value, "_b"), hash(value), value.bit_length(), round(value, -abs(digits)), value.to_bytes(value.bit_length() // 8 + 1, "little", signed=True)]
            try:
                said += [float(value), value / 7, math.isqrt(abs(value))]
            except OverflowError as error:
                said.append(str(error))
    return past, repr(said)
