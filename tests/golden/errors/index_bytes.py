b"abc"[9]
