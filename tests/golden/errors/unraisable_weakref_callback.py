import weakref, gc

class C:
    pass

def callback(ref):
    raise ValueError("in callback")

callback.__repr__ = None
c = C()
r = weakref.ref(c, callback)
del c
gc.collect()
raise SystemExit(2)
