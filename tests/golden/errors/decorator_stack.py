def good(f):
    return f

def bad(n):
    return 1 / n

@good
@bad(0)
@good
def f():
    pass
