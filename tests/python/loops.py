"""for, while, else, break, continue, and the loops' odd corners."""


def raises(kind, function, *args, **kw):
    try:
        function(*args, **kw)
    except kind as exc:
        return exc
    raise AssertionError("did not raise " + str(kind))


def test_else():
    def f(n):
        for i in range(5):
            if i == n:
                break
        else:
            return "else"
        return i
    assert f(3) == 3 and f(9) == "else"
    def g(n):
        while n:
            n -= 1
            if n == 2:
                break
        else:
            return "else"
        return n
    assert g(5) == 2 and g(1) == "else" and g(0) == "else"


def test_nested_break_continue():
    out = []
    for i in range(4):
        if i == 1:
            continue
        for j in range(4):
            if j == i:
                break
            if j == 0:
                continue
            out.append((i, j))
        else:
            out.append("never" if i < 4 else "")
    assert out == [(2, 1), (3, 1), (3, 2)]


def test_loop_over_everything():
    class It:
        def __iter__(self):
            yield from (1, 2)
    for source, want in [([1, 2], [1, 2]), ((1, 2), [1, 2]), ({1: 0, 2: 0}, [1, 2]), (range(1, 3), [1, 2]), ("ab", ["a", "b"]), (b"ab", [97, 98]), (It(), [1, 2]), (iter([1]), [1]), ({1: 2}.items(), [(1, 2)]), (enumerate("a"), [(0, "a")]), (map(str, [1]), ["1"]), ((x for x in [5]), [5])]:
        out = []
        for x in source:
            out.append(x)
        assert out == want


def test_while_true_with_return():
    def f():
        n = 0
        while True:
            n += 1
            if n > 10:
                return n
    assert f() == 11


def test_modification_of_list():
    l = [1]
    for x in l:
        if x < 5:
            l.append(x + 1)
    assert l == [1, 2, 3, 4, 5]


def test_range_variable_types():
    kinds = set()
    for i in range(2**49 - 2, 2**49 + 2):
        kinds.add(type(i))
    assert kinds == {int}
    total = 0
    for i in range(-5, 5):
        total += i
    assert total == -5
    for i in range(10, 0, -3):
        pass
    assert i == 1


def test_nested_loops_big():
    n = 0
    for i in range(300):
        for j in range(300):
            if (i ^ j) & 1:
                continue
            n += 1
    assert n == 45000


def test_sieve():
    n = 5000
    sieve = [True] * (n + 1)
    sieve[0] = sieve[1] = False
    for i in range(2, int(n**0.5) + 1):
        if sieve[i]:
            sieve[i * i::i] = [False] * len(range(i * i, n + 1, i))
    assert sum(sieve) == 669


def test_collatz_and_gcd():
    def collatz(n):
        steps = 0
        while n != 1:
            n = n // 2 if n % 2 == 0 else 3 * n + 1
            steps += 1
        return steps
    assert max(range(1, 2000), key=collatz) == 1161 and collatz(27) == 111
    def gcd(a, b):
        while b:
            a, b = b, a % b
        return a
    assert gcd(2**40 * 3, 2**39 * 9) == 2**39 * 3


def test_matrix():
    n = 20
    a = [[i * j % 7 for j in range(n)] for i in range(n)]
    b = [[(i + j) % 5 for j in range(n)] for i in range(n)]
    c = [[sum(a[i][k] * b[k][j] for k in range(n)) for j in range(n)] for i in range(n)]
    d = [[0] * n for _ in range(n)]
    for i in range(n):
        for j in range(n):
            t = 0
            for k in range(n):
                t += a[i][k] * b[k][j]
            d[i][j] = t
    assert c == d


def test_queens():
    def solve(n, row=0, cols=0, d1=0, d2=0):
        if row == n:
            return 1
        count = 0
        for c in range(n):
            if not (cols >> c & 1 or d1 >> (row + c) & 1 or d2 >> (row - c + n) & 1):
                count += solve(n, row + 1, cols | 1 << c, d1 | 1 << (row + c), d2 | 1 << (row - c + n))
        return count
    assert solve(7) == 40


def test_word_count():
    text = "the quick brown fox jumps over the lazy dog the end " * 50
    counts = {}
    for w in text.split():
        counts[w] = counts.get(w, 0) + 1
    assert counts["the"] == 150 and len(counts) == 9


def test_exception_as_loop_end():
    it = iter(range(5))
    n = 0
    while True:
        try:
            n += next(it)
        except StopIteration:
            break
    assert n == 10


def test_loop_in_class_and_module_scope():
    ns = {}
    exec("total = 0\nfor i in range(10):\n    if i == 7: break\n    total += i\nwhile total < 100:\n    total *= 2\n", ns)
    assert ns["total"] == 168 and ns["i"] == 7
