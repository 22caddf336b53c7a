import sys, types
m = types.ModuleType("m")
m.__all__ = ["there", "not_there"]
m.there = 1
sys.modules["m"] = m
from m import *
