class M(type):
    @classmethod
    def __prepare__(mcs, name, bases):
        return 5
class C(metaclass=M): pass
