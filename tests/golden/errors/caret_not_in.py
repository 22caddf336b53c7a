x = [1] not in 5
