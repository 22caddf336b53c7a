def g():
    yield 1
g().throw(5)
