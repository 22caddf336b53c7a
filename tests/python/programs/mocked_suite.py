"""A unittest suite with mocks, subtests, fixtures, skips, expected failures and failures, run by a runner of its own."""
import io
import re
import sys
import unittest
from unittest import mock


class Clock:
    def now(self):
        raise RuntimeError("no clock in tests")


class Mailer:
    def __init__(self, host, clock=None):
        self.host, self.clock, self.sent = host, clock or Clock(), []

    def connect(self):
        raise OSError("no network")

    def send(self, to, body, *, retries=2):
        for attempt in range(retries + 1):
            try:
                with self.connect() as link:
                    link.deliver(to, body, at=self.clock.now())
                self.sent.append(to)
                return attempt
            except ConnectionError:
                continue
        raise TimeoutError(f"{to} after {retries + 1}")


class MailerTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.addClassCleanup(lambda: None)
        cls.host = "mail"

    def setUp(self):
        self.clock = mock.create_autospec(Clock, instance=True)
        self.clock.now.side_effect = range(100, 200)
        self.mailer = Mailer(self.host, self.clock)
        patcher = mock.patch.object(self.mailer, "connect")
        self.connect = patcher.start()
        self.addCleanup(patcher.stop)
        self.link = self.connect.return_value.__enter__.return_value
        self.connect.return_value.__exit__.return_value = False

    def test_sends_at_once(self):
        self.assertEqual(self.mailer.send("a", "hello"), 0)
        self.link.deliver.assert_called_once_with("a", "hello", at=100)
        self.assertEqual(self.connect.mock_calls, [mock.call(), mock.call().__enter__(), mock.call().__enter__().deliver("a", "hello", at=100), mock.call().__exit__(None, None, None)])

    def test_tries_again(self):
        self.link.deliver.side_effect = [ConnectionResetError, ConnectionError("x"), mock.DEFAULT]
        self.assertEqual(self.mailer.send("b", "hi"), 2)
        self.assertEqual(self.clock.now.call_count, 3)

    def test_gives_up(self):
        self.link.deliver.side_effect = ConnectionError
        with self.assertRaisesRegex(TimeoutError, r"^b after \d$") as caught:
            self.mailer.send("b", "hi", retries=1)
        self.assertEqual(caught.exception.args, ("b after 2",))

    def test_autospec_knows_the_signature(self):
        send = mock.create_autospec(Mailer.send)
        with self.assertRaises(TypeError) as caught:
            send(self.mailer, "a")
        self.assertEqual(str(caught.exception), "missing a required argument: 'body'")
        with self.assertRaises(AttributeError):
            self.clock.later

    def test_subtests(self):
        for n in range(6):
            with self.subTest(n=n, kind="even" if n % 2 == 0 else "odd"):
                self.assertLess(n, 4)

    @mock.patch.dict("os.environ", {"MAIL": "1"}, clear=True)
    @mock.patch("builtins.open", new_callable=mock.mock_open, read_data="l1\nl2\n")
    def test_open(self, opened):
        import os
        with open("any", encoding="utf-8") as file:
            self.assertEqual(list(file), ["l1\n", "l2\n"])
        opened.assert_called_once_with("any", encoding="utf-8")
        self.assertEqual(dict(os.environ), {"MAIL": "1"})

    def test_wrong_call(self):
        self.mailer.send("c", "x")
        self.link.deliver.assert_called_once_with("c", "y", at=100)

    def test_diff(self):
        self.assertEqual({"a": [1, 2, 3], "b": "x" * 20}, {"a": [1, 2, 4], "b": "x" * 20})

    def test_lines(self):
        self.assertMultiLineEqual("one\ntwo\nthree\n", "one\n2\nthree\n")

    @unittest.skip("not today")
    def test_skipped(self):
        self.fail()

    @unittest.skipUnless(sys.platform == "mars", "needs mars")
    def test_mars(self):
        self.fail()

    @unittest.expectedFailure
    def test_known(self):
        self.assertAlmostEqual(0.1 + 0.2, 0.3, places=20)

    @unittest.expectedFailure
    def test_surprise(self):
        self.assertCountEqual([1, 2, 2], [2, 1, 2])

    def test_error(self):
        with self.assertLogs("app", "WARNING") as logs:
            self.mailer.nothing


class AsyncTest(unittest.IsolatedAsyncioTestCase):
    async def asyncSetUp(self):
        self.source = mock.AsyncMock(side_effect=[1, ValueError("two"), 3])

    async def test_awaits(self):
        self.assertEqual(await self.source("k"), 1)
        with self.assertRaises(ValueError):
            await self.source()
        self.source.assert_has_awaits([mock.call("k"), mock.call()])

    async def test_not_awaited(self):
        with self.assertRaises(AssertionError) as caught:
            self.source.assert_awaited()
        self.assertEqual(str(caught.exception), "Expected mock to have been awaited.")


def load_tests(loader, tests, pattern):
    return tests


if __name__ == "__main__":
    stream = io.StringIO()
    suite = unittest.defaultTestLoader.loadTestsFromModule(sys.modules["__main__"])
    result = unittest.TextTestRunner(stream, descriptions=True, verbosity=2).run(suite)
    text = re.sub(r"in \d\.\d+s", "in Ts", stream.getvalue())
    text = re.sub(r"id='\d+'", "id='N'", text).replace(__file__, "FILE")
    print(re.sub(r'File "[^"]*[/\\](unittest[/\\]\w+\.py)", line \d+', r'File "\1", line N', text))
    print(result, suite.countTestCases())
    unittest.main(argv=["x", "-q", "-k", "sends", "AsyncTest", "MailerTest"], exit=False, testRunner=unittest.TextTestRunner(io.StringIO()))
