class C:
    def __enter__(self): return self
    def __exit__(self, *a): print("closed")
with C() as a, C() as b, missing as c:
    pass
