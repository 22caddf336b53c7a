x = "\xz"
