while undefined_flag > 3:
    pass
