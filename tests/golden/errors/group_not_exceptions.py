ExceptionGroup("bad", [ValueError(), 3])
