items = [1, 2]
print([x for y in items])
