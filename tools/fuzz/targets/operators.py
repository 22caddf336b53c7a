"""Operators, subscripts, calls and statements over all pairs of values of builtin types: the error and where it points."""
import collections
import sys
import traceback


class Plain:
    pass


class OfList(list):
    pass


class Meta(type):
    pass


class OfMeta(metaclass=Meta):
    pass


VALUES = ["5", "True", "1.5", "1j", "'ab'", "b'ab'", "bytearray(b'a')", "[1]", "(1,)", "{'a':1}", "{1}", "frozenset((1,))", "range(3)", "slice(1)", "memoryview(b'a')", "None", "int", "Plain()",
          "Plain", "OfList([1])", "len", "[].append", "(lambda:0)", "ValueError('x')", "...", "NotImplemented", "(i for i in [1])", "iter([1])", "sys", "list[int]", "int|str",
          "collections.deque([1])", "collections.OrderedDict(a=1)", "{}.keys()", "{}.items()", "object()", "2**70", "OfMeta()", "float('nan')", "collections.Counter('a')",
          "collections.namedtuple('NT','a')(1)", "type"]
BINARY = ["+", "-", "*", "/", "//", "%", "**", "@", "<<", ">>", "&", "|", "^", "<", "<=", ">", "in", "not in", "is"]
PAIRS = ["({0})[{1}]", "x={0}\nx[{1}]=1", "x={0}\ndel x[{1}]", "({0})[{1}:]", "({0})({1})", "isinstance({0},{1})", "raise {0} from {1}", "class D({0},{1}): pass",
         "(lambda *a,**k: 0)(*{0},**{1})", "x={0}\nx.y={1}", "{0}.update({1})", "[*{0},{1}]", "with {0} as x, {1}: pass", "divmod({0},{1})", "pow(2,{0},{1})", "getattr({0},{1})"]
SINGLE = ["-{0}", "+{0}", "~{0}", "not {0}", "try: 1/0\nexcept {0}: pass", "'%d %s' % ({0})", "len(*{0})", "len(**{0})", "x, = {0}", "x,y = {0}", "x,y,*z = {0}", "for i in {0}: pass", "with {0}: pass", "({0}).abc",
          "({0}).kesy", "x={0}\nx.abc=1", "x={0}\ndel x.abc", "[*{0}]", "{{**{0}}}", "{{{0}:1}}", "iter({0})", "next({0})", "hash({0}) and 0", "len({0})", "abs({0})", "int({0})", "float({0})", "complex({0})",
          "str({0},'ascii')", "bytes({0})", "list({0})", "dict({0})", "set({0})", "sorted({0})", "sum({0})", "max({0})", "reversed({0})", "range({0})", "chr({0})", "ord({0})", "round({0})",
          "format({0},'d')", "f'{{{0}:.2f}}'", "({0})()", "({0})(a=1)", "match {0}:\n  case int(1,2): pass", "match {0}:\n  case list(x=1): pass", "exec({0})", "super({0},1)", "type({0},(),{{}})",
          "type('a',{0},{{}})", "issubclass({0},int)", "issubclass(int,{0})", "vars({0})", "enumerate({0})", "zip({0})", "memoryview({0})", "bytearray({0})", "'a'.join({0})", "b'a'.join({0})",
          "[].extend({0})", "{{}}.update({0})", "set().update({0})", "'abc'.split({0})", "'abc'.startswith({0})", "'abc'.encode({0})", "'abc'.translate({0})", "[3].sort(key={0})", "[1].index({0})",
          "[1].insert({0},1)", "{{}}[{0}]", "raise {0}", "assert 0, {0}", "async def f():\n  await {0}\nf().send(None)", "async def f():\n  async for i in {0}: pass\nf().send(None)",
          "async def f():\n  async with {0}: pass\nf().send(None)", "def g():\n  yield from {0}\nlist(g())", "@{0}\ndef f(): pass", "class A({0}): pass", "class A(metaclass={0}): pass",
          "class A:\n  __slots__={0}", "def f(a,b=1,*,c): pass\nf(*{0})", "def f(a,b=1,*,c): pass\nf(**{0})", "try: raise ValueError\nexcept* {0}: pass", "int('1',{0})", "str.join({0},[])",
          "'%c' % {0}", "'%*d' % (2,{0})", "'%x' % {0}", "b'%s' % {0}", "b'%d' % {0}", "b'%c' % {0}", "'%s %s' % {0}", "'{{0[a]}} {{0.b}}'.format({0})"]


def cases():
    for a in VALUES:
        for text in SINGLE:
            yield text.format(a)
        for b in VALUES:
            huge = "2**70" in (a, b)
            for operator in BINARY:
                if not (huge and operator in ("**", "<<", "*")):
                    yield f"({a}) {operator} ({b})"
                    if operator[0] not in "<>in" or operator in ("<<", ">>"):
                        yield f"x={a}\nx {operator}= {b}"
            for text in PAIRS:
                yield text.format(a, b)


def outcome(source):
    namespace = {"Plain": Plain, "OfList": OfList, "Meta": Meta, "OfMeta": OfMeta, "sys": sys, "collections": collections, "__name__": "m"}
    try:
        code = compile(source, "<p>", "exec")
    except SyntaxError as error:
        return False, repr((error.msg, error.lineno, error.offset))
    try:
        exec(code, namespace)
    except SystemExit:
        return True, "exit"
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt):
            raise
        said = "|".join(traceback.TracebackException.from_exception(error, limit=-1, lookup_lines=False).format_exception_only())
        tb = error.__traceback__
        while tb.tb_next and tb.tb_next.tb_frame.f_code.co_filename == "<p>":
            tb = tb.tb_next
        return True, said + repr(list(tb.tb_frame.f_code.co_positions())[tb.tb_lasti // 2])
    return True, "ok"
