"""rich: tables, markup, pretty printing, tracebacks, syntax, markdown into a string."""
import io

from rich.console import Console
from rich.markdown import Markdown
from rich.pretty import pretty_repr
from rich.syntax import Syntax
from rich.table import Table
from rich.text import Text
from rich.traceback import Traceback
from rich.tree import Tree


def render(*things, **kw):
    out = io.StringIO()
    console = Console(file=out, width=60, **kw)
    for thing in things:
        console.print(thing)
    return out.getvalue()


table = Table(title="Planets")
table.add_column("Name")
table.add_column("Mass", justify="right")
table.add_row("Earth", "5.97")
table.add_row("Mars 火星", "0.642")
text = render(table)
assert "┃ Name      ┃  Mass ┃" in text and "│ Mars 火星 │ 0.642 │" in text, text
assert "\x1b[1;31mred\x1b[0m" in render("[bold red]red[/]", force_terminal=True, color_system="standard")
assert render(Text.from_markup("[u]plain[/u]")) == "plain\n"
tree = Tree("root")
tree.add("leaf")
assert render(tree) == "root\n└── leaf\n"
assert pretty_repr({"a": [1, 2], "b": "x" * 60}, max_width=40).startswith("{\n    'a': [1, 2],")
assert "Title" in render(Markdown("# Title\n\n* item `code`\n")) and "def" in render(Syntax("def f(): pass", "python"))
try:
    1 / 0
except ZeroDivisionError:
    assert "ZeroDivisionError: division by zero" in render(Traceback())
