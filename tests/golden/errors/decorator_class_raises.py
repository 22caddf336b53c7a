def deco(c):
    raise TypeError("not this class")

@deco
class C:
    x = 1
