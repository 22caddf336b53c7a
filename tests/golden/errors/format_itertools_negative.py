import itertools
itertools.islice([], -1)
