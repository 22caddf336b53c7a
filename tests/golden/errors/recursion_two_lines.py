def f(n):
    if n % 2:
        f(n + 1)
    else:
        f(n + 1)
f(0)
