raise MemoryError("no room")
