#!/usr/bin/env python3
"""With CPython 3.13: writes what its `re` finds, for tests/golden.rs.

    make_golden.py LIB_DIRECTORY            writes tests/golden.txt (LIB_DIRECTORY holds test/re_tests.py)
    make_golden.py --random SEED COUNT      prints that many random patterns, to look for differences

Lines: `P GROUPS WORD...` is a pattern's code; `T MODE START END TEXT` a question (text as code points, everything in
hexadecimal); `= LASTINDEX START,END START,END...` the answer, whole match first, `-` for what did not match; the modes are
m (match), f (fullmatch), s (search) and i (finditer, with an answer for each match). `# PATTERN FLAGS` is a comment.
"""
import os
import random
import re
import sys
import warnings
from re import _compiler, _parser

warnings.simplefilter("ignore")
HERE = os.path.dirname(os.path.abspath(__file__))


def code_of(pattern, flags):
    tree = _parser.parse(pattern, flags)
    return tree.state.groups - 1, _compiler._code(tree, flags)


def answer(match):
    spans = [f"{a:x},{b:x}" if a >= 0 else "-" for a, b in (match.span(i) for i in range(match.re.groups + 1))]
    return f"= {match.lastindex or 0:x} " + " ".join(spans)


def units(text):
    return ".".join(f"{c if isinstance(c, int) else ord(c):x}" for c in text)


def write(out, pattern, flags, questions):
    try:
        compiled = re.compile(pattern, flags)
        groups, code = code_of(pattern, flags)
    except (re.error, OverflowError, ValueError, RecursionError):
        return
    print(f"# {pattern!r} {int(flags)}", file=out)
    print(f"P {groups:x} " + " ".join(f"{word:x}" for word in code), file=out)
    for mode, text, start, end in questions:
        if isinstance(text, str) == isinstance(pattern, bytes):
            text = text.encode("latin-1") if isinstance(text, str) else text.decode("latin-1")
        end = len(text) if end is None else end
        print(f"T {mode} {start:x} {end:x} {units(text)}", file=out)
        if mode == "i":
            for match in compiled.finditer(text, start, end):
                print(answer(match), file=out)
        else:
            match = {"m": compiled.match, "f": compiled.fullmatch, "s": compiled.search}[mode](text, start, end)
            if match:
                print(answer(match), file=out)


def all_modes(text):
    return [(mode, text, 0, None) for mode in "mfsi"]


def from_re_tests(lib, out):
    sys.path.insert(0, os.path.join(lib, "test"))
    import re_tests
    for test in re_tests.tests:
        pattern, text = test[:2]
        for flags in (0, re.I, re.S | re.M, re.A):
            questions = [("s", text, 0, None)] if flags else all_modes(text)
            if not flags and text:
                questions += [("s", text, 1, None), ("s", text, 0, len(text) - 1), ("m", text, 1, None)]
            write(out, pattern, flags, questions)
            if not flags or flags == re.I:
                try:
                    write(out, pattern.encode("latin-1"), flags, [("s", text.encode("latin-1"), 0, None)])
                except UnicodeEncodeError:
                    pass


WORDS = "The quick brown fox; it's 42 or 3.14e-10, isn't it?\n  def f(x, *args): return {'a': [1, 2.5], \"b\": None}\n# end_of line\n"
WIDE = "Stra\u00dfe \u0394\u03b9\u03b1\u03c6\u03bf\u03c1\u03ac \u0130stanbul \u017fet K\u212bng \u0664\u0662 \u4e2d\u6587\u3000x\u2028y \u01c5 \ufb01"
ASTRAL = "a\U0001F40Db \U00010400\U00010428 \U0001d7d8 z"

OWN = [
    r"\w+", r"\W+", r"\d+", r"\D+", r"\s+", r"\S+", r"\b\w", r"\B\w", r"\w+\s", r"\w+\b", r"[^\W\d]+", r"[\w.]+", r"(\w+)\s+(\w+)",
    r"(?P<id>[A-Za-z_]\w*)|(?P<num>\d+(?:\.\d*)?(?:[eE][-+]?\d+)?)|(?P<ws>\s+)|(?P<str>'[^'\n]*'|\"[^\"\n]*\")|(?P<op>.)",
    r"'[^']*'", r"'(?:[^'\\]|\\.)*'", r".*\n", r".*?\n", r"(.*)\n(.*)", r"^.*$", r"(?m)^.*$", r"(?m)^\s*(\w+)", r"(?s).*", r"(?s).*?x", r"(?s).{3,7}?t",
    r"[a-f]{2}", r"[a-f]{2,}", r"[a-f]{0,2}", r"(?:[a-f]o)*", r"(?:(a)|(b)|(c))+", r"(?:(a)|b)*?c", r"(a|ab)(c|bcd)(d*)", r"((a)|(b))*", r"(?:a|ab)*+c",
    r"x*", r"x*?", r"x?", r"x??", r"(?:)", r"(?:)*", r"()*", r"(a*)*", r"(a*)+", r"(a*?)*", r"(?:a?)*?b", r"(|a)+", r"(a|)+b", r"(?:a*?)+?x",
    r"(?=.*x)\w+", r"(?!t)\w+", r"(?<=t)\w+", r"(?<!t)\w+", r"(?<=\bi)t", r"(?<=(..))x", r"(?=(\w+))\1:", r"(?=(a+))a*b\1", r"(?<!\w)\w+(?!\w)",
    r"(?>a+)b", r"(?>a|ab)c", r"(?>(?:a|b)+)c", r"a++b", r"a*+a", r"a?+a", r"a{1,2}+a", r"(?:ab)++a", r"(?:ab){2}+c", r"(?:a|b){2,4}+b", r"(?:a?)*+b", r"(?:(a)|(b))*+(?=c)",
    r"(a)?(?(1)b|c)", r"(a)?(?(1)b)", r"(?:(a)|(b))(?(1)x|y)", r"(<)?\w+(?(1)>)", r"^(?:(\()|)\w+(?(1)\)|$)",
    r"(a)\1", r"(?i)(a)\1", r"(\w)\1", r"(?i)(\w+) \1", r"(?P<q>['\"]).*?(?P=q)", r"(a)(b)?\2c", r"(?:(x)|y\1)*",
    r"abc", r"(abc)", r"(abc)d", r"ab(c)d", r"abab", r"ababac", r"a", r"(a)", r"aa*", r"ab|cd|ef", r"(ab|cd|ef)", r"(?:ab|ac|ad)x", r"q|w|e|r|t|y|u|i|o|p",
    r"fox|for|f", r"(?:foo|bar|baz|qux|quux|corge|grault|garply)s?", "|".join(f"w{i}x" for i in range(150)), r"(?i)python|perl|ruby",
    r"\A\w", r"\w\Z", r"\w$", r"$", r"^", r"(?m)$", r"(?m)^", r"\b", r"\B", r"\Z", r"(?a)\w+", r"(?i)[a-z]+", r"(?i)[^a-z]+", r"(?ia)[k-s]+", r"(?i)k", r"(?i)\u017f", r"(?i)ss|\u00df",
    r"[\u4e00-\u9fff]+", r"[^\u4e00-\u9fff]+", r"[\u0370-\u03ff\u0400]+", r"(?i)[\u0370-\u03ff]+", r"(?i)\u03c3", r"[\U00010400-\U00010427]", r"(?i)[\U00010400-\U00010427]+", r"[a\u4e2dz\U0001F40D]+",
    r"[aeiou\xe0\xe8\u0394\u03b9\u0430\u0435\u3000]", r"(?i)[\xe0-\xff\u0391-\u03a9\u0410-\u042f]+", r"(?i)\u01c5", r"(?i)[\u01c4]", r"(?i)\ufb01", r"\u212b", r"(?i)\u212b", r"(?i)i", r"(?i)\u0130", r"(?i)\u0131",
    r"(?:a{2,3}){2,3}", r"(?:(?:ab)?c)*d", r"(?:a(?:b(?:c(?:d)?)?)?)+", r"(((((a)))))", r"(a(b(c)?)?)?d", r"(?:(\d+)|(\w+)|\s)+", r"(?:(?P<a>x)|(?P<b>y))+(?P<c>z)?",
    r"(.)*", r"(.)+?\d", r"(?:.(\d)?)*x", r"(?:(?=(a))a|b)*", r"(?:(?!c)(.))*", r"(?:(a)(?=b)|b)*c", r"(?:(?<=a)(b)|a)*", r"(?!(a))b|(a)", r"(?:(?!(a)b)\w)+",
    r"(?s:.)(?-s:.)", r"(?i:a)b", r"(?:a\b|\Ba)", r"[]]", r"[^]]", r"[\]\-\\]", r"[a\-c]", r"[\s\S]", r"[^\s\S]", r"[\d\D]+", r"(?!)", r"a(?!)|b", r".{0}", r"a{0}b", r"(a){0}b", r"(?:a{0})*b", r"(?:ab){0}", r"(?:ab){0}?c", r"(?:ab){0}+c",
]
TEXTS = ["", "a", "b", "ab", "abc", "aab", "abcd", "ababac", "xabababac", "aaaa", "aaab", "abcabc", "bcbca", "cd ef", "<a>", "<a", "(x)", "(x", "aA", "AbAb", "xyxyz", "yxy", "foo bar quux foos", "w3x w149x w63x w64x",
         "PERL ruby", "aaaaaaab", "abababababc", "\n", "a\n", "\na", "x\ny\n", "  ", "]-\\", WORDS, WIDE, ASTRAL, "k\u212aK s\u017fS \u03c3\u03c2\u03a3 \u01c4\u01c5\u01c6 iI\u0130\u0131", "'a\\'b' \"c\"", "aa:a", "aaba", "abcd1x2x"]


class Generator:
    """Random patterns over a small alphabet, so that they meet their texts often."""

    def __init__(self, seed):
        self.random = random.Random(seed)

    def pattern(self):
        self.groups = 0
        self.open = set()
        return self.alternatives(self.random.randint(1, 4))

    def alternatives(self, depth):
        count = self.random.choice((1, 1, 1, 2, 2, 3)) if depth else 1
        return "|".join(self.sequence(depth) for _ in range(count))

    def sequence(self, depth):
        return "".join(self.piece(depth) for _ in range(self.random.choice((0, 1, 1, 2, 2, 3))))

    def piece(self, depth):
        r = self.random
        atom, repeatable = self.atom(depth)
        if repeatable and r.random() < 0.45:
            atom += r.choice(("*", "+", "?", "*", "{2}", "{1,2}", "{0,1}", "{2,}", "{1,3}")) + r.choice(("", "", "?", "?", "+"))
        return atom

    def atom(self, depth):
        r = self.random
        kind = r.random()
        if kind < 0.45 or not depth:
            return r.choice(("a", "a", "b", "b", "c", ".", "[ab]", "[^a]", "[bc]", "\\w", "\\s", " ", "[^\\W]", "ab", "(?i:A)", "[\u0394b]", "\u0394")), True
        if kind < 0.52:
            return r.choice(("^", "$", "\\b", "\\B", "\\A", "\\Z")), False
        if kind < 0.57 and self.groups:
            group = r.randint(1, self.groups)
            if group not in self.open:
                return f"\\{group}", True
        if kind < 0.62 and self.groups:
            return f"(?({r.randint(1, self.groups)}){self.sequence(depth - 1)}" + r.choice(("", "|" + self.sequence(depth - 1))) + ")", True
        if kind < 0.70:
            return f"({r.choice(('?=', '?!', '?<=', '?<!'))}{self.alternatives(depth - 1)})", r.random() < 0.1
        if kind < 0.76:
            return f"(?>{self.alternatives(depth - 1)})", True
        if kind < 0.84:
            return f"(?:{self.alternatives(depth - 1)})", True
        self.groups += 1
        number = self.groups
        self.open.add(number)
        inner = self.alternatives(depth - 1)
        self.open.discard(number)
        return f"({inner})", True

    def text(self):
        r = self.random
        return "".join(r.choice("aaabbbc \n\u0394" if r.random() < 0.3 else "aabbc") for _ in range(r.randint(0, 9)))

    def write(self, out, count):
        for _ in range(count):
            pattern = self.pattern()
            questions = []
            for mode in self.random.sample("mfsi", 3):
                text = self.text()
                end = None if self.random.random() < 0.8 else self.random.randint(0, len(text))
                start = 0 if self.random.random() < 0.8 else self.random.randint(0, len(text))
                questions.append((mode, text, start, end))
            write(out, pattern, self.random.choice((0, 0, 0, re.I, re.M, re.S, re.A)), questions)


if sys.argv[1] == "--random":
    Generator(int(sys.argv[2])).write(sys.stdout, int(sys.argv[3]))
else:
    with open(os.path.join(HERE, "..", "tests", "golden.txt"), "w") as out:
        from_re_tests(sys.argv[1], out)
        chooser = random.Random(1)
        for pattern in OWN:
            questions = []
            for text in TEXTS:
                if chooser.random() < 0.35:
                    questions.append((chooser.choice("mfssi"), text, 0, None))
            write(out, pattern, 0, questions)
            try:
                data = pattern.encode("latin-1")
            except UnicodeEncodeError:
                continue
            write(out, data, chooser.choice((0, re.I, re.L, re.L | re.I)), [(chooser.choice("msi"), t.encode("latin-1"), 0, None) for t in chooser.sample(TEXTS[:34], 4)])
        Generator(3).write(out, 1500)
