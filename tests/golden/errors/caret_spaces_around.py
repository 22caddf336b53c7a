a = 0
x = 1   /    a
