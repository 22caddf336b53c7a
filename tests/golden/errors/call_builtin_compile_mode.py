compile("1", "f", "badmode")
