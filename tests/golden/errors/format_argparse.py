import argparse
p = argparse.ArgumentParser(prog="prog")
p.add_argument("needed")
p.parse_args([])
