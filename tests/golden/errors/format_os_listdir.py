import os
os.listdir("/no/such/dir")
