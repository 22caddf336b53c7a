try:
    1 / 0
except ZeroDivisionError:
    eval("a b")
