def f(x: MissingType):
    pass
