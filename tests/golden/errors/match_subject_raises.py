match [][0]:
    case _:
        pass
