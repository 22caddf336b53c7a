class Boom(Exception):
    def __init__(self):
        super().__init__("made by the class")
raise ValueError("x") from Boom
