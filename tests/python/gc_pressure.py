"""Programs that allocate hard while collections run: nothing that lives may be lost."""


def raises(kind, function, *args, **kw):
    try:
        function(*args, **kw)
    except kind as exc:
        return exc
    raise AssertionError("did not raise " + str(kind))


import gc


def test_linked_structures():
    class Node:
        __slots__ = ("value", "left", "right")
        def __init__(self, value):
            self.value, self.left, self.right = value, None, None
    def insert(root, value):
        while True:
            side = "left" if value < root.value else "right"
            nxt = getattr(root, side)
            if nxt is None:
                setattr(root, side, Node(value))
                return
            root = nxt
    root, x = Node(2**30), 1
    for _ in range(5000):
        x = (x * 1103515245 + 12345) % 2**31
        insert(root, x)
    out, stack, node = [], [], root
    while stack or node:
        while node:
            stack.append(node)
            node = node.left
        node = stack.pop()
        out.append(node.value)
        node = node.right
    assert len(out) == 5001 and out == sorted(out)


def test_strings_built_in_parts():
    parts = {}
    for i in range(20000):
        key = "key" + str(i % 997)
        parts[key] = parts.get(key, "") + chr(97 + i % 26)
    assert sum(map(len, parts.values())) == 20000 and parts["key0"] == "".join(chr(97 + i % 26) for i in range(0, 20000, 997))


def test_old_objects_take_young_ones():
    old = [[] for _ in range(100)]
    gc.collect()
    gc.collect()
    for i in range(30000):
        old[i % 100].append((i, str(i)))
        garbage = [object() for _ in range(3)]
    for n, row in enumerate(old):
        assert [i for i, _ in row] == list(range(n, 30000, 100)) and all(str(i) == s for i, s in row)
    d = {}
    gc.collect()
    for i in range(10000):
        d[i] = {"v": [i]}
        if i >= 100:
            del d[i - 100]
    assert all(d[i]["v"] == [i] for i in range(9900, 10000))


def test_old_instances_cells_and_generators_take_young_values():
    class C:
        pass
    c = C()
    def closure():
        cell = None
        def put(v):
            nonlocal cell
            cell = v
        return put, lambda: cell
    put, get = closure()
    def gen():
        held = None
        while True:
            held = yield held
    g = gen()
    next(g)
    gc.collect()
    for i in range(5000):
        c.attr = [i, str(i)]
        put((i, str(i)))
        assert g.send({"i": i}) == {"i": i}
        junk = [[j] for j in range(10)]
        assert c.attr == [i, str(i)] and get() == (i, str(i))
        if i % 1000 == 0:
            gc.collect()
            assert c.attr == [i, str(i)] and get() == (i, str(i)) and next(iter([g.gi_frame.f_locals["held"]])) == {"i": i}


def test_deep_recursion_with_values_in_frames():
    def f(n):
        keep = [n, str(n)]
        if n == 0:
            gc.collect()
            return 0
        r = f(n - 1) + 1
        assert keep == [n, str(n)]
        return r
    assert f(400) == 400


def test_values_in_native_frames():
    class K:
        def __init__(self, v): self.v = v
        def __lt__(self, o):
            junk = [str(self.v) for _ in range(5)]
            return self.v < o.v
    items = sorted([K((i * 7919) % 1009) for i in range(1009)])
    assert [k.v for k in items] == list(range(1009))
    assert sorted(range(300), key=lambda i: (gc.collect() if i % 100 == 0 else 0, str(i))[1]) == sorted(range(300), key=str) or True
    assert list(map(lambda x: [x] * 3, range(2000)))[1999] == [1999] * 3
    assert {k: [k] for k in map(str, range(3000))}["2999"] == ["2999"]
    assert "".join(chr(97 + i % 26) for i in range(5000)).count("a") == 193
    import functools
    assert functools.reduce(lambda a, b: a + [b], range(500), []) == list(range(500))


def test_exceptions_keep_what_they_hold():
    saved = []
    for i in range(300):
        try:
            local = [i, str(i)]
            raise ValueError(local)
        except ValueError as exc:
            saved.append(exc)
    gc.collect()
    assert all(e.args[0] == [i, str(i)] for i, e in enumerate(saved))


def test_big_arrays_come_and_go():
    for n in (10, 1000, 100000, 1000000):
        for _ in range(3):
            a = [None] * n
            a[-1] = "end"
            b = a[:]
            b.append(a)
            assert b[n - 1] == "end" and b[n] is a
            t = tuple(a)
            s = bytes(n)
            assert t[-1] == "end" and len(s) == n


def test_class_churn():
    refs = []
    import weakref
    for i in range(300):
        C = type(f"C{i}", (), {"m": lambda self, i=i: i})
        assert C().m() == i
        refs.append(weakref.ref(C))
    del C
    gc.collect()
    assert sum(r() is not None for r in refs) <= 2


def test_collect_inside_everything():
    class C:
        def __eq__(self, o): gc.collect(0); return self is o
        def __hash__(self): gc.collect(0); return 1
        def __repr__(self): gc.collect(0); return "C"
        def __iter__(self):
            gc.collect(0)
            return iter((1, 2))
    a, b = C(), C()
    d = {a: 1, b: 2}
    assert d[a] == 1 and d[b] == 2 and repr([a, b]) == "[C, C]" and [*a, *b] == [1, 2, 1, 2] and len({a, b, C()}) == 3 and a in [b, a]
    for x, y in [a, b]:
        pass


def test_freeze_and_thresholds():
    gc.freeze()
    assert gc.get_freeze_count() >= 0
    gc.unfreeze()
    old = gc.get_threshold()
    gc.set_threshold(1)
    try:
        assert sum(len([i]) for i in range(2000)) == 2000
    finally:
        gc.set_threshold(*old)
