def f():
    try:
        pass
    finally:
        [].pop()
f()
