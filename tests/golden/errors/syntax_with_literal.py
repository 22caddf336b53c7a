with x as 3:
    pass
