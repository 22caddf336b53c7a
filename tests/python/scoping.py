"""global, nonlocal, del, class scopes, exec and eval namespaces, locals()."""

module_level = "m"


def raises(kind, function, *args):
    try:
        function(*args)
    except kind as exc:
        return exc
    raise AssertionError("did not raise " + kind.__name__)


def test_global():
    global created_by_global
    created_by_global = 1
    assert globals()["created_by_global"] == 1
    del created_by_global
    raises(NameError, lambda: created_by_global)


def test_unbound_local():
    def f():
        try:
            module_level
        except UnboundLocalError as exc:
            msg = str(exc)
        module_level = 1
        return msg
    assert f() == "cannot access local variable 'module_level' where it is not associated with a value"


def test_del_local():
    def f():
        x = 1
        del x
        try:
            return x
        except UnboundLocalError:
            x = 2
            return x
    assert f() == 2
    def g():
        del y
        y = 1
    raises(UnboundLocalError, g)


def test_del_targets():
    class C:
        pass
    c = C()
    c.a = 1
    d = {1: 2, 3: 4}
    l = [0, 1, 2, 3, 4]
    x = y = 5
    del c.a, d[1], l[0], l[1:3], (x, [y])
    assert not hasattr(c, "a") and d == {3: 4} and l == [1, 4]
    raises(NameError, lambda: x)


def test_name_error_messages():
    assert str(raises(NameError, lambda: not_there)) == "name 'not_there' is not defined"


def test_builtins_shadowed():
    len = lambda x: "mine"
    assert len([]) == "mine"
    import builtins
    assert builtins.len([1]) == 1


def test_exec_namespaces():
    ns = {}
    exec("x = 1\ndef f(): return x", ns)
    assert ns["f"]() == 1 and "__builtins__" in ns
    ns["x"] = 2
    assert ns["f"]() == 2
    g, l = {}, {}
    exec("a = 1\nglobal b\nb = 2", g, l)
    assert l == {"a": 1} and g["b"] == 2
    class Map(dict):
        def __getitem__(self, k):
            return k.upper() if k == "magic" else dict.__getitem__(self, k)
    l = Map()
    exec("r = magic", {}, l)
    assert dict(l) == {"r": "MAGIC"}


def test_exec_closure():
    def f():
        x = 1
        def g():
            return x
        return g
    g = f()
    raises(TypeError, exec, g.__code__, {})


def test_eval():
    assert eval("1 + a", {"a": 2}) == 3
    assert eval("  [i for i in range(3)]") == [0, 1, 2]
    assert eval(compile("5", "s", "eval")) == 5
    assert eval("__builtins__['len'] if isinstance(__builtins__, dict) else 1", {}) is not None
    raises(SyntaxError, eval, "x = 1")
    raises(NameError, eval, "len", {"__builtins__": {}})


def test_custom_builtins():
    ns = {"__builtins__": {"answer": 42}}
    exec("x = answer", ns)
    assert ns["x"] == 42
    import types
    ns = {"__builtins__": types.SimpleNamespace()}
    raises((TypeError, NameError), exec, "x = len", {"__builtins__": {}})


def test_compile_single():
    import sys
    seen = []
    old = sys.displayhook
    sys.displayhook = seen.append
    try:
        exec(compile("1 + 1; 'x'; None", "s", "single"))
    finally:
        sys.displayhook = old
    assert seen == [2, "x", None]


def test_nested_scopes_skip_class():
    x = "f"
    class A:
        x = "A"
        class B:
            y = x if False else "ok"
            def m(self):
                return x
    assert A.B().m() == "f"


def test_class_scope_global_fallback():
    class C:
        v = module_level
        module_level = "local"
        w = module_level
    assert (C.v, C.w) == ("m", "local")


def test_global_in_class():
    class C:
        global made_in_class
        made_in_class = 7
    assert made_in_class == 7 and not hasattr(C, "made_in_class")


def test_loop_variables_leak():
    for i in range(3):
        pass
    assert i == 2
    for j in []:
        pass
    raises(NameError, lambda: j)


def test_import_binds_locally():
    def f():
        import math as m, os.path
        from math import pi as p, e
        return sorted(locals())
    assert f() == ["e", "m", "os", "p"]


def test_function_and_class_statements_bind():
    def f():
        def g(): pass
        class K: pass
        return sorted(locals())
    assert f() == ["K", "g"]


def test_locals_snapshot():
    def f():
        x = 1
        snap = locals()
        y = 2
        return snap
    assert f() == {"x": 1}
    def g():
        x = 1
        def h():
            nonlocal x
            x = 2
        h()
        return locals()["x"]
    assert g() == 2


def test_walrus_scope():
    def f():
        if (n := 10) > 5:
            pass
        [last := i for i in range(3)]
        return n, last
    assert f() == (10, 2)
    def g():
        global walrus_made
        [walrus_made := 3 for _ in [1]]
    g()
    assert walrus_made == 3


def test_global_dict_mutation_is_seen():
    ns = {}
    exec("def f():\n    return value\n", ns)
    raises(NameError, ns["f"])
    for i in range(5):
        ns["value"] = i
        assert ns["f"]() == i
    del ns["value"]
    raises(NameError, ns["f"])


def test_builtin_replaced_at_run_time():
    import builtins
    ns = {}
    exec("def f():\n    return hash(5)\n", ns)
    assert ns["f"]() == 5
    ns["hash"] = lambda x: "shadow"
    assert ns["f"]() == "shadow"
    del ns["hash"]
    assert ns["f"]() == 5
    old = builtins.hash
    builtins.hash = lambda x: "builtin replaced"
    try:
        assert ns["f"]() == "builtin replaced"
    finally:
        builtins.hash = old
    assert ns["f"]() == 5


def test_type_parameters_scope():
    T = "outer"
    def f[T](x: T) -> T:
        return T
    assert f(1) is f.__type_params__[0] and T == "outer"
    class C[T]:
        t = T
        def m(self):
            return T
    assert C.t is C.__type_params__[0] and C().m() is C.t
