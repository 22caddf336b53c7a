try:
    x = 1
except ValueError:
    pass
else:
    raise RuntimeError("in else")
finally:
    y = 2
