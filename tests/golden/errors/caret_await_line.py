import asyncio
async def f():
    x = 1 + await g()
async def g():
    return "x"
asyncio.run(f())
