class M(type):
    def __new__(mcs, name, bases, ns):
        ns.pop("__classcell__", None)
        return super().__new__(mcs, name, bases, ns)
class C(metaclass=M):
    def f(self):
        return __class__
