match 3:
    case x if x.missing:
        pass
