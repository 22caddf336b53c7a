def f():
    try:
        raise KeyError("a")
    except KeyError:
        raise IndexError("b") from ValueError("c")
f()
