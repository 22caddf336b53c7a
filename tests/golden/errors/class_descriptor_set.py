class D:
    def __set__(self, obj, value):
        raise TypeError(f"cannot set {value}")
class C:
    d = D()
C().d = 3
