a = None
if (a is None
        and a > 3
        and True):
    pass
