import math
class C(math): pass
