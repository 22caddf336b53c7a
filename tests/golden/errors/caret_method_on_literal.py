"abc".join(1)
