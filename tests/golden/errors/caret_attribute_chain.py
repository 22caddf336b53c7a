class A: pass
x = A()
result = x.one.two(3)
