classmethod()
