if (n := 1 / 0) > 3:
    pass
