class C:
    def __hash__(self):
        return "x"
hash(C())
