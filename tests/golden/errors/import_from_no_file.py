import sys, types
m = types.ModuleType("ghost")
sys.modules["ghost"] = m
from ghost import anything
