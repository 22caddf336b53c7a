try:
    raise ValueError("x")
except* ExceptionGroup:
    pass
