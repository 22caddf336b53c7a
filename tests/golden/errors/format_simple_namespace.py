import types
types.SimpleNamespace(a=1).b
