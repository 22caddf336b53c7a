class Bad:
    def __repr__(self):
        raise RuntimeError("no repr")
    __str__ = __repr__
e = ValueError("x")
e.__notes__ = [Bad()]
raise e
