class V:
    def __repr__(self):
        return 5
repr(V())
