def g():
    yield 1
    raise ValueError("after one")
for x in g():
    pass
