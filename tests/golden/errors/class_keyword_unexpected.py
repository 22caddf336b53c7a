class C(flag=True): pass
