class Loop:
    def __repr__(self):
        return f"Loop({self.inner!r})"
x = Loop()
x.inner = x
repr(x)
