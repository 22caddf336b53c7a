import functools
def log(f):
    @functools.wraps(f)
    def wrapper(*a, **k):
        return f(*a, **k)
    return wrapper

@log
@log
def work(x):
    return 1 / x

work(0)
