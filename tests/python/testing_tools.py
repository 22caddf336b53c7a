"""unittest, doctest, unittest.mock, timeit, cProfile-free tooling."""


def raises(kind, function, *args, **kw):
    try:
        function(*args, **kw)
    except kind as exc:
        return exc
    raise AssertionError("did not raise " + str(kind))


import io


def test_unittest_run():
    import unittest
    class T(unittest.TestCase):
        def setUp(self): self.x = 1
        def test_ok(self): self.assertEqual(self.x, 1)
        def test_fail(self): self.assertEqual([1, 2], [1, 3])
        def test_error(self): 1 / 0
        @unittest.skip("why")
        def test_skip(self): pass
        @unittest.expectedFailure
        def test_xfail(self): self.fail()
        def test_sub(self):
            for i in range(3):
                with self.subTest(i=i):
                    self.assertNotEqual(i, 1)
    out = io.StringIO()
    r = unittest.TextTestRunner(out, verbosity=2).run(unittest.defaultTestLoader.loadTestsFromTestCase(T))
    assert r.testsRun == 6 and len(r.failures) == 2 and len(r.errors) == 1 and len(r.skipped) == 1 and len(r.expectedFailures) == 1 and "FAILED (failures=2, errors=1, skipped=1, expected failures=1)" in out.getvalue() and "Lists differ: [1, 2] != [1, 3]" in out.getvalue()


def test_assertions():
    import unittest
    t = unittest.TestCase()
    with t.assertRaises(ValueError) as cm:
        int("x")
    assert "invalid literal" in str(cm.exception)
    with t.assertRaisesRegex(KeyError, "k"):
        {}["k"]
    with t.assertWarns(UserWarning):
        import warnings
        warnings.warn("w")
    with t.assertLogs("x", "INFO") as logs:
        import logging
        logging.getLogger("x").info("m")
    assert logs.output == ["INFO:x:m"]
    t.assertAlmostEqual(0.1 + 0.2, 0.3)
    t.assertCountEqual([1, 2], [2, 1])
    t.assertDictEqual({1: 2}, {1: 2})
    t.assertIsInstance(1, int)
    t.assertIn(1, [1])
    raises(AssertionError, t.assertTrue, 0)
    raises(AssertionError, t.assertMultiLineEqual, "a\nb", "a\nc")


def test_fixtures_and_cleanup():
    import unittest
    log = []
    class T(unittest.TestCase):
        @classmethod
        def setUpClass(cls): log.append("class")
        @classmethod
        def tearDownClass(cls): log.append("end class")
        def setUp(self):
            log.append("setup")
            self.addCleanup(log.append, "cleanup")
        def tearDown(self): log.append("teardown")
        def test_a(self): log.append("a")
    unittest.TextTestRunner(io.StringIO()).run(unittest.defaultTestLoader.loadTestsFromTestCase(T))
    assert log == ["class", "setup", "a", "teardown", "cleanup", "end class"]


def test_async_case():
    import unittest
    class T(unittest.IsolatedAsyncioTestCase):
        async def test_a(self):
            import asyncio
            await asyncio.sleep(0)
            self.assertTrue(True)
    assert unittest.TextTestRunner(io.StringIO()).run(unittest.defaultTestLoader.loadTestsFromTestCase(T)).wasSuccessful()


def test_mock():
    from unittest import mock
    m = mock.Mock(return_value=3)
    assert m(1, a=2) == 3 and m.call_args == mock.call(1, a=2) and m.called
    m.assert_called_once_with(1, a=2)
    m.sub.method.side_effect = ValueError
    raises(ValueError, m.sub.method)
    with mock.patch("os.getcwd", return_value="patched"):
        import os
        assert os.getcwd() == "patched"
    assert os.getcwd() != "patched"
    mm = mock.MagicMock()
    mm.__len__.return_value = 5
    assert len(mm) == 5 and isinstance(mock.Mock(spec=int), int)
    with mock.patch.dict("os.environ", {"MOCKED": "1"}):
        assert os.environ["MOCKED"] == "1"


def test_doctest():
    import doctest, types
    m = types.ModuleType("dt")
    m.__doc__ = ">>> 1 + 1\n2\n>>> print('a')\na\n>>> 1 / 0\nTraceback (most recent call last):\n  ...\nZeroDivisionError: division by zero\n>>> 5\n6\n"
    runner = doctest.DocTestRunner(verbose=False)
    out = []
    for t in doctest.DocTestFinder().find(m, "dt"):
        runner.run(t, out=out.append)
    assert (runner.failures, runner.tries) == (1, 4)
    assert "Expected:\n    6\nGot:\n    5\n" in "".join(out)


def test_timeit():
    import timeit
    assert timeit.timeit("x += 1", "x = 0", number=1000) > 0 and len(timeit.repeat("1", number=10, repeat=3)) == 3


def test_bdb_and_trace_import():
    import bdb, pdb, trace, profile
    t = trace.Trace(count=1, trace=0)
    assert t.runfunc(lambda: 5) == 5 and t.results().counts
