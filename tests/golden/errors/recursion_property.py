class C:
    @property
    def value(self):
        return self.value
C().value
