class C(5): pass
