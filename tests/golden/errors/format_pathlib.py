import pathlib
pathlib.Path("missing.txt").read_text()
