"""more-itertools: a selection of recipes."""
import more_itertools as m

assert list(m.chunked(range(7), 3)) == [[0, 1, 2], [3, 4, 5], [6]] and m.first([], 5) == 5 and list(m.flatten([[1], [2, 3]])) == [1, 2, 3]
assert list(m.windowed([1, 2, 3, 4], 3)) == [(1, 2, 3), (2, 3, 4)] and m.one([7]) == 7 and list(m.unique_everseen("AbBa", key=str.lower)) == ["A", "b"]
assert list(m.interleave_longest([1, 2, 3], "ab")) == [1, "a", 2, "b", 3] and m.ilen(range(10)) == 10 and list(m.collapse([1, [2, [3]]])) == [1, 2, 3]
p = m.peekable(range(3))
assert p.peek() == 0 and list(p) == [0, 1, 2]
s = m.bucket(["a1", "b1", "a2"], key=lambda x: x[0])
assert list(s["a"]) == ["a1", "a2"]
assert list(m.split_at("abcdcba", lambda x: x == "b")) == [["a"], ["c", "d", "c"], ["a"]] and list(m.run_length.encode("aab")) == [("a", 2), ("b", 1)]
assert list(m.distinct_permutations([1, 0, 1])) == [(0, 1, 1), (1, 0, 1), (1, 1, 0)] and m.all_equal("aaa") and list(m.sliding_window("abcd", 2))[-1] == ("c", "d")
assert list(m.set_partitions([1, 2, 3], 2)) == [[[1], [2, 3]], [[1, 2], [3]], [[2], [1, 3]]] and list(m.sieve(20)) == [2, 3, 5, 7, 11, 13, 17, 19]
try:
    m.one([])
except ValueError:
    pass
