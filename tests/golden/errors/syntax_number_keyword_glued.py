x = 0or 1
y = 1in [1
