e = ValueError("hidden context")
e.__context__ = KeyError("not shown")
e.__suppress_context__ = True
raise e
