raise KeyError("it's quoted")
