f = lambda a: a + "x"
f(1)
