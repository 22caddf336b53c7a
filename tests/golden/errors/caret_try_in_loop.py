for i in range(3):
    try:
        1 / (1 - i)
    except ZeroDivisionError:
        raise LookupError(f"at {i}")
