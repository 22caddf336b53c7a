bytes("text")
