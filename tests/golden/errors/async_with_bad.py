async def f():
    async with open:
        pass
f().send(None)
