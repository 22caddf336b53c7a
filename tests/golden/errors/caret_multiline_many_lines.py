x = [
    1,
    2,
    3,
    undefined,
    5,
]
