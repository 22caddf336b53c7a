import dataclasses
@dataclasses.dataclass
class P:
    x: list = []
