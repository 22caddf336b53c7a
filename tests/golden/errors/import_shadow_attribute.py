import random
random.no_such_function()
