"""Writes golden.tsv beside itself: run under CPython 3.13, whose answers are the reference.

A line is a function, its arguments and results as the hexadecimal of doubles' bits, or an error
class; `tests/golden.rs` reads it. The C library must be the one that Taipan links.
"""
import cmath
import math
import os
import random
import struct

rng = random.Random(11)
out = []


def bits(x):
    return struct.pack('>d', x).hex() if x == x else 'nan'


def show(v):
    if isinstance(v, complex):
        return bits(v.real) + ',' + bits(v.imag)
    if isinstance(v, (tuple, list)):
        return ','.join(map(show, v))
    return bits(float(v)) if not isinstance(v, str) else v


def emit(name, f, *args):
    try:
        r = show(f(*args))
    except (ValueError, OverflowError, ZeroDivisionError) as e:
        r = '!' + type(e).__name__
    out.append('\t'.join([name, *map(show, args), r]))


special = [0.0, -0.0, 1.0, -1.0, 2.0, 0.5, -0.5, 1e-310, 5e-324, 1e-30, 1e300, -1e300, 1.7976931348623157e308, math.inf, -math.inf, math.nan,
           700.0, 710.0, -750.0, 171.0, 172.0, 3.0, -3.0, 23.0, 24.0, -2.5, -170.5, -200.5, 1.0000001, 0.9999999]
some = special + [rng.uniform(-10, 10) for _ in range(25)] + [rng.uniform(-1, 1) for _ in range(15)] + [rng.uniform(-180, 180) for _ in range(15)]
for x in some:
    for name in ('gamma', 'lgamma', 'log', 'log2', 'log10', 'log1p', 'ulp'):
        emit(name, getattr(math, name), x)
    for y in rng.sample(special, 8) + rng.sample(some, 4):
        emit('pow', math.pow, x, y)
        emit('fmod', math.fmod, x, y)
        emit('remainder', math.remainder, x, y)
        emit('next', math.nextafter, x, y)
        emit('next3', lambda x, y: math.nextafter(x, y, steps=3), x, y)
        emit('divmod', divmod, x, y)
        z = rng.choice(some)
        emit('fma', math.fma, x, y, z)
for _ in range(100):
    v = [rng.uniform(-1, 1) * 10.0**rng.randrange(-20, 20) for _ in range(rng.randrange(0, 9))]
    if rng.random() < 0.1:
        v += [rng.choice([math.inf, -math.inf, math.nan, 1e308, 1e308])] * 2
    if rng.random() < 0.3:
        v += [-x for x in v[1:]] + [1e-16, 1.0, 1e16]
    out.append('fsum\t%s\t' % show(v) + (lambda: (lambda r: r)(''))())
    try:
        out[-1] += show(math.fsum(v))
    except (ValueError, OverflowError) as e:
        out[-1] += '!' + type(e).__name__
    out.append('hypot\t%s\t%s' % (show(v), show(math.hypot(*v))))
    w = [rng.uniform(-1, 1) * 10.0**rng.randrange(-20, 20) for _ in v]
    if all(map(math.isfinite, v)) and v:
        out.append('sumprod\t%s\t%s\t%s' % (show(v), show(w), show(math.sumprod(v, w))))
points = [0.0, -0.0, 1.0, -1.0, 2.5, -0.75, 1e-310, 1e-170, 1e200, -1.6e308, 709.5, -709.5, math.inf, -math.inf, math.nan]
zs = [complex(a, b) for a in points for b in points]
zs += [complex(rng.uniform(-3, 3), rng.uniform(-3, 3)) for _ in range(25)]
for z in zs:
    for name in 'acos acosh asin asinh atan atanh cos cosh exp log log10 sin sinh sqrt tan tanh phase'.split():
        if rng.random() < 0.6:
            emit('c' + name, getattr(cmath, name), z)
    emit('crect', lambda z: cmath.rect(z.real, z.imag), z)
    emit('cabs', abs, z)
    for w in rng.sample(zs, 2) + [complex(rng.randrange(-5, 6), 0)]:
        emit('cmul', lambda a, b: a * b, z, w)
        emit('cdiv', lambda a, b: a / b, z, w)
        emit('cpow', lambda a, b: a ** b, z, w)
# All 13,000 lines passed once; a third is kept.
out = [line for line in out if rng.random() < 0.35]
with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), 'golden.tsv'), 'w') as f:
    f.write('\n'.join(out) + '\n')
print(len(out))
