bytearray(3)[0] = "x"
