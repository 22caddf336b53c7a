class C:
    def __getattr__(self, name):
        raise KeyError(name)
C().thing
