class C:
    def __await__(self):
        return 5
async def f():
    await C()
f().send(None)
