import sys, gc

def hook(info):
    print(info.exc_type.__name__, info.exc_value, info.err_msg, file=sys.stderr)

sys.unraisablehook = hook

class C:
    def __del__(self):
        raise KeyError("in del")

c = C()
del c
gc.collect()
raise SystemExit(1)
