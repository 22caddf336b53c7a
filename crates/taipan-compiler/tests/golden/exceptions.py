def handlers(f, g):
    for i in f():
        try:
            g(i)
        except (KeyError, ValueError) as error:
            print(error)
            break
        except TypeError:
            continue
        else:
            f()
        finally:
            g()
    try:
        f()
    except* OSError as group:
        g(group)
    with f() as a, g() as (b, c):
        return a
