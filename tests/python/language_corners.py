"""Corners of the language and of builtin types that programs met: each once failed here."""

import pickle
import sys
import types
import weakref


def test_comprehension_variable_named_as_one_from_outside():
    def outer():
        def inner():
            return [lambda: x for x in (x, [1])[1]]

        x = ...
        return [f() for f in inner()]

    assert outer() == [1]


def test_class_body_reads_class_of_the_method_around():
    class Outer:
        def method(self):
            class Inner:
                seen = __class__

                def f(self):
                    return __class__

            return Inner

    inner = Outer().method()
    assert inner.seen is Outer
    assert inner().f() is inner


def test_generator_expression_makes_an_iterator_of_what_it_got():
    g = (x for x in range(3))
    g.gi_frame.f_locals[".0"] = [7, 8]
    assert list(g) == [7, 8]


def test_view_that_nobody_holds_does_not_stop_a_resize():
    b = bytearray(b"abcdef")
    data = bytes(memoryview(b)[:3])
    del b[:3]
    assert (data, b) == (b"abc", bytearray(b"def"))


def test_length_beyond_small_ints():
    assert range(sys.maxsize).__len__() == sys.maxsize


def test_fields_of_structs_are_members():
    assert isinstance(complex.real, types.MemberDescriptorType)
    try:
        (1j).real = 2
    except AttributeError as e:
        assert str(e) == "readonly attribute"
    else:
        raise AssertionError("written")


def test_plain_proxies_are_one():
    class C:
        pass

    o = C()
    r, p = weakref.ref(o), weakref.proxy(o)
    assert weakref.proxy(o) is p
    assert weakref.ref(o) is r
    assert weakref.getweakrefcount(o) == 2
    assert weakref.getweakrefs(o) == [r, p]


def test_bases_cycle_through_mro():
    class M(type):
        ready = False

        def mro(cls):
            if M.ready:
                if cls.__name__ == "B1":
                    B2.__bases__ = (B1,)
                if cls.__name__ == "B2":
                    B1.__bases__ = (B2,)
            return type.mro(cls)

    class A(metaclass=M):
        pass

    class B1(A):
        pass

    class B2(A):
        pass

    M.ready = True
    try:
        B1.__bases__ += ()
    except TypeError:
        pass
    else:
        raise AssertionError("a cycle of bases")


def test_import_error_keeps_name_and_path_in_pickle():
    e = pickle.loads(pickle.dumps(ImportError("no", name="n", path="p")))
    assert (e.args, e.name, e.path) == (("no",), "n", "p")


def test_comparison_of_objects_whose_method_cannot_be_bound():
    class E:
        @property
        def __eq__(self):
            raise AttributeError("no")

    assert (E() == E()) is False
