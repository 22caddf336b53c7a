class D:
    def __get__(self, obj, owner):
        raise ValueError("get failed")
class C:
    d = D()
C().d
