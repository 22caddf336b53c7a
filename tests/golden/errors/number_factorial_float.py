import math
math.factorial(1.5)
