import dataclasses
@dataclasses.dataclass
class P:
    x: int
    y: int
P(1)
