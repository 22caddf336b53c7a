try:
    pass
except E as x.y:
    pass
