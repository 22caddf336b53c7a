for i in x:
y = 1
