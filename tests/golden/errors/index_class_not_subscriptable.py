class C: pass
C[int]
