"""Writes ../src/complex_special.rs from CPython's cmath: run under CPython 3.13."""
import cmath
import math
import os

inf, nan = math.inf, math.nan
points = [-inf, -2.5, -0.0, 0.0, 2.5, inf, nan]
names = {math.pi: 'PI', math.pi / 2: 'PI / 2.0', math.pi / 4: 'PI / 4.0', 0.75 * math.pi: '0.75 * PI',
         inf: 'INF', 0.0: '0.0', 1.0: '1.0'}


def text(x):
    if x != x:
        return 'NAN'
    sign = '-' if math.copysign(1, x) < 0 else ''
    return sign + names.get(abs(x), repr(abs(x)))


out = ['''//! Values of complex functions where an infinity or a NaN is involved, by the class of the real
//! part (row) and the imaginary part: -inf, negative, -0, +0, positive, +inf, NaN. Entries that
//! no caller reads (both parts finite, or an error raised before) are NaN. Written by
//! tests/make_special.py.

use std::f64::consts::PI;

const INF: f64 = f64::INFINITY;
const NAN: f64 = f64::NAN;

pub(crate) type Table = [[(f64, f64); 7]; 7];
''']
for name in ('acos', 'acosh', 'asinh', 'atanh', 'cosh', 'exp', 'log', 'sinh', 'sqrt', 'tanh', 'rect'):
    f = getattr(cmath, name)
    out.append('#[rustfmt::skip]\npub(crate) const %s: Table = [' % name.upper())
    for x in points:
        row = []
        for y in points:
            if math.isfinite(x) and math.isfinite(y):
                row.append('(NAN, NAN)')
                continue
            try:
                z = f(x, y) if name == 'rect' else f(complex(x, y))
            except ValueError:
                row.append('(NAN, NAN)')
                continue
            row.append('(%s, %s)' % (text(z.real), text(z.imag)))
        out.append('    [' + ', '.join(row) + '],')
    out.append('];')
with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), '../src/complex_special.rs'), 'w') as f:
    f.write('\n'.join(out) + '\n')
