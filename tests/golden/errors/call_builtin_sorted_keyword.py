sorted([1], kee=len)
