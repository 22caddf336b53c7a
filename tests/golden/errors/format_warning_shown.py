import warnings
def f():
    warnings.warn("careful")
f()
raise SystemExit(1)
