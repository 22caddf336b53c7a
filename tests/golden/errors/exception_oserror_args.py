raise OSError(2, "made up", "some/file")
