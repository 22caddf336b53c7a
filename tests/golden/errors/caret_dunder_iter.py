class V:
    def __iter__(self):
        return 1 / 0
for x in V():
    pass
