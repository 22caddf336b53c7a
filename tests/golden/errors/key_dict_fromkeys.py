dict.fromkeys(3)
