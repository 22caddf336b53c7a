a, b = (i for i in range(10))
