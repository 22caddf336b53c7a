raise IndentationError("by hand", ("f.py", 1, 1, "  x", 1, 3))
