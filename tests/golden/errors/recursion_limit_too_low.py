import sys
def f(n):
    if n:
        f(n - 1)
    else:
        sys.setrecursionlimit(5)
f(20)
