"abc"[9]
