raise ExceptionGroup("line one\nline two", [ValueError("member one\nmember two")])
