def f():
    global gone
    del gone
f()
