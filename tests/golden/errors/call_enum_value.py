import enum
class E(enum.Enum):
    A = 1
E(2)
