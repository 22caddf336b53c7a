async def g():
    raise StopAsyncIteration
    yield
g().__anext__().send(None)
