def generator(source):
    got = yield
    result = yield from source
    return (x for x in result if x is not got)


async def coroutine(source):
    async with source as s:
        async for item in s:
            await item
    return [y async for y in s if await y]


async def stream(n):
    for i in range(n):
        yield f"{i!r:>{n}}: {await n}"
