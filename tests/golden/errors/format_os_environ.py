import os
os.environ["NO_SUCH_VARIABLE"]
