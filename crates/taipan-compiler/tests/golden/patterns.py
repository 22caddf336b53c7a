def match(subject):
    match subject:
        case [1, "a", *rest] if rest:
            return rest
        case {"k": [x, _], None: -1.5, **others}:
            return x, others
        case Point(0, y=1 | 2 as v) | Point(v, y=None):
            return v
        case (_, *_, last):
            return last
        case _:
            return None
