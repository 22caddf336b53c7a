class C:
    def __getattr__(self, name):
        return self.missing
C().anything
