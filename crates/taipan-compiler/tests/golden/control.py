def loops(n, items):
    total = 0
    for i in range(n):
        if i % 3 == 0:
            continue
        if i > 100:
            break
        total += i * 1.5
    else:
        total = -1
    while total > 10 and n:
        total //= 2
        n -= 1
    while True:
        if items is None or not n < 3 <= total:
            return total
        k, v = items[0]
        items[k] = v[1:n]
        del items[-1]


def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)


def unbound(flag):
    if flag:
        x = 1
    print(x)
    del x
    return x
