class C:
    def _set(self, v):
        pass
    x = property(None, _set)
C().x
