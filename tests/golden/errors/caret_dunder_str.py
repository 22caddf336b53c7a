class V:
    def __str__(self):
        raise ValueError("no str")
print(V())
