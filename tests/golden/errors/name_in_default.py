def f(x=missing_default):
    pass
