class C:
    @property
    def p(self):
        return self.q + 1
    @property
    def q(self):
        return None
print(C().p)
