raise SyntaxError("offset beyond", ("file.py", 1, 50, "short"))
