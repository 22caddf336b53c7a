def outer():
    x = 1
    def inner():
        return x
    del x
    inner()
outer()
