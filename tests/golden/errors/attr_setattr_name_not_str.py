class C: pass
setattr(C(), 5, 1)
