class C:
    __qualname__ = 5
