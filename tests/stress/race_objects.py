"""Races over classes, instances, modules, generators, weak references and finalisers. Run by races.py."""
import functools
import gc
import itertools
import operator
import random
import re
import struct
import threading
import types
import weakref
from race_containers import missing


def race_instance_dict(race):
    class C:
        pass

    c = C()

    def own(i, k):
        name = f"a{i}_{k % 30}"
        setattr(c, name, (i, k))
        assert getattr(c, name) == (i, k)
        c.shared = (k, k)
        x, y = c.shared
        assert x == y
        if k % 3 == 0:
            delattr(c, name)
            assert not hasattr(c, name)

    def clean(name, v):
        return name == "shared" or name == f"a{v[0]}_{v[1] % 30}"

    def read(i, k):
        with missing(AttributeError, KeyError):
            for name, v in list(vars(c).items()):
                assert name == "direct" or clean(name, v), (name, v)
            if k % 50 == 0:
                c.__dict__["direct"] = (0, 0)
                del c.direct

    race.run(own, read)
    names = [name for name in vars(c) if name != "direct"]
    assert len(names) == len(set(names)) and all(clean(name, getattr(c, name)) for name in names)


def race_dict_replaced(race):
    """`__dict__` given another dict while attributes are read and written."""
    class C:
        def __init__(self):
            self.a, self.b = ("a", 0), ("b", 0)

    objects = [C() for _ in range(8)]

    def swap(i, k):
        o = objects[k % 8]
        o.__dict__ = {"a": ("a", k), "b": ("b", k)}
        if k % 20 == 0:
            objects[k % 8] = C()

    def use(i, k):
        o = objects[(k + i) % 8]
        assert o.a[0] == "a" and o.b[0] == "b"
        o.a = ("a", k)
        setattr(o, f"x{k % 12}", ("x", k))
        assert vars(o)["a"][0] == "a"

    race.run(swap, use)


def race_slots(race):
    class S:
        __slots__ = ("a", "b", "__weakref__")

    s = S()

    def work(i, k):
        with missing(AttributeError):
            s.a = (k, k)
            x, y = s.a
            assert x == y
            s.b = [i]
            assert s.b[0] < race.threads
            del s.a

    race.run(work)


def race_class_dict(race):
    class Base:
        value = (0, 0)

        def f(self):
            return 0

    class C(Base):
        pass

    def change(i, k):
        C.value = (k, k)
        C.f = lambda self, k=k: k
        Base.other = k
        with missing(AttributeError):
            setattr(C, f"n{k % 40}", k % 40)
            if k % 3 == 0:
                delattr(C, f"n{(k + 20) % 40}")
            if k % 7 == 0:
                del C.value
                del C.f
        if k % 11 == 0:
            C.__len__ = lambda self: 5
            C.__eq__ = lambda self, other: NotImplemented
        elif k % 11 == 5:
            with missing(AttributeError):
                del C.__len__

    c = C()

    def use(i, k):
        x, y = c.value
        assert x == y and c.f() >= 0 and C.f(c) >= 0
        v = getattr(c, f"n{k % 40}", None)
        assert v is None or v == k % 40
        with missing(TypeError, AttributeError):
            assert len(c) == 5
        assert isinstance(c == c, bool)
        if k % 20 == 0:
            assert isinstance(list(vars(C)), list) and "__class__" in dir(c)
            assert issubclass(C, Base) and isinstance(c, Base)

    race.run(change, use)


def race_dunder_class(race):
    class A:
        def who(self):
            return "A"

    class B:
        def who(self):
            return "B"

    class D(A):
        def who(self):
            return "D"

    objects = [A() for _ in range(4)]
    for o in objects:
        o.mark = "mark"

    def change(i, k):
        objects[k % 4].__class__ = (A, B, D)[(k + i) % 3]

    def use(i, k):
        o = objects[(k + i) % 4]
        assert o.who() in ("A", "B", "D") and type(o) in (A, B, D)
        assert isinstance(isinstance(o, A), bool)
        o.other = ("other", k)
        with missing(AttributeError, KeyError):
            assert o.other[0] == "other" and o.mark == "mark"
            if k % 40 == 0:
                del o.__dict__["mark"]
                o.mark = "mark"

    race.run(change, use)


def race_dunder_bases(race):
    class A:
        def who(self):
            return "A"

        tag = "A"

    class B:
        def who(self):
            return "B"

        tag = "B"

    class Keep:
        pass

    class C(A, Keep):
        pass

    class D(C):
        pass

    def change(i, k):
        C.__bases__ = ((A, Keep), (B, Keep), (A, B, Keep))[(k + i) % 3]

    d = D()

    def use(i, k):
        assert d.who() in ("A", "B") and D.tag in ("A", "B") and isinstance(d, Keep)
        assert C.__mro__[0] is C and C.__mro__[-1] is object and D.__mro__[1] is C
        assert super(C, d).who() in ("A", "B")
        if k % 30 == 0:
            class E(C):
                pass
            assert E().who() in ("A", "B") and E in C.__subclasses__()

    race.run(change, use)
    assert C in Keep.__subclasses__() and (C in A.__subclasses__()) == (A in C.__bases__)


def race_classes_made(race):
    class Meta(type):
        pass

    class Base(metaclass=Meta):
        def __init_subclass__(cls):
            cls.made = True

    keep = [[] for _ in range(64)]

    def work(i, k):
        c = Meta(f"C{i}_{k}", (Base,), {"v": k, "f": lambda self: self.v, "__slots__": ()} if k % 2 else {"v": k, "f": lambda self: self.v})
        assert c.made and c().f() == k
        keep[i].append(c)
        del keep[i][:-20]
        assert c in Base.__subclasses__()

    race.run(work)
    kept = {c for row in keep for c in row}
    assert kept <= set(Base.__subclasses__())


def race_module_globals(race):
    module = types.ModuleType("shared")
    exec("""
v = (0, 0)
def get():
    return v
def put(x):
    global v
    v = (x, x)
def use():
    return len([helper(n) for n in range(3)])
def helper(n):
    return n
def drop():
    global temporary
    temporary = 1
    del temporary
""", module.__dict__)

    def work(i, k):
        module.put(k)
        x, y = module.get()
        assert x == y and module.use() == 3
        setattr(module, f"g{k % 60}", k % 60)
        assert getattr(module, f"g{(k + 7) % 60}", (k + 7) % 60) == (k + 7) % 60
        with missing(NameError):
            module.drop()
        if k % 9 == 0:
            module.helper = lambda n: n
            vars(module).pop(f"g{(k + 30) % 60}", None)
        if k % 13 == 0:
            module.len = len
        elif k % 13 == 7:
            vars(module).pop("len", None)

    race.run(work)


def race_builtins_shadowed(race):
    import builtins

    def use():
        return race_probe(3)

    builtins.race_probe = lambda n: n

    def change(i, k):
        builtins.race_probe = lambda n: n
        if k % 5 == 0:
            globals()["race_probe"] = lambda n: n
        elif k % 5 == 2:
            globals().pop("race_probe", None)

    def call(i, k):
        assert use() == 3

    race.run(change, call)
    globals().pop("race_probe", None)
    del builtins.race_probe


def race_closures_and_defaults(race):
    n = (0, 0)

    def f(x, y=1, *, z=2):
        return x + y + z

    def work(i, k):
        nonlocal n
        n = (k, k)
        x, y = n
        assert x == y and f(1) in (4, 14, 104)
        if k % 7 == 0:
            f.__defaults__ = (1,) if k % 2 else (11,)
        if k % 11 == 0:
            f.__kwdefaults__ = {"z": 2}
        if k % 13 == 0:
            f.__code__ = (lambda x, y=1, *, z=2: x + y + z).__code__
        f.mark = k

    race.run(work)


def race_generators(race):
    def g():
        for n in itertools.count():
            yield n

    it = g()
    seen = [[] for _ in range(64)]

    def pull(i, k):
        with missing(ValueError):
            seen[i].append(next(it))

    race.run(pull, share=0.4)
    numbers = list(itertools.chain(*seen))
    assert len(set(numbers)) == len(numbers) == max(numbers) + 1

    class Stop(Exception):
        pass

    def h():
        got = 0
        while True:
            try:
                got = yield got
            except Stop:
                got = -1

    box = [h() for _ in range(4)]

    def drive(i, k):
        one = box[(k + i) % 4]
        # One that is closed meanwhile raises what is thrown into it.
        with missing(ValueError, StopIteration, TypeError, RuntimeError, Stop):
            op = k % 6
            if op < 3:
                next(one)
                one.send(k)
            elif op == 3:
                assert one.throw(Stop) in (-1, None)
            elif op == 4:
                one.gi_frame, one.gi_running, one.gi_yieldfrom, one.gi_suspended
                frame = one.gi_frame
                if frame is not None:
                    frame.f_locals, frame.f_lineno
            elif k % 60 == 5:
                one.close()
        if one.gi_frame is None:
            box[(k + i) % 4] = h()

    race.run(drive, share=0.3)

    async def co():
        await asyncio_nothing()
        return 5

    class asyncio_nothing:
        def __await__(self):
            yield 1

    shared = [co() for _ in range(4)]

    def coroutines(i, k):
        one = shared[k % 4]
        with missing(ValueError, RuntimeError):
            try:
                assert one.send(None) == 1
            except StopIteration as end:
                assert end.value == 5
                shared[k % 4] = co()

    race.run(coroutines, share=0.3)
    for one in shared:
        one.close()


def race_weakrefs(race):
    """Referents die while others read."""
    class K:
        def __init__(self, n):
            self.n = n
            self.me = self

    strong = [K(n) for n in range(20)]
    refs = [weakref.ref(o) for o in strong]
    called = [0] * 64
    values, keys, ws = weakref.WeakValueDictionary(), weakref.WeakKeyDictionary(), weakref.WeakSet()

    def change(i, k):
        n = k % 20
        o = K(n)
        refs[n] = weakref.ref(o, lambda r: called.__setitem__(i, called[i] + 1))
        values[n] = o
        keys[o] = n
        ws.add(o)
        strong[n] = o
        if k % 100 == 0:
            gc.collect(0 if k % 300 else 1)

    def read(i, k):
        n = k % 20
        r = refs[n]
        o = r()
        assert o is None or o.n == n and o.me is o
        if o is not None:
            assert weakref.ref(o)() is o and weakref.getweakrefcount(o) >= 0
            p = weakref.proxy(o)
            assert p.n == n
            assert r() is o and hash(r) == hash(o)
        o = values.get(n)
        assert o is None or o.n == n
        if k % 20 == 0:
            with missing(RuntimeError):
                assert all(o.n == n for n, o in values.items())
            with missing(RuntimeError):
                assert all(o.n == n for o, n in keys.items())
            with missing(RuntimeError):
                assert all(0 <= o.n < 20 for o in ws)

    race.run(change, read)
    strong.clear()


def race_finalisers(race):
    """Each object's finaliser runs once, also where it comes back to life; weak references are clear by then."""
    lock = threading.Lock()
    made, died, saved = [0] * 64, [], []

    class F:
        def __init__(self, i):
            self.cycle = self
            self.i = i
            self.count = 0

        def __del__(self):
            self.count += 1
            assert self.count == 1 and self.cycle is self
            died.append(self.i)
            if len(saved) < 100:
                saved.append(self)

    def work(i, k):
        F(i)
        made[i] = k + 1
        weakref.finalize(F(i), died.append, None) if k % 50 == 0 else None
        if k % 200 == 199:
            gc.collect()
        if k % 20 == 0:
            with missing(IndexError):
                assert saved.pop().count == 1

    race.run(work)
    gc.collect()
    gc.collect()
    assert all(o.count == 1 for o in saved)
    assert len([d for d in died if d is not None]) >= sum(made) // 2


def race_weak_callbacks(race):
    """References that are replaced in a dict while their callbacks are due: who is called is whole."""
    table, wrong = {}, []

    class C:
        pass

    def work(i, k):
        made = []
        for n in range(20):
            c = C()

            def callback(ref, name=(i, k, n), same=[i, k, n]):
                if name != tuple(same) or ref() is not None:
                    wrong.append((name, same))

            table[n] = weakref.ref(c, callback)
            made.append(c)
        if k % 100 == 0:
            gc.collect()

    race.run(work)
    gc.collect()
    assert not wrong, wrong[:5]


def race_descriptors(race):
    class Cell:
        def __init__(self, n):
            self.n = n

        def __get__(self, o, t=None):
            return self.n if o is not None else self

        def __set__(self, o, v):
            self.n = v

    class C:
        x = property(lambda self: (1, 1))
        y = Cell((2, 2))

        @functools.cached_property
        def z(self):
            return (3, 3)

        @classmethod
        def c(cls):
            return cls

        @staticmethod
        def s():
            return 5

        def __getattr__(self, name):
            if name.startswith("q"):
                return name
            raise AttributeError(name)

    c = C()

    def change(i, k):
        op = k % 6
        if op == 0:
            C.x = property(lambda self: (k, k))
        elif op == 1:
            C.x = (k, k)
        elif op == 2:
            C.y = Cell((k, k))
        elif op == 3:
            c.y = (k, k)
        elif op == 4:
            vars(c).pop("z", None)
        else:
            C.s = staticmethod(lambda: 5)

    def use(i, k):
        x, y = c.x
        assert x == y
        x, y = c.y
        assert x == y and c.z == (3, 3) and c.c() is C and c.s() == 5 and c.query == "query"

    race.run(change, use)


def race_functools(race):
    calls = []

    @functools.lru_cache(maxsize=32)
    def f(x):
        return (x, x * 2)

    @functools.cache
    def g(x):
        return (x, x)

    @functools.singledispatch
    def h(x):
        return "object"

    h.register(int, lambda x: "int")
    p = functools.partial(operator.add, 1)

    def work(i, k):
        n = (k * 7 + i) % 60
        assert f(n) == (n, n * 2) and g(n) == (n, n) and p(n) == n + 1
        # The look-up of a new type goes through the registry, which may grow meanwhile.
        with missing(RuntimeError):
            assert h(1) == "int" and h("") == "object"
        info = f.cache_info()
        assert info.currsize <= 32
        if k % 500 == 0:
            f.cache_clear()
            h.register(type(f"T{k % 8}", (), {}), lambda x: "T")
        assert functools.reduce(operator.add, range(10)) == 45

    race.run(work)
    assert f.cache_info().currsize <= 32 and not calls


def race_random_struct_re(race):
    rnd, s, lock = random.Random(1), struct.Struct("<id"), threading.Lock()

    def work(i, k):
        assert 0 <= rnd.random() < 1 and 0 <= rnd.randrange(10) < 10 and 0 <= rnd.getrandbits(8) < 256
        assert s.unpack(s.pack(k, 0.5)) == (k, 0.5)
        assert re.sub(f"a{k % 600}", "b", f"a{k % 600}c") == "bc"
        assert re.match(r"(\w+) (\w+)", "ab cd").groups() == ("ab", "cd")
        if k % 100 == 0:
            state = rnd.getstate()
            assert len(state[1]) == 625
            rnd.seed(k)

    race.run(work)
    assert not lock.locked()


def race_exceptions(race):
    """One exception raised by all: its traceback, context and notes are whole objects whoever wrote them last."""
    shared = ValueError("shared")

    def work(i, k):
        try:
            try:
                raise shared
            except ValueError as e:
                assert e is shared
                if k % 7 == 0:
                    e.add_note("note")
                if k % 100 == 0:
                    e.__notes__ = []
                    e.__traceback__ = None
                raise KeyError(i) from e
        except KeyError as e:
            assert e.__cause__ is shared and e.args == (i,)
            tb = e.__traceback__
            while tb is not None:
                assert tb.tb_lineno > 0 and tb.tb_frame.f_code is not None
                tb = tb.tb_next

    race.run(work)
    shared.__traceback__ = None


def race_copy_pickle_json(race):
    import copy
    import json
    import pickle

    class Box:
        pass

    globals()["Box"] = Box
    Box.__qualname__ = "Box"
    data = {"list": [1, 2, {"x": [3]}], "n": 5}
    box = Box()
    box.data = data

    def change(i, k):
        data["list"].append(k)
        if len(data["list"]) > 50:
            del data["list"][3:]
        data[f"k{k % 20}"] = [k]
        if k % 3 == 0:
            data.pop(f"k{(k + 10) % 20}", None)

    def read(i, k):
        with missing(RuntimeError):
            assert json.loads(json.dumps(data))["n"] == 5
        with missing(RuntimeError):
            assert copy.deepcopy(box).data["n"] == 5
        with missing(RuntimeError):
            assert pickle.loads(pickle.dumps(data))["n"] == 5
        with missing(RuntimeError):
            assert "'n': 5" in repr(data) and "'n': 5" in str(data)
        assert copy.copy(data)["n"] == 5

    race.run(change, read)
