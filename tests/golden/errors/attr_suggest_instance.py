class Point:
    def __init__(self):
        self.x_coordinate = 1
p = Point()
p.x_cordinate
