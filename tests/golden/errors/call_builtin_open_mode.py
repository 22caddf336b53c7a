open("x", "qq")
