assert [][0] == 1, "unused"
