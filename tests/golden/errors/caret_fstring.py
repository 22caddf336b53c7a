name = "x"
print(f"{name} and {1 / 0}")
