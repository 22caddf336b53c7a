"""compile, exec, eval: flags, modes, code objects, future flags, incomplete input."""


def raises(kind, function, *args, **kw):
    try:
        function(*args, **kw)
    except kind as exc:
        return exc
    raise AssertionError("did not raise " + str(kind))


import ast


def test_modes():
    assert eval(compile("1 + 1", "f", "eval")) == 2
    ns = {}
    exec(compile("x = 1\ny = x + 1\n", "f", "exec"), ns)
    assert ns["y"] == 2
    raises(SyntaxError, compile, "x = 1", "f", "eval")
    raises(SyntaxError, compile, "x = 1\ny = 2", "f", "single")
    raises(ValueError, compile, "1", "f", "bad")
    raises(TypeError, compile, 5, "f", "exec")
    raises((ValueError, SyntaxError), compile, "a\0b", "f", "exec")


def test_flags():
    t = compile("x = 1", "f", "exec", ast.PyCF_ONLY_AST)
    assert isinstance(t, ast.Module) and compile(t, "f", "exec")
    code = compile("def f(): 'doc'\nassert False\nx = __debug__", "f", "exec", optimize=2)
    ns = {}
    exec(code, ns)
    assert ns["f"].__doc__ is None and ns["x"] is False
    import __future__
    code = compile("def f(a: b): pass", "f", "exec", flags=__future__.annotations.compiler_flag)
    exec(code, ns)
    assert ns["f"].__annotations__ == {"a": "b"}
    code = compile("await x", "f", "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    assert code.co_flags & 0x80
    raises(ValueError, compile, "1", "f", "eval", flags=1 << 30)


def test_bytes_and_ast_input():
    assert eval(b"1 + 1") == 2 and eval(compile(b"# coding: latin-1\n'\xe9'", "f", "eval")) == "é" and eval(bytearray(b"5")) == 5


def test_names_and_consts():
    def f(a, b):
        c = a.attr + b
        return c, "const", 5, None, (1, 2)
    co = f.__code__
    assert "attr" in co.co_names and "const" in co.co_consts and (1, 2) in co.co_consts and co.co_varnames == ("a", "b", "c") and co.co_stacksize >= 1 and isinstance(co.co_code, bytes) and co.co_qualname.endswith("f") and co.co_freevars == () and co.co_flags & 3 == 3


def test_replace():
    def f(): return 1
    g = type(f)(f.__code__.replace(co_name="g", co_qualname="q.g", co_filename="else.py", co_firstlineno=99), {})
    assert g() == 1 and g.__name__ == "g" and g.__code__.co_filename == "else.py"
    raises(TypeError, f.__code__.replace, nonsense=1)
    import copy
    assert copy.replace(f.__code__, co_name="z").co_name == "z"


def test_equality_and_hash():
    a = compile("x = 1", "f", "exec")
    b = compile("x = 1", "f", "exec")
    c = compile("x = 2", "f", "exec")
    assert a == b and hash(a) == hash(b) and a != c and len({a, b, c}) == 2
    assert compile("1", "f", "eval") != compile("1.0", "f", "eval")


def test_closure_argument():
    def outer():
        x = 5
        def inner():
            global got
            got = x
        return inner
    inner = outer()
    ns = {}
    exec(inner.__code__, ns, closure=inner.__closure__)
    assert ns["got"] == 5
    raises(TypeError, exec, inner.__code__, {})
    raises(TypeError, exec, inner.__code__, {}, closure=())


def test_keywords_of_exec_and_eval():
    assert eval("a + b", globals={"a": 1}, locals={"b": 2}) == 3
    ns = {}
    exec("x = 1", globals=ns)
    assert ns["x"] == 1
    raises(TypeError, eval, "1", 5)
    raises(TypeError, exec, "1", {}, 5)


def test_syntax_error_attributes():
    exc = raises(SyntaxError, compile, "a = 1\nb = = 2\n", "name.py", "exec")
    assert (exc.filename, exc.lineno, exc.offset, exc.end_lineno, exc.end_offset, exc.text, exc.msg) == ("name.py", 2, 5, 2, 6, "b = = 2\n", "invalid syntax")
    exc = raises(SyntaxError, compile, "é = (1", "n", "exec")
    assert (exc.lineno, exc.offset, exc.msg) == (1, 5, "'(' was never closed")
    exc = raises(IndentationError, compile, "if 1:\npass", "n", "exec")
    assert exc.msg == "expected an indented block after 'if' statement on line 1" and exc.lineno == 2


def test_syntax_warnings():
    import warnings
    for source, text in [("x is 1", '"is" with \'int\' literal. Did you mean "=="?'), ("assert (1, 'm')", "assertion is always true, perhaps remove parentheses?"), ("'a'()", "'str' object is not callable; perhaps you missed a comma?"), ("[1][1, 2]", "list indices must be integers or slices, not tuple; perhaps you missed a comma?"), ("'\\d'", "invalid escape sequence '\\d'"), ("1if 1 else 2", "invalid decimal literal")]:
        with warnings.catch_warnings(record=True) as w:
            warnings.simplefilter("always")
            compile(source, "f", "exec")
        assert [str(x.message) for x in w] == [text], (source, [str(x.message) for x in w])
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            raises(SyntaxError, compile, source, "f", "exec")


def test_lines_and_positions():
    source = "def f(a):\n    x = a\n    if x:\n        y = 1\n    else:\n        y = 2\n    return (x +\n            y)\n"
    ns = {}
    exec(compile(source, "f", "exec"), ns)
    co = ns["f"].__code__
    assert co.co_firstlineno == 1 and {l for _, _, l in co.co_lines() if l} >= {2, 3, 4, 6, 7} and ns["f"](1) == 2


def test_many_programs_compile():
    for source in ["pass", "", "\n\n", "# only a comment", "x: int", "def f(*, a): ...", "async def f():\n async with a as b, c as d: pass\n async for i in x: yield i", "lambda: (yield)", "class C[T](B, *A, k=1, **kw): pass", "try: a\nexcept* (B, C) as d: e", "with (a as b, c as d,): pass", "f'{a!r:{b}}' f'{c=}'", "match a:\n case {'x': [1, *_], **r} if r: pass", "@a.b[c](d)\ndef f(): pass", "x = yield_ = 1", "global a; nonlocal_ = 1", "del (a), [b, c], d.e, f[g]", "from . import (a as b, c,)", "a[b:c:d, ..., *e] = f", "not a in b is not c", "a if b else c if d else e", "-a ** -b", "(a, *b), c = d", "print(*a, b, *c, d=e, **f, g=h, **i)", "type A[*T, **P] = B", "raise", "assert a, b", "{**a, b: c}", "{*a, b}", "[*a, *b]", "while a: break\nelse: continue_ = 1", "if (a := b) and (c := d): pass", "0xFF_FF + 0b1 + 0o7 + 1_0e1_0j", "'a' 'b'", "async def f(): return [await a async for a in b if await c]", "def f(a, b=1, /, c=2, *d, e, f=3, **g) -> h: pass"]:
        compile(source, "f", "exec")
