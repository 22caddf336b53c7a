if False:
    pass
elif 1 / 0:
    pass
