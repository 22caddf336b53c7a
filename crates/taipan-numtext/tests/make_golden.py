"""Writes golden.tsv beside itself: run under CPython 3.13, whose answers are the reference.

A line is an operation, its arguments and the result, separated by tabs; text is escaped as
'unicode_escape' does, ints are hexadecimal, floats the hexadecimal of their bits. An error is
'!Class: message'.
"""
import math
import os
import random
import struct
import sys

assert sys.version_info[:2] == (3, 13)
sys.set_int_max_str_digits(4300)
rng = random.Random(20251013)
out = []


def bits(x):
    return struct.pack('>d', x).hex()


def show(v):
    if isinstance(v, bool):
        return str(v)
    if isinstance(v, float):
        return bits(v) if v == v else 'nan'
    if isinstance(v, int):
        return hex(v)
    if isinstance(v, str):
        return v.encode('unicode_escape').decode()
    if isinstance(v, bytes):
        return v.hex()
    if isinstance(v, complex):
        return show(v.real) + ',' + show(v.imag)
    if isinstance(v, tuple):
        return ','.join(map(show, v))
    raise TypeError(v)


def emit(op, args, function):
    try:
        result = show(function(*args))
    except (ValueError, OverflowError, ZeroDivisionError, TypeError) as e:
        result = '!%s: %s' % (type(e).__name__, show(str(e)))
    out.append('\t'.join([op, *map(show, args), result]))


def rand_int(nbits):
    v = rng.getrandbits(nbits)
    return -v if rng.random() < 0.5 else v


def rand_float():
    k = rng.random()
    if k < 0.3:
        return struct.unpack('>d', rng.randbytes(8))[0]
    if k < 0.6:
        return rng.choice([-1, 1]) * rng.randrange(10**rng.randrange(1, 18)) / 10**rng.randrange(12)
    if k < 0.8:
        return rng.randrange(-2**20, 2**20) / 2**rng.randrange(12)
    return rng.uniform(-1, 1) * 10.0**rng.randrange(-30, 30)


ints = [0, 1, -1, 2, -2, 9, 10, -10, 255, 256, 2**29, 2**30 - 1, 2**30, -2**30, 2**31, 2**53,
        2**53 + 1, 2**59, 2**60 - 1, 2**60, -2**60, 2**61 - 1, 2**61, -(2**61 - 1), 2**62, 2**63 - 1,
        2**63, -2**63, -2**63 - 1, 2**64 - 1, 2**64, 2**90, 2**119, 2**120 - 1, 2**120, -2**120, 2**127,
        -2**127, -2**127 - 1, 2**128, 10**18, 10**19, 10**40, 2**150 - 1, -2**150]
big = [rand_int(n) for n in (40, 75, 100, 121, 150, 181, 200, 260, 400, 700, 730, 900, 1300, 2500)]
pairs = [(a, b) for a in ints for b in ints if rng.random() < 0.25]
pairs += [(a, b) for a in big for b in big]
pairs += [(a * b + rng.choice([0, 1, -1]), b) for a in big for b in big if rng.random() < 0.3 and b]
pairs += [(rng.choice(ints), rng.choice(big)) for _ in range(40)]
binary = {
    'add': lambda a, b: a + b, 'sub': lambda a, b: a - b, 'mul': lambda a, b: a * b,
    'divmod': lambda a, b: divmod(a, b), 'truediv': lambda a, b: a / b, 'and': lambda a, b: a & b,
    'or': lambda a, b: a | b, 'xor': lambda a, b: a ^ b, 'gcd': math.gcd, 'lcm': math.lcm,
    'cmp': lambda a, b: (a > b) - (a < b),
}
for a, b in pairs:
    for op, f in binary.items():
        if op in ('cmp', 'lcm', 'gcd', 'sub') and rng.random() < 0.6:
            continue
        if b == 0 and op in ('divmod', 'truediv'):
            continue
        if abs(a).bit_length() + abs(b).bit_length() > 2500 and rng.random() < 0.7:
            continue
        emit(op, (a, b), f)
# Quotients that are near a tie, subnormal, or at the edge of overflow.
for _ in range(300):
    m = rng.getrandbits(53) | 1 << 52
    q = (m << 1 | 1) + rng.choice([0, 0, 1, -1]) * 0
    s = rng.choice([0, 1, 100, 969, 970, 971, -1022, -1074, -1075, -1073, -1127, -1126, -1100, 900])
    b = rng.getrandbits(rng.randrange(2, 300)) | 1
    a = q * b + rng.choice([0, 0, 1, -1])
    a, b = (a << s, b) if s >= 0 else (a, b << -s)
    if a:
        emit('truediv', (rng.choice([a, -a]), b), lambda a, b: a / b)
for a in ints + big:
    emit('bit_length', (a,), int.bit_length)
    emit('bit_count', (a,), int.bit_count)
    emit('invert', (a,), lambda a: ~a)
    emit('int_hash', (a,), hash)
    emit('int_float', (a,), float)
    if a >= 0:
        emit('isqrt', (a,), math.isqrt)
    for n in (0, 1, 7, 29, 30, 31, 60, 61, 95, 1000):
        emit('shl', (a, n), lambda a, n: a << n)
        emit('shr', (a, n), lambda a, n: a >> n)
    for base in (2, 3, 7, 8, 10, 16, 32, 36):
        digits = '0123456789abcdefghijklmnopqrstuvwxyz'
        def text(a, base):
            s, n = '', abs(a)
            while True:
                n, d = divmod(n, base)
                s = digits[d] + s
                if not n:
                    return '-' * (a < 0) + s
        emit('int_text', (a, base), text)
        emit('int_parse', (text(a, base), base), int)
    for x in (0.0, 1.5, -1.0, 2.0**53, 2.0**60, 1e40, float(2**120), math.inf, -math.inf, 0.1, -0.5):
        emit('cmp_f64', (a, x), lambda a, x: (a > x) - (a < x))
    for length in (0, 1, 4, 8, 9, 16, 17, 30):
        for order in ('little', 'big'):
            for signed in (False, True):
                emit('to_bytes', (a, length, order, signed),
                     lambda a, n, o, s: a.to_bytes(n, o, signed=s))
for _ in range(150):
    b = rng.randbytes(rng.randrange(0, 40))
    if rng.random() < 0.3:
        b = rng.choice([b'\0', b'\xff', b'\x80']) * rng.randrange(20)
    for order in ('little', 'big'):
        for signed in (False, True):
            emit('from_bytes', (b, order, signed), lambda b, o, s: int.from_bytes(b, o, signed=s))
for _ in range(250):
    m = rng.getrandbits(rng.choice([54, 55, 60, 64, 65, 80, 119, 120])) << rng.choice([0, 1, 60, 200, 900, 960])
    emit('int_float', (m,), float)
    emit('int_float', (-m | 1,), float)
for v in (2**1024, 2**1024 - 2**970, 2**1024 - 2**970 - 1, 2**1023, 2**54 + 1, 2**54 + 2, 2**54 + 3):
    emit('int_float', (v,), float)
for a in (0, 1, -1, 2, -2, 3, -7, 10, 2**29, 2**30, -2**30, 2**60 + 1, big[5], -big[3]):
    for e in (0, 1, 2, 3, 5, 8, 13, 20, 37):
        emit('pow', (a, e), pow)
for _ in range(400):
    a = rand_int(rng.choice([3, 30, 64, 100, 300]))
    e = rand_int(rng.choice([2, 5, 30, 60, 100]))
    m = rand_int(rng.choice([2, 8, 30, 60, 64, 65, 100, 129, 300])) or 1
    emit('pow_mod', (a, e, m), pow)
for n in (0, 1, 2, 3, 10, 20, 21, 50, 100, 300):
    emit('factorial', (n,), math.factorial)
for n, k in ((5, 2), (10, 0), (10, 10), (100, 30), (62, 31), (10**20, 4), (2**70, 3), (400, 200)):
    emit('comb', (n, k), math.comb)
    emit('perm', (n, k), math.perm)
for a, b in ((5, 2), (7, 2), (-5, 2), (5, -2), (15, 10), (25, 10), (-15, 10), (26, 10), (0, 3)):
    def near(a, b):
        q, r = divmod(a, b)
        if abs(2 * r) > abs(b) or (abs(2 * r) == abs(b) and q % 2):
            q += 1
            r -= b
        return q, r
    emit('divmod_near', (a, b), near)
for s in ('0', '00', '-0', '+0', '0_0', '01', '1_000', '1__0', '_1', '1_', ' 12 ', '\t-7\n', '0x10', '0xg', '0b101',
          '0o17', '0x_1f', '0x', '0b', '0b2', '', ' ', '+', '-', '+-1', '- 1', '1 2', '0_7', 'z', 'Zz', '0X1F',
          '0B1', '12a', '9' * 30, '1' * 640, '1' * 641, '1' * 4300, '1' * 4301, '0x_', '0_x1', '0b_1_0', '_0x1', '0x__1'):
    for base in (0, 2, 8, 10, 16, 36):
        emit('int_parse', (s, base), int)

floats = [0.0, -0.0, 1.0, -1.0, 0.1, 0.2, 0.3, 1 / 3, 2.5, 3.5, 0.5, 1.5, 0.25, 0.125, 0.375, 1e15, 1e16, 1e17, 123456789012345680.0,
          9999999999999998.0, 1e-4, 1e-5, 0.00012345, 9.999999e-5, 1e22, 1e23, 1e100, 1e-100, 5e-324, 2.2250738585072014e-308,
          2.225073858507201e-308, 1.7976931348623157e308, math.inf, -math.inf, math.nan, math.pi, -math.e, 123.456, 1e5, 123456.0,
          999999.5, 9999995.0, 0.001, 1234567.0, 1e9, 2.675, 1.005, 0.05, 0.15, 5e15, 4503599627370497.5, 1e3, 99.5, 0.95]
floats += [rand_float() for _ in range(250)]
fspecs = ['e', 'f', 'g', 'E', 'F', 'G', '%', '', 'n', '.0e', '.0f', '.0g', '.1f', '.2f', '.3e', '.10g', '.17g', '.3', '.0', '.1', '#.0f',
          '#.0e', '#g', '#.3g', '#', '#.5', '+', ' ', '-', '+.3f', '010.3f', '<12', '>12.4', '^12.2e', '=12', '*^20.3f', '=+12.2f',
          ',', '_', ',.2f', '_.3e', '020,.1f', '021_f', 'z.0f', 'z.2f', 'z', 'z.1e', 'z.1', '+z.0f', '.0%', '.30f', '.50g', '.25e',
          '012,', '06', '+08.2f', 'x<10', '.400f']
for x in floats:
    emit('float_repr', (x,), repr)
    emit('float_hex', (x,), float.hex)
    emit('float_hash', (x,), lambda x: hash(x)) if x == x else None
    if math.isfinite(x):
        emit('ratio', (x,), float.as_integer_ratio)
        emit('float_int', (x,), int)
        emit('frexp', (x,), math.frexp)
    for spec in rng.sample(fspecs, 14):
        emit('float_format', (x, spec), format)
    for p in rng.sample(['%e', '%f', '%g', '%E', '%G', '%.0f', '%#.0f', '%10.3f', '%-10.2e|', '%+010.3f', '% g', '%05f', '%.20g', '%#g',
                         '%+.3e', '%-012.1f', '% 05.1f'], 6):
        emit('float_percent', (x, p), lambda x, p: p % x)
    for n in (0, 1, 2, 3, 5, 15, 17, -1, -2, -5, -15, -300, 320, 400, -400, 22, 308):
        emit('round', (x, n), lambda x, n: x if x != x or math.isinf(x) else round(x, n))
for x in (0.5, 1.5, 2.5, 5.0, 15.0, 25.0, 35.0, 50.0, 150.0, 250.0, 1e22, 1.5e308, 5e307, 1.7976931348623157e308, 55.5, 45.5, 4.999, 5.0001):
    for n in (0, -1, -2, -22, -307, -308):
        emit('round', (x, n), round)
for spec in fspecs:
    emit('float_format', (1234567.891, spec), format)
    emit('float_format', (-0.0, spec), format)
    emit('float_format', (-0.001, spec), format)
bad = ['d', 'x', 's', 'c', 'q', '.', '.f', ',_', '_,', ',x', '_c', ',n', '_n', ',,', '10.2ff', 'abc', '\u20ac', '.99999999999f',
       '99999999999999999999', '\x01', ',s', '\u0663d', 'zz', '0=5', '==5', '<<5', 'é^8', '#,', '=', '5=', '\ud800<5', 'zd', '.5d', '.5c', '+c', '#c']
for spec in bad:
    emit('float_format', (1.5, spec), format)
    emit('int_format', (65, spec), format)
    emit('str_format', ('abc', spec), format)
    emit('complex_format', (1.5, -2.5, spec), lambda a, b, s: format(complex(a, b), s))
ispecs = ['', 'd', 'b', 'o', 'x', 'X', 'n', '#b', '#o', '#x', '#X', ',', '_', ',d', '_b', '_x', '_X', '_o', '#_x', '+', ' ', '10', '<10',
          '^10', '=10', '010', '+010', '#010x', '#010X', '012,', '013_', '014_b', '030,', '*>20,d', '*=+20', '0>8', '0<8', '08d', 'c', '5c',
          '^5c', '=5c', '<5c', '05c', '_d', '\u20ac>12']
for a in (0, 1, -1, 65, 1234567, -1234567, 10**20, -10**40, 0x10ffff, 8364):
    for spec in ispecs:
        emit('int_format', (a, spec), format)
for a in (0x110000, -1, 2**70, -2**70):
    emit('int_format', (a, 'c'), format)
for s in ('', 'abc', 'h\u00e9llo'):
    for spec in ('', 's', '10', '<10', '>10', '^10', '*^9s', '.2', '10.2', '>6.1s', '0', '05', '010s', '+', ' ', '-s', '#', 'z', '=5', '.0'):
        emit('str_format', (s, spec), format)
complexes = [(0.0, 1.0), (-0.0, 1.0), (1.0, -0.0), (1.5, -2.5), (1e20, 1e-7), (math.nan, math.inf), (0.0, -math.inf), (12345.678, -0.001)]
for re, im in complexes:
    emit('complex_repr', (re, im), lambda a, b: repr(complex(a, b)))
    for spec in ('', 'e', 'f', 'g', '.2f', '.3', '+', ' .1f', '20', '<30.2e', '^30', '*>25.1f', ',.2f', '_', '#.0f', 'z.0f', '010', '=10', '0', 'F', 'n', '%', 'd'):
        emit('complex_format', (re, im, spec), lambda a, b, s: format(complex(a, b), s))
for s in ('1', '1.5', '.5', '5.', '1e5', '1E-5', '+1', '-1', '1_000.5_0', '1__0', '_1', '1_', '1_.5', '1._5', '1e_5', '1e5_0', 'inf', '-Infinity', 'nan',
          '+NaN', 'infi', '', ' ', '.', 'e5', '1e', '1e+', '0x1', '1 2', ' 1.5 ', '\t1\n', '1e400', '-1e400', '1e-400', '1' * 400, '1.' + '0' * 800 + '1',
          '9007199254740993', '9007199254740992.99999999999999999', '2.2250738585072011e-308', '5e-324', '2.4703282292062327e-324', '2.4703282292062328e-324',
          '1e99999999999999999999', '0e99999999999999999999', '1,5', 'in_f', '++1', '1.5.2', 'e', '-', '-.', '-.5e-3'):
    emit('float_parse', (s,), lambda s: float(s))
for s in ('1', '1j', 'j', '+j', '-j', '1+j', '1-j', '1+2j', '1.5-2.5e3j', '(1+2j)', ' ( 1+2j ) ', '(1+2j', '1 + 2j', '1+2', 'j1', '', '()', 'inf+nanj', 'infj',
          '-nanj', '1_0+2_0j', '1_+2j', '1e5j', '1+2j+3', '1J', '+1j', '-1-1J', '1++2j', '1+-2j', '(j)', '((1))', '1j2', '.5j', '5.j', 'nan', '1e500j', '1jj', '1+2jj'):
    emit('complex_parse', (s,), lambda s: complex(s))
for s in ('0x1.8p0', '1.8', '0x.8p1', '0x1p-1074', '0x1p-1075', '0x1.8p-1075', '0x1.0000000000000001p-1075', '0x0.8p-1074', '0x1.fffffffffffffp1023', '0x1.fffffffffffff7p1023',
          '0x1.fffffffffffff8p1023', '0x1p1024', '-0x1p5', '+0x1p+5', 'inf', '-Infinity', 'nan', '0x', '', 'p5', '0xp5', '0x1p', '0x1p+', '0x1.2.3', ' 0x1 ', '0xg',
          '0x1.00000000000008p0', '0x1.00000000000018p0', '0x1.000000000000080000000000000001p0', '123456789abcdef012345', '0x' + '0' * 50 + '1', '0x1' + '0' * 300, '0x.' + '0' * 300 + '1',
          '0x1p999999999999999999999', '0x0p999999999999999999999', '0x1p-999999999999999999999', '0X1P4', '0x1.ffffffffffffffp-1023', '0x0.fffffffffffff8p-1022', '1e5', '0x1 p', 'infinit'):
    emit('float_fromhex', (s,), float.fromhex)
for a in (0, 1, -1, 255, -255, 10**25, -10**25):
    for p in ('%d', '%i', '%u', '%o', '%x', '%X', '%#o', '%#x', '%#X', '%5d|', '%-5d|', '%05d', '%+d', '% d', '%.5d', '%8.5d', '%-8.5d|', '%08.5d', '%#010x', '%+#10x',
              '%# X', '%ld', '%hx', '%Ld', '%+08d', '%-+8d|', '%0-8d|', '%#.10x', '%-#12o|', '% 05d'):
        emit('int_percent', (a, p), lambda a, p: p % a)
for p in ('%s', '%5s|', '%-5s|', '%.2s', '%5.2s', '%05s', '%+s', '%r', '%10.3r', '%%', '%', '%5', '%.', '%-', '%l', '%q', '%5q', '%5%', '%99999999999999999999d', '%.99999999999d',
          '%(a', '%(a)', 'x%zs', '%\u20ac', '%ll', '%.-5d', '%\x01', '%~', '%\x7f'):
    emit('str_percent', ('abc', p), lambda a, p: p % a)
# The whole is 28,000 lines; every one passed once. What is kept stays small enough to commit.
counts = {}
for line in out:
    op = line.split('\t', 1)[0]
    counts[op] = counts.get(op, 0) + 1
out = [line for line in out
       if (counts[line.split('\t', 1)[0]] < 130 or '!' in line and len(line) < 120
           or rng.random() < (0.3 if len(line) < 150 else 0.12))]
path = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'golden.tsv')
with open(path, 'w', encoding='ascii') as f:
    f.write('\n'.join(out) + '\n')
print(len(out), 'lines,', os.path.getsize(path), 'bytes')
