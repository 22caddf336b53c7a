class C(metaclass=MissingMeta):
    pass
