"""Programs as a user writes them, in programs/: what they print is what CPython 3.13.5 prints (NAME.txt; {HERE} is the folder)."""
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent / "programs"


def check(name):
    done = subprocess.run([sys.executable, str(HERE / f"{name}.py")], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, encoding="utf-8", errors="backslashreplace", timeout=100)
    wanted = (HERE / f"{name}.txt").read_text(encoding="utf-8", errors="backslashreplace")
    wanted = wanted.replace("{HERE}", str(HERE))
    for number, (got, want) in enumerate(zip(done.stdout.splitlines(), wanted.splitlines()), 1):
        assert got == want, f"{name}, line {number}:\n{got}\n{want}"
    assert (done.stdout, done.returncode) == (wanted, 0), (name, done.returncode, done.stdout[len(wanted):])


def test_an_asyncio_server_and_its_clients():
    check("asyncio_server")


def test_http_server_and_urllib():
    check("http_notes")


def test_threads_hash_a_tree_of_files():
    check("hash_tree")


def test_csv_to_json_by_argparse():
    check("table_converter")


def test_an_adventure_with_pickled_saves():
    check("adventure")


def test_logging_with_rotation():
    check("logging_setup")


def test_zip_and_tar_archives():
    check("archiver")


def test_pipelines_of_processes():
    check("pipelines")


def test_a_unittest_suite_with_mocks():
    check("mocked_suite")


def test_dataclasses_enums_and_typing():
    check("library_model")
