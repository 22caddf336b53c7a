class C:
    def __enter__(self): pass
    def __exit__(self, *a):
        raise ValueError("exit failed")
with C():
    1 / 0
