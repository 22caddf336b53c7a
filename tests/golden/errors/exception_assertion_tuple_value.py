assert False, ("a", "tuple")
