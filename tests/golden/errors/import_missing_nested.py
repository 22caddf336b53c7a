def load():
    import not_a_real_module as nm
    return nm
load()
