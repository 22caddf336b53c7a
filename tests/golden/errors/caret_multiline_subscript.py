d = {}
d[
    "one"
    "two"
]
