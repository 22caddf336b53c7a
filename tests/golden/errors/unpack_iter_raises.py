class C:
    def __iter__(self):
        yield 1
        raise ValueError("stopped short")
a, b = C()
