try:
    raise OSError("naked")
except* ValueError:
    pass
