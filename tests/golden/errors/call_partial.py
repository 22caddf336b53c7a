import functools
def f(a, b): pass
functools.partial(f, 1)(2, 3)
