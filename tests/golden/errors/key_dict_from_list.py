dict([("a", 1), "bcd"])
