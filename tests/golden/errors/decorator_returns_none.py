def deco(f):
    pass

@deco
def f():
    pass

f()
