async def g():
    yield 1
g().asend(3).send(None)
