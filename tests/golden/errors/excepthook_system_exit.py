import sys

def hook(*args):
    sys.exit(8)

sys.excepthook = hook
raise ValueError("original")
