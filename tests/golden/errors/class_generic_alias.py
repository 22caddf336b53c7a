list[int]()[0]
