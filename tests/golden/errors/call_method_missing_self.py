class C:
    def f(): pass
C().f()
