type X() = int
