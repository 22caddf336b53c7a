int.x = 2
