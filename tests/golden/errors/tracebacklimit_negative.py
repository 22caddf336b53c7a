import sys
sys.tracebacklimit = -5
def a():
    raise ValueError("limited")
a()
