int("z", 99)
