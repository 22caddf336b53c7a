class C(metaclass=[][0]):
    pass
