class M(type):
    def mro(cls):
        return 5
class C(metaclass=M): pass
