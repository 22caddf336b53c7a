def a(x): return b(x)
def b(x): return c(x)
def c(x): return x.y.z
a(a(3))
