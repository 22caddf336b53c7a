import types
types.MappingProxyType(5)
