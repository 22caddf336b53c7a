class C:
    def __del__(self):
        raise ValueError("in del")
    def __repr__(self):
        return "<C>"

import gc
c = C()
del c
gc.collect()
raise SystemExit(1)
