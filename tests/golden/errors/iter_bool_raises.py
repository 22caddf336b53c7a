class C:
    def __bool__(self):
        raise ValueError("no truth")
while C():
    pass
