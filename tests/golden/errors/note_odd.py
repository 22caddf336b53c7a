e = ValueError("odd notes")
e.__notes__ = [1, None, "text"]
raise e
