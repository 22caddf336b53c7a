import atexit

def late():
    1 / 0

atexit.register(late)
