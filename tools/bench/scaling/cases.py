"""Small things that many threads do at once with what they share: COMMAND cases.py CASE THREADS.

Each case is a loop body, run `LOOPS` times in all, split over the threads. The first group is what
CPython's own ftscalingbench looks at, the second where free-threaded builds were seen not to scale.
"""

import math
import operator
import sys
import threading
import time

LOOPS = 3_600_000

text = "spam"
numbers = list(range(100))
table = {i: str(i) for i in range(100)}
local = threading.local()
counter_step = 3


class Point:
    kind = 7

    def __init__(self, x, y):
        self.x = x
        self.y = y

    def add(self, n):
        return self.x + n

    @property
    def sum(self):
        return self.x + self.y

    @staticmethod
    def twice(n):
        return n + n

    @classmethod
    def made(cls, n):
        return cls.kind + n


class Child(Point):
    pass


shared = Point(3, 4)
child = Child(5, 6)


class Failure(Exception):
    pass


def plain(n):
    return n + 1


def keywords(n, *, by=1):
    return n + by


# What ftscalingbench looks at.

def object_cfunction(n):
    total = 0
    f = (5).bit_length
    for _ in range(n):
        total += f()
    return total


def cmodule_function(n):
    total = 0
    for _ in range(n):
        total += math.gcd(12, 18)
    return total


def module_function(n):
    total = 0
    for _ in range(n):
        total += operator.index(2)
    return total


def mult_constant(n):
    total = 0.0
    for _ in range(n):
        total += 1.5 * 2.0
    return int(total)


def generator(n):
    return sum(x & 3 for x in range(n // 4 * 4))


def pymethod(n):
    total = 0
    point = Point(1, 2)
    for i in range(n):
        total += point.add(2)
    return total


def pyfunction(n):
    total = 0
    for _ in range(n):
        total += plain(1)
    return total


def load_string_const(n):
    total = 0
    for _ in range(n):
        if "one" != "two":
            total += 1
    return total


def load_tuple_const(n):
    total = 0
    for _ in range(n):
        total += (1, 2, "three")[1]
    return total


def create_pyobject(n):
    total = 0
    for _ in range(n):
        total += Point(1, 2).y
    return total


def create_closure(n):
    total = 0
    for i in range(n):
        def inner():
            return i & 0
        total += 1 + inner()
    return total


def create_dict(n):
    total = 0
    for _ in range(n):
        total += len({"a": 1, "b": 2})
    return total


def thread_local_read(n):
    local.x = 2
    total = 0
    for _ in range(n):
        total += local.x
    return total


# Where free-threaded builds were seen not to scale.

def shared_dict_get(n):
    total = 0
    for _ in range(n):
        total += len(table.get(42))
    return total


def shared_method(n):
    total = 0
    for _ in range(n):
        total += shared.add(2)
    return total


def shared_attribute(n):
    total = 0
    for _ in range(n):
        total += shared.x + Point.kind
    return total


def shared_property(n):
    total = 0
    for _ in range(n):
        total += shared.sum
    return total


def shared_list_item(n):
    total = 0
    for _ in range(n):
        total += numbers[7]
    return total


def shared_iteration(n):
    total = 0
    for _ in range(n // 100):
        for x in numbers:
            total += x
    return total


def shared_global(n):
    total = 0
    for _ in range(n):
        total += counter_step
    return total


def shared_value_returned(n):
    total = 0
    for _ in range(n):
        total += 1 if (lambda: shared)() is shared else 0
    return total


def class_methods(n):
    total = 0
    for _ in range(n):
        total += Point.twice(1) + Point.made(1) + child.twice(0)
    return total


def super_calls(n):
    class Sub(Point):
        def add(self, n):
            return super().add(n)
    one = Sub(1, 2)
    total = 0
    for _ in range(n):
        total += one.add(1)
    return total


def isinstance_checks(n):
    total = 0
    for _ in range(n):
        if isinstance(child, Point) and not isinstance(shared, Child):
            total += 1
    return total


def exceptions(n):
    total = 0
    for _ in range(n // 4 * 4):
        try:
            raise Failure(1)
        except Failure as e:
            total += e.args[0]
    return total


def f_strings(n):
    total = 0
    for i in range(n):
        total += len(f"{text}-{i & 7}")
    return total


def call_keywords(n):
    total = 0
    for _ in range(n):
        total += keywords(1, by=2)
    return total


def small_lists(n):
    total = 0
    for i in range(n):
        total += len([i, i, text])
    return total


def sort_keys(n):
    total = 0
    for _ in range(n // 100):
        total += sorted(numbers, key=operator.neg)[0]
    return total


def join_and_split(n):
    total = 0
    for _ in range(n // 10):
        total += len(",".join(["a", "b", text]).split(","))
    return total


def pair_up(n):
    total = 0
    for _ in range(n // 100):
        total += sum(i * x for i, x in enumerate(numbers))
    return total


def compute(n):
    """Nothing shared and nothing made: what the machine itself gives."""
    total = 0
    for i in range(n):
        total = (total + i * i) & 0xFFFF
    return total & 0


CASES = [f for f in list(globals().values())
         if getattr(f, "__module__", None) == __name__ and f.__class__ is type(plain)
         and f.__code__.co_varnames[:1] == ("n",) and f not in (plain, keywords)]


def checksum(case):
    """What all threads' results add up to, however many there are."""
    return case(LOOPS // 12) * 12


def main(name, count):
    case, = [f for f in CASES if f.__name__ == name]
    results = [0] * count
    times = [None] * count
    # The shares are of equal size for 1, 2, 3, 4, 6 and 12 threads.
    gate = threading.Barrier(count)

    def work(i):
        shares = range(i, 12, count)
        gate.wait()
        start = time.perf_counter()
        results[i] = sum([case(LOOPS // 12) for _ in shares])
        times[i] = start, time.perf_counter()

    workers = [threading.Thread(target=work, args=(i,)) for i in range(count)]
    for w in workers:
        w.start()
    for w in workers:
        w.join()
    # From the first thread's start to the last one's end, whenever the main thread wakes up.
    print("seconds", max(end for _, end in times) - min(start for start, _ in times))
    print("checksum", sum(results))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 1)
