import atexit
import sys
atexit.register(print, "last", file=sys.stderr)
atexit.register(lambda: 1 / 0)
atexit.register(print, "first", file=sys.stderr)
raise ValueError("main")
