class V:
    def __add__(self, other):
        return self.x + other
v = V()
v + 1
