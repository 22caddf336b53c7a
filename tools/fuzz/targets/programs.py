"""Valid programs, run to their end: what they print, and the last exception with the lines and columns of its traceback.

Every loop is bounded, every call goes to a function further up, so a program ends by itself.
"""
import io
import random
import sys
import traceback

NAMES = ["a", "b", "c", "d"]
VALUES = ["0", "1", "-3", "7", "2.5", "True", "None", "'s'", "'é'", "b'x'", "''", "[]", "[1, 2, 3]", "(1, 'a')", "{'k': 1}", "{1, 2}", "2**65", "range(4)", "{}", "1j", "Thing(2)", "float('inf')"]
NUMBERS = ["1", "2", "7", "-3", "len(str(a))", "len(str(c))", "True", "(b == d)", "int(isinstance(a, int))", "2**40"]
BINARY = ["+", "-", "*", "//", "%", "/", "&", "|", "^", "<<", ">>", "==", "!=", "<", "<=", ">", "in", "not in", "is", "is not", "and", "or"]
PRELUDE = '''
class Thing:
    kind = "thing"
    def __init__(self, n): self.n = n
    def __repr__(self): return f"Thing({self.n!r})"
    def __add__(self, other): return Thing(self.n + getattr(other, "n", other))
    def __radd__(self, other): return Thing(other + self.n)
    def __eq__(self, other): return isinstance(other, Thing) and self.n == other.n
    def __hash__(self): return hash(self.n)
    def __len__(self): return 2
    def __getitem__(self, i): return [self.n, self][i]
    def __enter__(self): print("enter", self.n); return self
    def __exit__(self, kind, value, tb): print("exit", self.n, kind and kind.__name__); return self.n == 2
    def __bool__(self): return self.n != 0
    def __call__(self, *args, **kwargs): return (self.n, args, kwargs)
    @property
    def twice(self): return self.n * 2
    @twice.setter
    def twice(self, value): self.n = value
    @classmethod
    def make(cls, n=5): return cls(n)
    @staticmethod
    def plain(x): return x
class Late(Thing):
    __slots__ = ("extra",)
    def __init__(self, n, extra=None): super().__init__(n); self.extra = extra
    def __getattr__(self, name): return name.upper() if name != "missing" else object.__getattribute__(self, name)
    def __lt__(self, other): return self.n < other
    def __iter__(self): yield self.n; yield self.extra
    def __contains__(self, x): return x == self.n
def limit(x):
    return x if not isinstance(x, (int, str, bytes, list, tuple)) or (abs(x) < 1 << 200 if isinstance(x, int) else len(x) < 500) else type(x)()
'''


class Writer:
    def __init__(self, rnd):
        self.rnd = rnd
        self.lines = []
        self.functions = []
        self.generators = []
        self.loops = 0
        self.inside = []

    def line(self, depth, text):
        self.lines.append("    " * depth + text)

    def name(self):
        return self.rnd.choice(NAMES)

    def expr(self, depth):
        rnd = self.rnd
        if depth <= 0:
            return self.name() if rnd.randrange(2) else rnd.choice(VALUES[:8] if rnd.randrange(3) else VALUES)
        sub = lambda: self.expr(depth - 1)
        held = lambda: f"({self.expr(depth - 1)})" if depth > 1 or rnd.randrange(2) else self.name()
        kind = rnd.randrange(34)
        if kind < 3:
            # Mostly of numbers, so that programs go on.
            return f"limit({rnd.choice(NUMBERS)} {rnd.choice(BINARY[:9])} {rnd.choice(NUMBERS)})"
        if kind < 6:
            return f"limit({sub()} {rnd.choice(BINARY[:3])} {sub()})"
        if kind < 10:
            return f"({sub()} {rnd.choice(BINARY)} {sub()})" if rnd.randrange(4) else f"({sub()} < {sub()} <= {sub()})"
        if kind == 10:
            return f"({sub()} if {sub()} else {sub()})"
        if kind == 11:
            return f"({self.name()} := {sub()})"
        if kind == 12:
            return f"[{sub()}, *({sub()},), {sub()}]"
        if kind == 13:
            return f"{{{rnd.choice(VALUES[:8])}: {sub()}, **{{'z': {sub()}}}}}"
        if kind == 14:
            return f"{held()}[{rnd.choice(['0', '-1', '1:', '::2', ':1', sub()])}]"
        if kind == 15:
            return f"{held()}.{rnd.choice(['n', 'twice', 'kind', 'extra', 'real', 'missing', 'append', 'items', 'upper'])}"
        if kind == 16:
            return f"[{sub()} for {self.name()} in {self.several()} if {sub()}]"
        if kind == 17:
            return f"{{{self.name()}: {sub()} for {self.name()}, {self.name()} in [(1, 2), (3, 4)]}}"
        if kind == 18:
            return f"sorted({self.several()}, key=lambda {self.name()}, *_: str({sub()}))"
        if kind == 19 and self.functions:
            return f"{rnd.choice(self.functions)}({rnd.choice([sub(), sub() + ', ' + sub(), '*' + self.several(), 'b=' + sub(), '**{' + repr(rnd.choice(NAMES)) + ': ' + sub() + '}'])})"
        if kind == 20 and self.generators:
            return f"list(zip(range(5), {rnd.choice(self.generators)}({sub()})))"
        if kind == 21:
            return f"f'{{{self.name()}!r:>{rnd.randrange(9)}}} {{{self.name()}=}}{{{sub()}}}'" if rnd.randrange(2) else "f\"{" + self.name() + ":{len('ab')}}\""
        if kind == 22:
            return f"Thing({sub()})" if rnd.randrange(2) else f"Late({sub()}, {sub()})"
        if kind == 23:
            return f"(lambda {self.name()}={sub()}: {sub()})()"
        if kind == 24:
            return f"(not {sub()})" if rnd.randrange(2) else f"-({sub()})"
        if kind == 25:
            return f"{rnd.choice(['len', 'str', 'repr', 'list', 'tuple', 'bool', 'type', 'sum', 'max', 'sorted', 'iter', 'abs', 'set', 'int', 'hash'])}({sub()})" if rnd.randrange(3) else f"isinstance({sub()}, {rnd.choice(['int', 'str', '(int, list)', 'Thing'])})"
        if kind == 26:
            return f"({sub()}, {sub()})"
        if kind == 27:
            return f"sum({self.name()} for {self.name()} in {self.several()})"
        if kind == 28:
            return f"{held()}.{rnd.choice(['make', 'plain', 'append', 'get', 'join', 'pop', 'count', 'index', 'split', 'update', 'add'])}({sub()})"
        if kind == 29:
            return f"('%s %r' % ({sub()}, {sub()}))"
        if kind == 30 and "generator" in self.inside[-1:]:
            return f"(yield {self.name()})"
        if kind == 31:
            return f"[[{self.name()}, {self.name()}] for {self.name()} in {self.several()} for {self.name()} in (1, 2)]"
        return sub()

    def several(self):
        return self.rnd.choice(["range(3)", "[1, 2, 3]", "'abc'", "(4, 5)", "{'x': 1}", "Late(1, 2)", "enumerate('ab')", self.name()])

    def target(self):
        return self.rnd.choice([*NAMES, f"{self.name()}, {self.name()}", f"*{self.name()}, {self.name()}", f"{self.name()}.n", f"{self.name()}[0]", f"[{self.name()}, ({self.name()}, {self.name()})]"])

    def body(self, depth, size=3):
        for _ in range(self.rnd.randrange(1, size + 1)):
            self.statement(depth)
        self.line(depth, "pass")

    def statement(self, depth):
        rnd = self.rnd
        deep = depth > 5
        kind = rnd.randrange(14 if deep else 40)
        if kind < 5:
            self.line(depth, f"{self.name()} = {self.expr(2)}")
        elif kind == 5:
            self.line(depth, f"{self.target()} = {self.expr(2)}")
        elif kind == 6:
            self.line(depth, f"{self.name()} {rnd.choice('+ - * // % | &'.split())}= {self.expr(1)}")
            self.line(depth, f"{NAMES[0]} = limit({NAMES[0]}); b = limit(b); c = limit(c); d = limit(d)")
        elif kind < 10:
            self.line(depth, f"print({self.expr(2)}, {self.name()})")
        elif kind == 10:
            self.line(depth, rnd.choice([f"del {self.name()}", f"assert {self.expr(1)}, {self.expr(1)}", "pass", f"{self.name()}: int = {self.expr(1)}", f"del {self.name()}[0]"]))
        elif kind == 11:
            self.line(depth, f"raise {rnd.choice(['ValueError', 'KeyError', 'TypeError', 'StopIteration', 'ZeroDivisionError', 'Exception'])}({self.expr(1)})" + (f" from {rnd.choice(['None', 'OSError(1)'])}" if not rnd.randrange(3) else ""))
        elif kind == 12 and {"function", "generator"} & set(self.inside) and self.inside[-1] not in ("class", "star"):
            self.line(depth, f"return {self.expr(2)}")
        elif kind == 13 and self.loops and "loop" in self.inside[-1:]:
            self.line(depth, rnd.choice(["break", "continue"]))
        elif kind < 18:
            self.line(depth, f"if {self.expr(2)}:")
            self.body(depth + 1)
            if rnd.randrange(2):
                self.line(depth, rnd.choice(["else:", f"elif {self.expr(1)}:"]))
                self.body(depth + 1)
        elif kind < 22:
            self.loops += 1
            if self.loops > 6:
                return
            self.inside.append("loop")
            if rnd.randrange(3):
                self.line(depth, f"for {self.target()} in {self.several()}:")
            else:
                # A name of its own, which no other statement binds.
                self.line(depth, f"n{self.loops} = 0")
                self.line(depth, f"while (n{self.loops} := n{self.loops} + 1) < {rnd.randrange(2, 5)} and not {self.expr(1)} is None:")
            self.body(depth + 1)
            self.inside.pop()
            if not rnd.randrange(3):
                self.line(depth, "else:")
                self.body(depth + 1, 1)
        elif kind < 27:
            self.line(depth, "try:")
            self.body(depth + 1)
            star = "*" if not rnd.randrange(6) else ""
            held = self.inside
            if star:
                self.inside = ["star"]
            clause = rnd.randrange(4)
            if clause:
                self.line(depth, f"except{star} {rnd.choice(['ValueError', '(KeyError, TypeError)', 'ArithmeticError', 'Exception', 'Exception', 'LookupError'])} as {rnd.choice(['error', 'a'])}:")
                self.line(depth + 1, f"print('caught', repr({'error' if 'error:' in self.lines[-1] else 'a'}))")
                self.body(depth + 1, 2)
                if not rnd.randrange(3):
                    self.line(depth, "else:")
                    self.body(depth + 1, 1)
            self.inside = held
            if not clause or not rnd.randrange(3):
                self.line(depth, "finally:")
                self.line(depth + 1, "print('finally')")
                if clause != 2 or True:
                    keep, self.inside = self.inside, []
                    self.body(depth + 1, 1)
                    self.inside = keep
        elif kind < 30:
            self.line(depth, f"with Thing({rnd.randrange(4)}) as {self.name()}" + (f", Thing({self.expr(1)}):" if rnd.randrange(2) else ":"))
            self.body(depth + 1)
        elif kind < 33:
            self.line(depth, f"match {self.expr(1)}:")
            for _ in range(rnd.randrange(1, 4)):
                pattern = rnd.choice(["0 | 1 | None", "[x, *b]", "[a, (b | [b])]".replace(" | [b]", ""), "{'k': c, **d}", "Thing(n=a)", "int(a)", "str() as b", "True", "(1, _)", "[1, 2, *_]", "'s' | b'x'", "-3", "{}", "Late(n=1) | Thing(n=2)"])
                self.line(depth + 1, f"case {pattern}" + (f" if {self.expr(1)}:" if not rnd.randrange(3) else ":"))
                self.line(depth + 2, f"print({pattern!r})")
                self.body(depth + 2, 1)
        elif kind < 37 and len(self.inside) < 4:
            self.function(depth)
        elif kind == 37 and len(self.inside) < 3:
            self.line(depth, f"class {rnd.choice(['Thing2', 'Late2'])}({rnd.choice(['Thing', 'Late', 'list', 'dict', 'Exception', ''])}):")
            self.inside.append("class")
            self.line(depth + 1, f"{self.name()} = {self.expr(1)}")
            self.line(depth + 1, f"def method(self, {self.name()}={self.expr(1)}): return {self.expr(1)}, __class__.__name__")
            self.body(depth + 1, 2)
            self.inside.pop()
        else:
            self.line(depth, f"print({self.expr(3)})")

    def function(self, depth):
        rnd = self.rnd
        generator = not rnd.randrange(3)
        name = f"{'gen' if generator else 'fun'}{len(self.lines)}"
        parameters = rnd.choice(["a", "a, b=2", "a, /, b=1, *c, d=4", "*a, b=3", "a=1, **d", "a, *, b=5", ""])
        if rnd.randrange(5) == 0:
            self.line(depth, "@limit")
        self.line(depth, f"def {name}({parameters}):")
        outer = self.inside
        self.inside = [*outer, "generator" if generator else "function"]
        loops, self.loops = self.loops, self.loops
        used = parameters.replace("*", "").replace("/", "").replace(" ", "").split(",")
        used = {part.partition("=")[0] for part in used}
        for free in NAMES:
            choice = rnd.randrange(6)
            if free in used or choice > 2:
                continue
            if choice == 0:
                self.line(depth + 1, f"global {free}")
            elif choice == 1 and any(kind != "class" and kind != "loop" for kind in outer) and False:
                self.line(depth + 1, f"nonlocal {free}")
            else:
                self.line(depth + 1, f"{free} = {rnd.choice(VALUES)}")
        kept = self.functions[:], self.generators[:]
        if generator:
            self.line(depth + 1, f"{self.name()} = yield {self.expr(1)}")
        self.body(depth + 1, 4)
        if generator:
            self.line(depth + 1, rnd.choice(["yield from (1, 2)", f"return {self.expr(1)}", f"yield {self.expr(1)}"]))
        self.functions, self.generators = kept
        self.inside, self.loops = outer, loops
        (self.generators if generator else self.functions).append(name)


def case(rnd):
    writer = Writer(rnd)
    writer.line(0, "a, b, c, d = 1, 'two', [3], {'four': 4}")
    for _ in range(rnd.randrange(3, 9)):
        if rnd.randrange(5):
            # What it raises is shown, and the program goes on.
            writer.line(0, "try:")
            writer.inside.append("try")
            writer.statement(1)
            writer.line(1, "pass")
            writer.inside.pop()
            writer.line(0, "except Exception as why: show(why)")
        else:
            writer.statement(0)
    if rnd.randrange(2):
        # The same in a function: registers instead of a namespace.
        writer.lines = ["def main():", *("    " + line for line in writer.lines if not line.strip().startswith("global ")), "main()"]
    return "\n".join(writer.lines) + "\n"


def places(error):
    tb = error.__traceback__
    seen = []
    while tb is not None:
        code = tb.tb_frame.f_code
        if code.co_filename == "<program>":
            seen.append((code.co_qualname, tb.tb_lineno, list(code.co_positions())[tb.tb_lasti // 2]))
        tb = tb.tb_next
    return repr(seen) + "".join(traceback.format_exception_only(error))


def show(error):
    print(places(error))
    for other in (error.__cause__, error.__context__):
        if other is not None:
            print("while", places(other))


def outcome(source):
    out = io.StringIO()
    try:
        code = compile(PRELUDE + source, "<program>", "exec")
    except SyntaxError as error:
        return False, repr((error.msg, error.lineno, error.offset))
    standard, sys.stdout = sys.stdout, out
    said = ""
    try:
        exec(code, {"__name__": "program", "__builtins__": __builtins__, "show": show})
    except RecursionError:
        raise
    except Exception as error:
        said = places(error)
    finally:
        sys.stdout = standard
    return True, out.getvalue()[-20000:] + said
