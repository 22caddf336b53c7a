class C:
    def __init__(self, n): self.n = n
    def __enter__(self):
        if self.n == 2:
            raise ValueError("second")
        return self
    def __exit__(self, *a): pass
with (
    C(1) as one,
    C(2) as two,
):
    pass
