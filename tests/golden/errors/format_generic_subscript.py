dict[int, str]["x"]
