größe = 1; größe + "a"
