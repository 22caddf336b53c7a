try:
    [][3]
except IndexError:
    raise ValueError("while handling")
