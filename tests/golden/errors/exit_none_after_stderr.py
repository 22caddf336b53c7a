import sys
print("only this", file=sys.stderr)
sys.exit()
