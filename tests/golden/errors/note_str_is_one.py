e = ValueError("notes is a string")
e.__notes__ = "abc"
raise e
