def inner(x):
    raise ValueError(f"bad {x}")

def outer(x):
    return inner(x + 1)

outer(41)
