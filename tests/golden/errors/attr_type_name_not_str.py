class C: pass
C.__name__ = 3
