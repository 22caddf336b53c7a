def f(a): pass
f(1, zzz=2)
