import contextlib
with contextlib.nullcontext((1, 2, 3)) as (a, b):
    pass
