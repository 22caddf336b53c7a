class C:
    def __init__(self, a): pass
C()
