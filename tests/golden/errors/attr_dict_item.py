d = {"key": 1}
d.key
