class D:
    def __set_name__(self, owner, name):
        raise ValueError(f"cannot be called {name}")
class C:
    attribute = D()
