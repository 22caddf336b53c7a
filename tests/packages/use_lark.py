"""lark: a calculator grammar, LALR and Earley."""
from lark import Lark, Transformer, UnexpectedInput, v_args

GRAMMAR = """
    ?start: sum | NAME "=" sum -> assign
    ?sum: product | sum "+" product -> add | sum "-" product -> sub
    ?product: atom | product "*" atom -> mul | product "/" atom -> div
    ?atom: NUMBER -> number | "-" atom -> neg | NAME -> var | "(" sum ")"
    %import common.CNAME -> NAME
    %import common.NUMBER
    %import common.WS_INLINE
    %ignore WS_INLINE
"""


@v_args(inline=True)
class Calculate(Transformer):
    from operator import add, sub, mul, truediv as div, neg
    number = float

    def __init__(self):
        super().__init__()
        self.vars = {}

    def assign(self, name, value):
        self.vars[name] = value
        return value

    def var(self, name):
        return self.vars[name]


calc = Lark(GRAMMAR, parser="lalr", transformer=Calculate())
assert calc.parse("a = 1 + 2 * -(3 - 5)") == 5.0 and calc.parse("a * 2 / 4") == 2.5
tree = Lark(GRAMMAR, parser="earley").parse("1 + 2 * 3")
assert tree.data == "add" and "mul" in tree.pretty()
try:
    calc.parse("1 + * 2")
except UnexpectedInput as exc:
    assert exc.column == 5
else:
    raise SystemExit("parsed nonsense")
