def deco(f):
    raise ValueError("decorator failed")

@deco
def f():
    pass
