int.from_bytes("x", "big")
