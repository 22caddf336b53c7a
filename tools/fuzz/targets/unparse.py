"""Damaged trees of library sources: what `compile` says of the tree, and what `ast.unparse` writes for it."""
import ast

from _library import damage, piece, prepare


def case(rnd):
    return damage(rnd, piece(rnd)), rnd.randrange(1 << 30)


def spoil(tree, rnd):
    """Puts one node's field to where another kind of value belongs."""
    nodes = list(ast.walk(tree))
    for _ in range(rnd.randrange(3)):
        node = rnd.choice(nodes)
        if not node._fields:
            continue
        field = rnd.choice(node._fields)
        kind = rnd.randrange(8)
        value = getattr(node, field, None)
        if kind == 0:
            setattr(node, field, None)
        elif kind == 1:
            setattr(node, field, [])
        elif kind == 2 and hasattr(node, field):
            delattr(node, field)
        elif kind == 3:
            setattr(node, field, rnd.choice([1, "x", b"b", 1.5, (1, [2]), "None", "é", -1, True]))
        elif kind == 4 and isinstance(value, list):
            value.append(rnd.choice([None, 1, ast.Constant(1), ast.Pass(), ast.Name("y", ast.Load()), ast.Name("None", ast.Store())]))
        elif kind == 5:
            other = rnd.choice(nodes)
            if not any(child is node for child in ast.walk(other)):
                setattr(node, field, other)
        elif kind == 6 and isinstance(value, ast.expr):
            setattr(node, field, ast.Name("z", rnd.choice([ast.Load, ast.Store, ast.Del])()))
        elif "lineno" in node._attributes:
            setattr(node, rnd.choice(node._attributes), rnd.choice([0, -1, 1, 1 << 40, None, "x"]))


def outcome(case):
    import random
    text, seed = case
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError):
        return False, "no tree"
    spoil(tree, random.Random(seed))
    said = ""
    try:
        ast.fix_missing_locations(tree)
    except Exception as error:
        said = f"{type(error).__name__}: {error};"
    try:
        compile(tree, "<case>", "exec")
    except SyntaxError as error:
        said += repr((type(error).__name__, error.args[0], error.lineno))
    except Exception as error:
        said += f"{type(error).__name__}: {error}"
    try:
        said += ast.unparse(tree)
    except Exception as error:
        said += f"{type(error).__name__}: {error}"
    return True, said
