"""A tour of Taipan: one ordinary program that touches the language, the library and threads.

Run it with any Python 3.13: it checks what it computes and prints a short report. It ends with a traceback that it
catches and prints itself, so the exit status is 0.
"""
import json
import re
import sys
import tempfile
import threading
import traceback
from collections import Counter, defaultdict
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from enum import Enum
from functools import cache, reduce
from pathlib import Path

TEXT = """\
2026-01-03 09:15 temple  north  21.5
2026-01-03 11:40 market  south  24.0
2026-01-04 08:05 temple  north  19.0
2026-01-04 17:30 harbour west   22.5
2026-01-05 12:00 market  south  broken
2026-01-05 12:10 harbour west   23.0
"""


class Side(Enum):
    NORTH = "north"
    SOUTH = "south"
    WEST = "west"


@dataclass(frozen=True, order=True)
class Reading:
    day: str
    place: str
    side: Side = field(compare=False)
    celsius: float = field(compare=False)

    @property
    def fahrenheit(self) -> float:
        return self.celsius * 9 / 5 + 32


class BadLine(ValueError):
    """A line of the log that says nothing useful."""


class Log:
    """Readings by place; iterates over them in order."""

    pattern = re.compile(r"(?P<day>\d{4}-\d\d-\d\d) \S+ (?P<place>\w+)\s+(?P<side>\w+)\s+(?P<value>\S+)")

    def __init__(self):
        self._places = defaultdict(list)

    def add(self, line):
        found = self.pattern.fullmatch(line)
        if found is None:
            raise BadLine(f"cannot read {line!r}")
        try:
            celsius = float(found["value"])
        except ValueError as exc:
            exc.add_note(f"while reading {found['place']} on {found['day']}")
            raise BadLine(f"no number in {line!r}") from exc
        self._places[found["place"]].append(Reading(found["day"], found["place"], Side(found["side"]), celsius))

    def __iter__(self):
        for place in sorted(self._places):
            yield from sorted(self._places[place])

    def __len__(self):
        return sum(map(len, self._places.values()))

    def __getitem__(self, place):
        return self._places[place]


def describe(thing):
    match thing:
        case Reading(place=place, celsius=c) if c >= 23:
            return f"{place} is warm"
        case Reading(place=place, side=Side.NORTH):
            return f"{place} faces north"
        case [first, *rest]:
            return f"{first} and {len(rest)} more"
        case {"name": str(name), **others}:
            return f"{name} with {sorted(others)}"
        case _:
            return f"something else: {thing!r}"


@contextmanager
def section(title):
    print(f"-- {title} ".ljust(60, "-"))
    yield
    print()


@cache
def fibonacci(n):
    return n if n < 2 else fibonacci(n - 1) + fibonacci(n - 2)


def primes():
    """All primes, by an incremental sieve."""
    multiples, n = {}, 2
    while True:
        if n in multiples:
            for p in multiples.pop(n):
                multiples.setdefault(n + p, []).append(p)
        else:
            yield n
            multiples[n * n] = [n]
        n += 1


def count_in_threads(words, workers=4):
    totals, lock = Counter(), threading.Lock()

    def work(share):
        mine = Counter(share)
        with lock:
            totals.update(mine)

    threads = [threading.Thread(target=work, args=(words[i::workers],)) for i in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return totals


def main():
    print("Taipan tour on Python", ".".join(map(str, sys.version_info[:3])))
    print()
    log, problems = Log(), []
    with section("classes, exceptions, re"):
        for line in TEXT.splitlines():
            try:
                log.add(line)
            except BadLine as exc:
                problems.append(exc)
        assert len(log) == 5 and len(problems) == 1
        for reading in log:
            print(f"{reading.place:<8}{reading.celsius:>6.1f} °C {reading.fahrenheit:>6.1f} °F  {describe(reading)}")

    with section("match, closures, generators, big numbers"):
        print(describe([1, 2, 3]), "|", describe({"name": "x", "b": 1, "a": 2}), "|", describe(None))
        stream = primes()
        print("primes:", *(next(stream) for _ in range(12)))
        print("fibonacci(200) =", fibonacci(200))
        compose = reduce(lambda f, g: lambda x: g(f(x)), [lambda x: x + 1, lambda x: x * 2, str])
        assert compose(20) == "42" and sum(x for x in range(1000) if not x % 7) == 71071

    with section("json, pathlib"), tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "readings.json"
        path.write_text(json.dumps([asdict(r) for r in log], default=lambda side: side.value, indent=1))
        back = json.loads(path.read_text())
        assert [r["celsius"] for r in back] == [r.celsius for r in log]
        print(f"{path.name}: {path.stat().st_size} bytes, first: {back[0]['day']} {back[0]['side']}")

    with section("threads"):
        totals = count_in_threads(re.findall(r"\w+", TEXT.lower()) * 500)
        print(", ".join(f"{word} {count}" for word, count in totals.most_common(3)))

    with section("an exception with its traceback"):
        traceback.print_exception(problems[0], file=sys.stdout)

    print("all is well")


if __name__ == "__main__":
    main()
