"abc".encode(3)
