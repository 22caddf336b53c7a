match 3:
    case print():
        pass
