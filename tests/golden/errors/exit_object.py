class Code:
    def __str__(self):
        return "code object text"
raise SystemExit(Code())
