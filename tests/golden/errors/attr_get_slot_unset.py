class C:
    __slots__ = ("a",)
C().a
