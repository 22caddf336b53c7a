class C:
    @property
    def x(self):
        return 1
del C().x
