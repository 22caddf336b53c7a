def f():
    if False:
        x = 1
    del x
f()
