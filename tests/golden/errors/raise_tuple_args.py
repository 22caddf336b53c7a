raise ValueError("one", 2, [3])
