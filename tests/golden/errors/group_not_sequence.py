ExceptionGroup("bad", 5)
