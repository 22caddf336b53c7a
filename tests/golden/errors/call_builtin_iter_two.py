iter(5, 1)
