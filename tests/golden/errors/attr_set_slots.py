class C:
    __slots__ = ("a",)
C().b = 1
