with open("missing-file") as f:
    pass
