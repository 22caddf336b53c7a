import traceback
def a(x, y): return (not (x > y))
def b(x, y): return not x in y
def c(x, y):
    if not (x > y):
        return 1
def d(x, y): return [not  x <= y, not x is y][0]
def e(x, y): return not (1 < x < y)
for f in a, b, c, d, e:
    try:
        f(7, "s")
        f("s", 7)
    except TypeError:
        traceback.print_exc()
d(7, "s")
