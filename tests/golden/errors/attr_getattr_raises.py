class C:
    def __getattr__(self, name):
        raise AttributeError(f"no {name} here")
C().thing
