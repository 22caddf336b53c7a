class C(MissingBase):
    pass
