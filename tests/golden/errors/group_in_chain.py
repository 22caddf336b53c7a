try:
    raise ExceptionGroup("first", [ValueError(1)])
except ExceptionGroup:
    raise ExceptionGroup("second", [TypeError(2)])
