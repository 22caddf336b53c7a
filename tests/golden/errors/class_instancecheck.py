class M(type):
    def __instancecheck__(cls, x):
        raise ValueError("no checks")
class C(metaclass=M): pass
isinstance(1, C)
