def f(x):
    return None
x = f(1)(2)
