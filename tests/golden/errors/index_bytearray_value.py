bytearray(3)[0] = 300
