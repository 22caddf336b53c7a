"""pytest: collects and runs a small suite, rewritten asserts and all."""
import contextlib
import io
import os
import sys
import tempfile

import pytest

SUITE = '''
import pytest

@pytest.fixture(params=[1, 2])
def number(request):
    return request.param

@pytest.fixture
def doubled(number):
    yield number * 2

def test_fixture(number, doubled):
    assert doubled == 2 * number

@pytest.mark.parametrize("a, b", [(1, 1), (2, 3)])
def test_equal(a, b):
    assert a == b

def test_raises(tmp_path, monkeypatch):
    monkeypatch.setenv("X_Y", "1")
    with pytest.raises(ZeroDivisionError, match="division"):
        1 / 0

@pytest.mark.skip(reason="why not")
def test_skipped():
    assert False

@pytest.mark.xfail
def test_expected():
    assert [1, 2, 3] == [1, 2, 4]

class TestClass:
    def test_capture(self, capsys):
        print("out")
        assert capsys.readouterr().out == "out\\n"
'''

with tempfile.TemporaryDirectory() as folder:
    path = os.path.join(folder, "test_suite.py")
    with open(path, "w") as f:
        f.write(SUITE)
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        code = pytest.main(["-p", "no:cacheprovider", "--color=no", "--rootdir", folder, path])
    text = out.getvalue()
assert code == 1, (code, text)
assert "1 failed, 5 passed, 1 skipped, 1 xfailed" in text, text
assert "assert 2 == 3" in text, text
