x = [
    "one"
    "two" three
    "four",
]
