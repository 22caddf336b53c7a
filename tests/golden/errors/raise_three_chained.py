try:
    try:
        1 / 0
    except ZeroDivisionError:
        None.missing
except AttributeError as exc:
    raise OSError("top") from exc
