def one():
    try:
        1 / 0
    except ZeroDivisionError as e:
        raise ValueError("one") from e

def two():
    try:
        {}["k"]
    except KeyError:
        raise TypeError("two")

errors = []
for f in one, two:
    try:
        f()
    except Exception as e:
        errors.append(e)
raise ExceptionGroup("chained members", errors)
