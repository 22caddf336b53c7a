print("x", fin="")
