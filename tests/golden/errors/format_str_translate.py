"abc".translate(3)
