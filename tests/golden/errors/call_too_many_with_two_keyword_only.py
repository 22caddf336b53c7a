def f(a, *, k=1, m=2): pass
f(1, 2, k=3, m=4)
