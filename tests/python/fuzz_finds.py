"""What the fuzzers of tools/fuzz found, each as the smallest case; results are CPython's."""


def raises(kind, function, *args, **kw):
    try:
        function(*args, **kw)
    except kind as exc:
        return exc
    raise AssertionError("did not raise " + str(kind))


def message(function, *args):
    try:
        return function(*args)
    except Exception as exc:
        return f"{type(exc).__name__}: {exc}"


def test_repr_of_halfway_digits():
    # Two texts of 16 digits are equally near: the even one is taken.
    assert repr(2.0**-24 * 10) == "5.960464477539062e-07"
    assert repr(9.7751617431640625e-06) == "9.775161743164062e-06"
    assert str(-1.07288360595703125e-06) == "-1.0728836059570312e-06"
    assert repr(complex(0, 5.9604644775390625e-07)) == "5.960464477539062e-07j"
    for text in ("1e-05", "1.5e-05", "9.999e-05", "0.0001", "1e+16", "1.2345e+16", "1e+22", "5e-324", "1e+300"):
        assert repr(float(text)) == text, text


def test_fromhex_order_of_errors():
    assert message(float.fromhex, "1" * 300 + "z") == "OverflowError: hexadecimal value too large to represent as a float"
    assert message(float.fromhex, "0x1p2000 junk") == "OverflowError: hexadecimal value too large to represent as a float"
    assert message(float.fromhex, "0x1p2 junk") == "ValueError: invalid hexadecimal floating-point string"
    assert message(float.fromhex, "0x1p") == "ValueError: invalid hexadecimal floating-point string"
    assert isinstance(raises(ValueError, float.fromhex, "\ud800"), UnicodeEncodeError)
    assert float.fromhex("  0x1.8p1 ") == 3.0


def test_complex_of_odd_text():
    assert message(complex, "1\xb2__") == "ValueError: complex() arg is a malformed string"
    assert message(complex, "1\0__") == "ValueError: complex() arg is a malformed string"
    assert message(complex, "1__0") == "ValueError: could not convert string to complex: '1__0'"


def test_format_spec_of_one_z():
    assert format(-0.0, "z") == "0.0"
    assert message(format, 1, "z") == "ValueError: Negative zero coercion (z) not allowed in integer format specifier"
    assert message(format, "a", ">z") == "ValueError: Negative zero coercion (z) not allowed in string format specifier"


def test_empty_group_index():
    import re
    assert repr(re.compile("(a)").groupindex) == "{}"
    assert repr(re.compile("(?P<x>a)").groupindex) == "mappingproxy({'x': 1})"


def test_struct_packs_up_to_the_fault():
    import struct
    room = bytearray(b"x" * 8)
    raises(struct.error, struct.pack_into, "<bHb", room, 1, 5, 6, 1000)
    assert room == b"x\x05\x06\x00\x00xxx"
    assert message(struct.unpack_from, "0s", b"", 2) == (
        "error: unpack_from requires a buffer of at least 2 bytes for unpacking 0 bytes at offset 2 (actual buffer size is 0)")
    raises(struct.error, struct.unpack_from, "0s", bytearray(), 2)


def test_old_marshal_versions():
    import marshal
    assert marshal.dumps(1.5, 1) == b"f\x031.5"
    assert marshal.dumps(1.5, 2) == b"g\0\0\0\0\0\0\xf8?"
    assert marshal.dumps(1j, 0) == b"x\x010\x011"
    assert marshal.dumps("len", 2) == b"u\x03\0\0\0len"
    for version in range(5):
        assert marshal.loads(marshal.dumps([1e300, -2.5j, "len"], version)) == [1e300, -2.5j, "len"]


def test_scope_errors_have_their_place_in_attributes_only():
    for source, place in [("def f():\n x = 1\n global x", (3, 2, 3, 10)), ("def f(a, a): pass", (1, 10, 1, 11)), ("nonlocal x", (1, 1, 1, 11)),
                          ("def f():\n nonlocal x", (2, 2, 2, 12)), ("[(x := 1) for x in y]", (1, 3, 1, 4)), ("from __future__ import nope", (1, 24, 1, 28))]:
        error = raises(SyntaxError, compile, source, "<x>", "exec")
        assert len(error.args) == 1 and error.msg == error.args[0]
        assert (error.lineno, error.offset, error.end_lineno, error.end_offset) == place, source
        assert error.filename == "<x>" and error.text is None
    assert len(raises(SyntaxError, compile, "return", "<x>", "exec").args) == 2


def test_debug_is_no_target():
    for source, place in [("def __debug__(self): pass", (1, 1, 1, 26)), ("async def __debug__(): pass", (1, 1, 1, 28)), ("import __debug__", (1, 1, 1, 17)),
                          ("import x as __debug__", (1, 1, 1, 22)), ("type __debug__ = 1", (1, 1, 1, 19))]:
        error = raises(SyntaxError, compile, source, "<x>", "exec")
        assert error.msg == "cannot assign to __debug__"
        assert (error.lineno, error.offset, error.end_lineno, error.end_offset) == place, source
    compile("del x.__debug__", "<x>", "exec")
    compile("x.__debug__ += 1", "<x>", "exec")


def test_names_of_generic_functions():
    code = compile("def f[T](x): pass", "<x>", "exec").co_consts
    generic = [c for c in code if hasattr(c, "co_varnames")][0]
    assert generic.co_varnames == (".defaults", "T") and generic.co_argcount == 0


def test_tokenize_errors_have_no_end():
    import io
    import tokenize
    read = io.StringIO("if x:\n   a\n  b\n").readline
    error = raises(IndentationError, lambda: list(tokenize.generate_tokens(read)))
    assert error.args[1] == ("<string>", 3, 4, "  b", None, None)


def test_wrong_constants_are_found_in_order():
    import ast
    tree = ast.parse("x = 1")
    tree.body[0].value.value = []
    assert message(compile, tree, "<x>", "exec") == "TypeError: got an invalid type in Constant: list"
    tree.body[0].end_lineno = -5
    assert message(compile, tree, "<x>", "exec") == "ValueError: AST node line range (1, -5) is not valid"


def test_damaged_marshal_data():
    import marshal
    assert message(marshal.loads, b"[\xff\xff\xff\xff") == "ValueError: bad marshal data (list size out of range)"
    assert message(marshal.loads, b"(\0\0\0\x80") == "ValueError: bad marshal data (tuple size out of range)"
    assert message(marshal.loads, b"s\x05\0\0\0abc") == "EOFError: marshal data too short"
    assert message(marshal.loads, b"[\x05\0\0\0NN") == "EOFError: EOF read where object expected"
    assert isinstance(raises(ValueError, marshal.loads, b"u\x02\0\0\0\xd9x"), UnicodeDecodeError)
    assert marshal.loads(b"u\x03\0\0\0\xed\xa0\x80") == "\ud800"
    assert message(marshal.loads, b"l\x01\0\0\0\0\0") == "ValueError: bad marshal data (unnormalized long data)"


def test_singletons_take_no_arguments():
    assert message(type(None), 1) == "TypeError: NoneType takes no arguments"
    assert message(type(...), 1) == "TypeError: EllipsisType takes no arguments"
    assert message(type(NotImplemented), 1) == "TypeError: NotImplementedType takes no arguments"
    assert type(None)() is None and type(...)() is ...


def test_keywords_that_are_no_strings():
    odd = {1: 2}
    assert message(lambda: (5)(**odd)) == "TypeError: 'int' object is not callable"
    assert message(lambda: (5).__eq__(**odd)) == "TypeError: wrapper __eq__() takes no keyword arguments"
    assert message(lambda: len(**odd)) == "TypeError: keywords must be strings"


def test_functions_inherit_builtins():
    mine = {"None": None}
    names = {"type": type, "__builtins__": mine}
    exec("def f(): pass\ng = type(f)(f.__code__, {})", names)
    assert names["g"].__builtins__ is mine and "__builtins__" not in names["g"].__globals__


def test_aliases_are_no_sequences():
    assert message(reversed, list[int]) == "TypeError: 'types.GenericAlias' object is not reversible"


def test_only_what_is_subscribed_by_key_is_a_mapping():
    import collections
    for make in (lambda: "ab" % collections.deque([1]), lambda: b"ab" % collections.deque([1]), lambda: "%(a)s" % collections.deque([1])):
        try:
            make()
        except TypeError as error:
            assert str(error) in ("not all arguments converted during string formatting", "not all arguments converted during bytes formatting",
                                  "format requires a mapping"), error
        else:
            raise AssertionError("no error")

    class Keyed(collections.deque):
        def __getitem__(self, key):
            return key
    assert "%(a)s" % Keyed([1]) == "a" and "ab" % Keyed([1]) == "ab"


def test_types_made_at_run_time_give_their_module():
    import collections, datetime, functools, io, itertools, re
    for thing in (io.BytesIO(), re.compile("a"), collections.deque(), itertools.count(), functools.partial(int), ExceptionGroup("g", [ValueError()])):
        assert thing.__module__ == type(thing).__module__ == vars(type(thing))["__module__"], thing
    for thing in (collections.OrderedDict(), datetime.date(1, 1, 1), 5, ValueError()):
        assert not hasattr(thing, "__module__"), thing


def test_complaints_name_what_cpython_names():
    import collections, io, types
    cases = [
        (lambda: io.BytesIO().getbuffer(1), "getbuffer() takes no arguments"),
        (lambda: io.BytesIO().fileno(x=1), "fileno() takes no arguments"),
        (lambda: ValueError.__new__(1), "ValueError.__new__(X): X is not a type object (int)"),
        (lambda: ModuleNotFoundError(x=1), "ImportError() got an unexpected keyword argument 'x'"),
        (lambda: NameError(a=1, b=2), "NameError() takes at most 1 keyword argument (2 given)"),
        (lambda: b"abc".find("a", "b"), "slice indices must be integers or None or have an __index__ method"),
        (lambda: reversed([1]).__setstate__(None), "an integer is required"),
        (lambda: types.SimpleNamespace(1, 2), "SimpleNamespace expected at most 1 argument, got 2"),
        (lambda: list.__getattribute__(1, "a"), "descriptor '__getattribute__' requires a 'list' object but received a 'int'"),
        (lambda: object.__new__(**{1: 2}), "object.__new__(): not enough arguments"),
        (lambda: OSError(**{1: 2}), "OSError() takes no keyword arguments"),
    ]
    for make, text in cases:
        try:
            make()
        except TypeError as error:
            assert str(error) == text, (str(error), text)
        else:
            raise AssertionError(text)


def test_events_of_calls_with_unpacked_arguments():
    import sys
    seen = []
    tool = sys.monitoring
    tool.use_tool_id(3, "test")
    try:
        tool.register_callback(3, tool.events.C_RETURN, lambda code, at, callee, first: seen.append(callee))
        tool.set_events(3, tool.events.CALL | tool.events.C_RETURN | tool.events.C_RAISE)
        len(*([0],))
        max([0], **{"key": int})
        tool.set_events(3, 0)
    finally:
        tool.register_callback(3, tool.events.C_RETURN, None)
        tool.free_tool_id(3)
    assert seen == [len, max], seen


def test_damaged_marshal_data():
    import marshal
    def of(data):
        try:
            return marshal.loads(data)
        except (EOFError, TypeError) as e:
            return str(e)
    assert of(b"f") == "EOF read where not expected"
    assert of(b"(\x01\0\0\x000") == "NULL object in marshal data for tuple"
    assert of(b"[\x01\0\0\x000") == "NULL object in marshal data for list"
    assert of(b"<\x01\0\0\x000") == "NULL object in marshal data for set"
    assert of(b"{N00") == {}
    nan = b"g\x01\0\0\0\0\0\xf0\x7f"
    assert marshal.dumps(marshal.loads(nan)) in (nan, b"\xe7" + nan[1:])


def test_arguments_of_buffers():
    import io
    def of(function, *args):
        return str(raises(TypeError, function, *args))
    assert of(memoryview(b"").tobytes, 1) == "tobytes() argument 'order' must be str or None, not int"
    assert of(io.BytesIO().readlines, "a") == "integer argument expected, got 'str'"
    assert of(io.StringIO().readlines, "a") == "argument should be integer or None, not 'str'"
