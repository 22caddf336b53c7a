type("C", (), 5)
