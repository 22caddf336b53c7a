from math import (
    pi,
    no_pi,
)
