"\ud800".encode("utf-8")
