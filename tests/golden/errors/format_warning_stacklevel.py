import warnings
def f():
    warnings.warn("careful", UserWarning, stacklevel=2)
f()
f()
raise SystemExit(1)
