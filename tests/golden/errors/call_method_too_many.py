class C:
    def f(self): pass
C().f(1)
