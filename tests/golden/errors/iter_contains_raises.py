class C:
    def __contains__(self, x):
        raise ValueError("contains failed")
1 in C()
