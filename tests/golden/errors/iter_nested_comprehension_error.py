m = [[1, 2], [3, "x"]]
r = [[y + 1 for y in row] for row in m]
