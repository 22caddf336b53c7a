issubclass(int, list[int])
