try:
    1 / 0
except ZeroDivisionError as exc:
    raise ValueError("cannot divide") from exc
