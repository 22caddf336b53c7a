x = 1
f"{f'{x + None}'}"
