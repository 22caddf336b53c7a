int(x=3)
