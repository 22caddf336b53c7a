ExceptionGroup(1, [ValueError()])
