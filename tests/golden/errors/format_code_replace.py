def f(): pass
f.__code__.replace(co_flags="x")
