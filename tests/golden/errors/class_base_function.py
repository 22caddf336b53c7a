def f(): pass
class C(f): pass
