value = [1, 2]
assert value == [], f"not empty: {value}"
