str(b"x", "ascii", "strict", 1)
