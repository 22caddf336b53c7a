import sys
sys.excepthook = None
raise ValueError("still shown")
