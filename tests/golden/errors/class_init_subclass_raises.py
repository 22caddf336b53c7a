class A:
    def __init_subclass__(cls, required, **kw): pass
class B(A): pass
