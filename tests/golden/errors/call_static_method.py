class C:
    @staticmethod
    def f(a): pass
C.f()
