import sys, types
sys.modules["halted"] = None
import halted
