memoryview(b"abc")[5]
