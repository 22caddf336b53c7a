class C:
    def __init__(self):
        self.value = 3
    def get(self):
        return value
C().get()
