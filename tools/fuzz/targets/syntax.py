"""Library sources damaged token by token: acceptance, tree with positions, names of code objects, warnings, errors with all their places."""
import ast
import warnings

from _library import damage, piece, prepare


def case(rnd):
    text = piece(rnd)
    return damage(rnd, text) if rnd.randrange(8) else text


def names(code):
    """What the code object and those inside tell that does not depend on the machine."""
    found = [(code.co_name, code.co_qualname, code.co_firstlineno, code.co_flags, code.co_argcount, code.co_posonlyargcount,
              code.co_kwonlyargcount, tuple(name for name in code.co_varnames if name not in code.co_freevars), code.co_cellvars, code.co_freevars, sorted(set(code.co_names)))]
    for constant in code.co_consts:
        if hasattr(constant, "co_code"):
            found.extend(names(constant))
    return found


def outcome(text):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            tree = ast.parse(text, "<case>", type_comments=False)
            said = ast.dump(tree, include_attributes=True)
            past = True
            code = compile(text, "<case>", "exec", dont_inherit=True)
            said += repr(sorted(names(code), key=repr))
        except SyntaxError as error:
            past = "tree" in locals()
            said = repr((type(error).__name__, error.args))
        except (ValueError, OverflowError, MemoryError) as error:
            past = False
            said = f"{type(error).__name__}: {error}"
    return past, said + repr([(w.category.__name__, str(w.message), w.lineno) for w in caught])
