class C:
    @classmethod
    def f(cls, a): pass
C.f(1, 2)
