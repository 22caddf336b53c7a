import asyncio
async def bad():
    raise ValueError("task failed")
async def main():
    await bad()
asyncio.run(main())
