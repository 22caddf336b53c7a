class E(Exception):
    __module__ = "builtins"
raise E("no prefix")
