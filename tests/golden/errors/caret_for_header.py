for x in range("a"):
    pass
