class V:
    def __call__(self, x):
        return x.y
V()(1)
