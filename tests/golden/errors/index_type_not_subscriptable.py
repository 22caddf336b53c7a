int[str]
