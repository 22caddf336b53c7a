import sys
sys.tracebacklimit = 1

def a():
    b()

def b():
    raise ValueError("limited")

a()
