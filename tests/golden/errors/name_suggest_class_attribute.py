class C:
    limit = 3
    def get(self):
        return limit
C().get()
