print(f"value: {undefinde!r:>10}")
