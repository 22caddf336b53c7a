a, b = {"one": 1}
