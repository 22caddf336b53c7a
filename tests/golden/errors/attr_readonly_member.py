def f(): pass
f.__closure__ = ()
