f"{a
