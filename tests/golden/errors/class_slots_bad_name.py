class C:
    __slots__ = ("a b",)
