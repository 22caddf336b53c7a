import os
f = open(os.devnull)
f.write("x")
