x: MissingType = 3
