"""The programs that the golden tests are made of: valid ones, and pieces to break them with.

Statements are separated by lines that hold only `%%`.
"""

VALID = r'''
import a.b as c, d
from . import (x, y as z,)
from ..m import *
from ... import q
from .... import r as s, t
%%
x: int = 3
(x): int
x.y: int = 5
x[1]: "str"
y: tuple = 1, *z
w: int = yield
%%
a = b, *c = d = 1, 2
a, = b
[a, *b] = c
(a.b, c[d]) = e
() = []
*a, b[c:d], e.f = g
x = yield
x = yield from y
x = await y
%%
a += 1; b -= 2; c *= 3; d @= 4; e /= 5; f %= 6; g &= 7; h |= 8; i ^= 9; j <<= 1; k >>= 2; l **= 3; m //= 4;
(a) += yield
%%
for i, *j in x, y: pass
else: 1
for (k) in l: break
for m.n, o[p] in *q, r:
    continue
for x in y, : pass
%%
async def f(a, /, b: int = 3, *args: *Ts, c, d=1, **kw) -> int:
    "doc"
    async for x in y: await z
    else: pass
    async with a as b, c: pass
    async with (a as b, c,): pass
    return [i async for i in x if y if z]
%%
@dec
@a.b(c)
@(x := y)
class C[T: int = 3, *Ts = *x, **P](A, metaclass=M, *b, **k):
    @property
    async def m(self): return lambda x, *a, y=1, **k: (yield)
    def n(self, *, a, b=1): ...
%%
def f(): pass
def f(a, b=1, /): pass
def f(*, a): return
def f(**k): return 1, *x
def f(a, /, b, *c, d, **e): pass
def f[T](a: T) -> list[T]: ...
lambda: 0
lambda a, /, b=1, *c, d, e=2, **f: a
lambda *, a: a
%%
with (open(a) as f, b,): pass
with (a, b) as c: pass
with (a): pass
with (yield): pass
with a as (b, c), d as e.f, g as h[i]: pass
with (a) as b, (c): pass
with (a, b): pass
with (a), b: pass
with (a).b as c: pass
%%
f"a{x!r:>{w}}b{y=}{z = !s:3}{{}}" 'c' u"d"
f''
f'{x}' f'{y}' 'z'
f'{ {1: 2}[1] }{x:{y}{z!a}}'
f"""{
    x  # comment
=}
{y:%H:%M
}"""
rf'\d{x}\{y}' r'' if 0 else f'{f"{f"{1}"}"}'
f'{x:{y=}}' f"{x = :>10}"
f'{lambda_}{(lambda: 1)}{x, *y}{yield_}{a if b else c}{a!=b}{a:=^10}'
'\N{BULLET}\x41\u0041\U00000041\101\
' '\ud800' "\'\"\a\b\f\n\r\t\v\\"
b'\x00\377\n' rb"\x" B'' Rb''
u'x' 'y'
'x' u'y'
''"a"\
'b'
%%
match x:
    case 1 | -2.5 | 3+4j | -1-2j | "a" "b" | None | True | b"x": pass
    case [a, *_, b] if c: pass
    case {"k": v, a.b: 3, None: d, -1: e, **rest}: pass
    case {}: pass
    case {**r,}: pass
    case C() | D(1,) | E(x=y,) | F(1, z=2): pass
    case C(1, x=y) as q: pass
    case a, b: pass
    case *a,: pass
    case (a): pass
    case (a, b) | [c] | (): pass
    case a.b.c: pass
    case (1 | 2) as z: pass
    case _: pass
match = 3
match[1:2, ::3, *a]
match(x)
match -x, y
match.case = case
print(match, case, type, _)
match x, *y:
    case _ if (a := b): pass
match (x):
    case [1, [2, *r]]: pass
%%
type X[T] = int
type Y = X[int] | None
type = 1
type(x)
type.y = 2
%%
print(f(x for x in y), *a, k=1, **z)
f(a, *b, c=1, *d, **e, f=2)
f(a := 1, b)
f(**a, **b)
f(x for x in y if z)
f(x,)
%%
try: pass
except: pass
try:
    a
except E: b
except (F, G) as h: c
else: d
finally: e
try: pass
except* E as e: pass
except* (A, B): pass
else: pass
finally: pass
try:
    a
finally:
    b
%%
del a, (b, c), [d], e.f, g[h], (i), ()
del a,
del (a,)
%%
x = not a in b is not c and d or e if f else g
x = a < b <= c > d >= e == f != g in h not in i is j is not k
x = a ** -b @ c + d - e * f / g // h % i << j >> k & l ^ m | n
x = ~a + +b - -c
x = -a ** -b
x = not not a
x = a or b or c and d and e
x = await_
%%
{**a, 'b': c, **d}
{a: b for c in d}
{a: b async for c in d if e}
{*a, b}
{a for b in c}
{}
{a, }
{1: 2, }
[]
[*a, b]
[a for b in c for d in e if f]
()
(a,)
(*a,)
(a for b, *c in d)
(yield)
(a := b)
[a := b, c]
{a := b}
a[b := c]
%%
a[1]
a[1:2]
a[:]
a[::]
a[1:2:3]
a[1:, ::2]
a[b, c]
a[*b]
a[*b, c]
a[b,]
a[lambda: c]
a.b.c(d)[e].f
a . b . c
%%
global q
nonlocal r, s
assert x, y
assert x
raise A from B
raise A
raise
return
pass; pass
%%
if a: pass
elif b: pass
elif c:
    pass
else:
    pass
while x: y
else: z
while (a := b): pass
if (x
    and y):
    pass
%%
é = ﬁ = 1
名前.ﬁ(ﬁ=2)
def µ(ﬁ): pass
%%
x = 0x1F + 0o17 + 0b11 + 1_000 + 123456789012345678901234567890 + 1e10 + .5 + 1j + 0XFF + 0B1 + 0O7
x = 00 + 0_0 + 1. + 1.e5 + 1E-5 + 1_0.0_1 + 0e0 + 0.0j + 1e400 + 0xFFFFFFFFFFFFFFFFFF + 9223372036854775807 + 9223372036854775808
x = 1if 2else 3
x = True, False, None, ..., NotImplemented
%%
if x:
	y
	if z:
	        w
# comment
  # odd comment

    # more
def f():
    # c
    a

    b
  # c
c
%%
x = a \
    + b
x = (a
  # comment
     + b,
)
x = """a
  b"""; y = 2
'''

INVALID = r'''
a b
%%
print "x"
%%
exec code in ns
%%
if x
    y
%%
if x:
y
%%
def f(
%%
def f():
%%
class C
    pass
%%
class C:
x
%%
for x in y
    z
%%
for f() in y: pass
%%
for x, 1 in y: pass
%%
while x
    y
%%
with a as 1: pass
%%
with a
    b
%%
try:
    a
b
%%
try:
    a
except A, B:
    c
%%
try:
    a
except A:
    b
except* B:
    c
%%
try:
    a
except*:
    c
%%
(a, b
%%
a)
%%
(a]
%%
{a: b, c}
%%
{a: }
%%
{a: *b}
%%
{**a for b in c}
%%
[*a for b in c]
%%
[a, b for a, b in c]
%%
f(a for a in b, c)
%%
f(a, b for b in c)
%%
f(a=1, b)
%%
f(**a, *b)
%%
f(**a, b)
%%
f(True=1)
%%
f(a.b=1)
%%
f(a=)
%%
f(*)
%%
f(*a=b)
%%
f(**a=b)
%%
a = 1 = b
%%
1 = a
%%
f() = a
%%
a + b = c
%%
(a, 1) = b
%%
[a, b + c] = d
%%
None = a
%%
"a" = b
%%
f"{a}" = b
%%
... = a
%%
lambda: a = 1
%%
a if b else c = d
%%
a if b
%%
x = a if b
%%
(yield) = a
%%
x = yield = 1
%%
f() += 1
%%
(a, b) += 1
%%
a, b: int
%%
[a]: int
%%
1: int
%%
(a, b): int
%%
del f()
%%
del a + b
%%
del *a
%%
del (a, 1)
%%
if a = b: pass
%%
while a.b = c: pass
%%
f(a := b := c)
%%
(a.b := c)
%%
x := 1
%%
def f(a=1, b): pass
%%
def f(a, (b, c)): pass
%%
def f(*): pass
%%
def f(*, **k): pass
%%
def f(*a, *b): pass
%%
def f(*a=1): pass
%%
def f(**k, a): pass
%%
def f(**k=1): pass
%%
def f(/, a): pass
%%
def f(a, /, b, /): pass
%%
def f(*a, /): pass
%%
def f(a=): pass
%%
def f(a, *, b c): pass
%%
def f[](): pass
%%
def f[*T: int](): pass
%%
def f[**P: (int, str)](): pass
%%
lambda a=1, b: 0
%%
lambda *: 0
%%
lambda (a, b): 0
%%
lambda /, a: 0
%%
import a from b
%%
import
%%
from a import
%%
from a import b,
%%
from a import (b, c
%%
import a.b as c.d
%%
from . import *, a
%%
match x
    case 1: pass
%%
match x:
case 1: pass
%%
match x:
    case 1
        pass
%%
match x:
    case 1:
    pass
%%
match x:
    case a as _: pass
%%
match x:
    case a as b.c: pass
%%
match x:
    case C(a=1, 2): pass
%%
match x:
    case 1 + 2: pass
%%
match x:
    case 1j + 2j: pass
%%
"abc
%%
"abc\"
%%
"""abc
%%
f"{a
%%
f"{a"
%%
f"{}"
%%
f"{a!}"
%%
f"{a!x}"
%%
f"{a! r}"
%%
f"{a b}"
%%
f"}"
%%
f"{a:{b:{c:{d}}}}"
%%
f"{lambda x: 1}"
%%
f"{=a}"
%%
f"{!r}"
%%
f"{:x}"
%%
f"{a=b}"
%%
f"{*}"
%%
f"{a:}}"
%%
f"{(a}"
%%
f'{a:
}'
%%
b"é"
%%
"a" b"b"
%%
"\x4"
%%
"\u12"
%%
"\U00110000"
%%
"\N{no such name}"
%%
b"\x4"
%%
0777
%%
09
%%
1_
%%
1__0
%%
0x
%%
0xg
%%
0b12
%%
0o8
%%
1e+
%%
1a
%%
1.5x
%%
1if2
%%
a $ b
%%
a ? b
%%
a ! b
%%
‘a’
%%
a b
%%
a\ b
%%
  a
%%
if a:
    b
   c
%%
if a:
	b
        c
%%
if a:
        b
	c
%%
else: pass
%%
elif a: pass
%%
return return
%%
a..b
%%
a.1
%%
a <> b
%%
a === b
%%
a not b
%%
a is not not b
%%
a + not b
%%
- not b
%%
*a = 1,
%%
**a
%%
(*a)
%%
(**a)
%%
[a for b c]
%%
[a for f() in b]
%%
async x
%%
await
%%
async def f(): await
%%
global 1
%%
global a.b
%%
nonlocal
%%
raise a, b
%%
assert
%%
assert (a, b) = c
%%
type X[T = int
%%
type X = 
%%
@
def f(): pass
%%
@a
x = 1
%%
True = 1
%%
def None(): pass
%%
class True: pass
%%
x.None = 1
%%
a[
%%
a[1:2
%%
a[*]
%%
a[b=c]
%%
x = (1,
     2
y = 3
%%
x = {'a': 1
     'b': 2}
%%
x = [1 2]
%%
foo(a b)
%%
foo(a, b=c d)
%%
(a, b c)
%%
pass pass
%%
break 1
%%
;
%%
a;;b
%%
,
'''

PIECES = """( ) [ ] { } : = == := , . * ** / lambda if else for in not import from as def class with try except
finally while return yield await async None True match case _ type -> @ \\ 'x' f'{x}' " ''' 1 1a 0777 ; ... ~ ! $
del global += <> is and or raise assert pass \t""".split(" ")
