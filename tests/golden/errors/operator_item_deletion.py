import traceback
class C: pass
def attempt(f, *args):
    try:
        f(*args)
    except Exception:
        traceback.print_exc()
def delete(x, k):
    del x[k]
def store(x, k):
    x[k] = 1
def cause(x, y):
    raise x from y
for x in (5, "ab", (1,), C(), None, range(3)):
    for k in (0, "k", 1 << 70):
        attempt(delete, x, k)
        attempt(store, x, k)
attempt(cause, 5, 5)
attempt(cause, 5, ValueError)
attempt(cause, ValueError, 5)
attempt(cause, ValueError("x"), None)
attempt(iter, int | str)
attempt(lambda: 5 in (int | str))
attempt(lambda: [*(int | str)])
attempt(lambda: object().__format__(None))
attempt(lambda: type("a", None, {}))
attempt(lambda: type(None, (), {}))
attempt(lambda: int.__eq__(x=1))
attempt(lambda: int.__sizeof__(x=1))
attempt(lambda: dict.fromkeys(iterable=1))
attempt(lambda: "".__mul__())
attempt(lambda: b"".join([memoryview(b"abcd")[::2]]))
attempt(lambda: SyntaxError("a", ("b",)))
attempt(lambda: BaseExceptionGroup(x=1))
attempt(lambda: eval("1", "2"))
