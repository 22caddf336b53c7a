class A: pass
class B(A): pass
B.__bases__ = (int,)
