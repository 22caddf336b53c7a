"""pytest on a project of five test files: its whole report, rewritten asserts and all, is what CPython 3.13.5 makes (use_pytest_project.txt)."""
import contextlib
import io
import os
import re
import sys
import tempfile
from pathlib import Path

import pytest

FILES = {
    "pyproject.toml": '''
[tool.pytest.ini_options]
addopts = "-ra --strict-markers"
markers = ["slow: takes long"]
testpaths = ["tests"]
''',
    "shop/__init__.py": '''
from dataclasses import dataclass, field

@dataclass
class Item:
    name: str
    price: int
    tags: set = field(default_factory=set)

class Basket:
    def __init__(self, store):
        self.store, self.items = store, []

    def add(self, name, count=1):
        if count < 1:
            raise ValueError(f"count must be positive, not {count}")
        self.items += [self.store[name]] * count

    @property
    def total(self):
        return sum(item.price for item in self.items)

    def describe(self):
        return {"total": self.total, "kinds": len({i.name for i in self.items})}
''',
    "tests/conftest.py": '''
import pytest
from shop import Basket, Item

@pytest.fixture(scope="session")
def store():
    return {name: Item(name, price) for name, price in [("tea", 3), ("cup", 8), ("pot", 25)]}

@pytest.fixture
def basket(store, request):
    basket = Basket(store)
    for name in getattr(request, "param", []):
        basket.add(name)
    yield basket
    print("left", len(basket.items))

def pytest_assertrepr_compare(op, left, right):
    if isinstance(left, Basket) and isinstance(right, Basket) and op == "==":
        return ["baskets differ:", f"   {left.total} != {right.total}"]
''',
    "tests/test_basket.py": '''
import pytest
from shop import Basket

@pytest.mark.parametrize("names, total", [([], 0), (["tea"], 3), (["tea", "pot"], 28), pytest.param(["cup"], 9, id="wrong")])
def test_total(basket, names, total):
    for name in names:
        basket.add(name)
    assert basket.total == total

@pytest.mark.parametrize("basket", [["tea", "tea"], ["cup"]], indirect=True)
def test_describe(basket):
    assert basket.describe() == {"total": 6, "kinds": 1}

def test_bad_count(basket):
    with pytest.raises(ValueError, match=r"positive, not -\\d"):
        basket.add("tea", -1)

def test_compare(basket, store):
    other = Basket(store)
    other.add("pot")
    assert basket == other
''',
    "tests/test_text.py": '''
def test_long_text():
    text = "\\n".join(f"line {n}" for n in range(6))
    assert text == text.replace("line 3", "Line 3")

def test_in():
    assert "x" * 3 not in "axxxb"

def test_sequence():
    assert [1, 2, 3, 4] == [1, 2, 30, 4, 5]

def test_sets():
    assert {1, 2, 3} <= {2, 3}

def test_message():
    assert not any(n > 3 for n in (1, 5)), "numbers are too large"
''',
    "tests/test_calls.py": '''
import pytest

class Thing:
    def __init__(self, n): self.n = n
    def __repr__(self): return f"<Thing {self.n}>"
    def half(self): return self.n // 2

def helper(thing, limit):
    assert thing.half() < limit and thing.n > 0

def test_call():
    helper(Thing(10), limit=3)

def test_attribute():
    a, b = Thing(3), Thing(4)
    assert a.n + 1 == b.n
    assert (a.half(), b.half()) == (1, b.n)

def test_error(monkeypatch):
    monkeypatch.setattr(Thing, "half", lambda self: 1 / 0)
    Thing(1).half()

def test_approx():
    assert 0.1 + 0.2 == pytest.approx(0.3)
    assert {"a": 1.0} == pytest.approx({"a": 1.1})
''',
    "tests/test_tools.py": '''
import logging
import sys
import warnings
import pytest

def test_files(tmp_path):
    (tmp_path / "a.txt").write_text("x")
    assert [p.name for p in tmp_path.iterdir()] == ["a.txt"]

def test_output(capsys, caplog):
    print("to out")
    print("to err", file=sys.stderr)
    logging.getLogger("shop").warning("logged %s", 1)
    assert capsys.readouterr() == ("to out\\n", "to err\\n")
    assert caplog.messages == ["logged 1"]

def test_prints_and_fails():
    print("seen in the report")
    logging.getLogger("shop").error("also seen")
    pytest.fail("on purpose")

def test_warns():
    with pytest.warns(UserWarning, match="old"):
        warnings.warn("old way")
    with pytest.deprecated_call():
        warnings.warn("gone", DeprecationWarning)

@pytest.mark.skipif(sys.platform == "linux", reason="not on Linux")
def test_elsewhere(): pass

@pytest.mark.slow
@pytest.mark.xfail(raises=KeyError, strict=True, reason="known")
def test_known(): {}["k"]

@pytest.mark.xfail(strict=True)
def test_surprise(): pass

@pytest.fixture
def broken(): raise RuntimeError("no set-up")

def test_broken(broken): pass
''',
    "tests/test_classes.py": '''
import unittest
import pytest

class TestOrder:
    @classmethod
    def setup_class(cls): cls.seen = []
    def setup_method(self, method): self.seen.append(method.__name__)
    def test_one(self): assert self.seen == ["test_one"]
    def test_two(self): assert self.seen == ["test_one", "test_two"]

class OldTest(unittest.TestCase):
    def setUp(self): self.value = 3
    def test_equal(self): self.assertEqual(self.value, 4, "values")
    def test_sub(self): self.assertIn(3, [self.value])

@pytest.fixture(params=["a", "b"], autouse=True)
def letter(request): return request.param

def test_letter(letter): assert letter.isalpha()
''',
}

with tempfile.TemporaryDirectory() as folder:
    for name, text in FILES.items():
        path = Path(folder, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    os.chdir(folder)
    sys.path.insert(0, folder)
    os.environ["COLUMNS"] = "100"
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        code = pytest.main(["-p", "no:cacheprovider", "--color=no", "-v"])
    os.chdir("/")
text = out.getvalue().replace(folder, "FOLDER")
text = re.sub(r"in \d+\.\d+s", "in N s", text)
text = re.sub(r"(platform linux -- ).*|0x[0-9a-f]+", lambda m: m[1] or "0xN", text)
text = re.sub(r"(?m)^(=+|_+|-+) (.*) \1$|^(=+) (.*) =+$", lambda m: f"= {m[2] or m[4]} =", text)
wanted = Path(__file__).with_suffix(".txt")
if "--write" in sys.argv:
    wanted.write_text(text)
else:
    for got, want in zip(text.splitlines(), wanted.read_text().splitlines()):
        assert got == want, f"\n{got}\n{want}"
    assert text == wanted.read_text()
assert code == 1, code
