class D(dict):
    def __missing__(self, key):
        raise LookupError(f"nothing for {key}")
D()["q"]
