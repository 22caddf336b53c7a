import importlib
importlib.import_module("absent.module")
