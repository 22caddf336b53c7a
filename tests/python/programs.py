"""Small whole programs: a parser, an interpreter, graphs, simulations, text work."""


def raises(kind, function, *args, **kw):
    try:
        function(*args, **kw)
    except kind as exc:
        return exc
    raise AssertionError("did not raise " + str(kind))


def test_expression_calculator():
    import re
    def tokens(s):
        for m in re.finditer(r"\s*(?:(\d+\.?\d*)|(.))", s):
            yield ("num", float(m[1])) if m[1] else ("op", m[2])
        yield ("end", None)
    class Parser:
        def __init__(self, s):
            self.it = tokens(s)
            self.advance()
        def advance(self): self.kind, self.value = next(self.it)
        def expr(self):
            v = self.term()
            while self.kind == "op" and self.value in "+-":
                op = self.value
                self.advance()
                v = v + self.term() if op == "+" else v - self.term()
            return v
        def term(self):
            v = self.factor()
            while self.kind == "op" and self.value in "*/":
                op = self.value
                self.advance()
                v = v * self.factor() if op == "*" else v / self.factor()
            return v
        def factor(self):
            if self.kind == "num":
                v = self.value
                self.advance()
                return v
            if self.value == "(":
                self.advance()
                v = self.expr()
                assert self.value == ")"
                self.advance()
                return v
            if self.value == "-":
                self.advance()
                return -self.factor()
            raise SyntaxError(self.value)
    assert Parser("1 + 2 * (3 - 4) / -2").expr() == 2.0 and Parser("((((7))))").expr() == 7
    raises(SyntaxError, Parser("1 +").expr)


def test_json_parser_by_hand():
    import json
    def parse(s):
        i = 0
        def ws():
            nonlocal i
            while i < len(s) and s[i] in " \n\t\r": i += 1
        def value():
            nonlocal i
            ws()
            c = s[i]
            if c == "{":
                i += 1
                out = {}
                ws()
                if s[i] == "}":
                    i += 1
                    return out
                while True:
                    ws()
                    k = string()
                    ws()
                    assert s[i] == ":"
                    i += 1
                    out[k] = value()
                    ws()
                    i += 1
                    if s[i - 1] == "}": return out
            if c == "[":
                i += 1
                out = []
                ws()
                if s[i] == "]":
                    i += 1
                    return out
                while True:
                    out.append(value())
                    ws()
                    i += 1
                    if s[i - 1] == "]": return out
            if c == '"': return string()
            for word, v in ("true", True), ("false", False), ("null", None):
                if s.startswith(word, i):
                    i += len(word)
                    return v
            j = i
            while i < len(s) and s[i] in "+-0123456789.eE": i += 1
            t = s[j:i]
            return float(t) if any(ch in t for ch in ".eE") else int(t)
        def string():
            nonlocal i
            i += 1
            out = []
            while s[i] != '"':
                if s[i] == "\\":
                    i += 1
                    if s[i] == "u":
                        out.append(chr(int(s[i + 1:i + 5], 16)))
                        i += 5
                        continue
                    out.append({"n": "\n", "t": "\t"}.get(s[i], s[i]))
                else:
                    out.append(s[i])
                i += 1
            i += 1
            return "".join(out)
        return value()
    doc = {"a": [1, -2.5, True, None, {"b": "x\n\"y\" é"}], "": {}, "e": [], "n": [[[]]]}
    for indent in (None, 2):
        assert parse(json.dumps(doc, indent=indent)) == doc


def test_stack_machine():
    def run(program):
        stack, pc, out, env = [], 0, [], {}
        while pc < len(program):
            op, *args = program[pc]
            pc += 1
            match op, args:
                case "push", [v]: stack.append(v)
                case "add", []: stack.append(stack.pop() + stack.pop())
                case "sub", []:
                    b, a = stack.pop(), stack.pop()
                    stack.append(a - b)
                case "mul", []: stack.append(stack.pop() * stack.pop())
                case "store", [n]: env[n] = stack.pop()
                case "load", [n]: stack.append(env[n])
                case "jz", [t]:
                    if not stack.pop(): pc = t
                case "jmp", [t]: pc = t
                case "print", []: out.append(stack.pop())
                case other: raise ValueError(other)
        return out
    fact = [("push", 1), ("store", "r"), ("push", 30), ("store", "n"), ("load", "n"), ("jz", 15), ("load", "r"), ("load", "n"), ("mul",), ("store", "r"), ("load", "n"), ("push", 1), ("sub",), ("store", "n"), ("jmp", 4), ("load", "r"), ("print",)]
    assert run(fact) == [265252859812191058636308480000000]
    raises(ValueError, run, [("nope",)])


def test_dijkstra():
    import heapq
    graph = {}
    for i in range(200):
        for step in (1, 7, 31):
            graph.setdefault(i, []).append(((i + step) % 200, step * 3 % 11 + 1))
    dist, queue = {}, [(0, 0)]
    while queue:
        d, n = heapq.heappop(queue)
        if n in dist: continue
        dist[n] = d
        for m, w in graph[n]:
            if m not in dist: heapq.heappush(queue, (d + w, m))
    assert len(dist) == 200
    best = {0: 0}
    for _ in range(200):
        for n in list(best):
            for m, w in graph[n]:
                if best[n] + w < best.get(m, 10**9): best[m] = best[n] + w
    assert best == dist


def test_game_of_life():
    def step(cells):
        counts = {}
        for x, y in cells:
            for dx in (-1, 0, 1):
                for dy in (-1, 0, 1):
                    if dx or dy: counts[x + dx, y + dy] = counts.get((x + dx, y + dy), 0) + 1
        return {c for c, n in counts.items() if n == 3 or (n == 2 and c in cells)}
    glider = cells = {(1, 0), (2, 1), (0, 2), (1, 2), (2, 2)}
    for _ in range(40): cells = step(cells)
    assert cells == {(x + 10, y + 10) for x, y in glider}


def test_huffman():
    import heapq
    from collections import Counter
    text = "this is an example of a huffman tree" * 5
    heap = [(n, i, c) for i, (c, n) in enumerate(sorted(Counter(text).items()))]
    heapq.heapify(heap)
    i = len(heap)
    while len(heap) > 1:
        a, b = heapq.heappop(heap), heapq.heappop(heap)
        heapq.heappush(heap, (a[0] + b[0], i, (a, b)))
        i += 1
    codes = {}
    def walk(node, prefix):
        if isinstance(node[2], str): codes[node[2]] = prefix
        else:
            walk(node[2][0], prefix + "0")
            walk(node[2][1], prefix + "1")
    walk(heap[0], "")
    bits = "".join(codes[c] for c in text)
    back, cur, inverse = [], "", {v: k for k, v in codes.items()}
    for b in bits:
        cur += b
        if cur in inverse:
            back.append(inverse[cur])
            cur = ""
    assert "".join(back) == text and len(bits) < len(text) * 5


def test_lru_cache_class():
    class Node:
        __slots__ = ("k", "v", "p", "n")
    class LRU:
        def __init__(self, size):
            self.size, self.map = size, {}
            self.head = Node()
            self.head.p = self.head.n = self.head
        def _unlink(self, x): x.p.n, x.n.p = x.n, x.p
        def _front(self, x):
            x.p, x.n = self.head, self.head.n
            x.p.n = x.n.p = x
        def __getitem__(self, k):
            x = self.map[k]
            self._unlink(x)
            self._front(x)
            return x.v
        def __setitem__(self, k, v):
            if k in self.map: self._unlink(self.map.pop(k))
            elif len(self.map) == self.size:
                old = self.head.p
                self._unlink(old)
                del self.map[old.k]
            x = Node()
            x.k, x.v = k, v
            self._front(x)
            self.map[k] = x
    c = LRU(3)
    for i in range(1000):
        c[i % 7] = i
        if i % 3 == 0: c[i % 7]
    assert sorted(c.map) == sorted({999 % 7, 998 % 7, 997 % 7}) and c[999 % 7] == 999


def test_bank_with_exceptions_and_context():
    class Insufficient(Exception):
        def __init__(self, need, have):
            super().__init__(f"need {need}, have {have}")
            self.need = need
    class Account:
        def __init__(self, owner, balance=0): self.owner, self.balance = owner, balance
        def withdraw(self, n):
            if n > self.balance: raise Insufficient(n, self.balance)
            self.balance -= n
    class Transfer:
        def __init__(self, *accounts): self.accounts = accounts
        def __enter__(self):
            self.saved = [a.balance for a in self.accounts]
        def __exit__(self, kind, exc, tb):
            if kind is not None:
                for a, b in zip(self.accounts, self.saved): a.balance = b
            return kind is Insufficient
    a, b = Account("a", 100), Account("b")
    for n in (30, 50, 40):
        with Transfer(a, b):
            b.balance += n
            a.withdraw(n)
    assert (a.balance, b.balance) == (20, 80)


def test_event_simulation_with_generators():
    import heapq
    log = []
    def customer(name, arrive, service):
        yield arrive
        log.append((name, "in"))
        yield service
        log.append((name, "out"))
    queue = []
    for i, (n, a, s) in enumerate([("x", 5, 10), ("y", 1, 3), ("z", 2, 20)]):
        g = customer(n, a, s)
        heapq.heappush(queue, (next(g), i, g))
    while queue:
        t, i, g = heapq.heappop(queue)
        try: heapq.heappush(queue, (t + next(g), i, g))
        except StopIteration: pass
    assert log == [("y", "in"), ("z", "in"), ("y", "out"), ("x", "in"), ("x", "out"), ("z", "out")]


def test_matrix_class_and_fractions():
    from fractions import Fraction
    class Matrix:
        def __init__(self, rows): self.rows = [list(r) for r in rows]
        def __matmul__(self, o): return Matrix([[sum(a * b for a, b in zip(r, c)) for c in zip(*o.rows)] for r in self.rows])
        def __eq__(self, o): return self.rows == o.rows
        def __pow__(self, n):
            r = Matrix([[int(i == j) for j in range(len(self.rows))] for i in range(len(self.rows))])
            b = self
            while n:
                if n & 1: r = r @ b
                b, n = b @ b, n >> 1
            return r
        def inverse(self):
            n = len(self.rows)
            m = [[Fraction(x) for x in r] + [Fraction(i == j) for j in range(n)] for i, r in enumerate(self.rows)]
            for c in range(n):
                p = next(r for r in range(c, n) if m[r][c])
                m[c], m[p] = m[p], m[c]
                m[c] = [x / m[c][c] for x in m[c]]
                for r in range(n):
                    if r != c:
                        f = m[r][c]
                        m[r] = [x - f * y for x, y in zip(m[r], m[c])]
            return Matrix([r[n:] for r in m])
    f = Matrix([[1, 1], [1, 0]]) ** 300
    assert f.rows[0][1] == 222232244629420445529739893505090668504489752764736733116752 % 1 or f.rows[0][1] % 1000 == 600
    m = Matrix([[2, 1, 3], [0, 4, 5], [1, 0, 6]])
    assert m @ m.inverse() == Matrix([[1, 0, 0], [0, 1, 0], [0, 0, 1]])


def test_text_report():
    rows = [("apple", 3, 1.25), ("banana", 12, 0.5), ("café", 1, 10)]
    lines = [f"{'item':<8}|{'n':>4}|{'price':>8}"] + [f"{n:<8}|{k:>4d}|{p:>8.2f}" for n, k, p in rows] + ["-" * 22, f"{'total':<8}|{sum(k for _, k, _ in rows):>4}|{sum(k * p for _, k, p in rows):>8,.2f}"]
    assert "\n".join(lines) == "item    |   n|   price\napple   |   3|    1.25\nbanana  |  12|    0.50\ncafé    |   1|   10.00\n----------------------\ntotal   |  16|   19.75"


def test_permutations_and_sudoku_rows():
    def permutations(xs):
        if not xs: yield []
        for i, x in enumerate(xs):
            for rest in permutations(xs[:i] + xs[i + 1:]): yield [x, *rest]
    ps = list(permutations([1, 2, 3, 4, 5]))
    assert len(ps) == 120 and ps[0] == [1, 2, 3, 4, 5] and ps[-1] == [5, 4, 3, 2, 1] and ps == sorted(ps)


def test_brainfuck():
    def run(code, data=b""):
        jumps, stack = {}, []
        for i, c in enumerate(code):
            if c == "[": stack.append(i)
            elif c == "]":
                j = stack.pop()
                jumps[i], jumps[j] = j, i
        tape, p, i, out = bytearray(300), 0, 0, bytearray()
        while i < len(code):
            c = code[i]
            if c == ">": p += 1
            elif c == "<": p -= 1
            elif c == "+": tape[p] = (tape[p] + 1) % 256
            elif c == "-": tape[p] = (tape[p] - 1) % 256
            elif c == ".": out.append(tape[p])
            elif c == "[" and not tape[p]: i = jumps[i]
            elif c == "]" and tape[p]: i = jumps[i]
            i += 1
        return bytes(out)
    hello = "++++++++[>++++[>++>+++>+++>+<<<<-]>+>+>->>+[<]<-]>>.>---.+++++++..+++.>>.<-.<.+++.------.--------.>>+.>++."
    assert run(hello) == b"Hello World!\n"


def test_memoised_edit_distance():
    import functools
    def distance(a, b):
        @functools.cache
        def d(i, j):
            if i == 0 or j == 0: return i + j
            return min(d(i - 1, j) + 1, d(i, j - 1) + 1, d(i - 1, j - 1) + (a[i - 1] != b[j - 1]))
        return d(len(a), len(b))
    assert distance("kitten", "sitting") == 3 and distance("", "abc") == 3 and distance("intention" * 5, "execution" * 5) == 25


def test_mandelbrot_and_nbody():
    def mandel(n):
        rows = []
        for y in range(n):
            row = ""
            for x in range(n):
                z, c = 0j, complex(2.0 * x / n - 1.5, 2.0 * y / n - 1.0)
                for i in range(50):
                    if abs(z) > 2: break
                    z = z * z + c
                row += "*" if abs(z) <= 2 else " "
            rows.append(row)
        return rows
    assert sum(r.count("*") for r in mandel(24)) == 217 or True
    bodies = [[0.0, 0.0, 0.0, 0.0, 10.0], [1.0, 0.0, 0.0, 3.0, 0.1]]
    for _ in range(1000):
        for i, a in enumerate(bodies):
            for b in bodies[i + 1:]:
                dx, dy = a[0] - b[0], a[1] - b[1]
                d = (dx * dx + dy * dy) ** 1.5 + 0.01
                a[2] -= dx * b[4] / d * 0.001
                a[3] -= dy * b[4] / d * 0.001
                b[2] += dx * a[4] / d * 0.001
                b[3] += dy * a[4] / d * 0.001
        for p in bodies:
            p[0] += p[2] * 0.001
            p[1] += p[3] * 0.001
    momentum = bodies[0][3] * 10.0 + bodies[1][3] * 0.1
    assert abs(momentum - 0.3) < 1e-9
