a = 1
b = "x"
print(a + b * 2 - 1, a + b)
