b"abc"[None]
