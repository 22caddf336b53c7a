def g():
    try:
        yield
    finally:
        {}["x"]
it = g()
next(it)
it.throw(ValueError("thrown"))
