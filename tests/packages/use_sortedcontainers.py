"""sortedcontainers against plain sorting."""
import random

from sortedcontainers import SortedDict, SortedKeyList, SortedList, SortedSet

rnd = random.Random(5)
sl, plain = SortedList(), []
for _ in range(5000):
    x = rnd.randrange(1000)
    if rnd.random() < 0.7 or not plain:
        sl.add(x)
        plain.append(x)
    else:
        y = rnd.choice(plain)
        sl.remove(y)
        plain.remove(y)
assert list(sl) == sorted(plain) and sl[10] == sorted(plain)[10] and sl.bisect(500) == sum(v <= 500 for v in plain)
sd = SortedDict({3: "c", 1: "a"})
sd[2] = "b"
assert list(sd.items()) == [(1, "a"), (2, "b"), (3, "c")] and sd.peekitem(0) == (1, "a") and list(sd.irange(2)) == [2, 3]
ss = SortedSet([3, 1, 2, 3])
assert list(ss | {0}) == [0, 1, 2, 3] and ss[-1] == 3
sk = SortedKeyList(["bb", "a", "ccc"], key=len)
assert list(sk) == ["a", "bb", "ccc"] and repr(SortedList([2, 1])) == "SortedList([1, 2])"
sl._check()
