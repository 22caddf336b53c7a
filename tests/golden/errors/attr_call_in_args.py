class A:
    pass
print("x", A().nothing, "y")
