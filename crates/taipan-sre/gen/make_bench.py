#!/usr/bin/env python3
"""With CPython 3.13: prints patterns' codes, texts and CPython's time for all matches, for examples/bench.rs."""
import re
import time
from re import _compiler, _parser

prose = ("The quick brown fox jumps over the lazy dog; it's 42 or 3.14e-10, isn't it? Sherlock Holmes said so, at 12:30 on 2024-05-06. "
         "def f(x, *args): return {'a': [1, 2.5], \"b\": None}  # end_of line\n" * 40)
cyrillic = "Мой дядя самых честных правил, когда не в шутку занемог, он уважать себя заставил. 42 раза\n" * 60
PATTERNS = [
    (r"Holmes", prose), (r"Sherlock|Holmes|Watson", prose), (r"[a-z]+ing", prose), (r"\w+", prose), (r"\w+\s+\w+", prose), (r"\d+", prose),
    (r"(?i)sherlock", prose), (r"(?i)the|fox|dog", prose), (r".*fox.*", prose), (r"(\w+)@(\w+)\.com", prose), (r"^\w+", prose), (r"(?m)^.*$", prose),
    (r"(?P<id>[A-Za-z_]\w*)|(?P<num>\d+(?:\.\d*)?(?:[eE][-+]?\d+)?)|(?P<ws>\s+)|(?P<str>'[^'\n]*'|\"[^\"\n]*\")|(?P<op>.)", prose),
    (r"(?:a|b|c|d|e|f)+", prose), (r"(?:\w+\s)*x", prose[:400]), (r"\s*([^:]+):\s*(.*)", prose), (r"'(?:[^'\\]|\\.)*'", prose), (r"(\d{4})-(\d\d)-(\d\d)", prose),
    (r"[^\s]+", prose), (r"(?s)<.*?>", prose), (r"(?:(?:[a-z]+)\s)+?dog", prose), (r"\b\w", prose), (r"(a+)+b", "a" * 20), (r"(x|y)*", "xyxxy" * 400), (r"(?:x|yx?)*", "xyxxy" * 400),
    (r"\w+", cyrillic), (r"правил", cyrillic), (r"[а-я]+", cyrillic), (r"(?i)МОЙ", cyrillic), (r".*?шутку", cyrillic), (r"\W", cyrillic), (r"x", "a" * 10000), (r"a", "a" * 2000), (r"xyz|abc", "a" * 10000),
    (r"(?=(\w+))\1:", prose), (r"(?>\w+)!", prose), (r"(?:ab)*+", "ab" * 500), (r"[ \t]*#", prose), (r"\\(.)", prose), (r"([\"\\]|[^\ -~])", prose), (r"(.*?)([\"\\\x00-\x1f])", prose),
    (r"(-?(?:0|[1-9][0-9]*))(\.[0-9]+)?([eE][-+]?[0-9]+)?", prose), (r"foo(?=bar)", prose), (r"\$(?:(?P<escaped>\$)|(?P<named>[a-z]+))", prose),
]
for pattern, text in PATTERNS:
    compiled = re.compile(pattern)
    tree = _parser.parse(pattern)
    code = _compiler._code(tree, 0)
    best = 1e9
    rounds = 1 if pattern == "(a+)+b" else 5
    count = 0
    for _ in range(rounds):
        scanner = compiled.scanner(text)
        search = scanner.search
        start = time.perf_counter()
        count = 0
        while search():
            count += 1
        best = min(best, time.perf_counter() - start)
    print("B", pattern.replace(" ", "_").replace("\n", "~"))
    print("P", tree.state.groups - 1, *map(int, code))
    print("T", int(best * 1e9), count, *map(ord, text))
