def rebinding(x, f, g):
    a = x + (x := 5)
    b = f(x, (x := 1))
    x = (x + 1) * g()
    x = x or g()
    x, y = y, x = 1, x
    return [x for x in (a, b, x)]


def swap(a, b):
    a, b = b, a + b
    return a, b


def returned(x):
    try:
        return x
    finally:
        x = None
