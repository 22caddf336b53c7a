def handler():
    raise TypeError("handler failed")

def work():
    try:
        int("x1")
    except ValueError:
        handler()

work()
