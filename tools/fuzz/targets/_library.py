"""Pieces of the library's sources, and their damage token by token: what syntax.py and tokens.py have in common."""
import os
import re

FILES = []
CACHE = {}
TOKEN = re.compile(r"""
    [rRbBuUfF]{0,2}(?:'''(?:[^\\]|\\.)*?'''|\"\"\"(?:[^\\]|\\.)*?\"\"\"|'(?:[^\\\n']|\\.)*'|"(?:[^\\\n"]|\\.)*")
  | [^\W\d]\w* | (?:0[xXoObB])?[\d_a-fA-F]*\d(?:\.\d*)?(?:[eE][+-]?\d+)?j?
  | \*\*=|//=|>>=|<<=|\.\.\.|:=|->|[-+*/%&|^=<>!@]=|\*\*|//|<<|>>|\n[ \t]*|[ \t]+|\#[^\n]*|.
""", re.VERBOSE | re.DOTALL)
WORDS = ("False None True and as assert async await break class continue def del elif else except finally for from global if "
         "import in is lambda nonlocal not or pass raise return try while with yield match case type _ print exec "
         "self x __debug__ except* not\u00a0in").split()
MARKS = ("( ) [ ] { } : , ; . = == != <= >= < > := -> + - * ** / // % @ & | ^ ~ << >> += **= ... ! $ ? ` \\ "
         "'' \"\" ''' \"\"\" f' f\" f'{ rb' b'' 0 1 1.5 1j 0x 0b2 1_ 1__0 01 1e 1.e5 0o9 1if 0xfor \n \n\t \n\x0c \t \\\n # \0 é ½ ‘ \ufeff").split(" ")
LIKE = [
    ["+", "-", "*", "/", "//", "%", "@", "&", "|", "^", "<<", ">>", "**", " and ", " or ", "==", "!=", "<", " in ", " is ", " not in ", " if x else ", " is not "],
    ["=", "+=", "-=", "*=", ":=", ": int =", "@=", ">>="],
    ["True", "None", "False", "x", "self", "...", "0", "1.5", "'s'", "b'b'", "f'{x}'", "lambda: 0", "(yield)", "await x", "*x", "[i for i in x]",
     "{**x}", "{x: 1}", "(x := 1)", "not x", "-1", "x.y", "x[0]", "x[1:2, ...]", "x()", "x(*y, **z)", "(x, y)", "[*x]", "{i: j for i, j in x if i}",
     "f'{x!r:>{y}} {{'", "rf'{x=}'", "'a' 'b'", "x if y else z", "a < b < c", "__debug__", "__x"],
    ["pass", "break", "continue", "return", "return x", "raise", "global x", "nonlocal x", "del x", "yield", "assert x, y", "import x", "from . import y",
     "from x import *", "x: int", "x = y", "type X[T] = T", "x += 1", "del (x, y)", "async def f(): pass", "with x as y: pass", "for x in y: pass",
     "class C[T: int = str](B, metaclass=M): pass", "def f(a, /, b=1, *c, d, **e) -> x: pass", "@x\ndef f(): pass", "try: pass\nexcept* X as e: pass",
     "match x:\n case {'a': [1, *_], **r} | C(a=b) as y if z: pass", "while x: pass", "if x: pass\nelif y: pass\nelse: pass", "lambda x, /, *, y: 0"],
    ["if", "while", "elif", "for", "with", "async with", "async for"],
]
NAME = re.compile(r"[^\W\d]\w*\Z")


def prepare(library):
    for folder, _, names in sorted(os.walk(library)):
        if "/test" in folder or "site-packages" in folder or "pip" in folder or "__pycache__" in folder:
            continue
        FILES.extend(os.path.join(folder, name) for name in sorted(names) if name.endswith(".py"))
    for name in ("test_grammar", "test_patma", "test_fstring", "test_type_params", "test_named_expressions", "test_coroutines", "test_unparse"):
        path = os.path.join(library, "test", name + ".py")
        if os.path.exists(path):
            FILES.extend([path] * 40)
    FILES.sort(key=lambda path: path[len(library):])


def piece(rnd):
    """A few lines that begin at a statement, moved to the left margin."""
    path = rnd.choice(FILES)
    lines = CACHE.get(path)
    if lines is None:
        if len(CACHE) > 60:
            CACHE.clear()
        with open(path, encoding="utf-8", errors="replace") as file:
            lines = CACHE[path] = file.read().split("\n")
    starts = [i for i, line in enumerate(lines) if re.match(r" {0,8}(?:def|class|for|if|with|try|async|@|while|match|[a-z_]\w* =|return|import|from)\b", line)]
    if not starts:
        return "x = 1\n"
    first = rnd.choice(starts)
    margin = len(lines[first]) - len(lines[first].lstrip())
    taken = []
    for line in lines[first:first + rnd.randrange(1, 40)]:
        if line.strip() and len(line) - len(line.lstrip()) < margin:
            break
        taken.append(line[margin:])
    return "\n".join(taken) + "\n"


def damage(rnd, text):
    tokens = TOKEN.findall(text)
    solid = [i for i, token in enumerate(tokens) if token.strip(" \t")]
    if not solid:
        return text
    for _ in range(rnd.choice((1, 1, 1, 2, 3))):
        at = rnd.choice(solid)
        kind = rnd.randrange(12)
        if kind < 6:
            # Something of the same kind: most of these stay valid.
            token = tokens[at]
            groups = [group for group in LIKE if token in group or token + " " in group]
            if NAME.match(token) and token not in WORDS or token[:1].isdigit() or token[-1:] in "'\"":
                groups = [LIKE[2]] if rnd.randrange(3) else [[tokens[i] for i in solid if NAME.match(tokens[i])] or ["x"]]
            elif token[:1] == "\n" and rnd.randrange(2):
                groups = [[token + statement.replace("\n", token) + token for statement in LIKE[3]]]
            tokens[at] = rnd.choice(groups[0] if groups else [token, token])
        elif kind == 6:
            tokens[at] = ""
        elif kind == 7:
            tokens[at] += " " + tokens[at]
        elif kind == 8:
            other = rnd.choice(solid)
            tokens[at], tokens[other] = tokens[other], tokens[at]
        elif kind == 9:
            tokens[at] = rnd.choice(WORDS if rnd.randrange(2) else MARKS)
        elif kind == 10:
            tokens[at] += rnd.choice((" ", "")) + rnd.choice(WORDS if rnd.randrange(2) else MARKS) + rnd.choice((" ", ""))
        else:
            at = rnd.randrange(len(tokens))
            tokens[at] = tokens[at][:rnd.randrange(len(tokens[at]) + 1)]
    return "".join(tokens)
