"""Every library module that a program of ordinary kind imports can be imported."""


NAMES = """
abc argparse array ast asyncio atexit base64 bdb binascii bisect builtins calendar cmath cmd code codecs codeop collections colorsys
compileall concurrent.futures configparser contextlib contextvars copy copyreg csv dataclasses datetime decimal difflib dis doctest
email email.message encodings enum errno faulthandler filecmp fileinput fnmatch fractions ftplib functools gc getopt getpass gettext
glob graphlib grp gzip hashlib heapq hmac html html.parser http http.client http.server importlib importlib.abc importlib.machinery
importlib.metadata importlib.resources importlib.util inspect io ipaddress itertools json keyword linecache locale logging
logging.handlers mailbox marshal math mimetypes modulefinder netrc numbers opcode operator optparse os os.path pathlib pdb pickle
pickletools pkgutil platform plistlib poplib posixpath pprint profile pstats pwd py_compile pyclbr pydoc queue quopri random re
reprlib runpy sched secrets select selectors shelve shlex shutil signal site smtplib socket socketserver stat statistics string
stringprep struct subprocess symtable sys sysconfig tabnanny tarfile tempfile textwrap threading time timeit token tokenize tomllib
trace traceback types typing unicodedata unittest unittest.mock urllib.error urllib.parse urllib.request uuid venv warnings wave
weakref webbrowser xml.dom.minidom xml.etree.ElementTree xmlrpc.client zipapp zipfile zipimport zlib zoneinfo
""".split()


def importable(names):
    import importlib
    failed = []
    for name in names:
        try:
            importlib.import_module(name)
        except Exception as exc:
            failed.append(f"{name}: {type(exc).__name__}: {exc}")
    assert not failed, failed


def test_part_0():
    importable(NAMES[0:20])


def test_part_1():
    importable(NAMES[20:40])


def test_part_2():
    importable(NAMES[40:60])


def test_part_3():
    importable(NAMES[60:80])


def test_part_4():
    importable(NAMES[80:100])


def test_part_5():
    importable(NAMES[100:120])


def test_part_6():
    importable(NAMES[120:140])


def test_part_7():
    importable(NAMES[140:160])


def test_part_8():
    importable(NAMES[160:180])
