def f():
    class Local(Exception):
        pass
    raise Local("in f")
f()
