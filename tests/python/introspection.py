"""inspect, ast, symtable, tokenize, dis, frames, code objects."""


def raises(kind, function, *args, **kw):
    try:
        function(*args, **kw)
    except kind as exc:
        return exc
    raise AssertionError("did not raise " + str(kind))


import sys


def test_ast_parse_and_dump():
    import ast
    t = ast.parse("x = 1 + y", "f")
    assert ast.dump(t) == "Module(body=[Assign(targets=[Name(id='x', ctx=Store())], value=BinOp(left=Constant(value=1), op=Add(), right=Name(id='y', ctx=Load())))])"
    n = t.body[0].value
    assert (n.lineno, n.col_offset, n.end_lineno, n.end_col_offset) == (1, 4, 1, 9) and isinstance(n, ast.BinOp) and n._fields == ("left", "op", "right") and [type(x).__name__ for x in ast.walk(n)][:2] == ["BinOp", "Constant"]
    assert ast.literal_eval("{'a': [1, -2.5, (None, True), b'x', {1}]}") == {"a": [1, -2.5, (None, True), b"x", {1}]}
    raises(ValueError, ast.literal_eval, "f()")


def test_ast_unparse():
    import ast
    for s in ["x = 1", "def f(a, /, b=1, *c, d, **e) -> int:\n    return a", "class C(B, m=M):\n    x: int = 1", "for i in x:\n    pass\nelse:\n    y", "with a as b, c:\n    pass", "try:\n    a\nexcept* E as e:\n    b\nfinally:\n    c", "lambda x, *y: x if y else [*z]", "f'{x!r:>{w}} a'", "match x:\n    case [1, *r] if r:\n        pass\n    case {'k': C(a=1)} | None:\n        pass", "async def g():\n    await x\n    async for i in y:\n        yield i", "x[1:2, ::3] @= ~(not a) ** -b", "type X[T: int] = list[T]", "del a, b", "global g", "(a := 1)", "x = {**a, 'b': 1}", "raise A from B", "from ..a import b as c, d", "assert x, 'm'", "@d\ndef f():\n    '''doc'''"]:
        t = ast.parse(s)
        assert ast.dump(ast.parse(ast.unparse(t))) == ast.dump(t), s


def test_ast_transform_and_compile():
    import ast
    class T(ast.NodeTransformer):
        def visit_Constant(self, n):
            return ast.copy_location(ast.Constant(n.value * 2), n)
    t = ast.fix_missing_locations(T().visit(ast.parse("r = [1, 2]")))
    ns = {}
    exec(compile(t, "f", "exec"), ns)
    assert ns["r"] == [2, 4]
    e = ast.Expression(ast.BinOp(ast.Constant(2), ast.Mult(), ast.Constant(21)))
    assert eval(compile(ast.fix_missing_locations(e), "f", "eval")) == 42
    raises((TypeError, ValueError), compile, ast.Expression(5), "f", "eval")


def test_signature():
    import inspect
    def f(a: int, /, b, *c, d=4, **e) -> str: "doc"
    s = inspect.signature(f)
    assert str(s) == "(a: int, /, b, *c, d=4, **e) -> str" and [p.kind.name for p in s.parameters.values()] == ["POSITIONAL_ONLY", "POSITIONAL_OR_KEYWORD", "VAR_POSITIONAL", "KEYWORD_ONLY", "VAR_KEYWORD"] and inspect.getdoc(f) == "doc" and inspect.getfullargspec(f).kwonlydefaults == {"d": 4}
    class C:
        def __init__(self, x, y=2): pass
        def m(self, z): pass
    assert str(inspect.signature(C)) == "(x, y=2)" and str(inspect.signature(C(1).m)) == "(z)" and str(inspect.signature(int.to_bytes)) == "(self, /, length=1, byteorder='big', *, signed=False)" and str(inspect.signature(sorted)) == "(iterable, /, *, key=None, reverse=False)"


def test_predicates():
    import inspect
    async def co(): pass
    def gen(): yield
    async def ag(): yield
    assert inspect.isfunction(gen) and inspect.isgeneratorfunction(gen) and inspect.iscoroutinefunction(co) and inspect.isasyncgenfunction(ag) and inspect.isbuiltin(len) and inspect.isclass(int) and inspect.ismodule(sys) and inspect.ismethod([].append.__class__) is False and inspect.ismethoddescriptor(str.upper) and inspect.isgenerator(gen()) and inspect.isdatadescriptor(property()) and inspect.getmro(bool) == (bool, int, object) and inspect.isabstract(int) is False


def test_source():
    import inspect
    assert inspect.getsource(test_source).startswith("def test_source():\n    import inspect\n") and inspect.getsourcefile(test_source).endswith("introspection.py") and inspect.getsourcelines(test_source)[1] > 1


def test_frames():
    def f():
        x = 5
        fr = sys._getframe()
        return fr.f_code.co_name, fr.f_locals["x"], fr.f_back.f_code.co_name, fr.f_lineno, fr.f_globals is globals()
    name, x, back, line, same = f()
    assert (name, x, back, same) == ("f", 5, "test_frames", True) and line > 0
    raises(ValueError, sys._getframe, 10000)
    import inspect
    assert inspect.stack()[0].function == "test_frames" and inspect.currentframe().f_code.co_name == "test_frames"


def test_settrace_and_profile():
    events = []
    def tracer(frame, event, arg):
        if frame.f_code.co_name == "traced":
            events.append(event)
            return tracer
    def traced():
        a = 1
        return a
    sys.settrace(tracer)
    traced()
    sys.settrace(None)
    assert events == ["call", "line", "line", "return"] and sys.gettrace() is None
    prof = []
    sys.setprofile(lambda f, e, a: prof.append(e))
    len([])
    sys.setprofile(None)
    assert "c_call" in prof and "c_return" in prof


def test_tokenize():
    import io, tokenize
    toks = [(tokenize.tok_name[t.type], t.string) for t in tokenize.generate_tokens(io.StringIO("x = f'{a}' # c\nif x:\n  y\n").readline)]
    assert toks == [("NAME", "x"), ("OP", "="), ("FSTRING_START", "f'"), ("OP", "{"), ("NAME", "a"), ("OP", "}"), ("FSTRING_END", "'"), ("COMMENT", "# c"), ("NEWLINE", "\n"), ("NAME", "if"), ("NAME", "x"), ("OP", ":"), ("NEWLINE", "\n"), ("INDENT", "  "), ("NAME", "y"), ("NEWLINE", "\n"), ("DEDENT", ""), ("ENDMARKER", "")]
    assert tokenize.detect_encoding(iter([b"# coding: latin-1\n"]).__next__)[0] == "iso-8859-1"


def test_symtable():
    import symtable
    t = symtable.symtable("def f(a):\n    b = a\n    def g(): return b\n    global c\n", "f", "exec")
    f = t.get_children()[0]
    assert f.get_name() == "f" and f.get_parameters() == ("a",) and f.lookup("b").is_local() and f.lookup("c").is_global() and f.get_children()[0].lookup("b").is_free()


def test_dis_runs():
    import dis, io
    out = io.StringIO()
    dis.dis(lambda x: x + 1, file=out)
    assert out.getvalue() and list(dis.get_instructions(test_dis_runs)) and dis.code_info(test_dis_runs).startswith("Name:")


def test_code_positions():
    def f(a):
        return (a +
                1)
    lines = {l for _, _, l in f.__code__.co_lines() if l}
    assert len(lines) >= 2 and all(len(p) == 4 for p in f.__code__.co_positions())


def test_help_and_pydoc():
    import pydoc
    text = pydoc.render_doc(test_dis_runs, renderer=pydoc.plaintext)
    assert "test_dis_runs" in text and "upper" in pydoc.render_doc(str, renderer=pydoc.plaintext)


def test_codeop():
    import codeop
    assert codeop.compile_command("if 1:") is None and codeop.compile_command("x = (") is None and codeop.compile_command("x = 1") is not None and codeop.compile_command("if 1:\n  x\n") is not None
    raises(SyntaxError, codeop.compile_command, "x = = 1")


def test_signatures_of_builtin_types():
    import functools, inspect, io, types
    wanted = {
        classmethod: "(function, /)", staticmethod: "(function, /)", type(None): "()", type(...): "()",
        types.GenericAlias: "(origin, args, /)", types.MethodType: "(function, instance, /)",
        types.ModuleType: "(name, doc=None)", types.SimpleNamespace: "(mapping_or_iterable=(), /, **kwargs)",
        types.FunctionType: "(code, globals, name=None, argdefs=None, closure=None, kwdefaults=None)",
        types.TracebackType: "(tb_next, tb_frame, tb_lasti, tb_lineno)", io.BytesIO: "(initial_bytes=b'')",
        io.FileIO: "(file, mode='r', closefd=True, opener=None)",
    }
    for kind, text in wanted.items():
        assert str(inspect.signature(kind)) == text, (kind, inspect.signature(kind))
    assert "(" not in io.BytesIO.__doc__.splitlines()[0] and classmethod.__doc__
    assert functools.partial(types.GenericAlias, list).func is types.GenericAlias


def test_an_attribute_error_learns_its_object_and_name():
    class A:
        def __getattr__(self, name):
            raise AttributeError
    class B:
        def __getattribute__(self, name):
            raise AttributeError("own", name="other")
    a = A()
    for get in (lambda: a.x, lambda: getattr(a, "x"), lambda: a.x()):
        e = raises(AttributeError, get)
        assert (e.name, e.obj) == ("x", a)
    e = raises(AttributeError, lambda: B().x)
    assert (e.name, e.obj) == ("other", None)
    e = raises(AttributeError, lambda: a.__getattr__("x"))
    assert (e.name, e.obj) == (None, None)


def test_code_says_how_many_locals_it_has():
    def f():
        x = 1
    c = f.__code__
    wrong = "code: co_nlocals != len(co_varnames)"
    assert str(raises(ValueError, c.replace, co_nlocals=2)) == wrong
    assert c.replace(co_nlocals=1).co_nlocals == 1


def test_positions_without_columns():
    import subprocess
    program = "def f():\n  pass\nfor a, b, c, d in f.__code__.co_positions(): assert a == b and c is d is None"
    subprocess.run([sys.executable, "-X", "no_debug_ranges", "-c", program], check=True)
