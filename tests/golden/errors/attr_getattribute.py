class C:
    def __getattribute__(self, name):
        raise AttributeError("blocked")
C().thing
