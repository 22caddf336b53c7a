with x:
y = 1
