def f():
    return None
f().strip().upper()
