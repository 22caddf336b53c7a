import atexit, sys

def late():
    sys.exit(3)

atexit.register(late)
