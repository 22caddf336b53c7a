def f():
    global g
    g = 1 / 0
f()
