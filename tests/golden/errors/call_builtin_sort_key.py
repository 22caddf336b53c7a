[3, 1].sort(lambda x: x)
