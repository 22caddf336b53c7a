class C(int):
    __slots__ = ("a",)
