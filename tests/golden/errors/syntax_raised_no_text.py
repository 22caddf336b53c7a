raise SyntaxError("no text", ("file.py", 3, 5, None))
