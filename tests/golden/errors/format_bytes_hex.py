bytes.fromhex("0g")
