import os, sys, tempfile
with tempfile.TemporaryDirectory() as folder:
    sys.path.insert(0, folder)
    for name, text in (("circ_c", "from circ_d import v\n"), ("circ_d", "from circ_c import w\nv = 1\n")):
        with open(os.path.join(folder, name + ".py"), "w") as f:
            f.write(text)
    try:
        import circ_c
    except ImportError as e:
        raise ImportError(str(e).replace(folder, "folder")) from None
