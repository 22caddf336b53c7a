class C:
    n = 1
c = C()
c.n += []
