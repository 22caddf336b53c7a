for i in []:
    pass
else:
    [][0]
