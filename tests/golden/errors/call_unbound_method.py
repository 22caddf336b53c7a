class C:
    def f(self, a): pass
C.f()
