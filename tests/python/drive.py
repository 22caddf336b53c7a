"""Runs the test functions of one file: `python drive.py FILE [NAME ...]`, under the interpreter that is tested.

Prints a line for each function: `ok NAME`, or `FAIL NAME: what`. Uses next to nothing, so that a young interpreter can
run it; the traceback goes to standard error where the `traceback` module works.
"""
import sys


def describe(exc):
    try:
        text = str(exc).split("\n")[0][:200]
    except BaseException:
        text = "<no str>"
    lines = []
    tb = exc.__traceback__
    while tb is not None:
        lines.append(str(tb.tb_lineno))
        tb = tb.tb_next
    return type(exc).__name__ + ": " + text + " (lines " + " > ".join(lines[1:]) + ")"


def main(path, names):
    with open(path, encoding="utf-8") as file:
        source = file.read()
    namespace = {"__name__": "behaviour", "__file__": path, "__builtins__": __builtins__}
    try:
        module = type(sys)("behaviour")
        module.__file__ = path
        sys.modules["behaviour"] = module
        namespace = module.__dict__
        exec(compile(source, path, "exec"), namespace)
    except BaseException as exc:
        print("FAIL <module>: " + describe(exc), flush=True)
        return 1
    bad = 0
    for name, test in list(namespace.items()):
        if not name.startswith("test_") or (names and name not in names):
            continue
        # Announced first, so that a crash has a name.
        print("run " + name, flush=True)
        try:
            test()
        except BaseException as exc:
            bad += 1
            print("FAIL " + name + ": " + describe(exc), flush=True)
            if names:
                raise
        else:
            print("ok " + name, flush=True)
    import gc
    print("collections", sum(generation["collections"] for generation in gc.get_stats()))
    print("end", flush=True)
    return 1 if bad else 0


sys.exit(main(sys.argv[1], sys.argv[2:]))
