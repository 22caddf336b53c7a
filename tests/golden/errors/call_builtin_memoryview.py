memoryview("x")
