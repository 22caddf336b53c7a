format(3, "zz")
