class C(int, str): pass
