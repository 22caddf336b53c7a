class C:
    x = 1
del C().x
