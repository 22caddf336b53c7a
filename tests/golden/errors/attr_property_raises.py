class C:
    @property
    def x(self):
        return self.missing_inner
C().x
