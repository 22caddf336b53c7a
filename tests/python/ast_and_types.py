"""_ast, _symtable, _tokenize, _abc, _contextvars and the type parameter objects."""

import ast
import contextvars
import symtable
import tokenize
import typing
import warnings
from abc import ABC, abstractmethod


def raises(kind, function, *args, **kw):
    try:
        function(*args, **kw)
    except kind as exc:
        return exc
    raise AssertionError("did not raise " + str(kind))


def test_a_tree_compiles_to_what_its_text_compiles_to():
    text = "x = [1, 2.5, 'a', b'b', 3j, 10**40]\nasync def f(a, /, b=1, *c, d, **e): return await a\n"
    tree = ast.parse(text)
    ns = {}
    exec(compile(tree, "t", "exec"), ns)
    assert ns["x"] == [1, 2.5, "a", b"b", 3j, 10**40]
    assert ast.unparse(tree) == ast.unparse(ast.parse(ast.unparse(tree)))


def test_trees_made_by_hand():
    e = ast.Expression(ast.BinOp(ast.Constant(3), ast.Add(), ast.Constant(2**70)))
    ast.fix_missing_locations(e)
    assert eval(compile(e, "t", "eval")) == 3 + 2**70
    bad = ast.Module([ast.Expr(None, lineno=1, col_offset=0)], [])
    assert str(raises(ValueError, compile, bad, "t", "exec")) == "field 'value' is required for Expr"
    bad = ast.Module([ast.Expr(ast.Constant(1))], [])
    assert "required field \"lineno\" missing from stmt" in str(raises(TypeError, compile, bad, "t", "exec"))


def test_node_constructors():
    n = ast.Name("x")
    assert isinstance(n.ctx, ast.Load) and ast.FunctionDef._field_types["body"] == list[ast.stmt]
    assert "takes at most 2 positional arguments" in str(raises(TypeError, ast.Name, 1, 2, 3))
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        ast.Name()
    assert "missing 1 required positional argument: 'id'" in str(seen[0].message)


def test_symbol_tables():
    top = symtable.symtable("def f(x):\n  global y\n  return lambda: x\n", "f", "exec")
    f = top.get_children()[0]
    assert f.get_name() == "f" and f.lookup("x").is_parameter() and f.lookup("y").is_global()
    assert f.get_children()[0].lookup("x").is_free()


def test_tokens():
    lines = iter(["x = 1 # c\n", "if x:\n", "  y\n"])
    names = [tokenize.tok_name[t.type] for t in tokenize.generate_tokens(lines.__next__)]
    assert names[:5] == ["NAME", "OP", "NUMBER", "COMMENT", "NEWLINE"] and "INDENT" in names


def test_abstract_classes():
    class A(ABC):
        @abstractmethod
        def f(self): ...

    class B(A):
        pass

    assert "abstract method 'f'" in str(raises(TypeError, B))
    A.register(int)
    assert isinstance(3, A) and issubclass(bool, A) and not isinstance("", A)


def test_context_variables():
    v = contextvars.ContextVar("v", default=3)
    token = v.set(5)
    ctx = contextvars.copy_context()

    def change():
        v.set(7)
        return v.get()

    assert ctx.run(change) == 7 and v.get() == 5 and ctx[v] == 7
    assert token.old_value is contextvars.Token.MISSING
    v.reset(token)
    assert v.get() == 3
    assert "already been used once" in str(raises(RuntimeError, v.reset, token))


def test_type_parameters_are_lazy():
    ns = {}
    exec("def f[T: later](x: T): pass\ntype A[Q = nowhere] = list[Q]", ns)
    raises(NameError, lambda: ns["f"].__type_params__[0].__bound__)
    ns["later"] = int
    assert ns["f"].__type_params__[0].__bound__ is int
    raises(NameError, lambda: ns["A"].__type_params__[0].__default__)
    assert repr(ns["A"][int]) == "A[int]"


def test_type_variables():
    T = typing.TypeVar("T", covariant=True)
    assert repr(T) == "+T" and T.__module__ == __name__ and not T.has_default()
    assert str(raises(TypeError, typing.TypeVar, "T", int)) == "A single constraint is not allowed"
    P = typing.ParamSpec("P")
    assert repr(P.args) == "P.args" and P.args == P.args

    class Box[X, *Ts]:
        pass

    assert Box[int, str, bytes].__args__ == (int, str, bytes)
