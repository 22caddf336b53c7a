def f(a, b):
    return None
x = f(
    1,
    2
) + 3
