class Bad(Exception):
    def __str__(self):
        return 3
raise Bad("x")
