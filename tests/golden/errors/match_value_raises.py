import math
match 3:
    case math.nothing:
        pass
