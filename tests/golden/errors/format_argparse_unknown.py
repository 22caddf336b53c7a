import argparse
p = argparse.ArgumentParser(prog="prog")
p.parse_args(["--what"])
