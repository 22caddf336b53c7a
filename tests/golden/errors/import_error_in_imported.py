import importlib.util, sys
source = "def go():\n    raise ValueError('inside')\ngo()\n"
code = compile(source, "<generated>", "exec")
exec(code, {"__name__": "generated"})
