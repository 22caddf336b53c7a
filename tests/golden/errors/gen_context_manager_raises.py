import contextlib
@contextlib.contextmanager
def cm():
    try:
        yield
    except ValueError as e:
        raise RuntimeError("from manager") from e
with cm():
    raise ValueError("body")
