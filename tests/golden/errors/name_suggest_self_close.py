class C:
    def __init__(self):
        self.blech = 3
    def get(self):
        return blech
C().get()
