type("a\0b", (), {})
