def f(*, one, two, three): pass
f()
