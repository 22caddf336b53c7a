class C(metaclass=5): pass
