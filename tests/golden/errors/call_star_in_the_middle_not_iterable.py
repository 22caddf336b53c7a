def f(*a): pass
f(1, *None, 2)
