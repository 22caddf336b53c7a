raise ImportError("custom", name="n", path="p")
