class E(Exception):
    def __init__(self, a, b):
        pass
raise E("one")
