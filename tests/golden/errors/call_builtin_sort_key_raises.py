def key(x):
    return 1 / x
sorted([2, 1, 0], key=key)
