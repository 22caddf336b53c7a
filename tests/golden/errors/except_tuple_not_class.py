try:
    raise ValueError("x")
except (KeyError, 3):
    pass
