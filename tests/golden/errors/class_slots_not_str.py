class C:
    __slots__ = (1,)
