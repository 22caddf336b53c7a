import types
types.CellType().cell_contents
