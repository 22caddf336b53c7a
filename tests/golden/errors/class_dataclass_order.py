import dataclasses
@dataclasses.dataclass
class P:
    x: int = 1
    y: int
