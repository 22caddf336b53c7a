g = lambda: undefined + 1
g()
