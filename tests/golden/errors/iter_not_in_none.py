"x" not in None
