float.fromhex("zz")
