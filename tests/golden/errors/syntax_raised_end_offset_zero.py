raise SyntaxError("zero end", ("file.py", 1, 2, "abc def", 1, 0))
