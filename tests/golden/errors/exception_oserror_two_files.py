raise OSError(17, "File exists", "a", None, "b")
