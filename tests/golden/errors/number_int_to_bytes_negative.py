(-1).to_bytes(2, "big")
