def f():
    for i in []:
        pass
    return i
f()
