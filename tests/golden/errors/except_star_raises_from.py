try:
    raise ExceptionGroup("eg", [ValueError(1), TypeError(2)])
except* ValueError as group:
    raise RuntimeError("from the handler") from group
except* TypeError:
    1 / 0
